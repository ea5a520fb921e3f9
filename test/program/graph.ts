/** What must hold for the resources of any stack of ours. Each function is one claim; each fails with the culprit's name. */
import assert from "node:assert/strict";
import type { ServiceSpec } from "../../plan/service-spec.ts";
import type { Settings } from "../../contract/settings.ts";
import type { Registered } from "./harness.ts";

export const TYPES = {
  container: "docker:index/container:Container",
  volume: "docker:index/volume:Volume",
  network: "docker:index/network:Network",
  image: "docker:index/remoteImage:RemoteImage",
  rootKey: "random:index/randomPassword:RandomPassword",
} as const;

export const ofType = (resources: readonly Registered[], type: keyof typeof TYPES): Registered[] =>
  resources.filter((resource) => resource.type === TYPES[type]);

interface ContainerInputs {
  name: string; image: string; envs: string[]; user: string; networkMode: string; hostname: string;
  networksAdvanced: { name: string; aliases: string[] }[];
  ports: { internal: number; external: number; ip: string }[];
  labels: { label: string; value: string }[];
  capabilities: { drops: string[]; adds?: string[] };
  securityOpts: string[]; restart: string; memory: number; memorySwap: number;
  destroyGraceSeconds: number; stopTimeout: number; logDriver: string; logOpts: Record<string, string>;
  uploads: { file: string; content: string; permissions: string }[];
  healthcheck: { tests: string[]; interval: string; timeout: string; startPeriod: string };
  volumes?: { volumeName?: string; hostPath?: string; containerPath: string; readOnly?: boolean }[];
  privileged?: boolean; wait?: boolean; waitTimeout?: number;
}
export const inputsOf = (container: Registered): ContainerInputs => container.inputs as unknown as ContainerInputs;

/** Container of each spec, by the spec's name. */
export function containersOf(resources: readonly Registered[], specs: readonly ServiceSpec[]): Map<string, Registered> {
  const byName = new Map(ofType(resources, "container").map((container) => [inputsOf(container).name, container]));
  assert.deepEqual([...byName.keys()].toSorted(), specs.map(({ container }) => container).toSorted(), "one container for each spec");
  return new Map(specs.map((spec) => [spec.name, byName.get(spec.container)!]));
}

export function assertSafe(name: string, container: Registered): void {
  const inputs = inputsOf(container);
  assert.deepEqual(inputs.capabilities.drops, ["ALL"], `${name} drops all capabilities`);
  for (const added of inputs.capabilities.adds ?? []) assert.match(added, /^CAP_[A-Z_]+$/, `${name} spells capabilities as the engine does`);
  assert.deepEqual(inputs.securityOpts, ["no-new-privileges:true"], `${name} cannot gain privileges`);
  assert.equal(inputs.privileged, undefined, `${name} is not privileged`);
  assert.match(inputs.user, /^[1-9]\d{4}:0$/, `${name} is not root`);
  assert.equal(inputs.restart, "unless-stopped", `${name} is restarted`);
  assert.ok(inputs.memory > 0, `${name} has a memory limit`);
  assert.equal(inputs.memorySwap, inputs.memory, `${name} does not swap`);
  assert.equal(inputs.networkMode, "bridge", `${name} says its network mode, or every preview shows it`);
}

export function assertStopsCleanly(spec: ServiceSpec, container: Registered): void {
  const inputs = inputsOf(container);
  assert.ok(spec.stopGraceSeconds > 0);
  assert.equal(inputs.destroyGraceSeconds, spec.stopGraceSeconds, `${spec.name} is given time to stop when it is removed`);
  assert.equal(inputs.stopTimeout, spec.stopGraceSeconds, `${spec.name} is given time to stop by docker stop`);
}

export function assertLogs(name: string, container: Registered, settings: Settings): void {
  const { logDriver, logOpts } = inputsOf(container);
  assert.equal(logDriver, "json-file", name);
  assert.deepEqual(logOpts, { "max-size": `${settings.logs.maxSizeMiB}m`, "max-file": String(settings.logs.maxFiles) }, `${name} rotates its log`);
}

