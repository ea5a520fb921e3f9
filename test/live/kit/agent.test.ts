/** An agent as a process, on real stores: what becomes of its tasks when it, the hub or the broker goes away. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { Redis } from "ioredis";
import pg from "pg";
import { agentKey, type Registration } from "../../../contract/registry.ts";
import { ActionCatalog } from "../../../contract/tasks.ts";
import type { TokenClaims } from "../../../contract/access.ts";
import { openEtcd } from "../../../services/kit/etcd.ts";
import { accessFront, AgentProcess } from "./agent-process.ts";
import { eventually, KitRig, TYPE } from "./rig.ts";
import { StandInHub } from "./stand-in-hub.ts";

describe("an agent on real stores", function () {
  this.timeout(120_000);
  const rig = new KitRig();
  const agents: AgentProcess[] = [];
  let hub: StandInHub;
  let access: { url: string; server: Server; posts(): number };
  let truth: pg.Client;
  let redis: Redis;

  before(async () => {
    await rig.setUp();
    await rig.migrate();
    access = await accessFront(rig);
    hub = new StandInHub(rig);
    truth = new pg.Client({ connectionString: rig.url("postgres", "hub") });
    await truth.connect();
    redis = new Redis(rig.url("redis", "hub"));
  });
  beforeEach(() => {
    hub.losses = 0;
    hub.silent = false;
    hub.results.length = 0;
    hub.heartbeats.length = 0;
  });
  afterEach(async () => { await Promise.all(agents.splice(0).map((agent) => agent.end("SIGKILL"))); });
  after(async () => {
    await hub?.close();
    await truth?.end();
    redis?.disconnect();
    access?.server.close();
    await rig.tearDown();
  });

  async function agent(number: number): Promise<AgentProcess> {
    const made = new AgentProcess(rig, number);
    agents.push(made);
    return made.start(access.url);
  }
  const effects = async (taskId: string): Promise<number> =>
    (await truth.query<{ n: number }>("select count(*)::int as n from fabric.effects where task_id = $1", [taskId])).rows[0]!.n;
  const result = (taskId: string, n = 1) => eventually(() => hub.resultsOf(taskId), (results) => results.length >= n, 20_000).then((results) => results[n - 1]!);
  const entry = async (number: number): Promise<Registration | null> => {
    const etcd = openEtcd(rig.url("etcd", "hub"));
    const value = await etcd.client.get(agentKey(TYPE, number)).string().finally(() => etcd.close());
    return value === null ? null : (JSON.parse(value) as Registration);
  };
  const held = async (on: AgentProcess): Promise<number> =>
    Number(/agent_tasks_held\{[^}]*\} (\d+)/.exec(await (await fetch(`${on.url}/metrics`)).text())![1]);

  it("asks for its rights, does a task, and is seen in etcd, Redis and its own catalogue", async () => {
    const postsBefore = access.posts();
    const one = await agent(1);
    assert.equal(access.posts(), postsBefore + 1);
    const taskId = await hub.submit("echo", { payload: "hello" });
    const { outcome, result: output, agentId, attempt } = await result(taskId);
    assert.deepEqual([outcome, output, agentId, attempt], ["succeeded", { payload: "hello", agent: one.id, attempt: 1, effects: 1 }, one.id, 1]);
    await eventually(() => held(one), (n) => n === 0);
    assert.deepEqual((await entry(1))!.capabilities, ["echo", "wait"]);
    const status = await redis.hgetall(`mcp:agents:status:${one.id}`);
    assert.deepEqual([status["type"], status["concurrency"]], [TYPE, "2"]);
    assert.ok((await redis.ttl(`mcp:agents:status:${one.id}`)) > 20);
    const token = rig.runner.keys.render([{ token: { sub: "hub", role: "service", aud: ["*"] } satisfies TokenClaims }]);
    const catalog = ActionCatalog.parse(await (await fetch(`${one.url}/actions`, { headers: { authorization: `Bearer ${token}` } })).json());
    assert.deepEqual([catalog.type, catalog.concurrency, catalog.actions.map(({ name }) => name)], [TYPE, 2, ["echo", "wait"]]);
    assert.equal((await fetch(`${one.url}/actions`)).status, 401);
  });

  it("shows a long task in heartbeats, etcd and Redis while it lasts", async () => {
    const one = await agent(1);
    const taskId = await hub.submit("wait", { ms: 7_000, steps: 20 });
    const beat = await eventually(() => hub.heartbeats.filter((beat) => beat.taskId === taskId), (beats) => beats.length >= 2, 9_000);
    assert.ok(beat[1]!.progress! > beat[0]!.progress!, JSON.stringify(beat));
    assert.match(beat[1]!.note!, /^step \d+$/);
    const { status, current_task } = (await entry(1))!;
    assert.deepEqual([status, current_task], ["active", taskId]);
    assert.equal((await redis.hgetall(`mcp:agents:status:${one.id}`))["current_task"], taskId);
    await result(taskId);
    await eventually(() => entry(1), (now) => now!.status === "idle" && now!.current_task === null, 5_000);
  });

  it("holds a task until the hub says `stored`, also when the first of these is lost", async () => {
    const one = await agent(1);
    hub.losses = 1;
    const taskId = await hub.submit("echo", {});
    await result(taskId, 1);
    assert.equal(await held(one), 1);
    const again = await result(taskId, 2);
    assert.deepEqual(again, hub.resultsOf(taskId)[0]);
    await eventually(() => held(one), (n) => n === 0);
    assert.equal(await effects(taskId), 1);
  });

  it("loses nothing when it is killed: another does the task, and its effect stays one", async () => {
    const one = await agent(1);
    const taskId = await hub.submit("wait", { ms: 3_000 });
    await eventually(() => effects(taskId), (n) => n === 1);
    await one.end("SIGKILL");
    const two = await agent(2);
    const { outcome, agentId, result: output } = await result(taskId);
    assert.deepEqual([outcome, agentId, output], ["succeeded", two.id, { paidBy: 1, attempt: 1 }]);
    assert.equal(await effects(taskId), 1);
    await eventually(() => held(two), (n) => n === 0);
    assert.equal(await hub.waiting(), 0);
  });

  it("leaves a task in the queue when it is killed with a result that the hub has not stored", async () => {
    const one = await agent(1);
    hub.silent = true;
    const taskId = await hub.submit("echo", {});
    await result(taskId);
    await one.end("SIGKILL");
    await eventually(() => hub.waiting(), (n) => n === 1);
    hub.silent = false;
    await agent(2);
    await result(taskId, 2);
    await eventually(() => hub.waiting(), (n) => n === 0);
    assert.equal(await effects(taskId), 1);
  });

  it("keeps working on its task while the broker is killed and restarted, and does it once", async () => {
    const one = await agent(1);
    const taskId = await hub.submit("wait", { ms: 12_000 });
    await eventually(() => effects(taskId), (n) => n === 1);
    await rig.restart("rabbitmq", "kill");
    const { outcome, agentId } = await result(taskId);
    assert.deepEqual([outcome, agentId], ["succeeded", one.id]);
    await eventually(() => held(one), (n) => n === 0, 25_000);
    assert.equal(one.output.split('"attempt ended"').length - 1, 1, "one run");
    assert.equal(await effects(taskId), 1);
    await eventually(() => one.missing(), (missing) => missing!.length === 0);
  });

  it("tells the hub of what is no task of its type, takes it off the queue, and serves the next", async () => {
    const one = await agent(1);
    const base = { taskId: randomUUID(), type: TYPE, action: "echo", input: {}, attempt: 1, timeoutMs: 1_000, deadline: null };
    for (const foreign of ["text", { hello: 1 }, { ...base, attempt: 0 }, { ...base, type: "reviewer" }, { ...base, deadline: "tomorrow" }]) await hub.plant(foreign);
    const taskId = await hub.submit("echo", { payload: "next" });
    assert.equal((await result(taskId)).outcome, "succeeded");
    await eventually(() => hub.refused.length, (n) => n === 5);
    assert.ok(hub.refused.every(({ reason, queue, problem }) => reason === "not_a_task" && queue === `tasks.${TYPE}` && problem !== ""));
    assert.deepEqual([await hub.waiting(), await held(one)], [0, 0]);
  });

  it("fails what it has no action for, what does not fit, and what comes too late, each with its reason, and serves the next", async () => {
    await agent(1);
    const tasks = await Promise.all([hub.submit("juggle", {}), hub.submit("wait", { ms: "long" }), hub.submit("echo", {}, { deadline: "2020-01-01T00:00:00Z" })]);
    const errors = await Promise.all(tasks.map(async (taskId) => (await result(taskId)).error!));
    assert.deepEqual(errors.map(({ code, retryable }) => [code, retryable]), [["permanent", false], ["bad_input", false], ["deadline", false]]);
    assert.match(errors[0]!.message, /no action juggle; its actions are echo, wait/);
    assert.equal((await result(await hub.submit("echo", {}))).outcome, "succeeded");
  });

  it("passes over what is no control message, and hears the next", async () => {
    const one = await agent(1);
    const taskId = await hub.submit("wait", { ms: 60_000 });
    await eventually(() => effects(taskId), (n) => n === 1);
    hub.say(one.id, { kind: "explode" } as never);
    hub.say(one.id, "text" as never);
    hub.say(one.id, { kind: "cancel", taskId, attempt: 1 });
    assert.equal((await result(taskId)).outcome, "cancelled");
  });

  it("takes nothing more once it is told to drain, finishes what it holds, and says so in the registry", async () => {
    const one = await agent(1);
    const taskId = await hub.submit("wait", { ms: 2_500 });
    await eventually(() => effects(taskId), (n) => n === 1);
    hub.say(one.id, { kind: "drain" });
    await eventually(() => entry(1), (now) => now!.status === "draining" && now!.current_task === taskId);
    const later = await hub.submit("echo", {});
    assert.equal((await result(taskId)).outcome, "succeeded");
    await eventually(() => entry(1), (now) => now!.status === "draining" && now!.current_task === null, 5_000);
    assert.deepEqual([hub.resultsOf(later).length, await hub.waiting(), await one.missing()], [0, 1, ["draining"]]);
    await agent(2);
    assert.equal((await result(later)).agentId, `${TYPE}-2`);
  });

  it("ends a task that is cancelled, and one that outlives its time", async () => {
    const one = await agent(1);
    const cancelled = await hub.submit("wait", { ms: 60_000 });
    const late = await hub.submit("wait", { ms: 60_000 }, { timeoutMs: 400 });
    await eventually(() => effects(cancelled), (n) => n === 1);
    hub.say(one.id, { kind: "cancel", taskId: cancelled, attempt: 1 });
    assert.equal((await result(cancelled)).outcome, "cancelled");
    const { outcome, error } = await result(late);
    assert.deepEqual([outcome, error?.code, error?.retryable], ["failed", "timeout", true]);
    await eventually(() => held(one), (n) => n === 0);
  });

  it("finishes what it holds when it is stopped, leaves the registry, and ends with 0", async () => {
    const one = await agent(1);
    const taskId = await hub.submit("wait", { ms: 1_500 });
    await eventually(() => effects(taskId), (n) => n === 1);
    const { code, ms } = await one.end("SIGTERM");
    assert.deepEqual([code, (await result(taskId)).outcome], [0, "succeeded"]);
    assert.ok(ms < 5_000, `${Math.round(ms)} ms`);
    assert.equal(await entry(1), null);
    assert.equal(await hub.waiting(), 0);
  });

  it("hands back what takes longer than its grace, and what the hub does not confirm goes into the queue", async () => {
    const one = await agent(1);
    const taskId = await hub.submit("wait", { ms: 60_000 });
    await eventually(() => effects(taskId), (n) => n === 1);
    const { code, ms } = await one.end("SIGTERM");
    assert.deepEqual([code, (await result(taskId)).outcome, await hub.waiting()], [0, "returned", 0]);
    assert.ok(ms < 8_000, `${Math.round(ms)} ms is within the grace of 8 s`);

    hub.silent = true;
    const two = await agent(2);
    const lost = await hub.submit("wait", { ms: 60_000 });
    await eventually(() => effects(lost), (n) => n === 1);
    const stopped = await two.end("SIGTERM");
    assert.equal(stopped.code, 0);
    assert.ok(stopped.ms < 8_000, `${Math.round(stopped.ms)} ms is within the grace of 8 s`);
    await eventually(() => hub.waiting(), (n) => n === 1);
    hub.silent = false;
    await agent(1);
    await eventually(() => hub.waiting(), (n) => n === 0);
  });
});
