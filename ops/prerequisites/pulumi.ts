/**
 * Pulumi with its Node.js language host, and the plugins this project needs: the one on PATH when new enough, else from
 * the official installer, else built from Go modules by toolchain/.
 */
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { failed, missing } from "../system/failure.ts";
import { withLock } from "../system/lock.ts";
import type { Paths } from "../system/paths.ts";
import { lastLines, run, which, type Environment } from "../system/processes.ts";
import { installPackages } from "./packages.ts";
import type { Prerequisite, Setting } from "./prerequisite.ts";

const INSTALLER = "https://get.pulumi.com";
const LANGUAGE_HOST = "pulumi-language-nodejs";

export interface Versions { pulumi: string; plugins: Record<"docker" | "random", string> }
export type Source = "PATH" | "official installer" | "toolchain";

/** The Pulumi that this checkout uses. */
export interface PulumiTools {
  /** Folder that holds `pulumi` and its language host. */
  bin: string;
  version: string;
  source: Source;
}

/** PULUMI_HOME of this checkout: plugins, and the official installer's binaries. */
export const pulumiHome = (paths: Paths): string => join(paths.home, "pulumi");

export const pulumi: Prerequisite = {
  name: "pulumi",

  async check(setting) {
    const tools = await findPulumi(setting);
    const wanted = wantedVersions(setting.paths);
    if (!tools) {
      return {
        state: "missing", what: `no Pulumi ${wanted.pulumi} or newer with its Node.js language host`,
        remedy: "./mcp up gets it from the official installer, or builds it from Go modules (about 10 minutes, once)",
      };
    }
    const what = `Pulumi ${tools.version} (${tools.source}, ${tools.bin})`;
    const absent = missingPlugins(setting.paths, wanted);
    return absent.length === 0 ? { state: "found", what }
      : { state: "missing", what: `${what} without plugin ${absent.join(", ")}`, remedy: "./mcp up installs them" };
  },

  async provide(setting) { await providePulumi(setting); },
};

/** @throws {Failure} with exit code 3 when no way leads to it */
export async function providePulumi(setting: Setting): Promise<PulumiTools> {
  const wanted = wantedVersions(setting.paths);
  const ready = await findPulumi(setting);
  if (ready && missingPlugins(setting.paths, wanted).length === 0) return ready;
  mkdirSync(pulumiHome(setting.paths), { recursive: true });
  return withLock(join(setting.paths.home, "pulumi.lock"), (pid) => setting.ui.say(`Waiting for process ${pid}, which sets up Pulumi`), async () => {
    const tools = await findPulumi(setting) ?? await install(setting, wanted) ?? await fromToolchain(setting);
    await providePlugins(setting, tools, wanted);
    return tools;
  });
}

/** Versions as package.json pins them: the plugins must be those of the npm packages. */
export function wantedVersions(paths: Paths): Versions {
  const { dependencies } = JSON.parse(readFileSync(join(paths.root, "package.json"), "utf8")) as { dependencies: Record<string, string> };
  return {
    pulumi: dependencies["@pulumi/pulumi"]!,
    plugins: { docker: dependencies["@pulumi/docker"]!, random: dependencies["@pulumi/random"]! },
  };
}

/** Compares `3.259.0` with `3.300.1-alpha`: is the first at least the second? Suffixes do not count. */
export function atLeast(version: string, wanted: string): boolean {
  const numbers = (text: string) => text.replace(/^v/, "").split(/[.+-]/).slice(0, 3).map(Number);
  const [have, want] = [numbers(version), numbers(wanted)];
  for (let i = 0; i < 3; i++) if (have[i] !== want[i]) return (have[i] || 0) > (want[i] || 0);
  return true;
}

/** Looks where Pulumi may be, in the order of preference. */
export async function findPulumi(setting: Setting): Promise<PulumiTools | null> {
  const { host, paths } = setting;
  const wanted = wantedVersions(paths).pulumi;
  // Our own shim is first on the PATH of `./mcp env` and is no Pulumi.
  const onPath = which("pulumi", host.env, (folder) => folder === join(paths.home, "bin"));
  const candidates: [string | null, Source][] = [
    [onPath && dirname(onPath), "PATH"],
    [join(pulumiHome(paths), "bin"), "official installer"],
    [join(await toolchainFolder(setting), "bin"), "toolchain"],
  ];
  for (const [bin, source] of candidates) {
    if (!bin || !existsSync(join(bin, "pulumi"))) continue;
    const hostEnv = { ...host.env, PATH: `${bin}${delimiter}${host.env.PATH ?? ""}` };
    if (!which(LANGUAGE_HOST, hostEnv)) continue;
    const version = await versionOf(paths, join(bin, "pulumi"), host.env);
    if (version && atLeast(version, wanted)) return { bin, version, source };
  }
  return null;
}

