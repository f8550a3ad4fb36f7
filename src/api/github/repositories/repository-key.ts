import { notFound } from '#model/problem.ts';
import type { RepositoryKey } from '#operations/access.ts';

/** `/repos/{owner}/{repo}` or, behind the alias of Link headers, `/repositories/{id}`. */
export function repositoryKey(
  params: { readonly owner: string; readonly repo: string } | { readonly repository_id: string },
): RepositoryKey {
  return 'repository_id' in params ? { id: idOf(params.repository_id) } : { owner: params.owner, name: params.repo.replace(/\.git$/, '') };
}

function idOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw notFound('repository');
  return Number(text);
}
