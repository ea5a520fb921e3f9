import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "mocha";
import fc from "fast-check";
import { privateKeyToAccount } from "viem/accounts";
import { deadQueue, EVENT_STREAMS, EXCHANGES, taskQueue } from "../../contract/bus.ts";
import { SHIPPED_AGENT_TYPES } from "../../contract/services.ts";
import { UpstreamEnvironment } from "../../contract/environment.ts";
import { MarketBook } from "../../contract/market.ts";
import { parseSecretsFile, SECRETS_FILE_VARIABLE } from "../../contract/secrets-file.ts";
import { parseSettings } from "../../contract/settings.ts";
import { NODE_USER } from "../environment.ts";
import { readInfrastructureConfigs } from "../read-sources.ts";
import { keyring } from "../secrets.ts";
import type { ServiceSpec } from "../service-spec.ts";
import { infrastructureSpecs } from "./index.ts";
import { marketFile } from "./market-file.ts";

const configs = readInfrastructureConfigs(join(import.meta.dirname, "../.."));
const keys = keyring("root");
const plan = (settings: Record<string, unknown> = {}): ServiceSpec[] => infrastructureSpecs(parseSettings(settings), configs);
const find = (specs: ServiceSpec[], name: string): ServiceSpec => specs.find((spec) => spec.name === name)!;
const file = (spec: ServiceSpec, name: string): string => spec.files.find(({ path }) => path === `/etc/mcp/${name}`)!.content;
const secretFile = (spec: ServiceSpec, name: string): string => keys.render(spec.secrets.find(({ path }) => path === `/run/secrets/${name}`)!.parts);

interface Definitions {
  users: { name: string; tags: string[]; password_hash: string }[];
  permissions: { user: string; configure: string; write: string; read: string }[];
  exchanges: { name: string; type: string }[];
  queues: { name: string; arguments: Record<string, string> }[];
  bindings: { source: string; routing_key: string; destination: string }[];
  policies: { name: string; pattern: string; definition: Record<string, unknown> }[];
}
const definitions = (): Definitions => JSON.parse(secretFile(find(plan(), "rabbitmq"), "definitions.json")) as Definitions;

