import assert from "node:assert/strict";
import { AgentEntry, ServerEntry, type Catalog } from "../contract/catalog.ts";
import { signDelegated, verifyDelegated } from "../contract/delegation.ts";
import { parsePrivateKey, parsePublicKey } from "../contract/derive.ts";
import { AccessEnvironment, AgentEnvironment, HubEnvironment, ServerEnvironment, ServiceEnvironment } from "../contract/environment.ts";
import { parseSecretsFile, SECRETS_FILE_VARIABLE } from "../contract/secrets-file.ts";
import type { ServerCategory } from "../contract/services.ts";
import { parseSettings, SettingsError } from "../contract/settings.ts";
import { keyring } from "./secrets.ts";
import type { SecretFile, ServiceSpec } from "./service-spec.ts";
import { planStack } from "./stack.ts";

const server = (category: ServerCategory, port: number, more = {}): Catalog["servers"][string] =>
  ({ ...ServerEntry.parse({ description: "A server for a test.", port, capabilities: ["act"], ...more }), category });
const agent = (type: string, more = {}): AgentEntry =>
  AgentEntry.parse({ type, description: "An agent for a test.", capabilities: ["act"], ...more });

/** A store without particulars. */
function store(name: string, port: number, more: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name, kind: "infrastructure", host: name, container: name, image: { reference: name }, env: {}, secrets: [], files: [],
    ports: [{ container: port, host: port, ip: "127.0.0.1" }], volumes: [{ volume: `${name}-data`, path: "/data" }], binds: [], dependsOn: [],
    health: { test: ["true"], intervalSeconds: 5, timeoutSeconds: 5, retries: 3, startPeriodSeconds: 5 },
    user: "10001:0", addCapabilities: [], resources: { memoryMiB: 100, cpus: 1 }, stopGraceSeconds: 10, labels: {}, ...more,
  };
}
const STORES = [store("rabbitmq", 5672), store("redis", 6379), store("etcd", 2379), store("postgres", 5432), store("devnet", 8545)];
const CATALOG: Catalog = {
  servers: { toolbox: server("utils", 8080), "evm-node": server("blockchain", 8010, { needs: ["devnet"] }) },
  agents: { builder: agent("builder", { needs: ["postgres"], workspace: true }) },
};

interface Changes { settings?: Record<string, unknown>; catalog?: Partial<Catalog>; stores?: ServiceSpec[] }
const plan = ({ settings = {}, catalog = {}, stores = STORES }: Changes = {}) => planStack({
  settings: parseSettings(settings), catalog: { ...CATALOG, ...catalog }, infrastructure: stores, market: null,
  dockerfiles: new Set(["servers/evm-node"]), workspace: "/checkout", arch: "x64",
});
function problems(changes: Changes): readonly string[] {
  try {
    plan(changes);
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error));
    return error.problems;
  }
  return [];
}

