import type { PushStep } from '#gate/gate.ts';

/** Holds back those who come to a step until as many of them have come as were announced. Whoever comes later passes. */
export class Barrier {
  #closed: { readonly step: PushStep; missing: number; readonly open: () => void; readonly opened: Promise<void> } | null = null;

  readonly atStep = async (step: PushStep): Promise<void> => {
    const closed = this.#closed;
    if (closed?.step !== step) return;
    if (--closed.missing === 0) {
      this.#closed = null;
      closed.open();
    }
    await closed.opened;
  };

  close(step: PushStep, count: number): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closed = { step, missing: count, open: resolve, opened: promise };
  }
}