const CANONICAL_DURATION = /^(\d+h\d{1,2}m\d{1,2}s|\d{1,2}m\d{1,2}s|\d{1,2}s)$/;
export function assertHealth(spec: ServiceSpec, container: Registered): void {
  const { healthcheck, wait, waitTimeout } = inputsOf(container);
  assert.equal(healthcheck.tests[0], "CMD", `${spec.name} is probed without a shell of the engine's`);
  for (const duration of [healthcheck.interval, healthcheck.timeout, healthcheck.startPeriod]) {
    assert.match(duration, CANONICAL_DURATION, `${spec.name} writes ${duration} as Go does`);
  }
  assert.equal(wait ?? false, spec.waitSeconds !== undefined, `${spec.name} is waited for as planned`);
  assert.equal(waitTimeout, spec.waitSeconds, spec.name);
}

export function assertOptions(spec: ServiceSpec, containers: ReadonlyMap<string, Registered>, network: Registered): void {
  const container = containers.get(spec.name)!;
  for (const name of spec.dependsOn) {
    assert.ok(container.dependencies.includes(containers.get(name)!.urn), `${spec.name} depends on ${name}`);
  }
  assert.ok(container.dependencies.includes(network.urn), `${spec.name} depends on the network by an output of it`);
  const others = container.dependencies.filter((urn) => urn.includes(TYPES.container));
  assert.equal(others.length, spec.dependsOn.length, `${spec.name} depends on nothing else that runs: it would be replaced along`);
  assert.ok(container.deleteBeforeReplace, `${spec.name} is removed before its successor takes its name`);
  for (const property of ["#initerror", "healthcheck", "init", "tmpfs"]) {
    assert.ok(container.replaceOnChanges.includes(property), `${spec.name} is replaced on ${property}`);
  }
  assert.deepEqual(container.hideDiffs, ["networkDatas"], spec.name);
  assert.match(container.parent, /mcp:index:Service/, `${spec.name} belongs to a Service`);
}

export function assertLabels(spec: ServiceSpec, container: Registered, stack: string, folder: string): void {
  const labels = Object.fromEntries(inputsOf(container).labels.map(({ label, value }) => [label, value]));
  const { "mcp.config": config, ...others } = labels;
  assert.deepEqual(others, {
    "com.docker.compose.project": `mcp-${stack}`,
    "com.docker.compose.service": spec.instance?.of ?? spec.name,
    "com.docker.compose.container-number": String(spec.instance?.number ?? 1),
    "com.docker.compose.oneoff": "False",
    "mcp.stack": stack,
    "mcp.folder": folder,
    "mcp.kind": spec.kind,
    ...spec.labels,
  }, spec.name);
  assert.equal(config !== undefined, spec.files.length > 0, `${spec.name} shows a change of its configuration in previews`);
}

/** Words that a URL of a secret file holds, as they would stand in the environment. */
const LOOKS_SECRET = /:\/\/[^/\s:@]*:[^/\s@]+@|^[A-Z0-9_]*(PASSWORD|SECRET|TOKEN|KEY|GRANT)=/;
export function assertSecrets(spec: ServiceSpec, container: Registered): void {
  const { envs, uploads, labels } = inputsOf(container);
  for (const env of envs) assert.doesNotMatch(env, LOOKS_SECRET, `${spec.name} has no secret in its environment`);
  assert.ok(!container.secretInputs.some((input) => input !== "uploads"), `${spec.name}: only uploads are secret, so that previews show the rest`);
  assert.deepEqual(uploads.map(({ file }) => file).toSorted(), [...spec.files, ...spec.secrets].map(({ path }) => path).toSorted(), spec.name);
  for (const { path } of spec.secrets) {
    const upload = uploads.find(({ file }) => file === path)!;
    assert.ok(path.startsWith("/run/secrets/"), `${spec.name}: ${path}`);
    assert.equal(upload.permissions, "0440", `${spec.name}: ${path} is for root and its group`);
    assert.ok(upload.content.length > 0, `${spec.name}: ${path} is empty`);
    const shown = [...envs, ...labels.map(({ value }) => value)].join("\n");
    assert.ok(upload.content.length < 20 || !shown.includes(upload.content), `${spec.name}: ${path} is repeated in the open`);
  }
  assert.equal(container.secretInputs.includes("uploads"), spec.secrets.length > 0, `${spec.name} hides its uploads`);
}