describe("a stack's plan", () => {
  const { services, volumes, images } = plan();
  const named = (name: string): ServiceSpec => services.find((spec) => spec.name === name)!;

  it("gives servers that read the market its address book, and leaves them out where the chain has none", () => {
    const servers = { pools: server("data-providers", 8020, { market: true, calls: ["flash-trader"] }) };
    const market = { path: "/etc/mcp/market.json", content: "{}" };
    const input = { settings: parseSettings({}), catalog: { servers, agents: {} }, infrastructure: STORES, dockerfiles: new Set<string>(), workspace: null, arch: "x64" };
    const [spec] = planStack({ ...input, market }).services.filter(({ kind }) => kind === "server");
    assert.deepEqual(spec!.files, [market]);
    const token = spec!.secrets.flatMap(({ parts }) => parts).find((part) => typeof part === "object" && "token" in part);
    assert.deepEqual(token, { token: { sub: "server:pools", role: "service", aud: ["hub", "flash-trader"] } });
    assert.deepEqual(planStack({ ...input, market: null }).services.filter(({ kind }) => kind === "server"), []);
  });

  it("starts what others need before them", () => {
    for (const [index, spec] of services.entries()) {
      for (const name of spec.dependsOn) assert.ok(services.findIndex((other) => other.name === name) < index, `${name} before ${spec.name}`);
    }
    assert.deepEqual(named("hub").dependsOn, ["access", "rabbitmq", "redis", "etcd", "postgres"]);
    assert.deepEqual(named("evm-node").dependsOn, ["hub", "devnet"]);
  });

  it("declares every volume that is mounted", () => {
    assert.deepEqual(volumes, ["devnet-data", "etcd-data", "postgres-data", "rabbitmq-data", "redis-data"]);
  });

  it("builds every image once, bases first, on a Dockerfile of the service's own where it has one", () => {
    assert.deepEqual(images.map(({ name, dockerfile }) => `${name} ${dockerfile}`), [
      "base-node images/base/node", "access images/service", "hub images/service",
      "evm-node images/servers/evm-node", "toolbox images/service", "builder images/service",
    ]);
  });

  it("leaves out what is disabled in the settings or the catalogue", () => {
    const names = plan({ settings: { disabled: ["toolbox"] }, catalog: { agents: { builder: agent("builder", { enabled: false }) } } })
      .services.map(({ name }) => name);
    assert.ok(!names.includes("toolbox") && !names.includes("builder-1") && names.includes("evm-node"));
  });

  it("follows mcp:replicas, mcp:images and mcp:resources", () => {
    const changed = plan({ settings: {
      replicas: { toolbox: 2, builder: 3 }, images: { toolbox: "repo/toolbox:1" }, resources: { toolbox: { memoryMiB: 777 } },
    } });
    const of = (name: string) => changed.services.filter((spec) => spec.instance?.of === name);
    assert.deepEqual(of("toolbox").map(({ host, ports, image, resources }) => [host, ports.length, image, resources]), [
      ["mcp-utils-1", 1, { reference: "repo/toolbox:1" }, { memoryMiB: 777, cpus: 1 }],
      ["mcp-utils-1-r2", 0, { reference: "repo/toolbox:1" }, { memoryMiB: 777, cpus: 1 }],
    ]);
    assert.deepEqual(of("builder").map(({ name, ports }) => [name, ports[0]!.host]), [["builder-1", 3121], ["builder-2", 3122], ["builder-3", 3123]]);
  });

  it("puts a second hub beside the first under its name, unpublished, and tells both", () => {
    const hubs = plan({ settings: { replicas: { hub: 2 } } }).services.filter(({ name }) => name.startsWith("hub"));
    assert.deepEqual(hubs.map(({ name, host, aliases, ports }) => [name, host, aliases, ports.length]), [
      ["hub", "mcp-coordinator", undefined, 1], ["hub-2", "mcp-coordinator-2", ["mcp-coordinator"], 0],
    ]);
    assert.deepEqual(hubs.map(({ env }) => [env["SERVICE_NAME"], env["SERVICE_HOST"], env["HUB_REPLICAS"]]), [["hub", "mcp-coordinator", "2"], ["hub", "mcp-coordinator-2", "2"]]);
    assert.deepEqual(hubs[1]!.secrets, hubs[0]!.secrets, "one identity");
    assert.equal(named("hub").env["HUB_REPLICAS"], undefined);
  });

  it("changes no other service when one joins or is scaled", () => {
    const others = (specs: ServiceSpec[]) => specs.filter((spec) => !["executor", "builder"].includes(spec.instance?.of ?? ""));
    const grown = plan({ settings: { replicas: { builder: 2 } }, catalog: { agents: { ...CATALOG.agents, executor: agent("executor") } } });
    assert.deepEqual(others(grown.services), others(services));
    assert.deepEqual(grown.services.find(({ name }) => name === "builder-1"), named("builder-1"));
  });

  it("gives every service an environment that its own schema accepts", () => {
    const { render } = keyring("root");
    const schemas = { infrastructure: null, edge: null, coordination: ServiceEnvironment, server: ServerEnvironment, agent: AgentEnvironment };
    for (const spec of services) {
      const schema = spec.name === "access" ? AccessEnvironment : spec.name === "hub" ? HubEnvironment : schemas[spec.kind];
      if (!schema) continue;
      const { [SECRETS_FILE_VARIABLE]: file, ...plain } = spec.env;
      const secrets = parseSecretsFile(render(spec.secrets.find(({ path }) => path === file)!.parts));
      assert.deepEqual(Object.keys(secrets).filter((name) => name in plain), []);
      const values = Object.entries({ ...plain, ...secrets });
      for (const [name] of values) assert.ok(name! in schema.shape, `${spec.name}: ${name} is in the contract`);
      schema.parse(Object.fromEntries(values));
    }
    assert.deepEqual(Object.fromEntries(Object.entries(named("builder-1").env).filter(([name]) => /^AGENT_(TYPE|ID|RABBITMQ|REDIS)/.test(name))), {
      AGENT_TYPE: "builder", AGENT_ID: "1", AGENT_RABBITMQ_QUEUE: "tasks.builder", AGENT_REDIS_NAMESPACE: "mcp:agents:builder:1",
    });
  });

  it("lets the hub, and nobody else, speak for callers", () => {
    const { render } = keyring("root");
    const secretsOf = (spec: ServiceSpec) => parseSecretsFile(render(spec.secrets.find(({ path }) => path === spec.env[SECRETS_FILE_VARIABLE])!.parts));
    const { MCP_DELEGATION_KEY: key, MCP_DELEGATION_CERTIFICATE: certificate } = secretsOf(named("hub"));
    const claims = { sub: "user:ada", role: "reader" as const, aud: ["server:toolbox"], via: "hub", exp: 1 };
    assert.deepEqual(verifyDelegated(signDelegated(claims, parsePrivateKey(key!), certificate!), parsePublicKey(render([{ publicKey: true }]))), claims);
    for (const spec of services.filter(({ name, kind }) => name !== "hub" && kind !== "infrastructure" && kind !== "edge")) {
      assert.ok(!JSON.stringify(secretsOf(spec)).includes(key!), spec.name);
    }
  });

  it("puts every password into the one secrets file, with the user's name in the URL", () => {
    const [{ path, parts }, ...more] = named("builder-1").secrets as [SecretFile, ...SecretFile[]];
    assert.deepEqual([path, more], ["/run/secrets/service.env", []]);
    const at = parts.indexOf("MCP_POSTGRES_URL=");
    assert.deepEqual(parts.slice(at + 1, at + 5),
      ["postgres://agent_builder:", { password: { store: "postgres", identity: "agent:builder" } }, "@postgres:5432/mcp", "\n"]);
  });
});

