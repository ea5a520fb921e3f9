/** What holds for the plan of any stack, over random settings and catalogues. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { AgentEntry, ServerEntry, type Catalog } from "../../contract/catalog.ts";
import { AGENT_PORTS, PORTS_PER_CATEGORY, SERVER_CATEGORIES, type ServerCategory } from "../../contract/services.ts";
import { parseSettings, SettingsError } from "../../contract/settings.ts";
import { cpuText, goDuration } from "../../plan/canonical.ts";
import { labelsOf } from "../../components/container.ts";
import { infrastructureSpecs, marketOf } from "../../plan/infrastructure/index.ts";
import { stackOutputs } from "../../plan/outputs.ts";
import { readInfrastructureConfigs } from "../../plan/read-sources.ts";
import { planStack, type StackPlan } from "../../plan/stack.ts";
import { StackOutputs } from "../../contract/outputs.ts";

const configs = readInfrastructureConfigs(`${import.meta.dirname}/../..`);
const categories = Object.keys(SERVER_CATEGORIES) as ServerCategory[];
const types = Object.keys(AGENT_PORTS);

const resources = fc.record({ memoryMiB: fc.integer({ min: 16, max: 512 }), cpus: fc.integer({ min: 2, max: 40 }).map((tenths) => tenths / 10) });
const needs = fc.subarray(["postgres", "devnet", "redis", "rabbitmq"]);
const common = { resources, needs, workspace: fc.boolean(), stopGraceSeconds: fc.integer({ min: 1, max: 600 }) };

const servers = fc.uniqueArray(
  fc.record({ category: fc.constantFrom(...categories), slot: fc.nat(PORTS_PER_CATEGORY - 1), replicas: fc.integer({ min: 1, max: 3 }), ...common }),
  { selector: ({ category, slot }) => `${category}-${slot}`, maxLength: 21 },
).map((entries) => Object.fromEntries(entries.map(({ category, slot, ...entry }) => [`s-${category}-x${slot}`, {
  ...ServerEntry.parse({ description: "A server of the property test.", capabilities: ["act"], port: SERVER_CATEGORIES[category] + slot, ...entry }), category,
}])));
const agents = fc.uniqueArray(
  fc.record({ type: fc.constantFrom(...types), replicas: fc.integer({ min: 1, max: 10 }), ...common,
    volumes: fc.constantFrom({}, { "own-cache": "/var/cache/own" }) }),
  { selector: ({ type }) => type },
).map((entries) => Object.fromEntries(entries.map((entry) =>
  [entry.type, AgentEntry.parse({ description: "An agent of the property test.", capabilities: ["act"], ...entry })])));
const settings = fc.record({
  namePrefix: fc.constantFrom("", "test-", "pl-"),
  portOffset: fc.integer({ min: 0, max: 49_000 }),
  exposure: fc.constantFrom("loopback", "edge"),
  protectData: fc.boolean(),
  memoryBudgetMiB: fc.constant(4_194_304),
  edge: fc.record({ port: fc.integer({ min: 1, max: 500 }) }),
}).chain((base) => fc.boolean().map((chain) => ({
  ...base, ...(!chain && { devnet: { enabled: false }, rpcUrl: "https://rpc.example" }),
})));
const inputs = fc.record({ settings: settings.map((raw) => parseSettings(raw)), catalog: fc.record({ servers, agents }) });

const planOf = (input: { settings: ReturnType<typeof parseSettings>; catalog: Catalog }): StackPlan => planStack({
  ...input, infrastructure: infrastructureSpecs(input.settings, configs), market: marketOf(input.settings, configs), dockerfiles: new Set(), workspace: input.settings.workspace, arch: "x64",
});
const holds = (claim: (plan: StackPlan, input: { settings: ReturnType<typeof parseSettings>; catalog: Catalog }) => void): void =>
  fc.assert(fc.property(inputs, (input) => claim(planOf(input), input)), { numRuns: 60 });

describe("any plan", function () {
  this.timeout(30_000);

  it("gives every host port to one service", () => holds(({ services }) => {
    const ports = services.flatMap((spec) => spec.ports.map(({ host }) => host));
    assert.equal(new Set(ports).size, ports.length);
    assert.ok(ports.every((port) => port <= 65_535));
  }));

  it("places what is needed before what needs it", () => holds(({ services }) => {
    const seen = new Set<string>();
    for (const spec of services) {
      assert.ok(spec.dependsOn.every((name) => seen.has(name)), `${spec.name} after ${spec.dependsOn.join(", ")}`);
      seen.add(spec.name);
    }
  }));

  it("deploys each replica of each entry once, under names, hosts and containers of its own", () => holds(({ services }, { catalog, settings: { namePrefix } }) => {
    const wanted = [...Object.values(catalog.servers), ...Object.values(catalog.agents)].reduce((sum, { replicas }) => sum + replicas, 0);
    assert.equal(services.filter(({ instance }) => instance).length, wanted);
    for (const key of ["name", "host", "container"] as const) assert.equal(new Set(services.map((spec) => spec[key])).size, services.length);
    for (const { container, host } of services) assert.equal(container, namePrefix + host, "nothing inside the network depends on the prefix");
  }));

  it("declares every volume and builds every image that a service wants", () => holds(({ services, volumes, images }) => {
    assert.deepEqual(volumes, [...new Set(services.flatMap((spec) => spec.volumes.map(({ volume }) => volume)))].toSorted());
    const built = new Set(images.map(({ name }) => name));
    assert.equal(built.size, images.length);
    for (const { image } of services) if ("build" in image) assert.ok(built.has(image.build.name));
  }));

  it("shows nothing but the edge where only the edge is exposed, and nothing of the host inside", () => holds(({ services }, { settings: { exposure } }) => {
    if (exposure !== "edge") return;
    assert.deepEqual(services.filter(({ ports }) => ports.length > 0).map(({ kind }) => kind), ["edge"]);
    assert.ok(services.every(({ binds }) => binds.length === 0));
  }));

  it("has outputs of the published shape, one entry an instance", () => holds(({ services }, input) => {
    const outputs = StackOutputs.parse(stackOutputs("any", input.settings, input.catalog, services));
    assert.equal(outputs.servers.length + outputs.agents.length, services.filter(({ instance }) => instance).length);
    for (const { url } of [...outputs.servers, ...outputs.agents]) assert.ok(url === null || input.settings.exposure === "loopback");
  }));

  it("leaves the rest alone when an agent type is scaled", () => fc.assert(fc.property(inputs, fc.integer({ min: 1, max: 10 }), (input, replicas) => {
    const type = Object.keys(input.catalog.agents)[0];
    fc.pre(type !== undefined);
    const scaled = planOf({ ...input, settings: { ...input.settings, replicas: { [type!]: replicas } } });
    const others = ({ services }: StackPlan) => services.filter(({ instance }) => instance?.of !== type);
    assert.deepEqual(others(scaled), others(planOf(input)));
    assert.equal(scaled.services.filter(({ instance }) => instance?.of === type).length, replicas);
  }), { numRuns: 40 }));

  it("labels its containers the same at any time", () => holds(({ services }) => {
    for (const spec of services) {
      const labels = labelsOf(spec, { stack: "any", folder: "/checkout" });
      assert.deepEqual(labels, labelsOf(structuredClone(spec), { stack: "any", folder: "/checkout" }));
      assert.equal(new Set(labels.map(({ label }) => label)).size, labels.length);
    }
  }));
});

describe("wrong settings", () => {
  it("are always reported by key, and never crash the program otherwise", () => {
    const raw = fc.dictionary(fc.constantFrom("network", "portOffset", "edge", "replicas", "images", "logs", "disabled", "nonsense"), fc.jsonValue());
    fc.assert(fc.property(raw, (values) => {
      try {
        parseSettings(values);
      } catch (error) {
        assert.ok(error instanceof SettingsError, String(error));
        for (const problem of error.problems) assert.match(problem, /^mcp:[^\n]+$/);
      }
    }));
  });
});

describe("canonical values", () => {
  const parse = (text: string): number => [...text.matchAll(/(\d+)([hms])/g)]
    .reduce((sum, [, amount, unit]) => sum + Number(amount) * { h: 3_600, m: 60, s: 1 }[unit as "h" | "m" | "s"], 0);
  it("keep a duration, in Go's own spelling", () => fc.assert(fc.property(fc.nat(1_000_000), (seconds) => {
    const text = goDuration(seconds);
    assert.equal(parse(text), seconds);
    assert.match(text, /^(\d+h([1-5]?\d)m([1-5]?\d)s|[1-9]\d?m([1-5]?\d)s|[1-5]?\ds)$/);
  })));
  it("keep a number of cores, or refuse it", () => fc.assert(fc.property(fc.integer({ min: 10, max: 6_400 }), (hundredths) => {
    const cpus = hundredths / 100;
    try {
      assert.equal(Number(cpuText(cpus)), cpus);
    } catch (error) {
      assert.ok(error instanceof RangeError && hundredths > 1_000 && hundredths % 10 !== 0, `${cpus}: ${String(error)}`);
    }
  })));
});
