/** Who waits for which task, where its end may be heard before the answer to its submission is read. */
export class Ends {
  readonly #waiting = new Map<string, () => void>();
  readonly #early = new Set<string>();

  /** Resolves when the end was heard; once for each id. */
  of(id: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#early.delete(id)) resolve();
      else this.#waiting.set(id, resolve);
    });
  }

  hear(id: string): void {
    const resolve = this.#waiting.get(id);
    if (!resolve) return void this.#early.add(id);
    this.#waiting.delete(id);
    resolve();
  }
}