/** Asking a Pulumi for its version takes 0.15 s: the answer is kept for as long as the file stays the same. */
async function versionOf(paths: Paths, program: string, env: Environment): Promise<string | null> {
  const { size, mtimeMs } = statSync(program);
  const key = createHash("sha256").update(`${program} ${size} ${mtimeMs}`).digest("hex").slice(0, 16);
  const file = join(paths.home, "cache", `pulumi-version-${key}`);
  if (existsSync(file)) return readFileSync(file, "utf8");
  const asked = await run(program, ["version"], { env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" }, timeoutMs: 15_000 });
  const version = asked.code === 0 ? asked.stdout.trim().replace(/^v/, "") : "";
  if (!/^\d+\.\d+\.\d+/.test(version)) return null;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, version);
  return version;
}

/** The official installer, with its version pinned; null where it cannot be reached. */
async function install({ host, paths, ui }: Setting, wanted: Versions): Promise<PulumiTools | null> {
  const script = await run("curl", ["-fsSL", "--connect-timeout", "8", "--max-time", "30", INSTALLER], { env: host.env });
  if (script.code !== 0) {
    ui.say(`Pulumi's installer cannot be reached (${lastLines(script.stderr, 1) || `curl ended with ${script.code}`})`);
    return null;
  }
  ui.say(`Installing Pulumi ${wanted.pulumi} with the official installer`);
  const work = mkdtempSync(join(tmpdir(), "mcp-pulumi-"));
  const file = join(work, "install.sh");
  try {
    writeFileSync(file, script.stdout);
    chmodSync(file, 0o700);
    const installed = await run("sh", [file, "--version", wanted.pulumi, "--install-root", pulumiHome(paths), "--no-edit-path"], {
      env: host.env, silenceMs: 300_000, onLine: (line) => ui.progress(line),
    });
    ui.progress("");
    const bin = join(pulumiHome(paths), "bin");
    const version = installed.code === 0 && existsSync(join(bin, "pulumi")) ? await versionOf(paths, join(bin, "pulumi"), host.env) : null;
    if (version) return { bin, version, source: "official installer" };
    ui.say(`Pulumi's installer failed (${lastLines(installed.stderr, 1) || `it ended with ${installed.code}`})`);
    return null;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Where the toolchain of this checkout's toolchain/ lies or will lie. */
async function toolchainFolder({ host, paths }: Setting): Promise<string> {
  const hash = await run(join(paths.root, "toolchain", "hash"), [], { env: host.env });
  if (hash.code !== 0) throw failed(`toolchain/hash failed: ${lastLines(hash.stderr, 2)}`);
  return join(paths.cache, "toolchain", hash.stdout.trim());
}

async function buildToolchain(setting: Setting): Promise<string> {
  const { host, paths, ui } = setting;
  const folder = await toolchainFolder(setting);
  if (existsSync(join(folder, "bin", "pulumi"))) return folder;
  return withLock(`${folder}.lock`, (pid) => ui.say(`Waiting for process ${pid}, which builds Pulumi`), async () => {
    if (!which("go", host.env) && (await run("python3", ["-m", "pip", "--version"], { env: host.env })).code !== 0) {
      await installPackages(setting, "Python's pip, which brings Go,", ["python3-pip"], "install Go (https://go.dev/doc/install)");
    }
    ui.say("Building Pulumi and its plugins from Go modules (about 10 minutes, once on this machine)");
    let last = "";
    const built = await run(join(paths.root, "toolchain", "build"), ["--out", folder], {
      env: host.env, onLine: (line) => { last = line; ui.say(line); },
    });
    if (built.code !== 0) throw missing(`Pulumi could not be built (${last.trim()}): install Pulumi (https://www.pulumi.com/docs/install) or cure that, then run ./mcp again.`);
    return folder;
  });
}

async function fromToolchain(setting: Setting): Promise<PulumiTools> {
  const bin = join(await buildToolchain(setting), "bin");
  const version = await versionOf(setting.paths, join(bin, "pulumi"), setting.host.env);
  if (!version) throw failed(`${join(bin, "pulumi")} does not run: remove ${dirname(bin)} and run ./mcp again.`);
  return { bin, version, source: "toolchain" };
}

function missingPlugins(paths: Paths, wanted: Versions): string[] {
  return Object.entries(wanted.plugins)
    .filter(([name, version]) => !existsSync(join(pulumiHome(paths), "plugins", `resource-${name}-v${version}`)))
    .map(([name, version]) => `${name} ${version}`);
}

async function providePlugins(setting: Setting, tools: PulumiTools, wanted: Versions): Promise<void> {
  const { host, paths, ui } = setting;
  const env = { ...host.env, PULUMI_HOME: pulumiHome(paths), PULUMI_SKIP_UPDATE_CHECK: "true" };
  for (const plugin of missingPlugins(paths, wanted)) {
    const [name, version] = plugin.split(" ") as [string, string];
    const command = ["plugin", "install", "resource", name, version, "--non-interactive"];
    if (tools.source !== "toolchain") {
      ui.say(`Downloading Pulumi plugin ${plugin}`);
      const downloaded = await run(join(tools.bin, "pulumi"), command, { env, silenceMs: 60_000, onLine: (line) => ui.progress(line) });
      ui.progress("");
      if (downloaded.code === 0) continue;
      ui.say(`It cannot be downloaded (${lastLines(downloaded.stderr, 1)})`);
    }
    const file = join(await buildToolchain(setting), "plugins", `pulumi-resource-${name}`);
    const installed = await run(join(tools.bin, "pulumi"), [...command, "--file", file], { env });
    if (installed.code !== 0) throw failed(`Pulumi does not take its plugin ${plugin} from ${file}: ${lastLines(installed.stderr, 2)}`);
  }
}
