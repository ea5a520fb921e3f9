import assert from "node:assert/strict";
import { deadQueue, EXCHANGES, RefusedMessage, RESULT_LIMIT_BYTES, type HeartbeatMessage, type ResultMessage } from "../../../contract/bus.ts";
import { sleep } from "../../kit/backoff.ts";
import type { Delivery, PublishOptions, SubscribeOptions } from "../../kit/rabbitmq.ts";
import { silentLog } from "../../kit/testing.ts";
import { Inbox } from "./inbox.ts";

const ID = "0197a0de-5f7c-7a34-8a0e-1f5c8a8f4b11";
const STRANGER = "0197a0de-5f7c-7a34-8a0e-1f5c8a8f4b99";
const result = (more: Partial<ResultMessage> = {}): ResultMessage => ({ taskId: ID, attempt: 1, agentId: "builder-1", outcome: "succeeded", result: 1, ...more });
/** What PostgreSQL says of a NUL character in JSON. */
const dataError = (): Error => Object.assign(new Error("unsupported Unicode escape sequence"), { code: "22P05" });

/** An inbox on a database that refuses NUL characters, as PostgreSQL does; `work` runs before anything is stored. */
function rig(before: () => void = () => undefined) {
  const subscriptions = new Map<string, SubscribeOptions>();
  const [stored, told, settled]: [ResultMessage[], string[], string[]] = [[], [], []];
  const heartbeats: HeartbeatMessage[] = [];
  const buried: { refusal: RefusedMessage; key: string; options: PublishOptions }[] = [];
  const refuseNul = (items: object[]): void => { if (JSON.stringify(items).includes("\\u0000")) throw dataError(); };
  const inbox = new Inbox({
    bus: { subscribe: (options) => (subscriptions.set(options.queue, options), { active: true, whenActive: async () => undefined, close: async () => undefined, cancel: async () => undefined }) },
    publish: async (key, body, options) => void buried.push({ refusal: RefusedMessage.parse(body), key, options }),
    onResults: async (results) => {
      before();
      refuseNul(results);
      stored.push(...results);
      return new Set(results.map(({ taskId }) => taskId).filter((id) => id === STRANGER));
    },
    onHeartbeats: async (beats) => {
      refuseNul(beats);
      heartbeats.push(...beats);
    },
    control: { stored: async (agentId, taskId, attempt) => void told.push(`${agentId} ${taskId} ${attempt}`), cancel: assert.fail, cancelAtAll: assert.fail, drain: assert.fail },
    log: silentLog,
  });
  inbox.start();
  const deliver = (queue: string, body: unknown, name: string): void => {
    const content = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    let parsed: unknown;
    try { parsed = JSON.parse(content.toString()); } catch { parsed = undefined; }
    const settle = (what: string) => () => void settled.push(`${name} ${what}`);
    subscriptions.get(queue)!.onDelivery({
      body: parsed, raw: { content, fields: { routingKey: `${queue}.builder` } }, properties: { headers: {}, messageId: name }, redelivered: false,
      ack: settle("ack"), requeue: settle("requeue"), reject: settle("reject"),
    } as unknown as Delivery);
  };
  return { inbox, deliver, stored, told, settled, heartbeats, buried };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 300) assert.fail(`still not so: ${condition}`);
    await sleep(5);
  }
}

