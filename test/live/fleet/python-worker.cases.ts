import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, before, it } from "mocha";
import { parse } from "yaml";
import { controlQueue, deadQueue, EXCHANGES, RefusedMessage, taskQueue } from "../../../contract/bus.ts";
import { AgentEntry } from "../../../contract/catalog.ts";
import { redisKeys } from "../../../contract/redis-keys.ts";
import { eventually } from "../hub/rig.ts";
import { workerPython } from "./python.ts";
import { ROOT, type FleetRig } from "./rig.ts";
import type { ServiceProcess } from "./service-process.ts";

const FOLDER = join(ROOT, "examples/python-worker");
const ENTRY = AgentEntry.parse(parse(readFileSync(join(FOLDER, "price-statistics.yaml"), "utf8")));
const TYPE = ENTRY.type;

export function pythonWorkerCases(rig: FleetRig): void {
  const { hub } = rig;
  let python = "";
  before(async () => { python = await workerPython(); });
  afterEach(() => rig.dismiss());

  async function worker(n = 1): Promise<ServiceProcess> {
    const service = await rig.start(rig.agentSpec(ENTRY, n), [python, "-B", join(FOLDER, "worker.py")]);
    await eventually(() => hub.call("GET", "/api/v1/actions"), ({ body }) => body.types.some((entry: { type: string }) => entry.type === TYPE));
    return service;
  }
  const echo = (input: Record<string, unknown>) => hub.submit({ type: TYPE, action: "echo", input });
  const effects = async (taskId: string): Promise<number> =>
    (await (await rig.clients.postgres("hub")).query("select count(*)::int as n from fabric.effects where task_id = $1", [taskId])).rows[0].n as number;
  const workedOn = (id: string) => eventually(() => hub.task(id), ({ attempts, state }) => state === "active" && (attempts.at(-1)?.agentId ?? null) !== null);
  const instances = async (): Promise<{ host: string; status: string; key: string }[]> =>
    ((await hub.call("GET", "/api/v1/services")).body.services as { key: string; host: string; status: string }[]).filter(({ key }) => key.includes(`/${TYPE}/`));

  it("does its work, and refuses at the door what does not fit", async () => {
    await worker();
    const { id } = await hub.submit({ type: TYPE, action: "price_statistics", input: { prices: [100, 110, 99, 121] } });
    const { result } = await hub.until(id, "succeeded");
    const { maxDrawdown, change, volatility, ...exact } = result as Record<string, number>;
    assert.deepEqual(exact, { count: 4, mean: 107.5, median: 105 });
    for (const [found, expected] of [[maxDrawdown, 0.1], [change, 0.21], [volatility, 0.1626681]] as const) assert.ok(Math.abs(found! - expected) < 1e-6, `${found}`);
    for (const input of [{}, { prices: [] }, { prices: [-1] }, { prices: [1], extra: 1 }]) {
      assert.equal((await hub.call("POST", "/api/v1/tasks", { type: TYPE, action: "price_statistics", input })).status, 422, JSON.stringify(input));
    }
  });

  it("answers echo as every agent does, effect and retries included, and shows itself in Redis", async () => {
    await worker();
    const { id } = await echo({ payload: { any: ["thing", null] }, failTimes: 2, padBytes: 10 });
    const { result, attempt } = await hub.until(id, "succeeded");
    assert.deepEqual([result, attempt], [{ payload: { any: ["thing", null] }, agent: `${TYPE}-1`, attempt: 3, effects: 1, pad: "xxxxxxxxxx" }, 3]);
    const status = await eventually(() => rig.clients.redis("hub").hgetall(redisKeys.agentStatus(`${TYPE}-1`)), ({ agent_id }) => agent_id !== undefined);
    assert.deepEqual([status["type"], status["status"]], [TYPE, "idle"]);
  });

  it("tells what it can do to the hub's token, and to no other", async () => {
    const { url } = await worker();
    const asked = (token: string | null) => fetch(`${url}/actions`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } }).then(({ status }) => status);
    const own = hub.token("hub", "service", [`agent:${TYPE}`]);
    assert.deepEqual(await Promise.all([hub.token("hub", "service"), own, null, "nonsense", `${own.slice(0, -4)}AAAA`, hub.token("user:tester", "admin", ["agent:builder"])].map(asked)),
      [200, 200, 401, 401, 401, 401]);
  });

  it("works on several tasks at once: a short one waits for none of the long ones", async () => {
    await worker();
    const long = await Promise.all([8_000, 8_000, 8_000].map((sleepMs) => echo({ sleepMs }).then(({ id }) => id)));
    await Promise.all(long.map(workedOn));
    await hub.until((await echo({})).id, "succeeded");
    assert.deepEqual((await Promise.all(long.map((id) => hub.task(id)))).map(({ state }) => state), ["active", "active", "active"]);
    await Promise.all(long.map((id) => hub.until(id, "succeeded")));
  });

  it("is killed in the middle of a task: another does it, the effect happens once", async () => {
    const first = await worker(1);
    const ids = await Promise.all(Array.from({ length: 4 }, () => echo({ sleepMs: 2_500 }).then(({ id }) => id)));
    await Promise.all(ids.map(workedOn));
    assert.deepEqual(await Promise.all(ids.map(effects)), [1, 1, 1, 1], "the effects were there before the kill");
    await first.end("SIGKILL");
    await worker(2);
    for (const id of ids) {
      const { result } = await hub.until(id, "succeeded", 60_000);
      assert.deepEqual(result, { payload: null, agent: `${TYPE}-2`, attempt: 1, effects: 1 });
    }
    assert.deepEqual(await Promise.all(ids.map(effects)), [1, 1, 1, 1]);
  });

  it("gives a task up when it is cancelled, at once, and takes the next", async () => {
    await worker();
    const { id } = await echo({ sleepMs: 60_000 });
    await workedOn(id);
    await hub.call("POST", `/api/v1/tasks/${id}/cancel`);
    const { attempts } = await hub.until(id, "cancelled");
    assert.equal(attempts.at(-1)!.outcome, "cancelled", "by the worker: the hub had not to give it up");
    await hub.until((await echo({})).id, "succeeded");
  });

  it("takes no more tasks when it is told to drain, finishes what it has, and says so in the registry", async () => {
    await worker(1);
    const held = await echo({ sleepMs: 2_000 });
    await workedOn(held.id);
    const channel = await rig.clients.channel("hub");
    channel.publish(EXCHANGES.topic, controlQueue(`${TYPE}-1`), Buffer.from(JSON.stringify({ kind: "drain" })));
    await eventually(instances, (all) => all.some(({ status }) => status === "draining"));
    assert.equal((await hub.until(held.id, "succeeded")).attempts[0]!.agentId, `${TYPE}-1`);
    const { id } = await echo({});
    await worker(2);
    assert.equal((await hub.until(id, "succeeded")).attempts.at(-1)!.agentId, `${TYPE}-2`);
  });

  it("finishes what it has when it is stopped, hands back what takes too long, and leaves no trace in the registry", async () => {
    const first = await worker(1);
    const [short, long] = [await echo({ sleepMs: 1_500 }), await echo({ sleepMs: 600_000 })];
    await Promise.all([workedOn(short.id), workedOn(long.id)]);
    const ending = first.end("SIGTERM");
    assert.equal((await hub.until(short.id, "succeeded")).attempts[0]!.agentId, `${TYPE}-1`);
    const handedBack = await eventually(() => hub.task(long.id), ({ attempts }) => attempts[0]?.outcome === "returned", 20_000);
    assert.equal(handedBack.attempts[0]!.agentId, `${TYPE}-1`);
    assert.equal(await ending, 0);
    await eventually(instances, (all) => all.length === 0, 3_000);
    await hub.call("POST", `/api/v1/tasks/${long.id}/cancel`);
  });

  it("reports messages that are no tasks, which are kept with their reason, and serves the next", async () => {
    await worker();
    const channel = await rig.clients.channel("hub");
    const nonsense = ["{", "null", "[]", JSON.stringify({ hello: 1 }), JSON.stringify({ taskId: "x", type: TYPE, action: "echo", input: {}, attempt: 1 }),
      JSON.stringify({ taskId: "01981b6e-7f2a-7c31-9d0a-3f1e5a7b9c11", type: "builder", action: "echo", input: {}, attempt: 1 })];
    for (const body of nonsense) channel.publish(EXCHANGES.topic, taskQueue(TYPE), Buffer.from(body));
    await hub.until((await echo({})).id, "succeeded");
    const found: string[] = [];
    await eventually(async () => {
      for (let message = await channel.get(deadQueue(TYPE), { noAck: true }); message; message = await channel.get(deadQueue(TYPE), { noAck: true })) {
        const { reason, content, queue } = RefusedMessage.parse(JSON.parse(message.content.toString()));
        assert.deepEqual([reason, queue, message.properties.headers!["x-reason"]], ["not_a_task", taskQueue(TYPE), "not_a_task"]);
        found.push(content);
      }
      return found.length;
    }, (count) => count === nonsense.length);
    assert.deepEqual(found.sort(), [...nonsense].sort());
  });

  it("lets go of a task that has ended, and of an action that it does not have, and takes the next", async () => {
    await worker();
    const channel = await rig.clients.channel("hub");
    const { id } = await echo({ sleepMs: 60_000 });
    const { attempt } = await workedOn(id);
    await hub.call("POST", `/api/v1/tasks/${id}/cancel`);
    await hub.until(id, "cancelled");
    // Past the door, as an older hub might: the hub lets such a report of a task that has ended go, and the worker goes on.
    channel.publish(EXCHANGES.topic, taskQueue(TYPE), Buffer.from(JSON.stringify({ taskId: id, type: TYPE, action: "fly", input: {}, attempt: attempt + 1, timeoutMs: 1_000, deadline: null })));
    await hub.until((await echo({})).id, "succeeded");
    await eventually(() => channel.checkQueue(taskQueue(TYPE)), ({ messageCount }) => messageCount === 0);
  });

  it("lets go of further copies of a task that it works on: they keep no place, and none comes back", async () => {
    const first = await worker();
    const input = { sleepMs: 2_000 };
    const { id } = await echo(input);
    await workedOn(id);
    const channel = await rig.clients.channel("hub");
    // As the hub does when the broker died between taking a task and saying so.
    const copy = Buffer.from(JSON.stringify({ taskId: id, type: TYPE, action: "echo", input, attempt: 1, timeoutMs: 60_000, deadline: null }));
    for (let n = 0; n < ENTRY.concurrency; n++) channel.publish(EXCHANGES.topic, taskQueue(TYPE), copy);
    assert.equal(((await hub.until(id, "succeeded")).result as { effects: number }).effects, 1);
    assert.equal(await first.end("SIGTERM"), 0);
    assert.equal((await channel.checkQueue(taskQueue(TYPE))).messageCount, 0, "what it had not acknowledged is back in the queue");
  });

  it("goes on when the broker and etcd are killed, and nothing is done twice", async () => {
    await worker();
    const ids = await Promise.all([4_000, 4_000].map((sleepMs) => echo({ sleepMs }).then(({ id }) => id)));
    await Promise.all(ids.map(workedOn));
    for (const store of ["rabbitmq", "etcd"]) {
      await rig.runner.kill(store);
      await rig.revive(store);
    }
    for (const id of ids) assert.deepEqual(((await hub.until(id, "succeeded", 60_000)).result as { effects: number }).effects, 1);
    await eventually(instances, (all) => all.length === 1, 30_000);
    await hub.until((await echo({})).id, "succeeded", 40_000);
  }).timeout(150_000);

  it("comes back from a pause that was longer than its lease without harm", async () => {
    const first = await worker(1);
    const { id } = await echo({ sleepMs: 2_000 });
    await workedOn(id);
    first.signal("SIGSTOP");
    await eventually(instances, (all) => all.length === 0, 25_000);
    await worker(2);
    const done = await hub.until(id, "succeeded", 90_000);
    assert.deepEqual([(done.result as { agent: string; effects: number }).agent, (done.result as { effects: number }).effects], [`${TYPE}-2`, 1]);
    first.signal("SIGCONT");
    await eventually(instances, (all) => all.length === 2, 40_000);
    assert.deepEqual([await effects(id), (await hub.task(id)).attempts.at(-1)!.agentId], [1, `${TYPE}-2`]);
    await Promise.all(Array.from({ length: 6 }, () => echo({ sleepMs: 200 }).then(({ id: next }) => hub.until(next, "succeeded"))));
  }).timeout(180_000);
}
