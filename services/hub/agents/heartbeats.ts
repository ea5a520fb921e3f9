/** Signs of life of running attempts, written together as they come. */
import type { Pool } from "pg";
import { HeartbeatMessage } from "../../../contract/bus.ts";

export interface Alive {
  taskId: string;
  attempt: number;
  agentId: string;
  progress: number | null;
  note: string | null;
  startedAt: Date;
  /** The agent has not heard, or not yet answered, that it should stop. */
  cancelRequested: boolean;
}

const WRITE = {
  name: "heartbeats",
  text: `update fabric.tasks t set heartbeat_at = now(), started_at = coalesce(t.started_at, now()), agent_id = h."agentId",
      progress = coalesce(h.progress, t.progress)
    from json_to_recordset($1) as h ("taskId" uuid, attempt integer, "agentId" text, progress double precision)
    where t.id = h."taskId" and t.attempt = h.attempt and t.state = 'active'
    returning t.id as "taskId", t.attempt, t.agent_id as "agentId", t.progress, t.started_at as "startedAt",
      t.cancel_requested_at is not null as "cancelRequested"`,
};

const keyOf = ({ taskId, attempt }: { taskId: string; attempt: number }): string => `${taskId}/${attempt}`;

/**
 * @returns the attempts that are the current ones, and the heartbeats of those that are not: their agents work in vain
 */
export async function recordHeartbeats(pool: Pool, heartbeats: readonly HeartbeatMessage[]): Promise<{ alive: Alive[]; stale: HeartbeatMessage[] }> {
  const latest = new Map(heartbeats.map((heartbeat) => [keyOf(heartbeat), heartbeat]));
  // Not the note, which no column holds: text that PostgreSQL refuses would make a living attempt look silent.
  const records = [...latest.values()].map(({ taskId, attempt, agentId, progress }) => ({ taskId, attempt, agentId, progress }));
  const { rows } = await pool.query<Omit<Alive, "note">>({ ...WRITE, values: [JSON.stringify(records)] });
  const current = new Set(rows.map(keyOf));
  return {
    alive: rows.map((row) => ({ ...row, note: latest.get(keyOf(row))?.note ?? null })),
    stale: [...latest.values()].filter((heartbeat) => !current.has(keyOf(heartbeat))),
  };
}
