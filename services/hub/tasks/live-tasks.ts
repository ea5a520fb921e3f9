/** Tasks that are not finished, for whoever must rebuild something from them. */
import type { Pool } from "pg";
import type { LiveTask } from "../mirror/redis-mirror.ts";

const LIVE = `select id, state, attempt, agent_id as "agentId", urgency, created_at as "createdAt", progress,
    coalesce(started_at, dispatched_at, created_at) as since
  from fabric.tasks where state in ('pending', 'active') order by id limit $1`;

/** The oldest, up to `limit`. */
export async function liveTasks(pool: Pool, limit: number): Promise<LiveTask[]> {
  return (await pool.query<LiveTask>(LIVE, [limit])).rows;
}
