/** What the access service gives, on the real stores: as much as a grant says, and nothing else. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import type { Message } from "amqplib";
import type { Grant } from "../../../contract/access.ts";
import { AgentEntry } from "../../../contract/catalog.ts";
import { keyring } from "../../../plan/secrets.ts";
import { agentGrant, hubGrant } from "../../../plan/rights.ts";
import { AccessProcess } from "./access-process.ts";
import { Clients } from "./clients.ts";
import { newRunner, specs } from "./rig.ts";

const STORES = ["rabbitmq", "redis", "etcd", "postgres"];
const agent = (type: string, access: object = {}): Grant =>
  agentGrant(AgentEntry.parse({ type, description: "an agent of a test", capabilities: ["work"], access }));
const BUILDER = agent("builder", { postgres: { owns: "artifacts", reads: ["code_index"], groups: [] } });
const INDEXER = agent("code-indexer", { postgres: { owns: "code_index", reads: [], groups: [] } });

async function eventually<T>(read: () => Promise<T>, good: (value: T) => boolean, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (good(value) || Date.now() > deadline) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe("rights that the access service gives", function () {
  this.timeout(90_000);
  const runner = newRunner();
  const access = new AccessProcess(runner);
  const clients = new Clients(runner);
  const spec = specs();

  before(async () => {
    await runner.setUp();
    await Promise.all(STORES.map((name) => runner.start(spec(name))));
    // The broker's management answers before it lets AMQP clients in.
    await Promise.all(STORES.map((name) => runner.ready(name, 90_000)));
    await access.start();
    await access.ready(60_000);
    for (const grant of [hubGrant(), BUILDER, INDEXER]) {
      const { status, body } = await access.grant(grant);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(body.applied, STORES);
    }
  });
  afterEach(() => clients.close());
  after(async () => {
    await clients.close();
    await access.stop();
    await runner.tearDown();
  });

  const publish = async (identity: string, key: string, text: string): Promise<void> => {
    const channel = await clients.channel(identity);
    await new Promise<void>((resolve, reject) => {
      channel.once("error", reject);
      channel.publish("mcp.topic", key, Buffer.from(text), { persistent: true }, (error) => (error ? reject(error as Error) : resolve()));
    });
  };
  const take = async (queue: string): Promise<string | undefined> => {
    const channel = await clients.channel("access");
    const message = await eventually(() => channel.get(queue, { noAck: true }), Boolean);
    return message ? message.content.toString() : undefined;
  };

  describe("in RabbitMQ", () => {
    it("guest does not exist", async () => {
      await assert.rejects(clients.amqp("guest", "guest"), /ACCESS_REFUSED/);
    });

    it("an agent consumes its own queue, and no other", async () => {
      await publish("hub", "tasks.builder", "work");
      const channel = await clients.channel("agent:builder");
      const message = await new Promise<Message>((resolve, reject) => {
        channel.once("error", reject);
        channel.consume("tasks.builder", (delivery) => resolve(delivery!)).catch(reject);
      });
      assert.equal(message.content.toString(), "work");
      channel.ack(message);
      for (const queue of ["tasks.code_indexer", "dead.builder", "results", "events.system"]) {
        const other = await clients.channel("agent:builder");
        await assert.rejects(other.get(queue), /ACCESS_REFUSED/, queue);
      }
    });

    it("an agent reports results and events, and cannot give tasks", async () => {
      await publish("agent:builder", "results.builder", "done");
      assert.equal(await take("results"), "done");
      for (const key of ["tasks.builder", "results.code_indexer", "control.builder-1"]) {
        await assert.rejects(publish("agent:builder", key, "forged"), /ACCESS_REFUSED/, key);
      }
      const channel = await clients.channel("agent:builder");
      const refused = new Promise<Error>((resolve) => channel.once("error", resolve));
      channel.publish("", "tasks.builder", Buffer.from("past the exchange"));
      assert.match((await refused).message, /ACCESS_REFUSED/);
    });

    it("an agent declares its control queue and nothing else", async () => {
      const channel = await clients.channel("agent:builder");
      await channel.assertQueue("control.builder-1", { exclusive: true });
      await channel.bindQueue("control.builder-1", "mcp.topic", "control.builder-1");
      await publish("hub", "control.builder-1", "drain");
      const drained = await eventually(() => channel.get("control.builder-1", { noAck: true }), Boolean);
      assert.equal(drained && drained.content.toString(), "drain");
      for (const queue of ["control.code-indexer-1", "mine", "tasks.mine"]) {
        const other = await clients.channel("agent:builder");
        await assert.rejects(other.assertQueue(queue, { durable: true }), /ACCESS_REFUSED/, queue);
      }
      const eavesdropper = await clients.channel("agent:builder");
      await eavesdropper.assertQueue("control.builder-2", { exclusive: true });
      await assert.rejects(eavesdropper.bindQueue("control.builder-2", "mcp.topic", "tasks.#"), /ACCESS_REFUSED/);
    });

    it("a rejected task goes to its dead letters, and a key that nobody wants to unrouted", async () => {
      await publish("hub", "tasks.builder", "poison");
      const channel = await clients.channel("agent:builder");
      const message = await eventually(() => channel.get("tasks.builder"), Boolean);
      assert.ok(message);
      channel.nack(message, false, false);
      assert.equal(await take("dead.builder"), "poison");
      await publish("hub", "tasks.nobody", "lost");
      assert.equal(await take("unrouted"), "lost");
    });

    it("a task that kills its agent again and again is a dead letter after the delivery limit", async () => {
      await publish("hub", "tasks.builder", "crash");
      let deliveries = 0;
      const channel = await clients.channel("agent:builder");
      await channel.consume("tasks.builder", (delivery) => {
        deliveries++;
        channel.nack(delivery!, false, true);
      });
      assert.equal(await take("dead.builder"), "crash");
      assert.equal(deliveries, 6);
    });

    it("a type that does not ship gets its queues", async () => {
      const { status } = await access.grant(agent("tea-maker"));
      assert.equal(status, 200);
      await publish("hub", "tasks.tea_maker", "tea");
      const channel = await clients.channel("agent:tea-maker");
      const message = await eventually(() => channel.get("tasks.tea_maker"), Boolean);
      assert.ok(message);
      channel.nack(message, false, false);
      assert.equal(await take("dead.tea_maker"), "tea");
    });

    it("the operator sees everything, and neither changes nor takes anything", async () => {
      const queues = await clients.management("operator", "GET", "queues");
      assert.ok((queues.body as { name: string }[]).some(({ name }) => name === "tasks.builder"));
      assert.equal((await clients.management("operator", "GET", "overview")).status, 200);
      for (const [method, path, body] of [
        ["PUT", "queues/%2F/mine", { durable: true }], ["DELETE", "queues/%2F/unrouted"], ["DELETE", "queues/%2F/unrouted/contents"],
        ["PUT", "users/me", { password: "x", tags: "administrator" }], ["PUT", "policies/%2F/mine", { pattern: ".*", definition: { "max-length": 1 } }],
        ["POST", "exchanges/%2F/mcp.topic/publish", { routing_key: "tasks.builder", payload: "x", payload_encoding: "string", properties: {} }],
        ["POST", "queues/%2F/unrouted/get", { count: 1, ackmode: "ack_requeue_false", encoding: "auto" }],
      ] as const) {
        const answer = await clients.management("operator", method, path, body);
        // What goes through a channel is refused with 400 and the channel's reason.
        const refused = answer.status === 401 || answer.status === 403 || JSON.stringify(answer.body).includes("ACCESS_REFUSED");
        assert.ok(refused, `${method} ${path} was answered with ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      const channel = await clients.channel("operator");
      await assert.rejects(channel.purgeQueue("unrouted"), /ACCESS_REFUSED/);
    });

    it("the operator reads the streams", async () => {
      await publish("agent:builder", "events.system.started", "event");
      const channel = await clients.channel("operator");
      await channel.prefetch(10);
      const text = await new Promise<string>((resolve, reject) => {
        channel.once("error", reject);
        channel.consume("events.system", (delivery) => resolve(delivery!.content.toString()), { arguments: { "x-stream-offset": "first" } }).catch(reject);
      });
      assert.equal(text, "event");
    });
  });

  describe("in Redis", () => {
    it("the default user is off, and the probe's can do nothing but ping", async () => {
      await assert.rejects(clients.redis("default", "").get("x"), /WRONGPASS|NOAUTH/);
      await assert.rejects(clients.redis("health", "x").get("mcp:tasks:pending"), /NOPERM/);
    });

    it("an agent reaches its own keys only, with commands for data only", async () => {
      const redis = clients.redis("agent:builder");
      await redis.hset("mcp:agents:status:builder-1", "state", "idle");
      await redis.set("mcp:agents:builder:1:note", "x");
      for (const key of ["mcp:agents:status:code-indexer-1", "mcp:tasks:pending", "other"]) {
        await assert.rejects(redis.set(key, "x"), /NOPERM/, key);
        await assert.rejects(redis.get(key), /NOPERM/, key);
      }
      for (const command of [["FLUSHALL"], ["CONFIG", "GET", "*"], ["ACL", "LIST"], ["EVAL", "return 1", "0"], ["KEYS", "*"]] as [string, ...string[]][]) {
        await assert.rejects(redis.call(...command), /NOPERM/, command.join(" "));
      }
    });

    it("the operator reads every key and writes none", async () => {
      const redis = clients.redis("operator");
      assert.equal(await redis.get("mcp:agents:builder:1:note"), "x");
      await redis.info();
      for (const command of [["SET", "a", "b"], ["DEL", "mcp:agents:builder:1:note"], ["FLUSHALL"], ["CONFIG", "SET", "maxmemory", "1"], ["ACL", "SETUSER", "x"], ["SHUTDOWN"]] as [string, ...string[]][]) {
        await assert.rejects(redis.call(...command), /NOPERM/, command.join(" "));
      }
    });

    it("users survive a kill of the server", async () => {
      await runner.kill("redis");
      await runner.restart("redis");
      await runner.ready("redis", 10_000);
      assert.equal(await clients.redis("agent:builder").get("mcp:agents:builder:1:note"), "x");
    });
  });

  describe("in etcd", () => {
    it("nobody comes in without a password", async () => {
      await assert.rejects(async () => clients.etcd(null).get("/services/mcp/agents/builder/agent-1").string(), /user name is empty|permission denied/);
      await assert.rejects(async () => clients.etcd("agent:builder", "wrong").get("/x").string(), /authentication failed/);
    });

    it("an agent registers under its own prefix, and only reads the rest of the registry", async () => {
      const etcd = clients.etcd("agent:builder");
      await etcd.put("/services/mcp/agents/builder/agent-1").value("{}");
      assert.equal(await etcd.get("/services/mcp/agents/builder/agent-1").string(), "{}");
      assert.equal(await etcd.get("/services/mcp/servers/utils/toolbox-1").string(), null);
      await assert.rejects(async () => etcd.put("/services/mcp/agents/code-indexer/agent-1").value("{}"), /permission denied/);
      await assert.rejects(async () => etcd.get("/elsewhere").string(), /permission denied/);
      await assert.rejects(etcd.user("root").addRole("agent-builder"), /permission denied/);
    });

    it("the operator reads everything and writes nothing", async () => {
      const etcd = clients.etcd("operator");
      assert.equal(await etcd.get("/services/mcp/agents/builder/agent-1").string(), "{}");
      assert.equal(await etcd.get("/elsewhere").string(), null);
      await assert.rejects(async () => etcd.put("/services/mcp/x").value("y"), /permission denied/);
    });

    it("a client that is logged in works on while users are added", async () => {
      const etcd = clients.etcd("agent:builder");
      await etcd.put("/services/mcp/agents/builder/agent-2").value("{}");
      assert.equal((await access.grant(agent("newcomer"))).status, 200);
      assert.equal(await etcd.get("/services/mcp/agents/builder/agent-2").string(), "{}");
    });
  });

  describe("in PostgreSQL", () => {
    it("an application makes objects in its own schema, which its group owns", async () => {
      const builder = await clients.postgres("agent:builder");
      await builder.query("CREATE TABLE artifacts.files (hash text)");
      await builder.query("INSERT INTO artifacts.files VALUES ('abc')");
      const { rows } = await builder.query("SELECT tableowner FROM pg_tables WHERE tablename = 'files'");
      assert.equal(rows[0].tableowner, "artifacts_owner");
      for (const schema of ["fabric", "code_index", "public"]) {
        await assert.rejects(builder.query(`CREATE TABLE ${schema}.mine (a int)`), /permission denied/, schema);
      }
      await assert.rejects(builder.query("CREATE ROLE mine"), /permission denied/);
      await assert.rejects(builder.query("SET ROLE fabric_owner"), /permission denied/);
    });

    it("reads what it may read, made before or after, and writes none of it", async () => {
      const indexer = await clients.postgres("agent:code-indexer");
      await indexer.query("CREATE TABLE code_index.symbols (name text)");
      await indexer.query("INSERT INTO code_index.symbols VALUES ('main')");
      const builder = await clients.postgres("agent:builder");
      assert.deepEqual((await builder.query("SELECT name FROM code_index.symbols")).rows, [{ name: "main" }]);
      await assert.rejects(builder.query("INSERT INTO code_index.symbols VALUES ('x')"), /permission denied/);
      await assert.rejects(indexer.query("SELECT * FROM artifacts.files"), /permission denied/);
    });

    it("the effects table takes rows from agents, and shows them nothing else of the hub's", async () => {
      const hub = await clients.postgres("hub");
      await hub.query("CREATE TABLE fabric.effects (id int); CREATE TABLE fabric.tasks (id int)");
      await hub.query("GRANT USAGE ON SCHEMA fabric TO effects_writer; GRANT SELECT, INSERT ON fabric.effects TO effects_writer");
      // One that owns a schema acts as its owner, and must not lose its other rights by that.
      for (const identity of ["agent:newcomer", "agent:builder"]) {
        const client = await clients.postgres(identity);
        await client.query("INSERT INTO fabric.effects VALUES (1)");
        await assert.rejects(client.query("DELETE FROM fabric.effects"), /permission denied/, identity);
        await assert.rejects(client.query("SELECT * FROM fabric.tasks"), /permission denied/, identity);
      }
    });

    it("the operator reads everything and writes nothing", async () => {
      const operator = await clients.postgres("operator");
      assert.equal((await operator.query("SELECT count(*)::int AS n FROM fabric.effects")).rows[0].n, 2);
      await assert.rejects(operator.query("INSERT INTO fabric.effects VALUES (2)"), /read-only transaction/);
      await operator.query("SET default_transaction_read_only = off");
      await assert.rejects(operator.query("INSERT INTO fabric.effects VALUES (2)"), /permission denied/);
      await assert.rejects(operator.query("CREATE TABLE fabric.mine (a int)"), /permission denied/);
    });

    it("nobody gets into another database", async () => {
      await assert.rejects(clients.postgres("agent:builder", "postgres"), /no pg_hba.conf entry/);
    });
  });

  describe("over time", () => {
    it("a right that a new grant leaves out is gone, also for who is logged in", async () => {
      const type = "narrowed";
      await access.grant(agent(type, { postgres: { owns: "narrow", reads: ["code_index"], groups: [] }, redis: { keys: ["~extra:*"], commands: [] } }));
      const channel = await clients.channel(`agent:${type}`);
      await channel.get("tasks.narrowed");
      const redis = clients.redis(`agent:${type}`);
      await redis.set("extra:a", "1");
      const etcd = clients.etcd(`agent:${type}`);
      await etcd.put("/services/mcp/agents/narrowed/agent-1").value("{}");
      const postgres = await clients.postgres(`agent:${type}`);
      await postgres.query("CREATE TABLE narrow.mine (a int)");

      const { status, body } = await access.grant({
        identity: `agent:${type}`,
        rabbitmq: { configure: "^$", write: "^$", read: "^$" },
        redis: { keys: ["~other:*"], commands: ["+get"] },
        etcd: { readwrite: [], read: ["/services/mcp/"] },
        postgres: { reads: [], groups: [] },
      });
      assert.equal(status, 200, JSON.stringify(body));
      await assert.rejects(async () => channel.get("tasks.narrowed"), /closed|ACCESS_REFUSED/i);
      const again = await clients.channel(`agent:${type}`);
      await assert.rejects(again.get("tasks.narrowed"), /ACCESS_REFUSED/);
      await assert.rejects(redis.set("extra:a", "2"), /NOPERM/);
      await assert.rejects(async () => etcd.put("/services/mcp/agents/narrowed/agent-1").value("x"), /permission denied/);
      await assert.rejects(postgres.query("SELECT * FROM narrow.mine"));
      await assert.rejects((await clients.postgres(`agent:${type}`)).query("SELECT * FROM narrow.mine"), /permission denied/);
    });

    it("a store that a grant no longer names refuses the login", async () => {
      await access.grant(agent("leaving"));
      await access.grant({ identity: "agent:leaving" });
      await assert.rejects(clients.amqp("agent:leaving"), /ACCESS_REFUSED/);
      await assert.rejects(clients.redis("agent:leaving").get("mcp:agents:leaving:1"), /WRONGPASS/);
      await assert.rejects(async () => clients.etcd("agent:leaving").get("/services/mcp/x").string(), /authentication failed/);
      await assert.rejects(clients.postgres("agent:leaving"), /not permitted to log in|password authentication failed/);
    });

    it("only a grant of this deployment is applied", async () => {
      const forged = keyring("another deployment").render([{ grant: { identity: "agent:forged", redis: { keys: ["~*"], commands: ["+@all"] } } }]);
      const { status, body } = await access.send(forged);
      assert.equal(status, 403);
      assert.match(String(body.detail), /not signed by this deployment/);
      await assert.rejects(clients.redis("agent:forged").get("x"), /WRONGPASS/);
    });

    it("a store that is away is named, and the rest of the grant is applied", async () => {
      await runner.stop("redis");
      const { status, body } = await access.grant(agent("patient"));
      assert.equal(status, 503);
      assert.match(String(body.detail), /redis: .*applied: rabbitmq, etcd, postgres/);
      const readyz = await access.get("/readyz");
      assert.equal(readyz.status, 503);
      assert.match(readyz.body, /redis/);
      assert.equal((await access.get("/healthz")).status, 200);
      await runner.restart("redis");
      await access.ready();
      assert.equal((await access.grant(agent("patient"))).status, 200);
      await clients.redis("agent:patient").get("mcp:agents:patient:1");
    });

    it("after a kill of each store, and of the access service, grants work again", async () => {
      for (const name of STORES) {
        await runner.kill(name);
        await runner.restart(name);
      }
      await access.ready(60_000);
      assert.equal((await access.grant(agent("survivor"))).status, 200);
      await access.stop("SIGKILL");
      await access.start();
      await access.ready();
      assert.equal((await access.grant(agent("survivor"))).status, 200);
      await (await clients.channel("agent:survivor")).get("tasks.survivor");
    });

    it("the operator of a volume that is older than the root key gets today's password", async () => {
      await clients.etcd("root").user("operator").setPassword("of an older root key");
      await access.stop();
      await access.start();
      await access.ready(60_000);
      await clients.etcd("operator").get("/services/mcp/x").string();
    });

    it("stores that come back empty get the base plan, and their users with the next grants", async () => {
      for (const name of ["etcd", "postgres", "redis"]) {
        await runner.remove(name);
        await runner.removeVolume(`${name}-data`);
        await runner.start(spec(name));
      }
      await access.ready(60_000);
      await clients.etcd("operator").get("/services/mcp/x").string();
      assert.equal((await access.grant(BUILDER)).status, 200);
      await (await clients.postgres("agent:builder")).query("CREATE TABLE artifacts.files (hash text)");
      await clients.redis("agent:builder").get("mcp:agents:builder:1");
    });

    it("no log of the access service holds a password or a grant", () => {
      const { output } = access;
      assert.match(output, /grant applied/);
      for (const store of ["rabbitmq", "redis", "etcd", "postgres"] as const) {
        for (const identity of ["access", "root", "access_admin", "agent:builder"]) assert.ok(!output.includes(clients.password(store, identity)));
      }
      assert.doesNotMatch(output, /eyJ/);
    });

    it("the access service ends cleanly when it is stopped", async () => {
      assert.equal(await access.stop(), 0);
    });
  });
});
