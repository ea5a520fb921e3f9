/** The log of attempts of one run: what clients sent, what they were answered, and what they were shown later. */
import type { TaskState } from "../../contract/tasks.ts";

export interface Attempt {
  /** `sub` of the caller's token. */
  caller: string;
  idempotencyKey: string;
  type: string;
  /** It can only fail: its end is a dead letter. */
  poison: boolean;
  /** Requests sent; each after the first because the one before was not answered. */
  tries: number;
  /** Ids that answers named, each once: a fabric that keeps its word names one. */
  ids: string[];
  /** Why the fabric did not take it; null unless it said so. */
  refusal: string | null;
  /** The first final state that the API showed, or `absent` for a 404; null where nobody looked. */
  shown: TaskState | "absent" | null;
}

/**
 * `acknowledged`: the fabric has promised to do it. `refused`: it has promised not to. `indeterminate`: no answer came,
 * so it may have been taken or not, and both are right.
 */
export type Outcome = "acknowledged" | "refused" | "indeterminate";

export function outcomeOf({ ids, refusal, tries }: Attempt): Outcome {
  if (ids.length > 0) return "acknowledged";
  // A refusal of the second request says nothing about what became of the first.
  return refusal !== null && tries === 1 ? "refused" : "indeterminate";
}

export class History {
  readonly attempts: Attempt[] = [];
  #acknowledged = 0;

  get acknowledged(): number {
    return this.#acknowledged;
  }

  begin(attempt: Pick<Attempt, "caller" | "idempotencyKey" | "type" | "poison">): Attempt {
    const { caller, idempotencyKey, type, poison } = attempt;
    const begun: Attempt = { caller, idempotencyKey, type, poison, tries: 0, ids: [], refusal: null, shown: null };
    this.attempts.push(begun);
    return begun;
  }

  acknowledge(attempt: Attempt, id: string): void {
    if (attempt.ids.length === 0) this.#acknowledged++;
    if (!attempt.ids.includes(id)) attempt.ids.push(id);
  }
}
