/** A run of characters without unescaped white space, and where it begins in its line (from 0). */
export interface Word {
  readonly text: string;
  readonly at: number;
}

/** The lines of a file: without their ends, and without the mark that some editors put in front of the first. */
export function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r?\n/);
}

/** A backslash keeps the character behind it in the word, white space too. */
export function wordsOf(line: string): Word[] {
  const words: Word[] = [];
  let begin = -1;
  for (let at = 0; at <= line.length; at++) {
    const isGap = at === line.length || isSpace(line[at]!);
    if (isGap && begin >= 0) words.push({ text: line.slice(begin, at), at: begin });
    if (isGap) begin = -1;
    else {
      if (begin < 0) begin = at;
      if (line[at] === '\\' && at + 1 < line.length) at++;
    }
  }
  return words;
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\f' || character === '\v' || character === '\r';
}
