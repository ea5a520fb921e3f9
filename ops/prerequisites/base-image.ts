/** debian:trixie-slim, where every image of ours begins: pulled, or made from Debian's packages. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { failed, missing } from "../system/failure.ts";
import { canInstall } from "../system/host.ts";
import { lastLines, run, which } from "../system/processes.ts";
import { installPackages, installRemedy } from "./packages.ts";
import type { Prerequisite, Setting } from "./prerequisite.ts";

export const BASE_IMAGE = "debian:trixie-slim";
const SUITE = "trixie";
/** A registry that says nothing for this long is taken for one that cannot be reached. */
const PULL_SILENCE_MS = 20_000;
const ELSEWHERE = `make ${BASE_IMAGE} available to the engine ("docker pull ${BASE_IMAGE}" or "docker load" of a copy)`;

export const baseImage: Prerequisite = {
  name: "base image",

  async check({ host }) {
    const found = await run("docker", ["image", "inspect", "--format", "{{.Id}}", BASE_IMAGE], { env: host.env, timeoutMs: 15_000 });
    if (found.code === 0) return { state: "found", what: `${BASE_IMAGE} ${found.stdout.trim().slice(7, 19)}` };
    return { state: "missing", what: `${BASE_IMAGE} is not on the engine`, remedy: "./mcp up pulls it, or makes it with debootstrap" };
  },

  async provide(setting) {
    if ((await baseImage.check(setting)).state === "found") return;
    if (await pull(setting)) return;
    if (await importCached(setting)) return;
    await bootstrap(setting);
  },
};

async function pull({ host, ui }: Setting): Promise<boolean> {
  ui.say(`Pulling ${BASE_IMAGE}`);
  const pulled = await run("docker", ["pull", BASE_IMAGE], {
    env: host.env, silenceMs: PULL_SILENCE_MS, onLine: (line) => ui.progress(line),
  });
  ui.progress("");
  if (pulled.code === 0) return true;
  ui.say(`No registry gives it (${pulled.code === 124 ? "no answer" : lastLines(pulled.stderr, 1)})`);
  return false;
}

/** Cached by content: the file's name ends with the SHA-256 of what is in it. */
const CACHED = /^debian-trixie-slim-(\w+)-([0-9a-f]{64})\.tar\.gz$/;

async function importCached(setting: Setting): Promise<boolean> {
  const folder = join(setting.paths.cache, "base");
  if (!existsSync(folder)) return false;
  for (const name of readdirSync(folder)) {
    const [, arch, hash] = CACHED.exec(name) ?? [];
    if (arch !== process.arch) continue;
    const file = join(folder, name);
    // A copy that was cut short or damaged is made anew.
    if (await sha256(file) !== hash) { rmSync(file, { force: true }); continue; }
    setting.ui.say(`Importing ${BASE_IMAGE} from ${file}`);
    await importTarball(setting, file);
    return true;
  }
  return false;
}

