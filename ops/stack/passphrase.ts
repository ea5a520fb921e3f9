/** The passphrase that encrypts secrets in the state: generated on first use, kept in .mcp/passphrase. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { missing } from "../system/failure.ts";
import type { Paths } from "../system/paths.ts";
import type { Environment } from "../system/processes.ts";
import { stateFiles } from "./state-files.ts";

export const passphraseFile = (paths: Paths): string => join(paths.home, "passphrase");

/** Is the passphrase given from outside? Then the file is none of our business. The shell of `./mcp env` names our own. */
export function passphraseGiven(paths: Paths, env: Environment): boolean {
  const file = env.PULUMI_CONFIG_PASSPHRASE_FILE;
  return env.PULUMI_CONFIG_PASSPHRASE !== undefined || (file !== undefined && file !== passphraseFile(paths));
}

/** @throws {Failure} with exit code 3 when stacks exist whose passphrase is gone */
export function ensurePassphrase(paths: Paths, env: Environment): void {
  if (passphraseGiven(paths, env)) return;
  const file = passphraseFile(paths);
  if (existsSync(file) && readFileSync(file, "utf8").trim() !== "") return;
  const stacks = stateFiles(paths).map((found) => found.stack);
  if (stacks.length > 0) throw missing(lostPassphrase(relative(paths.root, file), stacks));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "w" });
}

/** What is lost, what is not, and the commands for both ways on. */
export function lostPassphrase(file: string, stacks: readonly string[]): string {
  return [
    `${file} is lost: put it back from a backup, or give up the secrets of stack ${stacks.join(", ")} with the commands below.`,
    "  Not lost: running containers go on, volumes keep their data, and the configuration is in the Pulumi.<stack>.yaml files.",
    "  Lost without that file: the root key in the state, so the passwords and tokens made from it, and secrets set with",
    '  "pulumi config set --secret". The stores in the volumes keep the old passwords.',
    "  With a backup:    cp /path/to/backup/passphrase " + `${file} && chmod 600 ${file}`,
    ...stacks.map((stack) => `  Starting afresh:  ./mcp down --stack ${stack} --forget --volumes && ./mcp up --stack ${stack}`),
    "  (--forget removes containers and networks by their label and sets the unreadable state aside; leave --volumes out",
    "  to keep the volumes for a rescue by hand.)",
  ].join("\n");
}
