import type { PushStep } from '#gate/gate.ts';

/** Stops one push at one step until it is let go on. Pushes that come to the step meanwhile pass. */
export class Pause {
  #armed: { step: PushStep; arrive: () => void; goOn: Promise<void> } | null = null;

  readonly atStep = async (step: PushStep): Promise<void> => {
    const armed = this.#armed;
    if (armed?.step !== step) return;
    this.#armed = null;
    armed.arrive();
    await armed.goOn;
  };

  /** The next push that comes to the step stops there: `arrived` tells when, `release` lets it go on. */
  arm(step: PushStep): { readonly arrived: Promise<void>; readonly release: () => void } {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const { promise: goOn, resolve: release } = Promise.withResolvers<void>();
    this.#armed = { step, arrive, goOn };
    return { arrived, release };
  }
}
