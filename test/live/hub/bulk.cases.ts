import assert from "node:assert/strict";
import { it } from "mocha";
import { deadQueue } from "../../../contract/bus.ts";
import { BatchAnswer, QueuesAnswer, ReplayAnswer, type Task } from "../../../contract/tasks.ts";
import { fail, never, succeed, type Work } from "./fake-agent.ts";
import { AGENT_TYPE, eventually, OTHER_TYPE, type HubRig } from "./rig.ts";

const echo = { type: AGENT_TYPE, action: "echo" };
const quick = { backoffMs: 50, maxBackoffMs: 100 };

export function bulkCases(rig: HubRig): void {
  const { hub, clients } = rig;
  const batch = async (tasks: unknown[]) => {
    const { status, body } = await hub.call("POST", "/api/v1/tasks:batch", { tasks });
    assert.equal(status, 200, JSON.stringify(body));
    return BatchAnswer.parse(body).results;
  };
  const replay = async (body: object) => {
    const answer = await hub.call("POST", "/api/v1/tasks:replay", body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return ReplayAnswer.parse(answer.body);
  };
  /** Everything given up before is out of the way of the tests of replays, and its letters out of that of others. */
  const clear = async (): Promise<void> => {
    for (const type of [AGENT_TYPE, OTHER_TYPE]) await (await clients.channel("hub")).purgeQueue(deadQueue(type));
    await (await clients.postgres("hub")).query("delete from fabric.tasks where state in ('failed', 'dead')");
  };
  const queue = async (type = AGENT_TYPE) => QueuesAnswer.parse((await hub.call("GET", "/api/v1/queues")).body).queues.find((one) => one.type === type);

  it("has every task of a batch that it answered for, also when it is killed right after the answer", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, concurrency: 16, work: succeed });
    const results = await batch(Array.from({ length: 1_000 }, (_, n) => ({ ...echo, input: { payload: n } })));
    await hub.stop("SIGKILL");
    const ids = results.map((result) => ("id" in result ? result.id : assert.fail(JSON.stringify(result))));
    await hub.start();
    const postgres = await clients.postgres("hub");
    await eventually(async () => (await postgres.query("select count(*)::int as n from fabric.tasks where id = any($1) and state = 'succeeded'", [ids])).rows[0].n as number, (n) => n === 1_000, 60_000);
    const [first, last] = [await hub.task(ids[0]!), await hub.task(ids[999]!)];
    assert.deepEqual([first.input, last.input], [{ payload: 0 }, { payload: 999 }], "in order");
    assert.ok(agent.received.length >= 1_000);
  });

  it("keeps one transaction for those it takes, and refuses each bad one alone, a NUL character too", async () => {
    await rig.agent({ type: AGENT_TYPE, work: succeed });
    const results = await batch([
      { ...echo, idempotencyKey: "batch-1" }, { ...echo, input: { payload: "a\u0000b" } }, { ...echo, action: "compile" }, { ...echo, idempotencyKey: "batch-1" }, echo,
    ]);
    assert.deepEqual(results.map(({ status }) => status), [202, 422, 422, 200, 202]);
    assert.equal((results[0] as { id: string }).id, (results[3] as { id: string }).id, "the same key, the same task");
    for (const result of results) if ("id" in result) await hub.until(result.id, "succeeded");
    const again = await batch([{ ...echo, idempotencyKey: "batch-1" }]);
    assert.partialDeepStrictEqual(again, [{ status: 200, id: (results[0] as { id: string }).id, state: "succeeded" }]);
    const { rows } = await (await clients.postgres("hub")).query("select count(distinct xmin::text)::int as n from fabric.tasks where id = any($1)", [[(results[4] as { id: string }).id]]);
    assert.equal(rows[0].n, 1);
  });

  it("replays what the filter chooses and nothing else, and counts first where asked", async () => {
    await clear();
    const work: Work = (task, self) => {
      const { payload } = task.input as { payload: string };
      return payload === "hopeless" ? fail(false, "bad_input")(task, self) : fail(true, payload)(task, self);
    };
    const agent = await rig.agent({ type: AGENT_TYPE, policy: quick, work });
    const other = await rig.agent({ type: OTHER_TYPE, policy: quick, work: fail(true) });
    const submit = async (type: string, payload: string): Promise<string> => (await hub.submit({ type, action: "echo", input: { payload }, maxAttempts: 1 })).id;
    const away = await Promise.all([1, 2, 3].map(() => submit(AGENT_TYPE, "unavailable")));
    const slow = await submit(AGENT_TYPE, "timeout");
    const hopeless = await submit(AGENT_TYPE, "hopeless");
    const elsewhere = await submit(OTHER_TYPE, "unavailable");
    for (const id of [...away, slow, elsewhere]) await hub.until(id, "dead");
    await hub.until(hopeless, "failed");
    agent.work = other.work = succeed;

    assert.partialDeepStrictEqual(await replay({ dryRun: true }), { matched: 6, replayed: 0, dryRun: true });
    assert.partialDeepStrictEqual(await replay({ type: AGENT_TYPE, state: "dead", errorCode: "unavailable", limit: 2 }), { matched: 3, replayed: 2 });
    await eventually(() => Promise.all(away.map((id) => hub.task(id))), (tasks) => tasks.filter(({ state }) => state === "succeeded").length === 2);
    assert.equal((await hub.task(away[2]!)).state, "dead", "the youngest is beyond the limit");
    assert.partialDeepStrictEqual(await replay({ finishedAfter: new Date(Date.now() + 60_000).toISOString() }), { matched: 0, replayed: 0 });
    assert.partialDeepStrictEqual(await replay({ type: OTHER_TYPE }), { matched: 1, replayed: 1 });
    await hub.until(elsewhere, "succeeded");
    assert.partialDeepStrictEqual(await replay({}), { matched: 3, replayed: 3 });
    for (const id of [away[2]!, slow, hopeless]) await hub.until(id, "succeeded");
    assert.partialDeepStrictEqual(await replay({}), { matched: 0, replayed: 0 });
    const { rows } = await (await clients.postgres("hub")).query("select count(*)::int as n, min(actor) as actor from fabric.events where kind = 'replayed' and task_id = any($1)", [away]);
    assert.deepEqual(rows[0], { n: 3, actor: "user:tester" });
  });

  it("replays more than one transaction holds, each once, also when they fail again at once", async () => {
    await clear();
    await rig.agent({ type: AGENT_TYPE, concurrency: 32, policy: quick, work: fail(true) });
    const results = await batch(Array.from({ length: 700 }, () => ({ ...echo, maxAttempts: 1 })));
    const postgres = await clients.postgres("hub");
    const dead = async (): Promise<{ n: number; attempts: number }> =>
      (await postgres.query("select count(*)::int as n, coalesce(sum(attempt), 0)::int as attempts from fabric.tasks where state = 'dead'")).rows[0];
    await eventually(dead, ({ n }) => n === results.length, 30_000);
    assert.partialDeepStrictEqual(await replay({ state: "dead" }), { matched: 700, replayed: 700 });
    await eventually(dead, ({ n, attempts }) => n === 700 && attempts === 1_400, 30_000);
    await clear();
  });

  it("tells queue latency, in the API and as a metric, while tasks wait here or in the broker, and no longer", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, concurrency: 1, work: never });
    const tasks = await Promise.all(Array.from({ length: 5 }, () => hub.submit(echo)));
    await eventually(() => agent.received.length, (received) => received === 1);
    await agent.heartbeat(agent.received[0]!);
    const latency = async (): Promise<number> => {
      const metrics = (await hub.call("GET", "/metrics", undefined, null)).body as string;
      return Number(/mcp_hub_queue_oldest_seconds\{type="builder",service="hub"\} ([\d.e+-]+)/.exec(metrics)?.[1] ?? NaN);
    };
    await eventually(latency, (seconds) => seconds > 1.5);
    assert.partialDeepStrictEqual(await queue(), { instances: 1, capacity: 1, pending: 3, active: 2, suggestion: { replicas: 1 } });
    assert.ok((await queue())!.oldestPendingSeconds >= 1.5);
    // Only the one that lies in the broker is left waiting.
    for (const { id } of tasks) if ((await hub.task(id)).state === "pending") await hub.call("POST", `/api/v1/tasks/${id}/cancel`);
    assert.ok((await latency()) > 1.5, "nobody has begun it");
    agent.work = succeed;
    await agent.report(agent.received[0]!, { outcome: "succeeded" });
    await eventually(async () => (await queue())!, ({ active, oldestPendingSeconds }) => active === 0 && oldestPendingSeconds === 0);
    assert.ok(!((await latency()) > 0));
    await eventually(async () => (await queue())!.startedPerSecond, (rate) => rate > 0, 8_000);
  });

  it("suggests more instances when tasks wait too long, and one for a type whose agents are gone", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, concurrency: 2, work: never });
    const waiting = await Promise.all(Array.from({ length: 8 }, () => hub.submit(echo)));
    await (await clients.postgres("hub")).query("update fabric.tasks set available_at = now() - interval '30 seconds' where state = 'pending'");
    const { suggestion } = (await eventually(() => queue(), (found) => found!.oldestPendingSeconds > 29))!;
    assert.equal(suggestion.replicas, 2);
    assert.match(suggestion.reason, /^tasks wait 3\d s, 6 of them$/);
    await agent.unregister();
    await eventually(() => queue(), (found) => found?.instances === 0);
    assert.partialDeepStrictEqual(await queue(), { type: AGENT_TYPE, suggestion: { replicas: 1, reason: "8 tasks and no instance that takes them" } });
    assert.equal(waiting.length, 8);
  });

  it("lets an agent drain: it hears so, and who may not ask is refused", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never });
    const drain = (id: string, token?: string) => hub.call("POST", `/api/v1/agents/${id}/drain`, undefined, token);
    for (const role of ["reader", "service"] as const) assert.equal((await drain(agent.id, hub.token("user:x", role))).status, 403, role);
    const unknown = await drain("builder-9");
    assert.deepEqual([unknown.status, /There are: builder-1/.test(unknown.body.detail)], [404, true]);
    const { status, body } = await drain(agent.id, hub.token("operator", "operator"));
    assert.deepEqual([status, body], [202, { id: agent.id, status: "idle", currentTask: null }]);
    await eventually(() => agent.controls, (controls) => controls.some(({ kind }) => kind === "drain"));
  });

  it("shows a task's own time as its deadline, and gives it anew with a replay", async () => {
    // Its attempts would last twice as long as its time.
    const policy = { ...quick, maxAttempts: 20, backoffMs: 200, maxBackoffMs: 200, taskTimeoutMs: 2_000 };
    const agent = await rig.agent({ type: AGENT_TYPE, policy, work: fail(true) });
    const { id } = await hub.submit(echo);
    const { createdAt, deadline } = await hub.task(id);
    assert.equal(Date.parse(deadline!) - Date.parse(createdAt), 2_000);
    const failed = await hub.until(id, "failed");
    assert.deepEqual([failed.error?.code, failed.attempts.length > 3], ["deadline", true]);
    agent.work = never;
    await hub.call("POST", `/api/v1/tasks/${id}/replay`);
    const again: Task = await hub.task(id);
    assert.ok(Date.parse(again.deadline!) > Date.now() + 1_000, again.deadline!);
    agent.work = succeed;
    const own = await hub.submit({ ...echo, deadline: "2099-01-01T00:00:00Z" });
    assert.equal((await hub.task(own.id)).deadline, "2099-01-01T00:00:00.000Z", "the request's own stands in for it");
  });
}
