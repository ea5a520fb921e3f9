/** Runs tasks one after the other, in the order they came. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** True when nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#waiting === 0;
  }

  run<T>(task: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined).finally(() => this.#waiting--);
    return result;
  }
}
