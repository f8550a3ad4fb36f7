/**
 * The answers asked for last, of questions whose answer never changes, and those that are being found out: who asks meanwhile waits for the
 * same. A failure is not remembered.
 */
export class Remembered<T> {
  readonly #answers = new Map<string, Promise<T>>();
  readonly #maximum: number;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  get(question: string, find: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(question);
    const answer = known ?? find();
    // Re-inserting keeps the map in order of use.
    this.#answers.delete(question);
    this.#answers.set(question, answer);
    if (known === undefined) answer.catch(() => this.#forget(question, answer));
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > this.#maximum && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }

  #forget(question: string, answer: Promise<T>): void {
    if (this.#answers.get(question) === answer) this.#answers.delete(question);
  }
}
