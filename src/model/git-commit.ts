import { type NewObject, newObject } from './git-object.ts';
import type { ObjectFormat, ObjectId } from './ref-update.ts';

/** Who wrote something and when, as git keeps it. */
export interface GitPerson {
  readonly name: string;
  readonly email: string;
  /** Seconds since 1970. */
  readonly seconds: number;
  /** `+0200`. */
  readonly zone: string;
}

export interface ParsedCommit {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: GitPerson;
  readonly committer: GitPerson;
  readonly message: string;
  /** The armoured signature; null: none. */
  readonly signature: string | null;
  /** What was signed: the commit without its signature. */
  readonly payload: Buffer;
}

export interface ParsedTag {
  readonly object: ObjectId;
  readonly type: string;
  readonly tag: string;
  readonly tagger: GitPerson | null;
  readonly message: string;
}

/** The header a signature stands in: `gpgsig`, for SHA-256 repositories `gpgsig-sha256`. */
function signatureHeader(format: ObjectFormat): string {
  return format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256';
}

export function parseCommit(data: Buffer, format: ObjectFormat): ParsedCommit {
  const { headers, message } = split(data);
  const signed = removeHeader(data, signatureHeader(format));
  const one = (name: string): string => headers.find(([key]) => key === name)?.[1] ?? '';
  return {
    tree: one('tree'),
    parents: headers.flatMap(([key, value]) => (key === 'parent' ? [value] : [])),
    author: parsePerson(one('author')),
    committer: parsePerson(one('committer')),
    message,
    signature: signed.value,
    payload: signed.rest,
  };
}

export function parseTag(data: Buffer): ParsedTag {
  const { headers, message } = split(data);
  const one = (name: string): string => headers.find(([key]) => key === name)?.[1] ?? '';
  const tagger = one('tagger');
  return { object: one('object'), type: one('type'), tag: one('tag'), tagger: tagger === '' ? null : parsePerson(tagger), message };
}

export interface NewCommit {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: GitPerson;
  readonly committer: GitPerson;
  readonly message: string;
}

/** `sign` gets the commit as it is without a signature and gives back an armoured one; null: it stays unsigned. */
export function encodeCommit(commit: NewCommit, format: ObjectFormat, sign: (payload: Buffer) => string | null): NewObject {
  const headers = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${personLine(commit.author)}`,
    `committer ${personLine(commit.committer)}`,
  ];
  const text = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\n')}\n\n${commit.message}`);
  const signature = sign(text(headers));
  const signed = signature === null ? headers : [...headers, `${signatureHeader(format)} ${signature.trimEnd().replaceAll('\n', '\n ')}`];
  return newObject('commit', text(signed), format);
}

export function encodeTag(tag: ParsedTag, format: ObjectFormat): NewObject {
  const headers = [
    `object ${tag.object}`,
    `type ${tag.type}`,
    `tag ${tag.tag}`,
    ...(tag.tagger ? [`tagger ${personLine(tag.tagger)}`] : []),
  ];
  return newObject('tag', Buffer.from(`${headers.join('\n')}\n\n${tag.message}`), format);
}

/** Angle brackets and line ends would end the field early; git drops them too. */
function cleanPersonText(text: string): string {
  return text.replace(/[<>\n\r\0]/g, '').trim();
}

/** As it stands in a commit behind `author` or `committer`. */
export function personLine({ name, email, seconds, zone }: GitPerson): string {
  return `${cleanPersonText(name)} <${cleanPersonText(email)}> ${seconds} ${zone}`;
}

function parsePerson(line: string): GitPerson {
  const match = /^(.*?) ?<(.*?)> (-?\d+) ([+-]\d{4})$/.exec(line);
  if (match === null) return { name: line, email: '', seconds: 0, zone: '+0000' };
  return { name: match[1]!, email: match[2]!, seconds: Number(match[3]), zone: match[4]! };
}

function split(data: Buffer): { headers: [string, string][]; message: string } {
  const end = data.indexOf('\n\n');
  const head = data.toString('utf8', 0, end < 0 ? data.length : end);
  const headers: [string, string][] = [];
  for (const line of head.split('\n')) {
    const space = line.indexOf(' ');
    if (space === 0) headers.at(-1)![1] += `\n${line.slice(1)}`;
    else headers.push([line.slice(0, space), line.slice(space + 1)]);
  }
  return { headers, message: end < 0 ? '' : data.toString('utf8', end + 2) };
}

/** Cuts one header and its continuation lines out, byte for byte. Only among the headers: a message may quote a signature. */
function removeHeader(data: Buffer, name: string): { value: string | null; rest: Buffer } {
  const end = data.indexOf('\n\n');
  const head = data.toString('latin1', 0, end < 0 ? data.length : end + 1);
  const match = new RegExp(`(?<=^|\\n)${name} (.*\\n(?: .*\\n)*)`).exec(head);
  if (match === null) return { value: null, rest: data };
  const value = match[1]!.replaceAll('\n ', '\n');
  return { value, rest: Buffer.concat([data.subarray(0, match.index), data.subarray(match.index + match[0].length)]) };
}
