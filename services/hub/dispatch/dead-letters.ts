/** Dead letters that wait in the outbox, with what a person needs to judge them. */
import type { Pool } from "pg";
import type { DeadLetter, TaskError } from "../../../contract/bus.ts";

interface LetterRow {
  id: string;
  type: string;
  action: string;
  input: unknown;
  caller: string;
  attempt: number;
  reason: DeadLetter["reason"];
  first_error: TaskError | null;
  error: TaskError | null;
  created_at: Date;
  died_at: Date;
}

const UNSENT = `select t.id, t.type, t.action, t.input, t.caller, o.attempt, o.reason, t.first_error, t.error, t.created_at, o.created_at as died_at
  from fabric.outbox o join fabric.tasks t on t.id = o.task_id where o.kind = 'dead-letter' order by o.seq limit $1`;

/** Oldest first. */
export async function unsentDeadLetters(pool: Pool, limit: number): Promise<DeadLetter[]> {
  const { rows } = await pool.query<LetterRow>(UNSENT, [limit]);
  return rows.map((row) => ({
    taskId: row.id,
    type: row.type,
    action: row.action,
    input: row.input,
    caller: row.caller,
    reason: row.reason,
    attempts: row.attempt,
    firstError: row.first_error,
    lastError: row.error,
    createdAt: row.created_at.toISOString(),
    diedAt: row.died_at.toISOString(),
  }));
}