async function bootstrap(setting: Setting): Promise<void> {
  const { host, paths, ui } = setting;
  if (host.uid !== 0) throw missing(`${BASE_IMAGE} cannot be pulled, and making it takes root: ${ELSEWHERE}, then run ./mcp again.`);
  if (!which("debootstrap", host.env)) {
    const packages = host.distribution === "ubuntu" ? ["debootstrap", "debian-archive-keyring"] : ["debootstrap"];
    if (!canInstall(host)) throw missing(`${BASE_IMAGE} cannot be pulled, and debootstrap is missing: ${installRemedy(host, packages, ELSEWHERE)}.`);
    await installPackages(setting, "debootstrap", packages, ELSEWHERE);
  }
  ui.say(`Making ${BASE_IMAGE} with debootstrap (about a minute)`);
  const work = mkdtempSync(join(tmpdir(), "mcp-base-"));
  try {
    const tree = join(work, "root");
    await bootstrapInto(setting, tree);
    slim(tree);
    mkdirSync(join(paths.cache, "base"), { recursive: true });
    const packed = join(paths.cache, "base", `.${process.pid}.tar.gz`);
    await pack(setting, tree, packed);
    const file = join(paths.cache, "base", `debian-trixie-slim-${process.arch}-${await sha256(packed)}.tar.gz`);
    renameSync(packed, file);
    await importTarball(setting, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function bootstrapInto({ host, ui }: Setting, tree: string): Promise<void> {
  const mirror = await mirrorOf(host.env);
  const scripts = "/usr/share/debootstrap/scripts";
  // An older debootstrap has no script of that name; all of Debian's newer suites share one.
  const script = existsSync(join(scripts, SUITE)) ? [] : [join(scripts, "sid")];
  const args = ["--variant=minbase", SUITE, tree, ...(mirror || script.length ? [mirror] : []), ...script];
  const made = await run("debootstrap", args, { env: host.env, onLine: (line) => ui.progress(line) });
  ui.progress("");
  if (made.code !== 0) {
    throw failed(`debootstrap could not make ${BASE_IMAGE}; it ended with:\n${lastLines(made.stdout + made.stderr, 5)}\nOr ${ELSEWHERE}.`);
  }
}

/** The Debian mirror that this machine's apt uses; empty for debootstrap's own default, also on other distributions. */
async function mirrorOf(env: Record<string, string | undefined>): Promise<string> {
  const targets = await run("apt-get", ["indextargets", "--format", "$(ORIGIN) $(CODENAME) $(REPO_URI)", "Created-By: Packages"], { env });
  return targets.code === 0 ? debianMirror(targets.stdout) : "";
}

/** Picks the main archive from lines of `origin codename uri`: security and backports are archives of their own. */
export function debianMirror(lines: string): string {
  for (const line of lines.split("\n")) {
    const [origin, codename, uri] = line.trim().split(/\s+/);
    if (origin === "Debian" && codename && !codename.includes("-") && uri) return uri;
  }
  return "";
}

/** What the official slim image leaves out too: documentation, translations, package lists. */
function slim(tree: string): void {
  for (const folder of ["usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale", "usr/share/lintian", "var/cache/apt", "var/lib/apt/lists", "var/log"]) {
    for (const name of existsSync(join(tree, folder)) ? readdirSync(join(tree, folder)) : []) {
      rmSync(join(tree, folder, name), { recursive: true, force: true });
    }
  }
  mkdirSync(join(tree, "var/cache/apt/archives/partial"), { recursive: true });
  mkdirSync(join(tree, "var/lib/apt/lists/partial"), { recursive: true });
  writeFileSync(join(tree, "etc/dpkg/dpkg.cfg.d/docker"), [
    "path-exclude /usr/share/doc/*", "path-include /usr/share/doc/*/copyright", "path-exclude /usr/share/man/*",
    "path-exclude /usr/share/info/*", "path-exclude /usr/share/locale/*", "path-exclude /usr/share/lintian/*", "",
  ].join("\n"));
  writeFileSync(join(tree, "etc/apt/apt.conf.d/docker-slim"), 'Acquire::Languages "none";\nAPT::Install-Recommends "false";\n');
  // The host's resolver configuration is no part of an image: the engine gives each container its own.
  writeFileSync(join(tree, "etc/resolv.conf"), "");
  writeFileSync(join(tree, "etc/hostname"), "localhost\n");
}

async function pack({ host }: Setting, tree: string, file: string): Promise<void> {
  const packed = await run("tar", [
    "--create", "--gzip", "--file", file, "--directory", tree, "--numeric-owner", "--sort=name",
    "--exclude=./proc/*", "--exclude=./sys/*", "--exclude=./dev/*", ".",
  ], { env: { ...host.env, GZIP: "-1" } });
  if (packed.code !== 0) throw failed(`${BASE_IMAGE} could not be packed: ${lastLines(packed.stderr, 2)}`);
}

async function importTarball({ host }: Setting, file: string): Promise<void> {
  const imported = await run("docker", ["import", "--change", 'CMD ["bash"]', file, BASE_IMAGE], { env: host.env });
  if (imported.code !== 0) throw failed(`the engine does not import ${file}: ${lastLines(imported.stderr, 2)}`);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
