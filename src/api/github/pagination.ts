import type { PageRequest } from '#model/ports/store-accounts.ts';

const defaultSize = 30;
const maximumSize = 100;

export interface Paging extends PageRequest {
  readonly page: number;
}

/** `page` and `per_page` as GitHub reads them: nonsense is the default, too much is the most (spec/github.md 6.7). */
export function readPaging(query: { readonly page?: string; readonly per_page?: string }): Paging {
  const page = positive(query.page) ?? 1;
  const limit = Math.min(maximumSize, positive(query.per_page) ?? defaultSize);
  return { page, limit, offset: (page - 1) * limit };
}

function positive(text: string | undefined): number | null {
  const value = /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0;
  return value > 0 ? value : null;
}

/** The Link header of one page; nothing when all is on it. `total` null: only whether more follows is known. */
export function linkHeader(
  baseUrl: string,
  url: string,
  { page, limit }: Paging,
  extent: { readonly total: number } | { readonly more: boolean },
): Record<string, string> {
  const last = 'total' in extent ? Math.max(1, Math.ceil(extent.total / limit)) : null;
  const hasNext = 'total' in extent ? page < (last ?? 1) : extent.more;
  const links: [rel: string, page: number][] = [
    ...(page > 1 ? [['prev', page - 1] as [string, number]] : []),
    ...(hasNext ? [['next', page + 1] as [string, number]] : []),
    ...(hasNext && last !== null ? [['last', last] as [string, number]] : []),
    ...(page > 1 ? [['first', 1] as [string, number]] : []),
  ];
  if (links.length === 0) return {};
  return { link: links.map(([rel, number]) => `<${pageUrl(baseUrl, url, number)}>; rel="${rel}"`).join(', ') };
}

function pageUrl(baseUrl: string, url: string, page: number): string {
  const target = new URL(url, baseUrl);
  target.searchParams.set('page', String(page));
  return `${baseUrl}${target.pathname}${target.search}`;
}

/** The Link header of a list that is read by cursors. */
export function cursorLinks(
  baseUrl: string,
  url: string,
  { next, previous }: { readonly next: string | null; readonly previous: string | null },
): Record<string, string> {
  const link = (changes: Record<string, string>, rel: string): string => {
    const target = new URL(url, baseUrl);
    target.searchParams.delete('page');
    for (const [key, value] of Object.entries(changes)) target.searchParams.set(key, value);
    return `<${baseUrl}${target.pathname}${target.search}>; rel="${rel}"`;
  };
  const links = [
    ...(next === null ? [] : [link({ after: next, before: '' }, 'next')]),
    ...(previous === null ? [] : [link({ after: '', before: '' }, 'first'), link({ after: '', before: previous }, 'prev')]),
  ];
  return links.length === 0 ? {} : { link: links.join(', ') };
}
