import type { ObjectFormat } from '#model/ref-update.ts';
import { zeroId } from '#model/ref-update.ts';
import { flush, pktLine } from './pkt-line.ts';
import type { RefTable } from './ref-table.ts';
import type { Ref, Renderer } from './sorted-refs.ts';

/** What our push endpoint can do; nothing it cannot (spec/push-path.md, HEAD). */
function pushCapabilities(objectFormat: ObjectFormat, agent: string): string {
  const list = ['report-status', 'report-status-v2', 'delete-refs', 'side-band-64k', 'quiet', 'atomic', 'ofs-delta', 'push-options'];
  return [...list, `object-format=${objectFormat}`, `agent=${agent}`].join(' ');
}

const pushLine: Renderer = { name: 'push', render: (ref) => line(`${ref.id} ${ref.name}\n`) };

/** The ref advertisement a push begins with, from memory. */
export function* pushAdvertisement(table: RefTable, objectFormat: ObjectFormat, agent: string): Generator<Buffer> {
  const capabilities = pushCapabilities(objectFormat, agent);
  const first = table.refs.first();
  if (first === undefined) {
    yield pktLine(`${zeroId(objectFormat)} capabilities^{}\0${capabilities}\n`);
    yield flush;
    return;
  }
  // The first line carries the capabilities, so its cached form is skipped.
  let skip = Buffer.byteLength(pushLine.render(first));
  yield pktLine(`${first.id} ${first.name}\0${capabilities}\n`);
  for (const segment of table.refs.render(pushLine)) {
    yield segment.subarray(skip);
    skip = 0;
  }
  yield flush;
}

/** What a client asks of protocol v2's `ls-refs`. */
export interface LsRefs {
  readonly peel: boolean;
  readonly symrefs: boolean;
  readonly unborn: boolean;
  readonly prefixes: readonly string[];
}

/** The answer to `ls-refs`, from memory, as `git upload-pack` would give it. */
export function* lsRefs(table: RefTable, { peel, symrefs, unborn, prefixes }: LsRefs): Generator<Buffer> {
  const target = table.refs.get(table.head);
  const headWanted = prefixes.length === 0 || prefixes.some((prefix) => 'HEAD'.startsWith(prefix));
  if (headWanted && target !== undefined) yield pktLine(`${target.id} HEAD${symrefs ? ` symref-target:${table.head}` : ''}\n`);
  // A branch that is not there is told only to those who ask where HEAD points.
  else if (headWanted && unborn && symrefs) yield pktLine(`unborn HEAD symref-target:${table.head}\n`);
  const renderer = peel ? peeledLine : plainLine;
  yield* table.refs.render(renderer, prefixes);
  yield flush;
}

const plainLine: Renderer = { name: 'ls', render: pushLine.render };
const peeledLine: Renderer = {
  name: 'ls-peel',
  render: (ref: Ref) => line(`${ref.id} ${ref.name}${ref.peeled === null ? '' : ` peeled:${ref.peeled}`}\n`),
};

/** A pkt-line as text; ref names are UTF-8, so the length counts bytes. */
function line(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;
}
