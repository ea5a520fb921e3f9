/** The kit's clients on real stores: what they do when a store refuses them, restarts or loses what they put there. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Etcd3 } from "etcd3";
import { resultsKey, taskQueue } from "../../../contract/bus.ts";
import { agentKey, type Registration } from "../../../contract/registry.ts";
import { Effects } from "../../../services/kit/effects.ts";
import { Unavailable } from "../../../services/kit/errors.ts";
import { openEtcd } from "../../../services/kit/etcd.ts";
import { createLogger } from "../../../services/kit/log.ts";
import { openPostgres } from "../../../services/kit/postgres.ts";
import { Bus, Unroutable, type Delivery } from "../../../services/kit/rabbitmq.ts";
import { openRedis } from "../../../services/kit/redis.ts";
import { EtcdRegistration } from "../../../services/kit/registration.ts";
import { eventually, KitRig, TYPE } from "./rig.ts";

const AGENT = `agent:${TYPE}`;
const log = createLogger("test", "silent");
const wrongPassword = (url: string): string => url.replace(/:[^:@/]+@/, ":wrong@");

describe("the kit on real stores", function () {
  this.timeout(120_000);
  const rig = new KitRig();
  const closing: (() => Promise<unknown>)[] = [];
  before(async () => {
    await rig.setUp();
    await rig.migrate();
  });
  afterEach(async () => { await Promise.all(closing.splice(0).map((close) => close())); });
  after(() => rig.tearDown());

  function kept<T extends { close(): Promise<unknown> }>(it: T): T {
    closing.push(() => it.close());
    return it;
  }
  const bus = (identity: string, refusals: string[] = []): Bus =>
    kept(new Bus({ url: rig.url("rabbitmq", identity), name: "test", log, onRefused: () => void refusals.push(identity) }));

  describe("the bus", () => {
    it("brings a message from one identity to another, with what travels beside it", async () => {
      const received: Delivery[] = [];
      bus("hub").subscribe({ queue: "results", prefetch: 10, onDelivery: (delivery) => { received.push(delivery); delivery.ack(); } });
      await bus(AGENT).publish(resultsKey(TYPE), { n: 1 }, { messageId: "m-1", headers: { "cloudEvents:type": "x" } });
      const [delivery] = await eventually(() => received, (all) => all.length > 0);
      assert.deepEqual([delivery!.body, delivery!.properties.messageId, delivery!.properties.headers!["cloudEvents:type"]], [{ n: 1 }, "m-1", "x"]);
    });

    it("refuses to take a message for sent that no queue takes", async () => {
      await assert.rejects(bus("hub").publish("tasks.nobody", {}, { exchange: "mcp.dead" }), Unroutable);
    });

    it("says so when the broker refuses a right, and works on afterwards", async () => {
      const refusals: string[] = [];
      const agent = bus(AGENT, refusals);
      await assert.rejects(agent.publish("tasks.reviewer", {}), Unavailable);
      await eventually(() => refusals.length, (n) => n > 0);
      await agent.publish(resultsKey(TYPE), { after: "refusal" });
    });

    it("says so when the broker refuses the login", async () => {
      const refusals: string[] = [];
      kept(new Bus({ url: wrongPassword(rig.url("rabbitmq", AGENT)), name: "test", log, onRefused: () => void refusals.push("login") }));
      await eventually(() => refusals.length, (n) => n > 0);
    });

    it("gives a delivery to the next consumer when its holder goes without acknowledging", async () => {
      const hub = bus("hub");
      await hub.publish(taskQueue(TYPE), { task: 1 });
      const first: Delivery[] = [];
      const holder = bus(AGENT);
      holder.subscribe({ queue: taskQueue(TYPE), prefetch: 1, onDelivery: (delivery) => void first.push(delivery) });
      await eventually(() => first, (all) => all.length === 1);
      assert.equal(first[0]!.redelivered, false);
      const second: Delivery[] = [];
      bus(AGENT).subscribe({ queue: taskQueue(TYPE), prefetch: 1, onDelivery: (delivery) => { second.push(delivery); delivery.ack(); } });
      await holder.close();
      await eventually(() => second, (all) => all.length === 1);
      assert.equal(second[0]!.redelivered, true);
      first[0]!.ack(); // on a channel that is gone: no effect, no error
    });

    it("takes up publishing and consuming again after the broker has restarted, queues of its own included", async () => {
      const agent = bus(AGENT);
      const hub = bus("hub");
      const control: unknown[] = [];
      const results: unknown[] = [];
      const queue = `control.${TYPE}-7`;
      const own = agent.subscribe({ queue, prefetch: 10, exclusive: { bind: [queue] }, onDelivery: (delivery) => { control.push(delivery.body); delivery.ack(); } });
      hub.subscribe({ queue: "results", prefetch: 10, onDelivery: (delivery) => { results.push((delivery.body as { n: unknown }).n); delivery.ack(); } });
      await own.whenActive(10_000);
      await hub.publish(queue, { n: 1 });
      await eventually(() => control, (all) => all.length === 1);
      await rig.restart("rabbitmq", "kill");
      await eventually(() => [...agent.missing(), ...hub.missing()], (missing) => missing.length === 0, 20_000);
      await hub.publish(queue, { n: 2 });
      await agent.publish(resultsKey(TYPE), { n: 3 });
      await eventually(() => control, (all) => all.length === 2);
      await eventually(() => results, (all) => all.includes(3));
    });

    it("names what it lacks while the broker is away, and rejects publishing instead of hanging", async () => {
      const agent = bus(AGENT);
      await eventually(() => agent.missing(), (missing) => missing.length === 0);
      await rig.runner.stop("rabbitmq");
      try {
        await eventually(() => agent.missing(), (missing) => missing.includes("rabbitmq"));
        await assert.rejects(agent.publish(resultsKey(TYPE), {}), Unavailable);
      } finally {
        await rig.runner.restart("rabbitmq");
        await rig.runner.ready("rabbitmq", 60_000);
      }
      await eventually(() => agent.missing(), (missing) => missing.length === 0, 20_000);
    });
  });

  describe("a registration", () => {
    const key = agentKey(TYPE, 9);
    const entry: Registration = { host: "mcp-builder-9", port: 3129, status: "idle", capabilities: ["echo"], current_task: null, version: "1", started_at: new Date().toISOString() };
    let etcd: Etcd3;
    before(() => { etcd = openEtcd(rig.url("etcd", AGENT)).client; });
    after(() => etcd.close());
    const read = async (): Promise<(Registration & { lease: string }) | null> => {
      const { kvs } = await etcd.get(key).exec();
      return kvs[0] ? { ...JSON.parse(kvs[0].value.toString()), lease: kvs[0].lease } : null;
    };
    const there = (value: unknown) => value !== null;
    const register = (leaseSeconds = 3): EtcdRegistration => kept(new EtcdRegistration({ url: rig.url("etcd", AGENT), key, entry, log, leaseSeconds }));

    it("is there under a lease, follows updates, and is gone at once after a clean stop", async () => {
      const registration = register();
      const { lease, ...value } = (await eventually(read, there))!;
      assert.deepEqual(value, entry);
      assert.notEqual(lease, "0");
      registration.update({ status: "active", current_task: "t" });
      await eventually(read, (now) => now?.status === "active" && now.current_task === "t", 3_000);
      await registration.close();
      assert.equal(await read(), null);
    });

    it("writes at most one change a second, and the last one always", async () => {
      const registration = register();
      await eventually(read, there);
      const before = Number((await etcd.get(key).exec()).kvs[0]!.version);
      for (let i = 0; i < 500; i++) {
        registration.update({ current_task: `task-${i}` });
        if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await eventually(read, (now) => now?.current_task === "task-499", 4_000);
      const writes = Number((await etcd.get(key).exec()).kvs[0]!.version) - before;
      assert.ok(writes <= 3, `${writes} writes`);
    });

    it("outlives its lease", async () => {
      register();
      const { lease } = (await eventually(read, there))!;
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      assert.equal((await read())!.lease, lease);
    });

    it("comes back under a new lease when its lease is revoked", async () => {
      register();
      const { lease } = (await eventually(read, there))!;
      const admin = openEtcd(rig.url("etcd", "root"));
      closing.push(() => admin.close());
      await admin.client.leaseClient.leaseRevoke({ ID: lease });
      const again = await eventually(read, (now) => now !== null && now.lease !== lease, 5_000);
      assert.equal(again!.host, entry.host);
    });

    it("comes back when somebody deletes its key", async () => {
      register();
      await eventually(read, there);
      await etcd.delete().key(key);
      await eventually(read, there, 5_000);
    });

    it("comes back after etcd was killed and restarted", async () => {
      const registration = register();
      await eventually(read, there);
      await rig.restart("etcd", "kill");
      await eventually(async () => registration.registered && (await read().catch(() => null)), (now) => Boolean(now), 20_000);
      registration.update({ current_task: "after" });
      await eventually(() => read().catch(() => null), (now) => now?.current_task === "after", 10_000);
    });

    it("says so when etcd refuses the login", async () => {
      const refusals: string[] = [];
      kept(new EtcdRegistration({ url: wrongPassword(rig.url("etcd", AGENT)), key, entry, log, onRefused: () => void refusals.push("login") }));
      await eventually(() => refusals.length, (n) => n > 0);
    });
  });

  describe("an effect", () => {
    const owner = (taskId: string, attempt = 1, signal = new AbortController().signal) => ({ taskId, attempt, agentId: `${TYPE}-1`, signal });
    function effects(): Effects {
      const postgres = kept(openPostgres(rig.url("postgres", AGENT), { name: "test", log }));
      return new Effects(() => postgres.client);
    }

    it("happens once, and gives its recorded result to every later attempt", async () => {
      const done = effects();
      const taskId = randomUUID();
      const once = (attempt: number) => done.once(owner(taskId, attempt), "pay", async (tx) => {
        await Effects.append(tx, owner(taskId, attempt), "pay");
        return { by: attempt };
      });
      assert.deepEqual([await once(1), await once(2), await once(3)], [{ by: 1 }, { by: 1 }, { by: 1 }]);
      assert.equal(await done.count(taskId), 1);
    });

    it("happens once even for attempts at the same time, in two processes' pools", async () => {
      const pools = [effects(), effects()];
      const taskId = randomUUID();
      const results = await Promise.all(Array.from({ length: 8 }, (_, i) => pools[i % 2]!.once(owner(taskId, i), "pay", async (tx) => {
        await Effects.append(tx, owner(taskId, i), "pay");
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { by: i };
      })));
      assert.equal(new Set(results.map(({ by }) => by)).size, 1);
      assert.equal(await pools[0]!.count(taskId), 1);
    });

    it("leaves nothing behind when it fails, or when its attempt ends before it is recorded", async () => {
      const done = effects();
      const taskId = randomUUID();
      await assert.rejects(done.once(owner(taskId), "pay", async (tx) => {
        await Effects.append(tx, owner(taskId), "pay");
        throw new Error("no money");
      }), /no money/);
      const controller = new AbortController();
      await assert.rejects(done.once(owner(taskId, 2, controller.signal), "pay", async (tx) => {
        await Effects.append(tx, owner(taskId, 2), "pay");
        controller.abort(new Error("cancelled"));
        return {};
      }), /cancelled/);
      assert.equal(await done.count(taskId), 0);
      assert.deepEqual(await done.once(owner(taskId, 3), "pay", async () => ({ by: 3 })), { by: 3 });
    });

    it("keeps other keys and other tasks apart", async () => {
      const done = effects();
      const [a, b] = [randomUUID(), randomUUID()];
      const by = (taskId: string, key: string) => done.once(owner(taskId), key, async () => ({ made: `${taskId} ${key}` }));
      assert.equal(new Set((await Promise.all([by(a, "x"), by(a, "y"), by(b, "x")])).map(({ made }) => made)).size, 3);
    });
  });

  describe("postgres and redis", () => {
    it("answer again after a restart, without being opened again", async () => {
      const postgres = kept(openPostgres(rig.url("postgres", AGENT), { name: "test", log }));
      const redis = kept(openRedis(rig.url("redis", AGENT), { log }));
      await eventually(async () => [await postgres.answers(), await redis.answers()], (both) => both.every(Boolean));
      await Promise.all([rig.restart("postgres", "kill"), rig.restart("redis", "kill")]);
      await eventually(async () => [await postgres.answers(), await redis.answers()], (both) => both.every(Boolean), 20_000);
      assert.equal((await postgres.client.query("select 1 as one")).rows[0].one, 1);
      await redis.client.hset(`mcp:agents:status:${TYPE}-1`, { status: "idle" });
    });

    it("say so when they refuse the login", async () => {
      const refusals = new Set<string>();
      const postgres = kept(openPostgres(wrongPassword(rig.url("postgres", AGENT)), { name: "test", log, onRefused: () => void refusals.add("postgres") }));
      kept(openRedis(wrongPassword(rig.url("redis", AGENT)), { log, onRefused: () => void refusals.add("redis") }));
      await assert.rejects(postgres.client.query("select 1"));
      await eventually(() => [...refusals].sort(), (stores) => stores.length === 2);
    });
  });
});