export function assertPublished(spec: ServiceSpec, container: Registered, settings: Settings): void {
  for (const { external, ip } of inputsOf(container).ports) {
    if (spec.kind === "edge") assert.equal(ip, settings.edge.bind);
    else {
      assert.equal(settings.exposure, "loopback", `${spec.name} publishes ${external} although only the edge may`);
      assert.equal(ip, "127.0.0.1", `${spec.name} publishes ${external} beyond loopback`);
    }
  }
}

export function assertVolumes(resources: readonly Registered[], settings: Settings, stack: string): void {
  const volumes = ofType(resources, "volume");
  assert.ok(volumes.length > 0);
  for (const volume of volumes) {
    assert.equal(volume.protect, settings.protectData, `${volume.name} is protected as the stack says`);
    assert.ok(volume.retainOnDelete, `${volume.name} outlives the stack`);
    assert.deepEqual(volume.ignoreChanges, ["labels"], `${volume.name} is not replaced for a label`);
    assert.deepEqual(volume.inputs.labels, [{ label: "mcp.stack", value: stack }], volume.name);
    assert.ok(String(volume.inputs.name).startsWith(`${settings.namePrefix}mcp-`), volume.name);
  }
}

export function assertImages(resources: readonly Registered[], settings: Settings): void {
  const images = ofType(resources, "image");
  const byName = new Map(images.map((image) => [image.inputs.name, image]));
  for (const image of images) {
    assert.equal(image.inputs.keepLocally, true, `${image.name} is kept: another container may use it`);
    const build = image.inputs.build as { context: string; buildArgs: Record<string, string> } | undefined;
    if (!build) continue;
    assert.ok(!build.context.startsWith("/"), `${image.name}: a moved checkout must not rebuild it`);
    assert.ok(String(image.inputs.name).startsWith(`${settings.namePrefix}mcp/`), image.name);
    for (const base of Object.values(build.buildArgs ?? {})) {
      assert.ok(image.dependencies.includes(byName.get(base)!.urn), `${image.name} is built after ${base}`);
    }
  }
  const ids = new Set(images.map((image) => `id of ${String(image.inputs.name)}`));
  for (const container of ofType(resources, "container")) {
    assert.ok(ids.has(inputsOf(container).image), `${container.name} runs an image by its id: a tag would never update it`);
  }
}

/** Every claim, for every resource. */
export function assertGraph(stack: string, folder: string, settings: Settings, specs: readonly ServiceSpec[], resources: readonly Registered[]): void {
  const containers = containersOf(resources, specs);
  const [network, ...more] = ofType(resources, "network");
  assert.equal(more.length, 0, "one network");
  assert.equal(network!.inputs.name, settings.network.name);
  assert.deepEqual(network!.inputs.ipamConfigs, [{ subnet: settings.network.subnet }]);
  assert.deepEqual(network!.inputs.options, { "com.docker.network.bridge.name": settings.network.bridge });
  assert.ok(network!.deleteBeforeReplace, "two networks cannot share a subnet");
  for (const spec of specs) {
    const container = containers.get(spec.name)!;
    assertSafe(spec.name, container);
    assertStopsCleanly(spec, container);
    assertLogs(spec.name, container, settings);
    assertHealth(spec, container);
    assertOptions(spec, containers, network!);
    assertLabels(spec, container, stack, folder);
    assertSecrets(spec, container);
    assertPublished(spec, container, settings);
    assert.deepEqual(inputsOf(container).networksAdvanced, [{ name: settings.network.name, aliases: [spec.host, ...(spec.aliases ?? [])] }], spec.name);
    assert.equal(inputsOf(container).name, `${settings.namePrefix}${spec.host}`);
  }
  assertVolumes(resources, settings, stack);
  assertImages(resources, settings);
  const [rootKey] = ofType(resources, "rootKey");
  assert.equal(rootKey!.protect, settings.protectData, "the root key is protected with the data it opens");
}
