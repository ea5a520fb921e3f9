import assert from "node:assert/strict";
import { EVENT_STREAMS, EXCHANGES, QUEUES, deadQueue, taskQueue } from "../contract/bus.ts";
import { SHIPPED_AGENT_TYPES } from "../contract/services.ts";
import { eventually } from "./support/reach.ts";
import { stack } from "./support/stack.ts";
import { management, rabbitmq } from "./support/stores.ts";

/** Types that ship and types that this stack added. */
const types = [...new Set([...SHIPPED_AGENT_TYPES, ...stack().agents.map((a) => a.type)])];

interface Queue { name: string; type: string; durable: boolean; effective_policy_definition?: Record<string, unknown>; consumers?: number }
interface Binding { source: string; destination: string; routing_key: string }

describe("broker", function () {
  this.timeout(20_000);
  let queues: Map<string, Queue>;
  let bindings: Binding[];

  before(async () => {
    const list = async (): Promise<Queue[]> => management("/queues/%2F");
    // What applies to a queue is published within 5 s of its making; a queue that lacks it by then is the check's to name.
    await eventually("every queue is described", 8_000, async () => (await list()).every((q) => q.effective_policy_definition !== undefined)).catch(() => undefined);
    queues = new Map((await list()).map((q) => [q.name, q]));
    bindings = await management("/bindings/%2F");
  });

  const bound = (source: string, key: string, queue: string) =>
    assert.ok(bindings.some((b) => b.source === source && b.routing_key === key && b.destination === queue),
      `binding ${source} --${key}--> ${queue} is missing`);

  for (const [name, type] of [[EXCHANGES.topic, "topic"], [EXCHANGES.unrouted, "fanout"], [EXCHANGES.dead, "direct"]] as const) {
    it(`exchange ${name} is a durable ${type} exchange`, async () => {
      const exchange = await management(`/exchanges/%2F/${name}`);
      assert.equal(exchange.type, type);
      assert.equal(exchange.durable, true);
    });
  }

  it(`exchange ${EXCHANGES.topic} sends what has no queue to ${EXCHANGES.unrouted}`, async () => {
    // What a policy says is for administrators; that this one applies is for everybody.
    const { policy } = await management(`/exchanges/%2F/${EXCHANGES.topic}`);
    assert.equal(policy, "unrouted", `policy of exchange ${EXCHANGES.topic}`);
    bound(EXCHANGES.unrouted, "", QUEUES.unrouted);
  });

  for (const type of types) {
    it(`${taskQueue(type)} is a bound quorum queue whose dead letters are kept`, async () => {
      const queue = queues.get(taskQueue(type));
      assert.ok(queue, `queue ${taskQueue(type)} is missing`);
      assert.equal(queue.type, "quorum");
      const policy = queue.effective_policy_definition ?? {};
      assert.equal(policy["dead-letter-exchange"], EXCHANGES.dead, `policy of ${taskQueue(type)}: dead-letter-exchange`);
      assert.equal(policy["dead-letter-strategy"], "at-least-once", `policy of ${taskQueue(type)}: dead-letter-strategy`);
      assert.equal(policy.overflow, "reject-publish", `policy of ${taskQueue(type)}: overflow`);
      assert.ok(Number(policy["delivery-limit"]) > 0, `policy of ${taskQueue(type)}: delivery-limit`);
      bound(EXCHANGES.topic, taskQueue(type), taskQueue(type));
      const dead = queues.get(deadQueue(type));
      assert.ok(dead, `queue ${deadQueue(type)} is missing`);
      assert.equal(dead.type, "quorum");
      bound(EXCHANGES.dead, taskQueue(type), deadQueue(type));
    });
  }

  it("results and heartbeats have their queues", () => {
    assert.equal(queues.get(QUEUES.results)?.type, "quorum", "queue results");
    assert.ok(queues.get(QUEUES.heartbeats), "queue heartbeats is missing");
    bound(EXCHANGES.topic, "results.*", QUEUES.results);
    bound(EXCHANGES.topic, "heartbeats.*", QUEUES.heartbeats);
  });

  for (const name of EVENT_STREAMS) {
    it(`${name} is a stream with retention`, () => {
      const queue = queues.get(name);
      assert.ok(queue, `stream ${name} is missing`);
      assert.equal(queue.type, "stream");
      assert.ok(queue.effective_policy_definition?.["max-age"], `policy of ${name}: max-age`);
      assert.ok(queue.effective_policy_definition?.["max-length-bytes"], `policy of ${name}: max-length-bytes`);
      bound(EXCHANGES.topic, `${name}.#`, name);
    });
  }

  for (const type of new Set(stack().agents.map((a) => a.type))) {
    it(`every instance of ${type} consumes ${taskQueue(type)}`, async () => {
      const instances = stack().agents.filter((a) => a.type === type).length;
      // The broker counts consumers anew every 5 s.
      await eventually(`${instances} consumers of ${taskQueue(type)}`, 15_000, async () => {
        const { consumers } = await management(`/queues/%2F/${taskQueue(type)}`);
        if (consumers !== instances) throw new Error(`there are ${consumers ?? "no"}`);
        return true;
      });
    });
  }

  it("the operator may look, and may not change anything", async () => {
    const connection = await rabbitmq();
    const looking = await connection.createChannel();
    await looking.checkQueue(taskQueue("builder"));
    await looking.close();
    const changing = await connection.createChannel();
    changing.on("error", () => {});
    await assert.rejects(changing.assertQueue("checks.must-not-exist", { durable: false, autoDelete: true }), /ACCESS[_-]REFUSED/);
  });
});
