import assert from "node:assert/strict";
import { RefusedMessage, type ControlMessage, type ResultMessage } from "../../../contract/bus.ts";
import { sleep } from "../backoff.ts";
import { Unavailable } from "../errors.ts";
import type { Delivery, SubscribeOptions } from "../rabbitmq.ts";
import { silentLog } from "../testing.ts";
import { AttemptEnded } from "./attempt.ts";
import type { HeldTask } from "./held-task.ts";
import { TaskLoop } from "./task-loop.ts";

const ID = "0197a0de-5f7c-7a34-8a0e-1f5c8a8f4b11";
const taskMessage = (attempt = 1, taskId = ID) => ({ taskId, type: "builder", action: "echo", input: {}, attempt, timeoutMs: 1_000, deadline: null });
const stored = (attempt = 1): ControlMessage => ({ kind: "stored", attempts: [{ taskId: ID, attempt }] });

/** A loop on a bus that records; `work` is what an attempt does. */
function rig(work: (held: HeldTask) => Promise<void> = async () => undefined, publishFailures = 0, republishMs = 30) {
  const settled: string[] = [];
  const published: ResultMessage[] = [];
  const refused: RefusedMessage[] = [];
  const runs: string[] = [];
  let subscription: SubscribeOptions | undefined;
  let cancelled = false;
  let failuresLeft = publishFailures;
  const loop = new TaskLoop({
    queue: "tasks.builder", type: "builder", prefetch: 4, log: silentLog,
    republish: { firstMs: republishMs, maxMs: republishMs },
    onChange: () => undefined,
    bus: {
      subscribe: (options) => {
        subscription = options;
        return { active: true, whenActive: async () => undefined, close: async () => undefined, cancel: async () => { cancelled = true; } };
      },
      publish: async (key, body) => {
        assert.equal(key, "results.builder");
        if (failuresLeft-- > 0) throw new Unavailable("no broker");
        if ((body as { refused?: boolean }).refused) refused.push(RefusedMessage.parse(body));
        else published.push(body as ResultMessage);
      },
    },
    run: async (held) => {
      runs.push(held.key);
      const { taskId, attempt } = held.task;
      const base = { taskId, attempt, agentId: "builder-1" };
      const ended = new Promise<AttemptEnded>((resolve) => held.controller.signal.addEventListener("abort", () => resolve(held.controller.signal.reason)));
      const end = await Promise.race([work(held), ended]);
      return { ...base, outcome: end ? (end.why as "cancelled" | "returned") : "succeeded" };
    },
  });
  loop.start();
  const deliver = (body: unknown, name = "d"): void => {
    let done = false;
    const settle = (what: string) => (): void => { if (!done) settled.push(`${name} ${what}`); done = true; };
    const raw = { content: Buffer.from(JSON.stringify(body) ?? "{") };
    subscription!.onDelivery({ body, raw, properties: { headers: {} }, redelivered: false, ack: settle("ack"), requeue: settle("requeue"), reject: settle("reject") } as unknown as Delivery);
  };
  return { loop, deliver, settled, published, refused, runs, wasCancelled: () => cancelled, prefetch: () => subscription?.prefetch };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 300) assert.fail(`still not so: ${condition}`);
    await sleep(5);
  }
}

