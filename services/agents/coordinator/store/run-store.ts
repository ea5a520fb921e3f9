/** Where runs are written down, so that whoever takes one over goes on where it was. */
import type { RunState } from "../../../../contract/workflow.ts";
import type { Progress, Unit } from "../workflow/progress.ts";

/** Somebody else drives the run now; whoever meets this must not touch it any more. */
export class Superseded extends Error {
  override name = "Superseded";
}

/** Why a run is undone. */
export type Outcome = "failed" | "cancelled";

export interface StoredRun {
  state: RunState;
  outcome: Outcome | null;
  settledBy: "run" | "settle" | null;
  reason: string | null;
  /** Given with every write. */
  epoch: number;
  startedAt: string;
  /** Empty for a run that begins. */
  progress: Progress;
}

export interface UnitRow {
  step: string;
  /** -1: the step itself. */
  item: number;
  unit: Unit;
}

/** What changes of the run itself. */
export interface RunChange {
  state: RunState;
  outcome?: Outcome | null;
  settledBy?: "run" | "settle" | null;
  reason?: string | null;
  /** The units given are all there are. */
  replaceUnits?: boolean;
}

/** Every method throws `Unavailable` while the database is away. */
export interface RunStore {
  /**
   * Takes a run over for an attempt of its own task, or begins it. A run that `settle_workflow` is settling is only
   * read: it comes without the right to write.
   *
   * @throws {Superseded} when a later attempt has it
   */
  open(run: { id: string; name: string | null; attempt: number }): Promise<StoredRun>;
  /** Takes over a run whose own task is over; null where there is nothing to settle, or a later attempt has it. */
  settle(id: string, attempt: number, outcome: Outcome, reason: string): Promise<StoredRun | null>;
  /** @throws {Superseded} when somebody has taken the run over since */
  save(id: string, epoch: number, units: readonly UnitRow[], change?: RunChange): Promise<void>;
  state(id: string): Promise<RunState | null>;
  /** Ids of runs that are not finished, as far as is known here; those changed longest ago first. */
  unfinished(limit: number): Promise<string[]>;
  /** Deletes runs finished more than so many days ago. */
  forget(days: number): Promise<number>;
}
