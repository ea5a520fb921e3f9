import assert from "node:assert/strict";
import { afterEach, it } from "mocha";
import { randomUUID } from "node:crypto";
import { PostgresFabric } from "../../../services/agents/admin/fabric/fabric-reader.ts";
import { applyRetention } from "../../../services/hub/tasks/retention.ts";
import type { AgentsRig } from "./rig.ts";

interface TaskRow {
  id?: string;
  type?: string;
  state?: string;
  attempt?: number;
  /** Minutes before now. */
  created?: number;
  started?: number;
  finished?: number;
  error?: { code: string; message: string } | null;
}

export function fabricCases(rig: AgentsRig): void {
  afterEach(() => rig.empty("fabric", "hub"));
  const fabric = (): PostgresFabric => new PostgresFabric(rig.pool("agent:admin"));

  async function add({ id = randomUUID(), type = "builder", state = "dead", attempt = 3, created = 60, started = 59, finished = 58, error = { code: "internal", message: "broke" } }: TaskRow): Promise<string> {
    const ended = !["pending", "active"].includes(state);
    await rig.pool("hub").query(
      `insert into fabric.tasks (id, type, action, input, state, urgency, caller, attempt, failures, max_attempts, backoff_ms, max_backoff_ms, attempt_timeout_ms,
         heartbeat_timeout_ms, queued_timeout_ms, available_at, expires_at, created_at, started_at, finished_at, error)
       values ($1, $2, 'echo', '{}', $3, 1, 'user:admin', $4, 0, 3, 1, 1, 1, 1, 1, now(), now(), now() - $5 * interval '1 minute', now() - $6 * interval '1 minute',
         case when $7 then now() - $8 * interval '1 minute' end, $9)`,
      [id, type, state, attempt, created, started, ended, finished, state === "succeeded" ? null : JSON.stringify(error)]);
    return id;
  }

  it("finds given-up tasks by type, error code and age, oldest first, and no others", async () => {
    const old = await add({ finished: 120, error: { code: "unavailable", message: "away" } });
    const failed = await add({ type: "admin", state: "failed", finished: 30 });
    for (const state of ["pending", "active", "succeeded", "cancelled"]) await add({ state });
    const found = await fabric().deadTasks({}, 10);
    assert.deepEqual(found.map(({ id, state, errorCode }) => [id, state, errorCode]), [[old, "dead", "unavailable"], [failed, "failed", "internal"]]);
    assert.deepEqual([await fabric().countDead({ type: "admin" }), await fabric().countDead({ errorCode: "unavailable" })], [1, 1]);
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
    assert.deepEqual((await fabric().deadTasks({ olderThan: hourAgo }, 10)).map(({ id }) => id), [old]);
    assert.equal((await fabric().deadTasks({}, 1)).length, 1);
  });

  it("groups them, with the newest message of each", async () => {
    await add({ finished: 50, error: { code: "internal", message: "older" } });
    const newest = await add({ finished: 5, error: { code: "internal", message: "newer" } });
    await add({ type: "admin" });
    const groups = await fabric().deadGroups({}, 10);
    assert.deepEqual(groups.map(({ type, tasks, message, taskId }) => [type, tasks, message, taskId])[0], ["builder", 2, "newer", newest]);
    assert.ok(groups[0]!.oldest < groups[0]!.newest);
    assert.equal(groups.length, 2);
  });

  it("measures how tasks waited, ran and ended, in the interval only", async () => {
    for (let minutes = 1; minutes <= 10; minutes++) await add({ state: "succeeded", attempt: 1, created: 30, started: 28, finished: 28 - minutes });
    await add({ state: "failed", created: 30, started: 29, error: { code: "bad_input", message: "x" } });
    await add({ type: "admin", state: "pending", attempt: 0, created: 1 });
    await add({ state: "succeeded", created: 600 });
    const [from, to] = [new Date(Date.now() - 3_600_000), new Date()];
    const [admin, builder] = await fabric().typeStats(from, to);
    assert.deepEqual([admin!.type, admin!.states, admin!.runP50Ms], ["admin", { pending: 1 }, null]);
    assert.deepEqual([builder!.states, builder!.retries], [{ succeeded: 10, failed: 1 }, 2]);
    const near = (ms: number | null, minutes: number): void => assert.ok(Math.abs(ms! - minutes * 60_000) < 1_000, `${ms} ms is not ${minutes} min`);
    near(builder!.runP50Ms, 5.5);
    near(builder!.runP95Ms, 9.55);
    near(builder!.waitP50Ms, 2);
    assert.deepEqual(await fabric().failures(from, to), [{ type: "builder", code: "bad_input", tasks: 1 }]);
  });

  it("cannot change what it reads", async () => {
    const id = await add({});
    await assert.rejects(rig.pool("agent:admin").query("delete from fabric.tasks where id = $1", [id]), /permission denied/);
  });

  it("deletes finished tasks of old with all that belongs to them, and nothing else", async () => {
    const days = 24 * 60;
    const old = await add({ finished: 3 * days });
    const unsaid = await add({ finished: 3 * days });
    const kept = [await add({ finished: days }), await add({ state: "pending", created: 5 * days }), unsaid];
    const hub = rig.pool("hub");
    for (const id of [old, kept[0]!]) {
      await hub.query("insert into fabric.attempts (task_id, attempt, started_at, finished_at, outcome) values ($1, 1, now(), now(), 'failed')", [id]);
      await hub.query("insert into fabric.effects (task_id, key, attempt, agent_id) values ($1, 'k', 1, 'a-1')", [id]);
      await hub.query("insert into fabric.effect_claims (task_id, key, attempt, agent_id) values ($1, 'k', 1, 'a-1')", [id]);
      await hub.query("insert into fabric.events (kind, task_id, actor) values ('replayed', $1, 'user:admin')", [id]);
    }
    await hub.query("insert into fabric.outbox (task_id, attempt, kind) values ($1, 1, 'dispatch')", [unsaid]);
    const ids = async (table: string, column: string): Promise<string[]> => (await hub.query<{ id: string }>(`select ${column} as id from fabric.${table}`)).rows.map(({ id }) => id).sort();

    const rehearsal = await applyRetention(hub, { finishedOlderThanDays: 2, dryRun: true });
    assert.deepEqual([rehearsal.tasks, rehearsal.byState, (await ids("tasks", "id")).length], [1, { dead: 1 }, 4]);
    const done = await applyRetention(hub, { finishedOlderThanDays: 2, dryRun: false });
    assert.deepEqual([done.tasks, done.byState], [1, { dead: 1 }]);
    assert.deepEqual(await ids("tasks", "id"), [...kept].sort());
    for (const table of ["attempts", "effects", "effect_claims", "events"]) assert.deepEqual(await ids(table, "task_id"), [kept[0]!], table);
    assert.equal((await applyRetention(hub, { finishedOlderThanDays: 2, dryRun: false })).tasks, 0);
  });

  it("deletes more than one batch", async () => {
    await rig.pool("hub").query(
      `insert into fabric.tasks (id, type, action, input, state, urgency, caller, max_attempts, backoff_ms, max_backoff_ms, attempt_timeout_ms, heartbeat_timeout_ms,
         queued_timeout_ms, available_at, expires_at, finished_at)
       select gen_random_uuid(), 'builder', 'echo', '{}', 'succeeded', 1, 'user:admin', 3, 1, 1, 1, 1, 1, now(), now(), now() - interval '9 days' from generate_series(1, 2500)`);
    assert.deepEqual((await applyRetention(rig.pool("hub"), { finishedOlderThanDays: 8, dryRun: false })).byState, { succeeded: 2_500 });
  });
}
