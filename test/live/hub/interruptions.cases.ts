import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { it } from "mocha";
import { redisKeys } from "../../../contract/redis-keys.ts";
import { agentKey } from "../../../contract/registry.ts";
import { never, succeed, type FakeAgent } from "./fake-agent.ts";
import { AGENT_TYPE, eventually, type HubRig } from "./rig.ts";

const echo = { type: AGENT_TYPE, action: "echo" };

export function interruptionCases(rig: HubRig): void {
  const { hub, clients, runner } = rig;

  it("publishes after a restart what a hub had committed and not sent when it was killed", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE });
    const { id } = await hub.submit({ ...echo, input: { payload: "kept" } });
    await hub.until(id, "succeeded");
    await hub.stop("SIGKILL");
    // The state between the commit and the publish, which no kill can be timed to hit.
    const postgres = await clients.postgres("hub");
    await postgres.query(`update fabric.tasks set state = 'active', attempt = 2, result = null, finished_at = null, dispatched_at = now() where id = $1`, [id]);
    await postgres.query("insert into fabric.outbox (task_id, attempt, kind) values ($1, 2, 'dispatch')", [id]);
    await clients.redis("hub").del(redisKeys.resultCache(id));
    await hub.start();
    const task = await hub.until(id, "succeeded");
    assert.deepEqual([task.attempt, agent.received.at(-1)?.attempt], [2, 2]);
    assert.deepEqual(agent.received.at(-1)?.input, { payload: "kept" });
    await eventually(async () => (await postgres.query("select count(*)::int as n from fabric.outbox")).rows[0].n as number, (left) => left === 0);
  });

  it("loses no accepted task when it is killed again and again under load", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, concurrency: 16, work: async (task, self) => (await sleep(5), succeed(task, self)) });
    const accepted: string[] = [];
    let submitting = true;
    const submitters = Array.from({ length: 8 }, async () => {
      while (submitting) await hub.submit(echo).then(({ id }) => accepted.push(id), () => sleep(20));
    });
    for (let kill = 0; kill < 4; kill++) {
      await sleep(700);
      await hub.stop("SIGKILL");
      await hub.start();
    }
    submitting = false;
    await Promise.all(submitters);
    assert.ok(accepted.length > 100, `only ${accepted.length} were accepted`);
    const postgres = await clients.postgres("hub");
    const unfinished = async (): Promise<number> =>
      (await postgres.query("select count(*)::int as n from fabric.tasks where id = any($1) and state <> 'succeeded'", [accepted])).rows[0].n as number;
    await eventually(unfinished, (left) => left === 0, 45_000);
    await eventually(() => agent.held.size, (held) => held === 0);
    assert.equal((await postgres.query("select count(*)::int as n from fabric.attempts where outcome = 'succeeded' and task_id = any($1)", [accepted])).rows[0].n, accepted.length);
  });

  it("goes on when the broker is restarted in the middle", async () => {
    let agent: FakeAgent = await rig.agent({ type: AGENT_TYPE, work: never });
    const tasks = await Promise.all(Array.from({ length: 12 }, () => hub.submit(echo)));
    await eventually(() => agent.received.length, (received) => received === 4);
    await runner.kill("rabbitmq");
    const meanwhile = await hub.submit(echo);
    assert.equal(meanwhile.state, "pending", "tasks are taken without a broker");
    assert.equal((await fetch(`${hub.url}/readyz`)).status, 503);
    await runner.restart("rabbitmq");
    await runner.ready("rabbitmq", 60_000);
    await agent.stop();
    agent = await rig.agent({ type: AGENT_TYPE, work: succeed });
    for (const { id } of [...tasks, meanwhile]) await hub.until(id, "succeeded", 40_000);
    await hub.ready();
  });

  it("does not take the broker's absence for the silence of an agent", async () => {
    let agent = await rig.agent({ type: AGENT_TYPE, policy: { heartbeatTimeoutMs: 5_000, maxAttempts: 1 }, work: never });
    const { id } = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 1);
    await agent.heartbeat({ taskId: id, attempt: 1 });
    await runner.kill("rabbitmq");
    await sleep(7_000);
    assert.equal((await hub.task(id)).state, "active");
    await runner.restart("rabbitmq");
    await runner.ready("rabbitmq", 60_000);
    await agent.stop();
    agent = await rig.agent({ type: AGENT_TYPE, policy: { heartbeatTimeoutMs: 5_000, maxAttempts: 1 }, work: succeed });
    assert.deepEqual((await hub.until(id, "succeeded", 40_000)).attempts.map(({ outcome }) => outcome), ["succeeded"]);
  });

  it("nor the broker's alarm, and dispatches nothing into it", async () => {
    const limit = (bytes: string): Promise<string> =>
      runner.exec("rabbitmq", "env", "HOME=/data", "/usr/lib/rabbitmq/bin/rabbitmqctl", "-q", "-n", "rabbit@localhost", "set_disk_free_limit", bytes);
    const agent = await rig.agent({ type: AGENT_TYPE, policy: { heartbeatTimeoutMs: 3_000, maxAttempts: 1 }, work: never });
    const { id } = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 1);
    agent.work = succeed;
    await agent.heartbeat({ taskId: id, attempt: 1 });
    await limit(String(10 ** 15));
    try {
      // The broker tells only those who publish.
      const intoIt = await hub.submit(echo);
      await eventually(() => hub.output, (output) => output.includes("blocks publishers"));
      const after = await hub.submit(echo);
      await sleep(5_000);
      assert.deepEqual(await Promise.all([id, intoIt.id, after.id].map(async (task) => (await hub.task(task)).state)), ["active", "active", "pending"]);
    } finally {
      await limit("2GB");
    }
    await agent.report({ taskId: id, attempt: 1 }, { outcome: "succeeded" });
    assert.equal((await hub.until(id, "succeeded")).attempts.length, 1);
    await eventually(async () => (await hub.call("GET", "/api/v1/tasks?state=succeeded&limit=3")).body.tasks.length as number, (done) => done === 3);
  });

  it("goes on when PostgreSQL is restarted, and answers 5xx meanwhile", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never });
    const { id } = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 1);
    await runner.kill("postgres");
    await agent.report({ taskId: id, attempt: 1 }, { outcome: "succeeded", result: "kept by the broker" });
    assert.ok((await hub.call("POST", "/api/v1/tasks", echo)).status >= 500);
    await runner.restart("postgres");
    await runner.ready("postgres", 30_000);
    assert.equal((await hub.until(id, "succeeded", 30_000).catch(() => hub.until(id, "succeeded", 30_000))).result, "kept by the broker");
    agent.work = succeed;
    await hub.until((await hub.submit(echo)).id, "succeeded");
  });

  it("needs no Redis, and fills it again when it comes back empty", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never, concurrency: 1 });
    await runner.kill("redis");
    const tasks = await Promise.all([1, 2, 3, 4].map(() => hub.submit(echo)));
    await eventually(() => agent.received.length, (received) => received === 1);
    await hub.ready();
    await runner.exec("postgres", "true");
    await runner.restart("redis");
    await runner.ready("redis", 20_000);
    // Its user came back with its data, or the access service gives it again.
    const redis = clients.redis("hub");
    await eventually(() => redis.zcard(redisKeys.tasksPending).catch(() => -1), (count) => count === 2);
    await eventually(() => redis.exists(redisKeys.taskActive(agent.received[0]!.taskId)), (there) => there === 1);
    agent.work = succeed;
    await agent.report({ taskId: agent.received[0]!.taskId, attempt: 1 }, { outcome: "succeeded" });
    for (const { id } of tasks) await hub.until(id, "succeeded");
  });

  it("follows the registry again after etcd was restarted, and keeps what it knew meanwhile", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE });
    await runner.kill("etcd");
    const list = async (): Promise<string[]> => (await hub.call("GET", "/api/v1/services")).body.services.map(({ key }: { key: string }) => key);
    assert.equal((await list()).length, 1);
    await hub.until((await hub.submit(echo)).id, "succeeded");
    await runner.restart("etcd");
    await runner.ready("etcd", 30_000);
    await hub.ready();
    // The next restart, and a departure that no watch can tell it of.
    process.kill(hub.pid, "SIGSTOP");
    await runner.kill("etcd");
    await runner.restart("etcd");
    await runner.ready("etcd", 30_000);
    await agent.unregister();
    await clients.etcd("root").delete().key(agentKey(AGENT_TYPE, 1));
    process.kill(hub.pid, "SIGCONT");
    await eventually(list, (keys) => keys.length === 0);
    await rig.agent({ type: AGENT_TYPE, n: 3 });
    assert.match((await list())[0]!, /agent-3$/);
  });

  it("stops cleanly on SIGTERM, within its grace and without an error", async () => {
    await rig.agent({ type: AGENT_TYPE });
    await hub.until((await hub.submit(echo)).id, "succeeded");
    const started = Date.now();
    assert.equal(await hub.stop(), 0);
    assert.ok(Date.now() - started < 3_000);
    assert.doesNotMatch(hub.output, /"level":"(error|fatal)"/);
    await hub.start();
  });
}
