/** Tasks out of the database. */
import type { Pool } from "pg";
import type { Task, TaskPage, TaskState } from "../../../contract/tasks.ts";
import { encodeCursor } from "./task-id.ts";
import { ATTEMPTS_COLUMN, TASK_COLUMNS, toTask, type TaskRow } from "./task-row.ts";

const GET = { name: "get-task", text: `select ${TASK_COLUMNS}, t.input, t.result, ${ATTEMPTS_COLUMN} from fabric.tasks t where t.id = $1` };

export async function getTask(pool: Pool, id: string): Promise<Task | null> {
  const { rows } = await pool.query<TaskRow>({ ...GET, values: [id] });
  return rows[0] ? toTask(rows[0]) : null;
}

/** Those of the ids that no task has. */
export async function unknownTasks(pool: Pool, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>("select id from fabric.tasks where id = any($1::uuid[])", [ids]);
  const unknown = new Set(ids);
  for (const { id } of rows) unknown.delete(id);
  return unknown;
}

/** In a list, an input or result beyond this many bytes is left out (null): 200 of a megabyte each would not fit anywhere. */
export const LIST_VALUE_LIMIT = 16_384;
const unlessLarge = (column: string): string => `case when octet_length(t.${column}::text) <= ${LIST_VALUE_LIMIT} then t.${column} end as ${column}`;

export interface ListQuery {
  state?: TaskState;
  type?: string;
  /** Id of the last task of the page before. */
  before?: string;
  limit: number;
}

/** Newest first. */
export async function listTasks(pool: Pool, { state, type, before, limit }: ListQuery): Promise<TaskPage> {
  const values: unknown[] = [];
  const where = Object.entries({ "t.state =": state, "t.type =": type, "t.id <": before })
    .filter(([, value]) => value !== undefined)
    .map(([condition, value]) => `${condition} $${values.push(value)}`);
  const { rows } = await pool.query<TaskRow>(
    `select ${TASK_COLUMNS}, ${unlessLarge("input")}, ${unlessLarge("result")}, ${ATTEMPTS_COLUMN} from fabric.tasks t
     ${where.length > 0 ? `where ${where.join(" and ")}` : ""} order by t.id desc limit $${values.push(limit + 1)}`,
    values,
  );
  const page = rows.slice(0, limit);
  return { tasks: page.map(toTask), nextCursor: rows.length > limit ? encodeCursor(page.at(-1)!.id) : null };
}
