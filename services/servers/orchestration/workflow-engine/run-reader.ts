/** How far runs are, as the coordinator has written it down. */
import type { RunState, StepState } from "../../../../contract/workflow.ts";

export interface UnitView {
  step: string;
  /** Place in the list of a fan-out; -1 for the step itself. */
  item: number;
  state: StepState;
  taskId: string | null;
  /** Why it was skipped. */
  reason: string | null;
  /** Null where it was not asked for. */
  result: unknown;
  error: { code: string; message: string } | null;
  attempts: number;
  startedAt: string | null;
  finishedAt: string | null;
  compensation: { state: "running" | "succeeded" | "failed"; taskId: string | null; error: { code: string; message: string } | null } | null;
}

export interface RunView {
  state: RunState;
  /** Why it failed or was cancelled, and what was undone. */
  reason: string | null;
  units: UnitView[];
}

export interface RunReader {
  /**
   * Null for a run that no coordinator has begun.
   *
   * @throws {Unavailable} while PostgreSQL is away
   */
  read(id: string, withResults: boolean): Promise<RunView | null>;
  /** State and steps by state, of those that there are. */
  summaries(ids: readonly string[]): Promise<Map<string, RunSummary>>;
}

export interface RunSummary {
  state: RunState;
  /** Steps, not items, by state. */
  steps: Partial<Record<StepState, number>>;
}
