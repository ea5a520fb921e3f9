/** Which given-up tasks a request to replay many chooses. */
import type { Pool } from "pg";
import type { ReplayRequest } from "../../../contract/tasks.ts";

export interface ReplayFilter extends Pick<ReplayRequest, "type" | "errorCode" | "state" | "finishedAfter" | "finishedBefore"> {
  /** The only action that the caller may touch. */
  action?: string;
}

const GIVEN_UP = ["dead", "failed"] as const;

const CHOSEN = `state = any($1::text[]) and ($2::text is null or type = $2) and ($3::text is null or action = $3)
  and ($4::text is null or error ->> 'code' = $4) and ($5::timestamptz is null or finished_at >= $5)
  and finished_at < coalesce($6::timestamptz, now())`;

const COUNT = `select count(*)::integer as matched, coalesce($6::timestamptz, now()) as before from fabric.tasks where ${CHOSEN}`;
const IDS = `select id from fabric.tasks where ${CHOSEN} and id > $7 order by id limit $8`;

/** Below every id. */
const NIL = "00000000-0000-0000-0000-000000000000";
/** Tasks of one transaction: locks stay short. */
const BATCH = 500;

const values = ({ state, type, action, errorCode, finishedAfter, finishedBefore }: ReplayFilter): unknown[] =>
  [state === undefined ? GIVEN_UP : [state], type ?? null, action ?? null, errorCode ?? null, finishedAfter ?? null, finishedBefore ?? null];

/** How many there are, and the time before which they were given up. */
export async function countGivenUp(pool: Pool, filter: ReplayFilter): Promise<{ matched: number; finishedBefore: string }> {
  const { rows } = await pool.query<{ matched: number; before: Date }>(COUNT, values(filter));
  return { matched: rows[0]!.matched, finishedBefore: rows[0]!.before.toISOString() };
}

/** Ids in the order of submission, a batch at a time; each once, also when its task is given up again meanwhile. */
export async function* givenUp(pool: Pool, filter: ReplayFilter, limit: number): AsyncGenerator<string[]> {
  for (let left = limit, last = NIL; left > 0;) {
    const { rows } = await pool.query<{ id: string }>(IDS, [...values(filter), last, Math.min(BATCH, left)]);
    if (rows.length === 0) return;
    yield rows.map(({ id }) => id);
    left -= rows.length;
    last = rows.at(-1)!.id;
  }
}
