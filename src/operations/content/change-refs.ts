import { type Receipt, writeRefs } from '#gate/write-refs.ts';
import { invalid } from '#model/problem.ts';
import { branchOf, isRefName } from '#model/ref-name.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { RepositoryKey } from '../access.ts';
import type { Context } from '../context.ts';
import { onDisk } from './names.ts';
import { type Admitted, admitWriter, type Writer } from './writing.ts';

export interface RefChanged extends Admitted {
  readonly refName: string;
  readonly id: ObjectId | null;
  readonly receipt: Receipt | null;
}

/** Makes a ref at an object the repository has. */
export async function createRef(context: Context, writer: Writer, key: RepositoryKey, refName: string, id: ObjectId): Promise<RefChanged> {
  const admitted = await admitWriter(context, writer, key);
  if (!isRefName(refName)) throw invalid('ref', `${refName} is not a valid ref name.`, 'invalid', 'Reference');
  const { refs } = await onDisk(context.gate, admitted.repository).refs.table();
  if (refs.get(refName) !== undefined) throw invalid('ref', 'Reference already exists', 'already_exists', 'Reference');
  await requireObject(context, admitted, refName, id);
  return move(context, admitted, refName, null, id);
}

/** Moves a ref. Without `force` an update that loses commits is refused before any rule is asked. */
export async function updateRef(
  context: Context,
  writer: Writer,
  key: RepositoryKey,
  refName: string,
  id: ObjectId,
  force: boolean,
): Promise<RefChanged> {
  const admitted = await admitWriter(context, writer, key);
  const { repository } = admitted;
  const present = await presentValue(context, admitted, refName);
  await requireObject(context, admitted, refName, id);
  if (!force && present !== id) {
    const { objects } = onDisk(context.gate, repository);
    const [from, to] = await Promise.all([objects.info(`${present}^{commit}`), objects.info(`${id}^{commit}`)]);
    const losesNothing =
      from !== null && to !== null && (await onDisk(context.gate, repository).divergence(from.id, to.id, 1)).behind === 0;
    if (!losesNothing) throw invalid('sha', 'Update is not a fast forward', 'invalid', 'Reference');
  }
  if (present === id) return { ...admitted, refName, id, receipt: null };
  return move(context, admitted, refName, present, id);
}

export async function deleteRef(context: Context, writer: Writer, key: RepositoryKey, refName: string): Promise<RefChanged> {
  const admitted = await admitWriter(context, writer, key);
  return move(context, admitted, refName, await presentValue(context, admitted, refName), null);
}

async function move(
  context: Context,
  admitted: Admitted,
  refName: string,
  oldId: ObjectId | null,
  newId: ObjectId | null,
): Promise<RefChanged> {
  const { caller, repository, owner, bypassReason } = admitted;
  const prepared = { objects: [], updates: [{ refName, oldId, newId }] };
  const receipt = await writeRefs(context.gate, {
    caller,
    repository,
    owner,
    bypassReason,
    means: 'ref-api',
    prepare: () => Promise.resolve(prepared),
  });
  return { ...admitted, refName, id: newId, receipt };
}

async function presentValue({ gate }: Context, { repository }: Admitted, refName: string): Promise<ObjectId> {
  const ref = (await onDisk(gate, repository).refs.table()).refs.get(refName);
  if (ref === undefined) throw invalid('ref', 'Reference does not exist', 'missing', 'Reference');
  return ref.id;
}

/** The object exists, and a branch points to a commit. */
async function requireObject({ gate }: Context, { repository }: Admitted, refName: string, id: ObjectId): Promise<void> {
  const found = await onDisk(gate, repository).objects.info(id);
  if (found === null || found.id !== id) throw invalid('sha', 'Object does not exist', 'missing', 'Reference');
  if (branchOf(refName) !== null && found.type !== 'commit') throw invalid('sha', 'Object is not a commit', 'invalid', 'Reference');
}
