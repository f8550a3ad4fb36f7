/** The same on every machine, unlike a time: about a second's worth. */
const LIMIT = 300_000_000;

/** The file is user input, and so are the paths: more work than a file of 3 MB and 10,000 paths are worth is not done at all. */
export class Work {
  #left = LIMIT;

  /** About one unit for a comparison of two characters. */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new TooMuchWork();
  }
}

/** Never leaves this folder. */
export class TooMuchWork extends Error {}
