import type { RepositoryKey } from '#operations/access.ts';

/** `/repos/{owner}/{repo}` or, behind the alias of Link headers, `/repositories/{id}`. */
export function repositoryKey(
  params: { readonly owner: string; readonly repo: string } | { readonly repository_id: string },
): RepositoryKey {
  return 'repository_id' in params
    ? { id: Number(params.repository_id) }
    : { owner: params.owner, name: params.repo.replace(/\.git$/, '') };
}
