/** Where a submodule's repository is, as `.gitmodules` has it; null: it does not say. */
export function submoduleUrl(gitmodules: string, path: string): string | null {
  let section: Map<string, string> | null = null;
  const sections: Map<string, string>[] = [];
  for (const line of gitmodules.split('\n').map((text) => text.trim())) {
    if (line.startsWith('[')) {
      section = line.startsWith('[submodule ') ? new Map() : null;
      if (section !== null) sections.push(section);
    } else {
      const [name = '', ...value] = line.split('=');
      section?.set(name.trim().toLowerCase(), value.join('=').trim());
    }
  }
  return sections.find((one) => one.get('path') === path)?.get('url') || null;
}
