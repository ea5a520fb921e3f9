/**
 * The verdict over a run, in the manner of Jepsen's total-queue: after a full drain, what was acknowledged must be
 * there, and nothing that nobody sent; beyond it, each effect once, and as dead letters exactly the poison. Pure.
 */
import { FINAL_STATES, type TaskState } from "../../contract/tasks.ts";
import { outcomeOf, type Attempt, type Outcome } from "./history.ts";

export interface FoundTask {
  id: string;
  caller: string;
  idempotencyKey: string | null;
  state: TaskState;
  /** Attempts begun. */
  attempt: number;
  /** `payload` and `attempt` of the result; every submission sends its idempotency key as payload. */
  payload: unknown;
  resultAttempt: number | null;
}

/** Rows in the append-only table that carry this task and key. */
export interface FoundEffect {
  taskId: string;
  key: string;
  rows: number;
}

/** A message in a dead-letter queue, be it the hub's letter or what the broker itself gave up. */
export interface FoundLetter {
  taskId: string;
  reason: string;
}

/** What the stores hold once the run has drained. */
export interface Truth {
  tasks: readonly FoundTask[];
  effects: readonly FoundEffect[];
  letters: readonly FoundLetter[];
}

/** What may not happen, and how the verdict's table calls it. */
export const RULES = {
  lost: "acknowledged and lost",
  unfinished: "not final after the drain",
  unexpected: "unexpected: a task nobody submitted",
  split: "two tasks for one submission",
  wrongEnd: "ended in the wrong state",
  wrongResult: "succeeded with another task's result",
  staleResult: "succeeded with an attempt that was superseded",
  revoked: "shown to a client and taken back",
  doubleEffect: "effect applied twice",
  missingEffect: "succeeded without its effect",
  strangerEffect: "unexpected: an effect of no task",
  missingLetter: "poison without a dead letter",
  surplusLetter: "dead letter of a task that is no poison",
} as const;
export type Rule = keyof typeof RULES;

export interface Verdict {
  /** Per rule, one line for each thing that broke it. */
  violations: Record<Rule, string[]>;
  totals: {
    submitted: number;
    acknowledged: number;
    refused: number;
    indeterminate: number;
    /** Indeterminate submissions that the fabric had taken. */
    recovered: number;
    /** Requests beyond the first of each submission. */
    repeated: number;
    succeeded: number;
    dead: number;
    effects: number;
    letters: number;
    /** Letters beyond the first of a task: at-least-once publishing allows them. */
    repeatedLetters: number;
  };
}

/** The one effect that `echo` has. */
const EFFECT_KEY = "echo";

export const clean = ({ violations }: Verdict): boolean => Object.values(violations).every((found) => found.length === 0);

/** @param truth read after the drain: whatever is not final then never will be */
export function judge(attempts: readonly Attempt[], truth: Truth): Verdict {
  const violations = Object.fromEntries(Object.keys(RULES).map((rule) => [rule, []])) as unknown as Verdict["violations"];
  const byId = new Map(truth.tasks.map((task) => [task.id, task]));
  const bySubmission = Map.groupBy(truth.tasks, ({ caller, idempotencyKey }) => submissionKey(caller, idempotencyKey));
  const effectsOf = Map.groupBy(truth.effects, ({ taskId }) => taskId);
  const lettersOf = Map.groupBy(truth.letters, ({ taskId }) => taskId);
  const outcomes: Record<Outcome, number> = { acknowledged: 0, refused: 0, indeterminate: 0 };
  const owned = new Set<string>();
  let recovered = 0;

  for (const attempt of attempts) {
    const outcome = outcomeOf(attempt);
    outcomes[outcome]++;
    const found = bySubmission.get(submissionKey(attempt.caller, attempt.idempotencyKey)) ?? [];
    const name = `${attempt.caller} ${attempt.idempotencyKey}`;
    for (const { id } of found) owned.add(id);
    for (const id of attempt.ids) if (!found.some((task) => task.id === id)) violations.lost.push(`${name}: ${id}`);
    if (new Set([...attempt.ids, ...found.map(({ id }) => id)]).size > 1) violations.split.push(`${name}: ${[...new Set([...attempt.ids, ...found.map(({ id }) => id)])].join(", ")}`);
    if (outcome === "refused" && found.length > 0) violations.unexpected.push(`${name}: refused (${attempt.refusal}) and yet taken as ${found[0]!.id}`);
    if (outcome === "indeterminate" && found.length > 0) recovered++;
    if (attempt.shown === "absent") violations.revoked.push(`${name}: answered 404 after it was acknowledged`);
    for (const task of found) judgeTask(attempt, task, name);
  }
  for (const task of truth.tasks) {
    if (!owned.has(task.id)) violations.unexpected.push(`${task.id} of ${task.caller}, key ${task.idempotencyKey}`);
  }
  for (const { taskId, key, rows } of truth.effects) {
    if (rows > 1) violations.doubleEffect.push(`${taskId}/${key}: ${rows} rows`);
    if (!byId.has(taskId) || key !== EFFECT_KEY) violations.strangerEffect.push(`${taskId}/${key}`);
  }
  const poison = new Set(attempts.filter((attempt) => attempt.poison).flatMap(({ caller, idempotencyKey }) =>
    (bySubmission.get(submissionKey(caller, idempotencyKey)) ?? []).map(({ id }) => id)));
  for (const [taskId, letters] of lettersOf) if (!poison.has(taskId)) violations.surplusLetter.push(`${taskId}: ${letters.map(({ reason }) => reason).join(", ")}`);
  for (const id of poison) if (!lettersOf.has(id)) violations.missingLetter.push(`${id}, which is ${byId.get(id)!.state}`);

  const inState = (state: TaskState): number => truth.tasks.filter((task) => task.state === state).length;
  return {
    violations,
    totals: {
      submitted: attempts.length,
      ...outcomes,
      recovered,
      repeated: attempts.reduce((sum, { tries }) => sum + Math.max(0, tries - 1), 0),
      succeeded: inState("succeeded"),
      dead: inState("dead"),
      effects: truth.effects.reduce((sum, { rows }) => sum + rows, 0),
      letters: truth.letters.length,
      repeatedLetters: truth.letters.length - lettersOf.size,
    },
  };

  function judgeTask(attempt: Attempt, task: FoundTask, name: string): void {
    const line = `${name}: ${task.id} is ${task.state}`;
    if (!FINAL_STATES.includes(task.state)) violations.unfinished.push(line);
    else if (task.state !== (attempt.poison ? "dead" : "succeeded")) violations.wrongEnd.push(line);
    if (attempt.shown !== null && attempt.shown !== "absent" && attempt.shown !== task.state) violations.revoked.push(`${line} and was shown as ${attempt.shown}`);
    if (task.state !== "succeeded") return;
    if (task.payload !== attempt.idempotencyKey) violations.wrongResult.push(`${line} with ${JSON.stringify(task.payload)}`);
    if (task.resultAttempt !== task.attempt) violations.staleResult.push(`${line} after ${task.attempt} attempts, with the result of number ${task.resultAttempt}`);
    if (!effectsOf.has(task.id)) violations.missingEffect.push(line);
  }
}

const submissionKey = (caller: string, key: string | null): string => JSON.stringify([caller, key]);