describe("a stack that cannot work", () => {
  const cases: [what: string, Changes, RegExp][] = [
    ["more hubs than have something to do", { settings: { replicas: { hub: 3 } } },
      /^mcp:replicas\.hub: found 3, allowed: 1 or 2, one that dispatches and one that takes over$/],
    ["more instances than ports", { settings: { replicas: { builder: 16 } } },
      /^mcp:replicas\.builder: found 16, allowed: 1 to 15, one for each of its ports 3121-3135$/],
    ["more instances in the catalogue than ports", { catalog: { agents: { builder: agent("builder", { replicas: 16 }) } } },
      /^configs\/agents\/builder\.yaml: replicas: found 16, allowed: 1 to 15/],
    ["replicas of what is not there", { settings: { replicas: { bulider: 2 } } }, /^mcp:replicas\.bulider: unknown name, allowed: builder, evm-node, hub, toolbox$/],
    ["an image of what is not there", { settings: { images: { postgress: "x" } } }, /^mcp:images\.postgress: unknown name, allowed: access, builder, .*postgres/],
    ["a disabled store", { settings: { disabled: ["redis"] } }, /^mcp:disabled: "redis" is off, and "access" needs it: switch "access" off too, or "redis" on$/],
    ["an unknown dependency", { catalog: { servers: { toolbox: server("utils", 8080, { needs: ["oracle"] }) } } },
      /^"toolbox" needs "oracle", which is not deployed$/],
    ["two owners of a host port", { stores: [...STORES, store("other", 8080)] }, /^host port 8080 \(127\.0\.0\.1\) is wanted by "other" and "toolbox"$/],
    ["a port beyond the last", { settings: { portOffset: 49_000 }, stores: STORES.map((spec) =>
      (spec.name === "etcd" ? store("etcd", 2379, { ports: [{ container: 15_692, host: 65_692, ip: "127.0.0.1" }] }) : spec)) },
    /^mcp:portOffset: host port 65692 of "etcd" is beyond 65535$/],
    ["a server outside its category's ports", { catalog: { servers: { toolbox: server("utils", 8090) } } },
      /^configs\/servers\/utils\.yaml: servers\.toolbox\.port: found 8090, allowed: 8080 to 8089$/],
    ["a server named like an instance of another", { catalog: { servers: { toolbox: server("utils", 8080), "toolbox-2b": server("utils", 8081) } } },
      /^configs\/servers\/utils\.yaml: servers\.toolbox-2b: found a name that looks like an instance of "toolbox", allowed/],
    ["two servers on one port", { catalog: { servers: { toolbox: server("utils", 8080), calculator: server("utils", 8080) } } },
      /host "mcp-utils-1" belongs to server "calculator" and server "toolbox"/],
    ["a type of its own without ports", { catalog: { agents: { trader: agent("trader") } } },
      /^configs\/agents\/trader\.yaml: ports: found nothing, allowed: a range \[first, last\] from 3302 up$/],
    ["a type of its own on a shipped type's ports", { catalog: { agents: { trader: agent("trader", { ports: [3301, 3310] }) } } },
      /^configs\/agents\/trader\.yaml: ports: found 3301-3310, allowed: a range \[first, last\] from 3302 up$/],
    ["two types with overlapping ports", { catalog: { agents: { trader: agent("trader", { ports: [3302, 3310] }), watcher: agent("watcher", { ports: [3310, 3320] }) } } },
      /^configs\/agents\/watcher\.yaml: ports: 3310-3320 overlaps 3302-3310 of "trader"$/],
    ["a shipped type with ports of its own", { catalog: { agents: { builder: agent("builder", { ports: [3302, 3310] }) } } },
      /^configs\/agents\/builder\.yaml: ports: found 3302-3310, allowed: nothing, the contract gives it 3121-3135$/],
    ["a server with an agent's name", { catalog: { servers: { builder: server("utils", 8080) } } }, /name "builder" belongs to a service of kind server and a service of kind agent/],
    ["too much memory", { settings: { memoryBudgetMiB: 512 } }, /^mcp:memoryBudgetMiB: found 512, allowed: \d+ or more, the sum of 10 limits; or fewer mcp:replicas$/],
    ["a circle", { stores: [store("rabbitmq", 5672, { dependsOn: ["redis"] }), store("redis", 6379, { dependsOn: ["rabbitmq"] }), ...STORES.slice(2)] },
      /^dependencies go in a circle: rabbitmq → redis → rabbitmq$/],
    ["two volumes at one path", { stores: [store("rabbitmq", 5672, { volumes: [{ volume: "a", path: "/data" }, { volume: "b", path: "/data" }] }), ...STORES.slice(1)] },
      /^"rabbitmq" mounts "a" and "b" at \/data$/],
    ["a share of a core that the provider rounds", { settings: { resources: { toolbox: { cpus: "30.01" } } } },
      /^cpus of "toolbox", from the catalogue or mcp:resources: the Docker provider reads 30\.01 cores back as 30\.0/],
    ["a subnet too small", { settings: { network: { subnet: "172.30.0.0/26" }, replicas: { toolbox: 60 } } }, /^mcp:network\.subnet: found 172\.30\.0\.0\/26 with 61 addresses/],
  ];
  for (const [what, changes, expected] of cases) {
    it(`is refused: ${what}`, () => {
      const found = problems(changes);
      assert.ok(found.some((problem) => expected.test(problem)), `${expected} in:\n${found.join("\n")}`);
    });
  }

  it("is told everything at once", () => {
    const found = problems({ settings: { replicas: { builder: 16, nobody: 1 }, disabled: ["etcd"], memoryBudgetMiB: 512 } });
    assert.equal(found.filter((problem) => /replicas|disabled|memory/.test(problem)).length, found.length);
    assert.ok(found.length >= 5, found.join("\n"));
  });
});