describe("the task loop", () => {
  it("acknowledges only after the hub has said that the result is stored", async () => {
    const { loop, deliver, settled, published } = rig();
    deliver(taskMessage());
    await until(() => published.length > 0);
    await sleep(20);
    assert.deepEqual(settled, []);
    loop.onControl(stored());
    await until(() => loop.held.size === 0);
    assert.deepEqual(settled, ["d ack"]);
  });

  it("reports as soon as the broker is back, however long it was away", async () => {
    const { loop, deliver, published } = rig(undefined, 3, 60_000);
    deliver(taskMessage());
    await until(() => published.length > 0);
    loop.onControl(stored());
    await until(() => loop.held.size === 0);
  });

  it("publishes the result again until `stored` arrives, since that message may be lost", async () => {
    const { loop, deliver, settled, published } = rig();
    deliver(taskMessage());
    await until(() => published.length >= 3);
    assert.deepEqual(settled, []);
    loop.onControl(stored(2)); // another attempt's
    await until(() => published.length >= 4);
    assert.deepEqual(settled, []);
    loop.onControl(stored());
    await until(() => settled.length > 0);
    assert.equal(new Set(published.map((result) => JSON.stringify(result))).size, 1);
  });

  it("keeps trying while the broker is away", async () => {
    const { loop, deliver, published } = rig(undefined, 2);
    deliver(taskMessage());
    await until(() => published.length > 0);
    loop.onControl(stored());
    await until(() => loop.held.size === 0);
  });

  it("does not start a task again that comes a second time while it runs, and then acknowledges both deliveries", async () => {
    let finish = (): void => undefined;
    const { loop, deliver, settled, runs } = rig(() => new Promise((resolve) => { finish = resolve; }));
    deliver(taskMessage(), "first");
    deliver(taskMessage(), "second");
    finish();
    loop.onControl(stored());
    await until(() => loop.held.size === 0);
    assert.deepEqual([runs.length, settled], [1, ["first ack", "second ack"]]);
  });

  it("only acknowledges a delivery whose task it has settled before", async () => {
    const { loop, deliver, settled, runs } = rig();
    deliver(taskMessage(), "first");
    loop.onControl(stored());
    await until(() => loop.held.size === 0);
    deliver(taskMessage(), "again");
    assert.deepEqual([runs.length, settled], [1, ["first ack", "again ack"]]);
    deliver(taskMessage(2), "next attempt");
    assert.equal(runs.length, 2);
    loop.onControl(stored(2));
    await until(() => loop.held.size === 0);
  });

  it("tells the hub what is wrong with a message that is no task of its type, and serves the next", async () => {
    const { loop, deliver, settled, refused, runs } = rig();
    deliver(undefined, "no JSON");
    deliver({ ...taskMessage(), attempt: 0 }, "attempt 0");
    deliver({ ...taskMessage(), type: "reviewer" }, "stray");
    deliver(taskMessage(), "good");
    await until(() => settled.length === 3);
    assert.deepEqual(settled, ["no JSON ack", "attempt 0 ack", "stray ack"]);
    assert.deepEqual(refused.map(({ reason, queue, content }) => [reason, queue, content.slice(0, 9)]), [
      ["not_a_task", "tasks.builder", "{"], ["not_a_task", "tasks.builder", '{"taskId"'], ["not_a_task", "tasks.builder", '{"taskId"'],
    ]);
    assert.match(refused[1]!.problem, /^attempt: /);
    assert.equal(refused[2]!.problem, "type: expected builder, found reviewer");
    assert.equal(runs.length, 1);
    loop.onControl(stored());
    await until(() => loop.held.size === 0);
  });

  it("leaves such a message to the broker's dead-lettering where the hub cannot be told", async () => {
    const { deliver, settled } = rig(undefined, 1);
    deliver("junk", "junk");
    await until(() => settled.length > 0);
    assert.deepEqual(settled, ["junk reject"]);
  });

  it("ends the attempt that a cancel names, and reports it as cancelled", async () => {
    const { loop, deliver, published } = rig(() => sleep(60_000));
    deliver(taskMessage());
    loop.onControl({ kind: "cancel", taskId: ID, attempt: 2 });
    await sleep(20);
    assert.equal(published.length, 0);
    loop.onControl({ kind: "cancel", taskId: ID, attempt: 1 });
    await until(() => published.length > 0);
    assert.equal(published[0]!.outcome, "cancelled");
    loop.onControl(stored());
    await until(() => loop.held.size === 0);
  });

  it("takes nothing more after drain, and finishes what it holds", async () => {
    const { loop, deliver, settled, wasCancelled } = rig(() => sleep(30));
    deliver(taskMessage(), "held");
    loop.onControl({ kind: "drain" });
    assert.ok(loop.draining && wasCancelled());
    deliver(taskMessage(1, "0197a0de-5f7c-7a34-8a0e-1f5c8a8f4b12"), "late");
    assert.deepEqual(settled, ["late requeue"]);
    loop.onControl(stored());
    await until(() => loop.held.size === 0);
    assert.deepEqual(settled, ["late requeue", "held ack"]);
  });

  it("finishes what it holds within the grace of a stop", async () => {
    const { loop, deliver, settled, published } = rig(() => sleep(40));
    deliver(taskMessage());
    setTimeout(() => loop.onControl(stored()), 80);
    await loop.stop(2_000, 10);
    assert.deepEqual([published[0]!.outcome, settled], ["succeeded", ["d ack"]]);
  });

  it("hands back what takes longer: as `returned` where the hub answers", async () => {
    const { loop, deliver, settled, published } = rig(() => sleep(60_000));
    deliver(taskMessage());
    const stopped = loop.stop(20, 2_000);
    await until(() => published.length > 0);
    assert.equal(published[0]!.outcome, "returned");
    loop.onControl(stored());
    await stopped;
    assert.deepEqual(settled, ["d ack"]);
  });

  it("and back into the queue where it does not", async () => {
    const { loop, deliver, settled, published } = rig(() => sleep(60_000), 100);
    deliver(taskMessage());
    await loop.stop(20, 50);
    assert.deepEqual([settled, published], [["d requeue"], []]);
  });
});
