import assert from "node:assert/strict";
import type { Pool } from "pg";
import type { ResultMessage } from "../../../contract/bus.ts";
import { completeTasks } from "./complete.ts";

const ID = "0197a0de-5f7c-7a34-8a0e-1f5c8a8f4b11";
const result = (attempt: number, value: unknown): ResultMessage => ({ taskId: ID, attempt, agentId: `builder-${attempt}`, outcome: "succeeded", result: value });

describe("results in one batch", () => {
  /** A database in which attempt 2 is the current one. */
  async function complete(...results: ResultMessage[]): Promise<{ stored: unknown[]; told: unknown[] }> {
    const now = new Date("2026-01-01T00:00:00Z");
    let stored: { attempt: number; result: unknown }[] = [];
    const pool = {
      query: async ({ values: [json] }: { values: [string] }) => {
        stored = (JSON.parse(json) as typeof stored).filter(({ attempt }) => attempt === 2);
        return { rows: stored.slice(0, 1).map(({ attempt }) => ({
          id: ID, type: "builder", action: "echo", input: {}, state: "succeeded", urgency: 1, caller: "user:a", idempotency_key: null, attempt, max_attempts: 3,
          progress: null, deadline: null, created_at: now, updated_at: now, finished_at: now, error: null, agent_id: "builder-2", dispatched_at: now, started_at: null,
        })) };
      },
    } as unknown as Pool;
    const completed = await completeTasks(pool, results);
    return { stored: stored.map((record) => record.result), told: completed.map(({ task }) => task.result) };
  }

  it("are told to readers as they are stored, when a stale one comes after the current one", async () => {
    assert.deepEqual(await complete(result(2, "current"), result(1, "stale")), { stored: ["current"], told: ["current"] });
  });

  it("count once, the first, when the same attempt reports again", async () => {
    assert.deepEqual(await complete(result(1, "stale"), result(2, "first"), result(2, "again")), { stored: ["first"], told: ["first"] });
  });
});