describe("the inbox", () => {
  it("acknowledges a result after it is stored and the agent was told", async () => {
    const { deliver, settled, told, stored } = rig();
    deliver("results", result(), "one");
    assert.deepEqual(settled, []);
    await until(() => settled.length > 0);
    assert.deepEqual([settled, told, stored], [["one ack"], [`builder-1 ${ID} 1`], [result()]]);
  });

  it("waits with a result for a database that is away, and tells the agent nothing meanwhile", async () => {
    let away = 2;
    const { deliver, settled, told } = rig(() => { if (away-- > 0) throw Object.assign(new Error("away"), { code: "ECONNREFUSED" }); });
    deliver("results", result(), "one");
    await sleep(20);
    assert.deepEqual([settled, told], [[], []]);
    await until(() => settled.length > 0);
    assert.deepEqual(settled, ["one ack"]);
  });

  for (const [what, body, problem] of [
    ["no JSON", "{", /expected object/],
    ["no result", { hello: 1 }, /taskId/],
    ["an attempt that no column holds", result({ attempt: 2 ** 40 }), /attempt/],
  ] as const) {
    it(`buries ${what} with its reason, and serves the next`, async () => {
      const { deliver, settled, buried, stored } = rig();
      deliver("results", body, "bad");
      deliver("results", result(), "good");
      await until(() => settled.length === 2);
      assert.deepEqual(settled.toSorted(), ["bad ack", "good ack"]);
      const [{ refusal, key, options }] = buried as [typeof buried[number]];
      assert.deepEqual([key, options.exchange, options.headers!["x-reason"]], ["tasks.builder", EXCHANGES.dead, "not_a_result"], `which is ${deadQueue("builder")}`);
      assert.match(refusal.problem, problem);
      assert.deepEqual([refusal.queue, refusal.messageId, refusal.content], ["results", "bad", typeof body === "string" ? body : JSON.stringify(body)]);
      assert.equal(stored.length, 1);
    });
  }

  it("buries what an agent found on its queue in the agent's own words", async () => {
    const { deliver, settled, buried } = rig();
    const found: RefusedMessage = { refused: true, reason: "not_a_task", problem: "attempt: too small", queue: "tasks.builder", messageId: "m", content: "{}" };
    deliver("results", found, "found");
    await until(() => settled.length > 0);
    assert.deepEqual([buried[0]!.refusal, buried[0]!.options.headers!["x-reason"]], [found, "not_a_task"]);
  });

  it("fails a task whose result cannot be stored, and stores the others that came with it", async () => {
    const { deliver, settled, stored, told } = rig();
    deliver("results", result({ taskId: STRANGER.replace("99", "12") }), "before");
    deliver("results", result({ result: "a\u0000b" }), "bad");
    deliver("results", result({ taskId: STRANGER.replace("99", "13") }), "after");
    await until(() => settled.length === 3);
    assert.ok(settled.every((line) => line.endsWith(" ack")) && told.length === 3);
    assert.deepEqual(stored.map(({ taskId, outcome, error }) => [taskId === ID, outcome, error?.code]).toSorted(), [[false, "succeeded", undefined], [false, "succeeded", undefined], [true, "failed", "unstorable"]]);
  });

  it("buries a result that cannot be stored in any form, and lets its agent go", async () => {
    const { deliver, settled, buried, told } = rig();
    deliver("results", result({ agentId: "builder\u0000" }), "bad");
    deliver("results", result(), "good");
    await until(() => settled.length === 2);
    assert.deepEqual([buried.length, buried[0]!.refusal.reason, told.length], [1, "unstorable", 2]);
  });

  it("fails a task whose result is too large", async () => {
    const { deliver, settled, stored } = rig();
    deliver("results", result({ result: "x".repeat(RESULT_LIMIT_BYTES + 100_000) }), "large");
    await until(() => settled.length > 0);
    assert.deepEqual(stored.map(({ outcome, error }) => [outcome, error?.code, error?.retryable]), [["failed", "result_too_large", false]]);
  });

  it("lets the agent go that worked on a task which does not exist, and buries what it said", async () => {
    const { deliver, settled, buried, told } = rig();
    deliver("results", result({ taskId: STRANGER }), "stranger");
    await until(() => settled.length > 0);
    assert.deepEqual([settled, told.length, buried[0]!.refusal.reason], [["stranger ack"], 1, "unknown_task"]);
  });

  it("drops a heartbeat that is none or cannot be stored, and takes those that come with it", async () => {
    const { deliver, settled, heartbeats } = rig();
    const beat = { taskId: ID, attempt: 1, agentId: "builder-1" };
    deliver("heartbeats", "junk", "junk");
    deliver("heartbeats", { ...beat, progress: 2 }, "beyond");
    deliver("heartbeats", { ...beat, agentId: "\u0000" }, "bad");
    deliver("heartbeats", beat, "good");
    await until(() => heartbeats.length > 0);
    assert.deepEqual([settled.length, heartbeats], [4, [beat]]);
  });
});
