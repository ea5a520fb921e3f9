/** Messages that are none of the contract's, and results that no database takes: kept with their reason, and the next is served. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { it } from "mocha";
import { deadQueue, EXCHANGES, heartbeatsKey, RefusedMessage, resultsKey, type ResultMessage } from "../../../contract/bus.ts";
import { never, succeed } from "./fake-agent.ts";
import { AGENT_TYPE, eventually, type HubRig } from "./rig.ts";

const echo = { type: AGENT_TYPE, action: "echo" };

export function foreignCases(rig: HubRig): void {
  const { hub, clients } = rig;

  /** As an agent of the type, who may say what it likes on its own routing keys. */
  async function say(routingKey: string, content: string): Promise<void> {
    const channel = await clients.channel(`agent:${AGENT_TYPE}`);
    channel.publish(EXCHANGES.topic, routingKey, Buffer.from(content), { mandatory: true });
    await channel.waitForConfirms();
    await channel.close();
  }
  async function buried(reason: string): Promise<RefusedMessage & { reason: string }> {
    const channel = await clients.channel("hub");
    const take = () => channel.get(deadQueue(AGENT_TYPE), { noAck: true });
    try {
      return await eventually(async () => {
        for (let message = await take(); message; message = await take()) {
          const refused = RefusedMessage.safeParse(JSON.parse(message.content.toString()));
          if (refused.success && message.properties.headers?.["x-reason"] === reason) return refused.data;
        }
        return null;
      }, (found) => found !== null) as RefusedMessage;
    } finally {
      await channel.close();
    }
  }
  async function nextIsServed(): Promise<void> {
    assert.equal((await hub.until((await hub.submit(echo)).id, "succeeded")).attempt, 1);
  }

  it("keeps what is no result among the dead letters of its type, with the reason, and serves the next", async () => {
    await rig.agent({ type: AGENT_TYPE, work: succeed });
    for (const content of ["no JSON {", JSON.stringify({ hello: "world" }), ""]) {
      await say(resultsKey(AGENT_TYPE), content);
      const { problem, queue, content: kept } = await buried("not_a_result");
      assert.deepEqual([queue, kept], ["results", content]);
      assert.ok(problem.length > 10, problem);
    }
    await nextIsServed();
    assert.equal(await (async () => (await (await clients.channel("hub")).checkQueue("results")).messageCount)(), 0);
  });

  it("keeps the result of a task that there is not, and lets the agent go that sent it", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: succeed });
    const stranger: ResultMessage = { taskId: randomUUID(), attempt: 1, agentId: agent.id, outcome: "succeeded", result: "?" };
    for (const outcome of ["succeeded", "failed"] as const) {
      await say(resultsKey(AGENT_TYPE), JSON.stringify({ ...stranger, outcome }));
      assert.match((await buried("unknown_task")).problem, new RegExp(stranger.taskId));
    }
    assert.ok(agent.storedOf(stranger.taskId) === 2);
    await nextIsServed();
  });

  it("drops what is no heartbeat, and takes the next", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never });
    const { id } = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 1);
    const beat = { taskId: id, attempt: 1, agentId: agent.id };
    for (const bad of ["junk", "{}", JSON.stringify({ ...beat, agentId: "a\u0000b" }), JSON.stringify({ ...beat, progress: 7 }), JSON.stringify({ ...beat, attempt: 2 ** 40 })]) {
      await say(heartbeatsKey(AGENT_TYPE), bad);
    }
    await say(heartbeatsKey(AGENT_TYPE), JSON.stringify({ ...beat, progress: 0.5, note: "half \u0000 \ud800" }));
    await eventually(async () => (await hub.task(id)).progress, (progress) => progress === 0.5);
    await agent.report({ taskId: id, attempt: 1 }, { outcome: "succeeded" });
    await hub.until(id, "succeeded");
  });

  for (const [what, result] of [["a NUL character", "a\u0000b"], ["half a surrogate pair", "\ud800"], ["nesting beyond the database's stack", "deep"]] as const) {
    it(`fails a task for good whose result holds ${what}, and stores those that come with it`, async () => {
      const agent = await rig.agent({ type: AGENT_TYPE, concurrency: 8, work: never });
      const tasks = await Promise.all(Array.from({ length: 8 }, () => hub.submit(echo)));
      await eventually(() => agent.received.length, (received) => received === 8);
      const bad = agent.received[3]!.taskId;
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
      await Promise.all(agent.received.map(({ taskId, attempt }) => {
        if (taskId !== bad || result !== "deep") return agent.report({ taskId, attempt }, { outcome: "succeeded", result: taskId === bad ? result : 1 });
        return say(resultsKey(AGENT_TYPE), `{"taskId":"${taskId}","attempt":1,"agentId":"${agent.id}","outcome":"succeeded","result":${deep}}`);
      }));
      for (const { id } of tasks) if (id !== bad) await hub.until(id, "succeeded");
      const failed = await hub.until(bad, "failed");
      assert.deepEqual([failed.error?.code, failed.error?.retryable], ["unstorable", false]);
      await eventually(() => agent.held.size, (held) => held === 0);
    });
  }

  it("tries a failure again whose message cannot be stored as it is", async () => {
    const error = { code: "internal", message: "bad byte \u0000 in line 3", retryable: true };
    await rig.agent({ type: AGENT_TYPE, policy: { backoffMs: 50 }, work: (task, self) => (task.attempt === 1 ? { outcome: "failed", error } : succeed(task, self)) });
    const task = await hub.until((await hub.submit(echo)).id, "succeeded");
    assert.deepEqual(task.attempts[0]!.error, { ...error, message: "bad byte \ufffd in line 3" });
  });

  it("fails a task whose result is larger than may be stored, and takes one just below", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, work: never });
    const sizes = [4_194_304 - 2, 5_000_000];
    const tasks = await Promise.all(sizes.map(() => hub.submit(echo)));
    await eventually(() => agent.received.length, (received) => received === 2);
    await Promise.all(tasks.map(({ id }, index) => agent.report({ taskId: id, attempt: 1 }, { outcome: "succeeded", result: "x".repeat(sizes[index]!) })));
    assert.equal(((await hub.until(tasks[0]!.id, "succeeded")).result as string).length, sizes[0]);
    assert.equal((await hub.until(tasks[1]!.id, "failed")).error?.code, "result_too_large");
    await eventually(() => agent.held.size, (held) => held === 0);
  });
}
