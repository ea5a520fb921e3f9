/** The best few of many, without sorting them all. */
export class BestOf<T> {
  readonly #most: number;
  #kept: { entry: T; rank: number }[] = [];
  #least: number;

  /** @param least rank below which nothing is taken */
  constructor(most: number, least: number) {
    this.#most = most;
    this.#least = least;
  }

  /** Rank that an entry needs to be among the best so far, or just above those that are certainly not. */
  get least(): number {
    return this.#least;
  }

  add(entry: T, rank: number): void {
    this.#kept.push({ entry, rank });
    // Twice as many as wanted, so that each is sorted about twice.
    if (this.#kept.length >= 2 * this.#most) this.#shed();
  }

  /** Best first. */
  ranked(): T[] {
    this.#shed();
    return this.#kept.map(({ entry }) => entry);
  }

  #shed(): void {
    this.#kept.sort((a, b) => b.rank - a.rank);
    if (this.#kept.length < this.#most) return;
    this.#kept.length = this.#most;
    this.#least = this.#kept.at(-1)!.rank;
  }
}