describe("infrastructure of a stack", () => {
  it("is the four stores, the edge, and the chain with its two traders, all without root and without capabilities", () => {
    const specs = plan();
    assert.deepEqual(specs.map(({ name }) => name), ["rabbitmq", "redis", "etcd", "postgres", "nginx", "devnet", "devnet-trader", "flash-trader"]);
    for (const spec of specs) {
      assert.match(spec.user, /^1\d{4}:0$/, spec.name);
      assert.deepEqual(spec.addCapabilities, [], spec.name);
      assert.deepEqual(spec.binds, [], spec.name);
    }
    const ours = specs.filter(({ user }) => user === NODE_USER).map(({ name }) => name);
    assert.deepEqual(ours, ["devnet-trader", "flash-trader"]);
    assert.equal(new Set(specs.map(({ user }) => user)).size, specs.length - 1, "each image but our own has a user of its own");
  });

  it("has no chain where an external one is used", () => {
    const specs = plan({ devnet: { enabled: false }, rpcUrl: "https://rpc.example/key" });
    assert.equal(find(specs, "devnet"), undefined);
    assert.equal(find(specs, "devnet-trader"), undefined);
    assert.equal(find(specs, "flash-trader"), undefined, "there is no market of ours to trade on");
  });

  it("keeps the data of every store, and of the chain, in a volume of its own", () => {
    const volumes = plan().filter(({ kind }) => kind === "infrastructure").flatMap((spec) => spec.volumes);
    assert.deepEqual(volumes.map(({ volume }) => volume), ["rabbitmq-data", "redis-data", "etcd-data", "postgres-data", "devnet-data"]);
    assert.deepEqual(new Set(volumes.map(({ path }) => path)), new Set(["/data"]));
  });

  it("publishes the stores on loopback with the stack's offset, and none of them where only the edge is exposed", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 49_000 }), (portOffset) => {
      const dev = plan({ portOffset });
      for (const { container, host, ip } of dev.flatMap(({ ports }) => ports)) {
        assert.equal(host, container + portOffset);
        assert.equal(ip, "127.0.0.1");
      }
      const prod = plan({ portOffset, exposure: "edge" });
      assert.deepEqual(prod.flatMap((spec) => spec.ports.map(({ host, ip }) => [spec.name, host, ip])), [["nginx", 80 + portOffset, "0.0.0.0"]]);
    }));
  });

  it("holds no secret outside its secret files", () => {
    fc.assert(fc.property(fc.string({ minLength: 8 }), (root) => {
      const ring = keyring(root);
      for (const spec of plan()) {
        const open = JSON.stringify({ env: spec.env, files: spec.files, health: spec.health, labels: spec.labels, command: spec.command });
        for (const part of spec.secrets.flatMap(({ parts }) => parts)) {
          if (typeof part !== "string") assert.ok(!open.includes(ring.render([part])), spec.name);
        }
      }
    }), { numRuns: 3 });
  });

  it("changes with a setting of the edge nothing but nginx", () => {
    const before = plan();
    const after = plan({ edge: { maxBodyBytes: 1_000_000 } });
    const changed = after.filter((spec, index) => JSON.stringify(spec) !== JSON.stringify(before[index])).map(({ name }) => name);
    assert.deepEqual(changed, ["nginx"]);
  });

  it("takes one nginx setting into the one file that uses it", () => {
    const nginx = find(plan({ edge: { connectTimeoutSeconds: 7, maxBodyBytes: 5_000 } }), "nginx");
    assert.match(file(nginx, "proxy.conf"), /^proxy_connect_timeout 7s;$/m);
    assert.match(file(nginx, "nginx.conf"), /^ {2}client_max_body_size 5000;$/m);
    assert.match(file(nginx, "problems.conf"), /larger than 5000 bytes/);
  });

  it("waits for the edge alone, whose probe asks whether the hub is ready", () => {
    assert.deepEqual(plan().filter((spec) => spec.waitSeconds !== undefined).map(({ name }) => name), ["nginx"]);
    assert.match(find(plan(), "nginx").health.test.join(" "), /GET \/readyz/);
  });

  it("never probes a store more often than each 30 seconds", () => {
    for (const spec of plan()) if (spec.kind === "infrastructure") assert.ok(spec.health.intervalSeconds >= 30, spec.name);
  });

  it("gives the chain the id of the settings", () => {
    assert.match(file(find(plan({ devnet: { chainId: 4242 } }), "devnet"), "devnet.conf"), /^DEVNET_CHAIN_ID=4242$/m);
  });

  it("makes the chain's market for the settings, and tells the trader where it is", () => {
    const specs = plan({ devnet: { chainId: 4242, seed: "monday", blockSeconds: 3 } });
    const { image } = find(specs, "devnet");
    assert.deepEqual("build" in image && image.build.market, { chainId: 4242, seed: "monday" });
    assert.match(file(find(specs, "devnet"), "devnet.conf"), /^DEVNET_BLOCK_SECONDS=3$/m);
    const trader = find(specs, "devnet-trader");
    const book = MarketBook.parse(JSON.parse(file(trader, "market.json")));
    assert.deepEqual([book.chainId, book.seed], [4242, "monday"]);
    assert.deepEqual([trader.env.TRADER_SEED, trader.env.MCP_RPC_URL, trader.env.MCP_DEVNET_CHAIN_ID], ["monday", "http://devnet:8545", "4242"]);
    assert.deepEqual(trader.dependsOn, ["devnet"]);
  });

  it("puts the way to its origin beside a fork, and neither trader: alone that way knows the endpoint, from its secrets file", () => {
    const forkUrl = "wss://rpc.example/v1/s3cret-key=1";
    const specs = plan({ devnet: { forkUrl, forkBlock: 19_000_000 } });
    assert.deepEqual(specs.map(({ name }) => name).slice(-2), ["devnet", "devnet-upstream"]);
    const [chain, upstream] = [find(specs, "devnet"), find(specs, "devnet-upstream")];
    assert.match(file(chain, "devnet.conf"), /^DEVNET_FORK_URL=http:\/\/devnet-upstream:3005\nDEVNET_FORK_BLOCK=19000000$/m);
    assert.deepEqual(chain.dependsOn, ["devnet-upstream"]);
    const { [SECRETS_FILE_VARIABLE]: path, ...env } = upstream.env;
    assert.equal(path, "/run/secrets/service.env");
    const config = UpstreamEnvironment.parse({ ...env, ...parseSecretsFile(secretFile(upstream, "service.env")) });
    assert.equal(config.UPSTREAM_RPC_URL, forkUrl);
    assert.deepEqual(upstream.ports, []);
    for (const spec of specs) {
      const { secrets, ...open } = spec;
      assert.ok(!JSON.stringify(spec.name === "devnet-upstream" ? open : spec).includes("s3cret"), spec.name);
    }
  });

  it("begins a fork at the newest block unless one is given, on the image that has the market", () => {
    const chain = find(plan({ devnet: { forkUrl: "https://rpc.example" } }), "devnet");
    assert.match(file(chain, "devnet.conf"), /^DEVNET_FORK_BLOCK=$/m);
    assert.deepEqual(chain.image, find(plan(), "devnet").image);
    assert.match(file(find(plan(), "devnet"), "devnet.conf"), /^DEVNET_FORK_URL=\nDEVNET_FORK_BLOCK=$/m);
  });

  it("has no market's addresses for a fork", () => {
    assert.throws(() => marketFile(parseSettings({ devnet: { forkUrl: "https://rpc.example" } }), configs.devnet), /a fork, which has no market/);
  });

  it("lets the flash trader rehearse, gives it the executor's owner as a secret file, and goes live by two settings alone", () => {
    const flash = (trading: object): ServiceSpec => find(plan({ trading }), "flash-trader");
    assert.deepEqual([flash({}).env.TRADING_MODE, flash({}).env.TRADING_LIVE_CHAIN_ID], ["dry-run", undefined]);
    const live = flash({ mode: "live", liveChainId: 31_337 });
    assert.deepEqual([live.env.TRADING_MODE, live.env.TRADING_LIVE_CHAIN_ID], ["live", "31337"]);
    const key = /^TRADING_KEY=([0-9a-f]{64})$/m.exec(secretFile(live, "service.env"))![1]!;
    assert.equal(privateKeyToAccount(`0x${key}`).address, MarketBook.parse(JSON.parse(file(live, "market.json"))).accounts.executorOwner);
    assert.ok(!JSON.stringify({ ...live, secrets: [] }).includes(key));
  });
});

