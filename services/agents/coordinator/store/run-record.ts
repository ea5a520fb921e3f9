/** One run as this process knows it: what changes in memory is marked, and written down together. */
import { patient } from "../run/patient.ts";
import type { Progress, Unit } from "../workflow/progress.ts";
import type { RunChange, RunStore, StoredRun, UnitRow } from "./run-store.ts";

export class RunRecord {
  readonly id: string;
  readonly epoch: number;
  progress: Progress;
  readonly #store: RunStore;
  readonly #signal: AbortSignal;
  /** Places whose units have changed since they were written. */
  readonly #changed = new Map<string, { step: string; index: number | null }>();

  constructor(store: RunStore, id: string, { epoch, progress }: Pick<StoredRun, "epoch" | "progress">, signal: AbortSignal) {
    this.#store = store;
    this.id = id;
    this.epoch = epoch;
    this.progress = progress;
    this.#signal = signal;
  }

  set(step: string, index: number | null, change: Partial<Unit>): void {
    Object.assign(index === null ? this.progress[step]! : this.progress[step]!.items![index]!, change);
    this.#changed.set(`${step}/${index}`, { step, index });
  }

  /** A step's list is known. */
  setItems(step: string, items: Unit[]): void {
    this.progress[step]!.items = items;
    items.forEach((_, index) => this.set(step, index, {}));
  }

  /** Everything as it is now, in place of what was there. */
  replace(progress: Progress, change: RunChange): Promise<void> {
    this.progress = progress;
    for (const [step, { items }] of Object.entries(progress)) {
      this.set(step, null, {});
      items?.forEach((_, index) => this.set(step, index, {}));
    }
    return this.save({ ...change, replaceUnits: true });
  }

  /**
   * Waits for a database that is away.
   *
   * @throws {Superseded} when somebody else has the run
   * @throws the signal's reason
   */
  async save(change?: RunChange): Promise<void> {
    if (this.#changed.size === 0 && !change) return;
    const rows = [...this.#changed.values()].map(({ step, index }): UnitRow =>
      ({ step, item: index ?? -1, unit: index === null ? this.progress[step]! : this.progress[step]!.items![index]! }));
    await patient(() => this.#store.save(this.id, this.epoch, rows, change), this.#signal);
    this.#changed.clear();
  }
}
