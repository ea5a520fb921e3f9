import assert from "node:assert/strict";
import { it } from "mocha";
import { deadQueue, DeadLetter } from "../../../contract/bus.ts";
import { Clients } from "../infrastructure/clients.ts";
import { FakeAgent, fail, never, succeed, type Work } from "./fake-agent.ts";
import { AGENT_TYPE, eventually, type HubRig } from "./rig.ts";

const echo = { type: AGENT_TYPE, action: "echo" };
const quick = { backoffMs: 100, maxBackoffMs: 400 };
/** The first n attempts fail. */
const failing = (times: number): Work => (task, agent) => (task.attempt <= times ? fail(true)(task, agent) : succeed(task, agent));

export function failureCases(rig: HubRig): void {
  const { hub, clients } = rig;

  it("tries again after a growing delay, with the next attempt number", async () => {
    const at: number[] = [];
    const agent = await rig.agent({ type: AGENT_TYPE, policy: { ...quick, backoffMs: 300, maxBackoffMs: 10_000 }, work: (task, self) => (at.push(Date.now()), failing(2)(task, self)) });
    const { id } = await hub.submit(echo);
    const task = await hub.until(id, "succeeded");
    assert.deepEqual(agent.received.map(({ attempt }) => attempt), [1, 2, 3]);
    assert.deepEqual(task.attempts.map(({ outcome }) => outcome), ["failed", "failed", "succeeded"]);
    assert.equal(task.attempts[0]!.error?.message, "attempt 1");
    const [first, second] = [at[1]! - at[0]!, at[2]! - at[1]!];
    assert.ok(first >= 240 && second >= 480 && second < 3_000, `${first} ${second}`);
  });

  it("makes a task dead when its attempts are used up, leaves a letter, and replays it", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, policy: quick, work: fail(true) });
    const { id } = await hub.submit({ ...echo, maxAttempts: 2 });
    const dead = await hub.until(id, "dead");
    assert.deepEqual([dead.attempt, dead.error?.message, dead.attempts.length], [2, "attempt 2", 2]);
    const letter = await eventually(() => takeLetter(id), (found) => found !== null);
    assert.partialDeepStrictEqual(letter, { taskId: id, reason: "attempts_used_up", attempts: 2, firstError: { message: "attempt 1" }, lastError: { message: "attempt 2" } });
    agent.work = succeed;
    const { status, body } = await hub.call("POST", `/api/v1/tasks/${id}/replay`);
    assert.deepEqual([status, body], [202, { id, state: "pending" }]);
    const task = await hub.until(id, "succeeded");
    assert.deepEqual([task.attempt, task.attempts.length], [3, 3]);
    assert.equal((await hub.call("POST", `/api/v1/tasks/${id}/replay`)).status, 409);
  });

  it("fails a task for good when the agent says that no retry can help", async () => {
    await rig.agent({ type: AGENT_TYPE, work: fail(false, "bad_input") });
    const { id } = await hub.submit(echo);
    const task = await hub.until(id, "failed");
    assert.deepEqual([task.attempt, task.error?.code], [1, "bad_input"]);
    const letter = await eventually(() => takeLetter(id), (found) => found !== null);
    assert.equal(letter!.reason, "not_retryable");
  });

  it("takes a task back from an agent that went silent, and refuses that agent's late result", async () => {
    const silent = await rig.agent({ type: AGENT_TYPE, n: 1, policy: { ...quick, heartbeatTimeoutMs: 1_000 }, work: never });
    const { id } = await hub.submit(echo);
    await eventually(() => silent.received.length, (received) => received === 1);
    await silent.heartbeat({ taskId: id, attempt: 1 });
    silent.work = (task, self) => (task.attempt === 1 ? null : succeed(task, self));
    const task = await hub.until(id, "succeeded");
    assert.deepEqual(task.attempts.map(({ outcome, error }) => [outcome, error?.code]), [["lost", "heartbeat_timeout"], ["succeeded", undefined]]);
    assert.ok(silent.controls.some((control) => control.kind === "cancel" && control.taskId === id && control.attempt === 1), "the agent is told to stop");
    await silent.report({ taskId: id, attempt: 1 }, { outcome: "succeeded", result: { late: true } });
    await eventually(() => silent.held.size, (held) => held === 0);
    assert.deepEqual((await hub.task(id)).result, { attempt: 2 });
  });

  it("refuses a stale result also while the next attempt is running, and tells a stale heartbeat to stop", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, policy: quick, work: (task, self) => (task.attempt === 1 ? fail(true)(task, self) : null) });
    const { id } = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 2);
    await agent.report({ taskId: id, attempt: 1 }, { outcome: "succeeded", result: "stale" });
    await agent.heartbeat({ taskId: id, attempt: 1 }, 0.9);
    await eventually(() => agent.controls, (controls) => controls.some(({ kind }) => kind === "cancel"));
    const task = await hub.task(id);
    assert.deepEqual([task.state, task.progress, task.result], ["active", null, undefined]);
    await agent.report({ taskId: id, attempt: 2 }, { outcome: "succeeded", result: "current" });
    assert.equal((await hub.until(id, "succeeded")).result, "current");
  });

  it("keeps the current attempt's result, in the database and for readers, also when a stale one comes in the same moment", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, concurrency: 16, policy: quick, work: (task, self) => (task.attempt === 1 ? fail(true)(task, self) : null) });
    const tasks = await Promise.all(Array.from({ length: 8 }, () => hub.submit(echo)));
    await eventually(() => agent.received.filter(({ attempt }) => attempt === 2).length, (second) => second === tasks.length);
    await Promise.all(tasks.flatMap(({ id }) => [2, 1, 2].map((attempt, nth) => agent.report({ taskId: id, attempt }, { outcome: "succeeded", result: `${attempt}, ${nth}` }))));
    const postgres = await clients.postgres("hub");
    for (const { id } of tasks) {
      assert.equal((await hub.until(id, "succeeded")).result, "2, 0");
      assert.equal((await postgres.query("select result from fabric.tasks where id = $1", [id])).rows[0].result, "2, 0");
    }
  });

  it("counts a result once however often it comes", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never });
    const { id } = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 1);
    for (const result of ["first", "second", "third"]) await agent.report({ taskId: id, attempt: 1 }, { outcome: "succeeded", result });
    await eventually(() => agent.storedOf(id), (stored) => stored === 3);
    const task = await hub.task(id);
    assert.deepEqual([task.result, task.attempts.length], ["first", 1]);
  });

  it("gives a returned task to another at once, without counting it", async () => {
    const leaving = await rig.agent({ type: AGENT_TYPE, policy: { backoffMs: 60_000 }, work: (task, self) => (task.attempt <= 3 ? { outcome: "returned" } : succeed(task, self)) });
    const { id } = await hub.submit({ ...echo, maxAttempts: 1 });
    const task = await hub.until(id, "succeeded", 5_000);
    assert.deepEqual(task.attempts.map(({ outcome }) => outcome), ["returned", "returned", "returned", "succeeded"]);
    await eventually(() => leaving.held.size, (held) => held === 0);
  });

  it("ends an attempt that the broker gave up, although no agent ever reported it", async () => {
    await rig.agent({ type: AGENT_TYPE, policy: { ...quick, heartbeatTimeoutMs: 1_000, maxAttempts: 1 }, work: never, concurrency: 1 });
    await rig.dismiss();
    const crashing = new FakeAgent(clientsOf(rig), { type: AGENT_TYPE, policy: { ...quick, heartbeatTimeoutMs: 1_000, maxAttempts: 1 }, work: never, concurrency: 1 });
    await crashing.register();
    const { id } = await hub.submit(echo);
    await hub.until(id, "active");
    // Every delivery ends with the loss of its agent, until the broker's delivery limit.
    for (let life = 0; life < 8; life++) {
      const victim = new FakeAgent(clientsOf(rig), { type: AGENT_TYPE, n: 2, work: never, concurrency: 1 });
      await victim.connect();
      await eventually(() => victim.received.length, (received) => received > 0, 1_500).catch(() => undefined);
      await victim.crash();
    }
    const dead = await hub.until(id, "dead");
    assert.equal(dead.error?.code, "undelivered");
    await crashing.stop();
  });

  it("cancels a waiting task at once", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never, concurrency: 1 });
    const tasks = await Promise.all([1, 2, 3].map(() => hub.submit(echo)));
    await eventually(async () => (await hub.call("GET", "/api/v1/tasks?state=active")).body.tasks.length, (active) => active === 2);
    const pending = (await hub.call("GET", "/api/v1/tasks?state=pending")).body.tasks[0].id as string;
    const { status, body } = await hub.call("POST", `/api/v1/tasks/${pending}/cancel`);
    assert.deepEqual([status, body.state], [202, "cancelled"]);
    agent.work = succeed;
    for (const { id } of tasks) if (id !== pending) await agent.report({ taskId: id, attempt: 1 }, { outcome: "succeeded" });
    for (const { id } of tasks) if (id !== pending) await hub.until(id, "succeeded");
    assert.equal((await hub.task(pending)).attempt, 0);
    assert.equal((await hub.call("POST", `/api/v1/tasks/${pending}/cancel`)).status, 202, "again");
  });

  it("asks the agent to stop a running task, and takes its word for it", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never });
    const { id } = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 1);
    const { status, body } = await hub.call("POST", `/api/v1/tasks/${id}/cancel`);
    assert.deepEqual([status, body.state], [202, "active"]);
    await eventually(() => agent.controls, (controls) => controls.some((control) => control.kind === "cancel" && control.taskId === id));
    await agent.report({ taskId: id, attempt: 1 }, { outcome: "cancelled" });
    const task = await hub.until(id, "cancelled");
    assert.deepEqual([task.error?.code, task.attempts[0]!.outcome], ["cancelled", "cancelled"]);
    const finished = await hub.submit(echo);
    agent.work = succeed;
    await agent.report({ taskId: finished.id, attempt: 1 }, { outcome: "succeeded" });
    await hub.until(finished.id, "succeeded");
    assert.equal((await hub.call("POST", `/api/v1/tasks/${finished.id}/cancel`)).status, 409);
  });

  it("does not wait for ever for an agent to answer a cancellation", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never });
    const { id } = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 1);
    await agent.heartbeat({ taskId: id, attempt: 1 });
    await hub.call("POST", `/api/v1/tasks/${id}/cancel`);
    const task = await hub.until(id, "cancelled", 20_000);
    assert.equal(task.attempts[0]!.outcome, "lost");
  });

  it("fails a task whose deadline passed, waiting or running", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never, concurrency: 1 });
    const deadline = new Date(Date.now() + 2_500).toISOString();
    const tasks = await Promise.all([1, 2, 3].map(() => hub.submit({ ...echo, deadline })));
    await eventually(() => agent.received.length, (received) => received === 1);
    for (const { id } of tasks) assert.equal((await hub.until(id, "failed")).error?.code, "deadline");
    await eventually(() => agent.controls, (controls) => controls.some(({ kind }) => kind === "cancel"));
    assert.equal((await hub.call("POST", `/api/v1/tasks/${tasks[0]!.id}/replay`)).status, 202);
    await hub.call("POST", `/api/v1/tasks/${tasks[0]!.id}/cancel`);
  });

  async function takeLetter(id: string): Promise<DeadLetter | null> {
    const channel = await clients.channel("hub");
    try {
      for (let message = await channel.get(deadQueue(AGENT_TYPE)); message; message = await channel.get(deadQueue(AGENT_TYPE))) {
        const letter = DeadLetter.safeParse(JSON.parse(message.content.toString()));
        if (letter.success && letter.data.taskId === id) return letter.data;
      }
      return null;
    } finally {
      await channel.close();
    }
  }
}

const clientsOf = (rig: HubRig): Clients => new Clients(rig.runner);