describe("definitions of the broker", () => {
  it("have the queues of all shipped types, bound for delivery and for dead letters, whatever is deployed", () => {
    const { queues, bindings } = definitions();
    for (const type of SHIPPED_AGENT_TYPES) {
      for (const name of [taskQueue(type), deadQueue(type)]) {
        assert.equal(queues.find((queue) => queue.name === name)?.arguments["x-queue-type"], "quorum", name);
      }
      assert.ok(bindings.some((b) => b.source === EXCHANGES.topic && b.routing_key === taskQueue(type) && b.destination === taskQueue(type)), type);
      assert.ok(bindings.some((b) => b.source === EXCHANGES.dead && b.routing_key === taskQueue(type) && b.destination === deadQueue(type)), type);
    }
  });

  it("have a stream for each kind of event, bound to all its keys", () => {
    const { queues, bindings } = definitions();
    for (const name of EVENT_STREAMS) {
      assert.equal(queues.find((queue) => queue.name === name)?.arguments["x-queue-type"], "stream");
      assert.ok(bindings.some((b) => b.source === EXCHANGES.topic && b.routing_key === `${name}.#` && b.destination === name));
    }
  });

  it("bind only what exists", () => {
    const { queues, exchanges, bindings } = definitions();
    for (const binding of bindings) {
      assert.ok(exchanges.some(({ name }) => name === binding.source), binding.source);
      assert.ok(queues.some(({ name }) => name === binding.destination), binding.destination);
    }
  });

  it("have no guest, one administrator, and an operator who can neither change nor take anything", () => {
    const { users, permissions } = definitions();
    assert.deepEqual(users.map(({ name, tags }) => [name, tags]), [["access", ["administrator"]], ["operator", ["monitoring"]]]);
    const operator = permissions.find(({ user }) => user === "operator")!;
    assert.deepEqual([operator.configure, operator.write], ["^$", "^$"]);
    for (const { name, arguments: { "x-queue-type": type } } of definitions().queues) {
      assert.equal(new RegExp(operator.read).test(name), type === "stream", name);
    }
  });

  it("dead-letter at least once, which RabbitMQ does only for a bounded queue that refuses when it is full", () => {
    const { definition } = definitions().policies.find(({ name }) => name === "tasks")!;
    assert.equal(definition["dead-letter-strategy"], "at-least-once");
    assert.equal(definition["dead-letter-exchange"], EXCHANGES.dead);
    assert.equal(definition.overflow, "reject-publish");
    assert.ok(Number(definition["max-length"]) > 0);
  });

  it("give every queue one policy", () => {
    const { queues, policies } = definitions();
    for (const { name } of queues) {
      assert.deepEqual(policies.filter(({ pattern }) => new RegExp(pattern).test(name)).length, 1, name);
    }
  });

  it("say which file is wrong when the policies are not JSON", () => {
    assert.throws(() => infrastructureSpecs(parseSettings({}), { ...configs, rabbitmq: { ...configs.rabbitmq, "policies.json": "[{" } }),
      /^Error: configs\/rabbitmq\/policies\.json is not JSON: /);
  });
});

describe("users of the deployment", () => {
  it("in Redis: default is off, health can ping, access can manage users and read nothing, the operator cannot write", () => {
    const lines = secretFile(find(plan(), "redis"), "base.acl").trim().split("\n");
    const rules = Object.fromEntries(lines.map((line) => [line.split(" ")[1], line]));
    assert.deepEqual(Object.keys(rules), ["default", "health", "access", "operator"]);
    assert.match(rules.default!, / off /);
    assert.match(rules.health!, / -@all \+ping$/);
    assert.doesNotMatch(rules.access!, /~|\+@/);
    assert.match(rules.operator!, / %R~\* /);
    assert.doesNotMatch(rules.operator!, /\+@(write|all|admin|dangerous)/);
  });

  it("in PostgreSQL: verifiers only, no superuser", () => {
    const sql = secretFile(find(plan(), "postgres"), "roles.sql");
    assert.equal(sql.match(/SCRAM-SHA-256\$4096:/g)?.length, 2);
    assert.match(sql, /access_admin LOGIN CREATEROLE NOSUPERUSER/);
    assert.match(sql, /GRANT pg_read_all_data, pg_monitor TO operator;/);
  });
});
