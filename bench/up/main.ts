/**
 * `./mcp up` against Docker Compose for the same images and dependencies, warm: images built, nothing running.
 *
 *     node bench/up/main.ts [--rounds 3] [--json]
 *
 * By turns in one run, each timed from its command to the same event (all registered, one task done). Compose gets probe
 * intervals of 1, 2 and 5 s on what others wait for; its best median counts. Volumes are warm on both sides.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse, stringify } from "yaml";
import { stageImages } from "../../components/staging/stage.ts";
import { parseSettings } from "../../contract/settings.ts";
import { parseCatalog } from "../../plan/catalog.ts";
import { infrastructureSpecs, marketOf } from "../../plan/infrastructure/index.ts";
import { readCatalogFiles, readDockerfiles, readInfrastructureConfigs } from "../../plan/read-sources.ts";
import { keyring } from "../../plan/secrets.ts";
import { planStack } from "../../plan/stack.ts";
import { composeBinary } from "./compose-binary.ts";
import { composeModel } from "./compose-model.ts";
import { registeredAndOneTaskDone, type Target } from "./event.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" }, json: { type: "boolean", default: false } } });
const root = join(import.meta.dirname, "../..");
const STACK = "test";
const PROBES = [1, 2, 5];

const mcp = (...args: string[]) => execFileSync("./mcp", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 26 });

/** Seconds from spawning the command to the event, and to the command's own end. */
async function timed(command: string, args: string[], cwd: string, target: () => Target): Promise<{ event: number; end: number }> {
  const started = performance.now();
  const since = () => (performance.now() - started) / 1000;
  const child = spawn(command, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk) => { stderr += chunk; });
  const ended = new Promise<number>((resolve, reject) => child.on("close", (code) =>
    code === 0 ? resolve(since()) : reject(new Error(`${command} ${args.join(" ")} ended with ${code}: ${stderr.slice(-1500)}`))));
  const [event, end] = await Promise.all([registeredAndOneTaskDone(target()).then(since), ended]);
  return { event, end };
}

mcp("up", "--stack", STACK, "--yes");
const outputs = JSON.parse(mcp("outputs", "--stack", STACK, "--json", "--show-secrets"));
const hosts = [...outputs.servers, ...outputs.agents].map((s: { host: string }) => s.host);
const type = outputs.agents[0].type;
const pulumiTarget: Target = { edge: new URL(outputs.endpoints.edge.url).origin, token: outputs.apiToken, hosts, type };

const config = parse(readFileSync(join(root, `Pulumi.${STACK}.yaml`), "utf8")).config ?? {};
const settings = parseSettings(Object.fromEntries(Object.entries(config).filter(([k]) => k.startsWith("mcp:")).map(([k, v]) => [k.slice(4), v])));
const configs = readInfrastructureConfigs(root);
const plan = planStack({
  settings, catalog: parseCatalog(readCatalogFiles(root)), infrastructure: infrastructureSpecs(settings, configs), market: marketOf(settings, configs),
  dockerfiles: readDockerfiles(root), workspace: root, arch: process.arch,
});
const staged = await stageImages(root, settings.namePrefix, plan.images);
const keys = keyring("a-root-key-for-the-benchmark-only");
const folder = mkdtempSync(join(tmpdir(), "mcp-bench-up-"));
const composeTarget: Target = {
  edge: "http://127.0.0.1:30080", hosts, type,
  token: keys.render([{ token: { sub: "user:admin", role: "admin", aud: ["*"] } }]),
};
const files = new Map(PROBES.map((probeSeconds) => {
  const file = join(folder, `compose-${probeSeconds}.yaml`);
  writeFileSync(file, stringify(composeModel({
    settings, services: plan.services, keyring: keys, probeSeconds, folder: join(folder, "files"),
    image: (spec) => ("build" in spec.image ? staged.get(spec.image.build.name)!.name : spec.image.reference),
  })));
  return [probeSeconds, file];
}));
const binary = composeBinary();
const compose = (probe: number, ...args: string[]) => ["-f", files.get(probe)!, ...args];

const results = new Map<string, { event: number; end: number }[]>();
const record = (name: string, figures: { event: number; end: number }) => {
  results.set(name, [...(results.get(name) ?? []), figures]);
  if (!values.json) console.log(`${name.padEnd(24)} event ${figures.event.toFixed(1)} s, command ${figures.end.toFixed(1)} s`);
};
try {
  mcp("down", "--stack", STACK, "--yes");
  // A first round fills Compose's volumes, as the `up` above filled ours; it does not count.
  for (let round = 0; round <= Number(values.rounds); round++) {
    if (round > 0) {
      record("mcp up", await timed("./mcp", ["up", "--stack", STACK, "--yes"], root, () => pulumiTarget));
      mcp("down", "--stack", STACK, "--yes");
    }
    for (const probe of round === 0 ? PROBES.slice(0, 1) : PROBES) {
      const figures = await timed(binary, compose(probe, "up", "-d"), root, () => composeTarget);
      if (round > 0) record(`compose, probes ${probe} s`, figures);
      execFileSync(binary, compose(probe, "down"), { stdio: "ignore" });
    }
  }
} finally {
  execFileSync(binary, compose(PROBES[0]!, "down", "--volumes"), { stdio: "ignore" });
  rmSync(folder, { recursive: true, force: true });
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)]!;
const medians = Object.fromEntries([...results].map(([name, runs]) => [name, { event: median(runs.map((r) => r.event)), end: median(runs.map((r) => r.end)) }]));
const best = Math.min(...PROBES.map((probe) => medians[`compose, probes ${probe} s`]!.event));
const ratio = medians["mcp up"]!.event / best;
if (values.json) console.log(JSON.stringify({ rounds: Number(values.rounds), medians, ratio }, null, 2));
else console.log(`median to the event: mcp up ${medians["mcp up"]!.event.toFixed(1)} s, Compose at its best ${best.toFixed(1)} s, ratio ${ratio.toFixed(2)}`);
