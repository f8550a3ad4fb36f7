import type { Gate } from '#gate/gate.ts';

/**
 * Gives a fork the folder that was made for it, if it does not have it yet: a crash, or a store that answered too late, may have come
 * between. False: there is no folder, and none was made.
 */
export async function nameFolder({ store, repositories }: Pick<Gate, 'store' | 'repositories'>, id: number): Promise<boolean> {
  if (await repositories.exists(id)) return true;
  const making = await store.read.repositories.findMaking(id);
  return making !== null && (await repositories.adopt(making, id));
}
