const sectionStart = Buffer.from('\ndiff --git ');
const hunkStart = Buffer.from('\n@@ ');

/**
 * A patch cut into what it says of each file. Only a newline ends a line of it: a file may hold other line ends, and text behind them that
 * looks like the beginning of another file's patch. Of a patch that was cut off, the last section is left out.
 */
export function splitSections(patch: Buffer, whole: boolean): Buffer[] {
  if (patch.length === 0) return [];
  const sections: Buffer[] = [];
  let start = 0;
  for (let next = patch.indexOf(sectionStart); next >= 0; next = patch.indexOf(sectionStart, start)) {
    sections.push(patch.subarray(start, next + 1));
    start = next + 1;
  }
  if (whole) sections.push(patch.subarray(start));
  return sections;
}

/** The hunks of a section; null where there are none: binary files, changes of mode alone, renames alone. */
export function hunksOf(section: Buffer): Buffer | null {
  const at = section.indexOf(hunkStart);
  return at < 0 ? null : section.subarray(at + 1);
}
