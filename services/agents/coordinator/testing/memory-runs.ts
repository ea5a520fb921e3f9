/** Runs in memory, for tests of what drives them; `testing/run-store.cases.ts` holds it against the real store. */
import type { RunState } from "../../../../contract/workflow.ts";
import { Unavailable } from "../../../kit/errors.ts";
import { progressOf, type DatabaseRow } from "../store/rows.ts";
import { Superseded, type Outcome, type RunChange, type RunStore, type StoredRun, type UnitRow } from "../store/run-store.ts";

interface MemoryRun extends Omit<StoredRun, "progress"> { attempt: number; finishedAt: number | null; units: Map<string, string> }

export class MemoryRuns implements RunStore {
  readonly runs = new Map<string, MemoryRun>();
  /** The next so many calls find the store away. */
  away = 0;

  async open({ id, attempt }: { id: string; name: string | null; attempt: number }): Promise<StoredRun> {
    this.#answer();
    const run = this.runs.get(id) ?? { state: "running", outcome: null, settledBy: null, reason: null, epoch: 1, startedAt: new Date().toISOString(), attempt, finishedAt: null, units: new Map() };
    this.runs.set(id, run);
    if (run.attempt > attempt) throw new Superseded(`Attempt ${run.attempt} has the run; this is ${attempt}.`);
    if (!(run.state === "settling" && run.settledBy === "settle")) {
      run.epoch++;
      run.attempt = attempt;
    }
    return stored(run);
  }

  async settle(id: string, attempt: number, outcome: Outcome, reason: string): Promise<StoredRun | null> {
    this.#answer();
    const run = this.runs.get(id);
    if (!run || run.attempt > attempt || (run.state !== "running" && run.state !== "settling")) return null;
    Object.assign(run, { state: "settling", settledBy: "settle", epoch: run.epoch + 1, outcome: run.outcome ?? outcome, reason: run.reason ?? reason });
    return stored(run);
  }

  async save(id: string, epoch: number, units: readonly UnitRow[], change?: RunChange): Promise<void> {
    this.#answer();
    const run = this.runs.get(id);
    if (run?.epoch !== epoch) throw new Superseded("Somebody else has taken the run over.");
    if (change) {
      const { state, outcome = null, settledBy = null, reason = null } = change;
      Object.assign(run, { state, outcome, settledBy, reason, finishedAt: state === "running" || state === "settling" ? null : Date.now() });
      if (change.replaceUnits) run.units.clear();
    }
    for (const { step, item, unit: { state, taskId, round, replay, reason, result = null, error, attempts, startedAt, finishedAt, compensation } } of units) {
      run.units.set(`${step}/${item}`, JSON.stringify({ step, item, state, taskId, round, replay, reason, result, error, attempts, startedAt, finishedAt, compensation }));
    }
  }

  async state(id: string): Promise<RunState | null> {
    this.#answer();
    return this.runs.get(id)?.state ?? null;
  }

  async unfinished(limit: number): Promise<string[]> {
    this.#answer();
    return [...this.runs].filter(([, { finishedAt }]) => finishedAt === null).map(([id]) => id).slice(0, limit);
  }

  async forget(days: number): Promise<number> {
    const old = [...this.runs].filter(([, { finishedAt }]) => finishedAt !== null && finishedAt < Date.now() - days * 86_400_000);
    for (const [id] of old) this.runs.delete(id);
    return old.length;
  }

  #answer(): void {
    if (this.away === 0) return;
    this.away--;
    throw new Unavailable("the store is away");
  }
}

function stored({ attempt: _, finishedAt: __, units, ...run }: MemoryRun): StoredRun {
  const rows = [...units.values()].map((text) => JSON.parse(text) as DatabaseRow);
  return { ...run, progress: progressOf(rows.sort((a, b) => (a.step === b.step ? a.item - b.item : a.step < b.step ? -1 : 1))) };
}
