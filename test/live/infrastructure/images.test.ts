/** Each image alone: it boots, is killed and comes back with its data, and stops within its grace. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import type { Store } from "../../../contract/access.ts";
import { keyring } from "../../../plan/secrets.ts";
import { docker } from "../support/run-spec.ts";
import { Clients } from "./clients.ts";
import { newRunner, specs } from "./rig.ts";

interface Case { name: string; readyMs: number; exitCodes: number[]; write(): Promise<void>; read(): Promise<unknown>; written: unknown }

describe("infrastructure images on the engine", function () {
  this.timeout(120_000);
  const runner = newRunner();
  const clients = new Clients(runner);
  const spec = specs();

  before(() => runner.setUp());
  afterEach(() => clients.close());
  after(() => runner.tearDown());

  const rpc = async (method: string, ...params: unknown[]): Promise<unknown> => {
    const response = await fetch(`http://${runner.address("devnet")}:8545`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    return ((await response.json()) as { result: unknown }).result;
  };
  /** Nobody's: what it holds, these tests have sent. */
  const KEPT = "0x00000000000000000000000000000000c0ffee01";
  const kept = (): Promise<unknown> => rpc("eth_getBalance", KEPT, "latest");
  const until = async (done: () => Promise<boolean>): Promise<void> => {
    for (const deadline = Date.now() + 30_000; !(await done()) && Date.now() < deadline;) await new Promise((resolve) => setTimeout(resolve, 500));
  };
  const sendOne = async (): Promise<void> => void await rpc("eth_sendTransaction", { from: ((await rpc("eth_accounts")) as string[])[0], to: KEPT, value: "0x1" });
  const whole = async (): Promise<boolean> => (await runner.exec("devnet", "bash", "-c", `grep -c ${KEPT} /data/state.whole.json || true`)).trim() !== "0";

  const cases: Case[] = [
    {
      name: "redis", readyMs: 10_000, exitCodes: [0],
      write: async () => {
        await clients.redis("access").acl("SETUSER", "writer", "on", "nopass", "~*", "+set", "+get", "+waitaof");
        await clients.redis("access").acl("SAVE");
        const writer = clients.redis("writer", "any");
        await writer.set("kept", "yes");
        await writer.call("WAITAOF", 1, 0, 5_000);
      },
      read: () => clients.redis("writer", "any").get("kept"), written: "yes",
    },
    {
      name: "etcd", readyMs: 20_000, exitCodes: [0, 143],
      write: async () => void (await clients.etcd("root").put("/kept").value("yes")),
      read: () => clients.etcd("root").get("/kept").string(), written: "yes",
    },
    {
      name: "postgres", readyMs: 30_000, exitCodes: [0],
      write: async () => void (await (await clients.postgres("access_admin")).query("CREATE SCHEMA s; CREATE TABLE s.kept AS SELECT 'yes' AS value")),
      read: async () => (await (await clients.postgres("access_admin")).query("SELECT value FROM s.kept")).rows[0].value, written: "yes",
    },
    {
      name: "rabbitmq", readyMs: 60_000, exitCodes: [0],
      write: async () => {
        const channel = await clients.channel("access");
        channel.publish("mcp.topic", "tasks.builder", Buffer.from("yes"), { persistent: true });
        await channel.waitForConfirms();
      },
      read: async () => {
        const message = await (await clients.channel("access")).get("tasks.builder");
        return message && message.content.toString();
      },
      written: "yes",
    },
    {
      name: "devnet", readyMs: 10_000, exitCodes: [0],
      write: async () => {
        await sendOne();
        await until(whole);
      },
      read: kept, written: "0x1",
    },
  ];

  for (const { name, readyMs, exitCodes, write, read, written } of cases) {
    it(`${name} boots, keeps its data over kill -9, and stops within its grace`, async () => {
      await runner.start(spec(name));
      await runner.ready(name, readyMs);
      await write();
      await runner.kill(name);
      await runner.restart(name);
      await runner.ready(name, readyMs);
      assert.equal(await read(), written);
      const { ms, exitCode } = await runner.stop(name);
      assert.ok(exitCodes.includes(exitCode), `exit code ${exitCode}`);
      assert.ok(ms < spec(name).stopGraceSeconds * 1000, `stopped after ${ms} ms`);
      await clients.close();
      await runner.remove(name);
      await runner.start(spec(name));
      await runner.ready(name, readyMs);
      assert.equal(await read(), written, "data over a replacement of the container");
      await runner.remove(name);
    });
  }

  it("the chain starts from the last whole dump when a kill has cut one off, and keeps the latest block over a clean stop", async () => {
    await runner.start(spec("devnet"));
    await runner.ready("devnet", 10_000);
    await runner.exec("devnet", "bash", "-c", "head -c 100 /data/state.whole.json > /tmp/half; cat /tmp/half > /data/state.json");
    await runner.kill("devnet");
    await docker("start", runner.container("devnet"));
    await runner.ready("devnet", 10_000);
    assert.equal(await kept(), "0x1");
    await sendOne();
    await until(async () => await kept() === "0x2");
    await runner.stop("devnet");
    await runner.restart("devnet");
    await runner.ready("devnet", 10_000);
    assert.equal(await kept(), "0x2");
    assert.equal(await rpc("eth_chainId"), "0x7a69");
    await runner.exec("devnet", "touch", "/data/reset");
    await runner.stop("devnet");
    await runner.restart("devnet");
    await runner.ready("devnet", 10_000);
    assert.equal(await kept(), "0x0", "a reset begins the chain anew");
    await runner.remove("devnet");
  });

  it("PostgreSQL starts again however often it is killed while it starts", async () => {
    await runner.start(spec("postgres"));
    await runner.ready("postgres", 60_000);
    // The lock file of a killed server names a process id that each start gives to somebody else.
    for (const pid of [7, 8, 9, 10, 11, 12]) {
      await runner.exec("postgres", "sed", "-i", `1s/.*/${pid}/`, "/data/cluster/postmaster.pid");
      await runner.kill("postgres");
      await runner.restart("postgres");
      await runner.ready("postgres", 20_000);
    }
    await runner.remove("postgres");
  });

  it("no store runs as root or with a capability", async () => {
    for (const name of ["rabbitmq", "redis", "etcd", "postgres", "nginx", "devnet"]) {
      await runner.start(spec(name));
      const status = await runner.exec(name, "cat", "/proc/1/status");
      assert.match(status, new RegExp(`^Uid:\\s+${spec(name).user.split(":")[0]}\\b`, "m"), name);
      assert.match(status, /^CapBnd:\s+0+$/m, name);
      assert.match(status, /^NoNewPrivs:\s+1$/m, name);
      await runner.remove(name);
    }
  });

  it("every store takes over a rotated root key at its next start", async () => {
    const rotated = keyring("another root key");
    const password = (store: Store, identity: string): string => rotated.render([{ password: { store, identity } }]);
    for (const name of ["etcd", "postgres", "redis", "rabbitmq"]) {
      await runner.start(spec(name), rotated);
      await runner.ready(name, 60_000);
    }
    await assert.rejects(clients.redis("access").acl("USERS"), /WRONGPASS/);
    assert.ok(((await clients.redis("access", password("redis", "access")).acl("USERS")) as string[]).includes("writer"));
    await assert.rejects(clients.amqp("access"), /ACCESS_REFUSED/);
    await clients.amqp("access", password("rabbitmq", "access"));
    await assert.rejects(async () => clients.etcd("root").get("/kept").string(), /authentication failed/);
    const etcd = clients.etcd("root", password("etcd", "root"));
    assert.equal(await etcd.get("/kept").string(), "yes");
    await assert.rejects(clients.postgres("access_admin"), /password authentication failed/);
  });
});
