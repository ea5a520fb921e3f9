/** The environment in which Pulumi runs, here and in the shell of `./mcp env`. */
import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pulumiHome, type PulumiTools } from "../prerequisites/pulumi.ts";
import type { Paths } from "../system/paths.ts";
import type { Environment } from "../system/processes.ts";
import { ensurePassphrase, passphraseFile, passphraseGiven } from "./passphrase.ts";
import { backendUrl, stateFolder } from "./state-files.ts";

/** Every resource step may run at once: they wait for the engine, not for this machine's processors. */
const PARALLEL = 64;

/** Is the state in the file backend of this checkout? A team gives PULUMI_BACKEND_URL. */
export function ownBackend(paths: Paths, env: Environment): boolean {
  return env.PULUMI_BACKEND_URL === undefined || env.PULUMI_BACKEND_URL === backendUrl(paths);
}

/** Variables that differ from the caller's. Makes the state folder and the passphrase on first use. */
export function pulumiVariables(paths: Paths, env: Environment, tools: PulumiTools): Record<string, string> & { PATH: string } {
  const own = ownBackend(paths, env);
  // Pulumi wants the folder of a file backend to exist.
  if (own) mkdirSync(stateFolder(paths), { recursive: true });
  ensurePassphrase(paths, env);
  const path = (env.PATH ?? "").split(delimiter).filter((folder) => folder && folder !== tools.bin && folder !== nodeFolder());
  return {
    // The program runs under the Node that package.json pins.
    PATH: [nodeFolder(), tools.bin, ...path].join(delimiter),
    PULUMI_HOME: pulumiHome(paths),
    ...(own ? { PULUMI_BACKEND_URL: backendUrl(paths) } : {}),
    ...(passphraseGiven(paths, env) ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(paths) }),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_PARALLEL: env.PULUMI_PARALLEL ?? String(PARALLEL),
    // A run of 10 s needs few garbage collections: 0.8 s less of it, for a few hundred MiB that it holds as long.
    GOGC: env.GOGC ?? "400",
    NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE ?? join(paths.home, "cache", "node"),
    // Plugins are installed beforehand; where Pulumi's servers cannot be reached an attempt would only cost time.
    ...(tools.source === "toolchain" ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
  };
}

/** Folder of the Node that runs us. */
function nodeFolder(): string {
  return join(process.execPath, "..");
}
