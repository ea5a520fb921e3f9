/**
 * Natural batching: an item that finds nothing under way goes at once; those that arrive while a batch is under way
 * form the next one. No timer unless asked for, so a lone item never waits for company.
 */
export interface BatcherOptions<T, R> {
  /** Answers in the order of the items. */
  flush(items: T[]): Promise<R[]>;
  maxItems: number;
  /** Milliseconds that each batch waits for company, for what nobody waits for; at once unless said otherwise. */
  gatherMs?: number;
  /** True for an error that one bad item may have caused: the items are then tried one by one. */
  isolates?(error: unknown): boolean;
}

interface Entry<T, R> {
  item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

export class Batcher<T, R> {
  readonly #options: BatcherOptions<T, R>;
  #waiting: Entry<T, R>[] = [];
  #running: Promise<void> | null = null;

  constructor(options: BatcherOptions<T, R>) {
    this.#options = options;
  }

  /** Items that no batch has taken yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Rejects with what `flush` threw for the batch of this item. */
  add(item: T): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is waiting or under way. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    const { gatherMs, maxItems } = this.#options;
    // Whatever else the same turn of the event loop brings joins the first batch.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      if (gatherMs !== undefined && this.#waiting.length < maxItems) await new Promise((resolve) => setTimeout(resolve, gatherMs));
      await this.#flush(this.#waiting.splice(0, maxItems));
    }
    this.#running = null;
  }

  async #flush(batch: Entry<T, R>[]): Promise<void> {
    try {
      const results = await this.#options.flush(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index]!));
    } catch (error) {
      if (batch.length > 1 && this.#options.isolates?.(error)) {
        for (const entry of batch) await this.#flush([entry]);
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
