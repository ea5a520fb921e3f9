/**
 * Working copies of the stack files. Pulumi writes salts, secrets and `config set` into the file it reads, so it is
 * given one under .mcp/stacks, and the tracked `Pulumi.<stack>.yaml` stays what the product ships.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseDocument, stringify } from "yaml";
import { failed, misused } from "../system/failure.ts";
import type { Paths } from "../system/paths.ts";
import { merge, same, type Value } from "./merge.ts";

type Config = Record<string, Value>;

const HEADER = (stack: string) =>
  `# Working copy of Pulumi.${stack}.yaml, ignored by Git: "pulumi config set" and "./mcp scale" write here, and\n` +
  "# changes of the tracked file are merged in. What is the same for everybody belongs there.\n";

const fileName = (stack: string): string => `Pulumi.${stack}.yaml`;
export const trackedFile = (paths: Paths, stack: string): string => join(paths.root, fileName(stack));
export const workingFile = (paths: Paths, stack: string): string => join(paths.home, "stacks", fileName(stack));
const baseFile = (paths: Paths, stack: string): string => join(paths.home, "stacks", "base", fileName(stack));

/** Stacks that the product ships a file for. */
export function shippedStacks(paths: Paths): string[] {
  return readdirSync(paths.root).flatMap((name) => /^Pulumi\.([A-Za-z0-9_-]+)\.yaml$/.exec(name)?.[1] ?? []).sort();
}

/** @throws {Failure} with exit code 2 unless the stack is shipped or was made by its user */
export function assertStack(paths: Paths, stack: string): void {
  if (existsSync(trackedFile(paths, stack)) || existsSync(workingFile(paths, stack))) return;
  throw misused(`--stack ${stack}: there is no ${fileName(stack)}; stacks here: ${shippedStacks(paths).join(", ")}. Write that file to add one.`);
}

/** Brings the working copy up to date, and gives it back. @throws {Failure} with exit code 2 for a file that is no YAML map */
export function syncWorkingCopy(paths: Paths, stack: string): Config {
  const tracked = readConfig(paths, trackedFile(paths, stack));
  const working = readConfig(paths, workingFile(paths, stack));
  if (tracked === null) return working ?? {};
  // Without a working copy there is nothing that its user could have removed from it.
  const base = working === null ? null : readConfig(paths, baseFile(paths, stack));
  const merged = merge(base ?? {}, tracked, working ?? {}) as Config;
  if (working === null || !same(merged, working)) writeWorkingCopy(paths, stack, merged);
  if (base === null || !same(base, tracked)) write(baseFile(paths, stack), stringify(tracked));
  return merged;
}

export function writeWorkingCopy(paths: Paths, stack: string, config: Config): void {
  write(workingFile(paths, stack), HEADER(stack) + stringify(config));
}

/**
 * Removes the salt of a working copy whose stack is not in the state, so that a new one fits the passphrase of today.
 *
 * @throws {Failure} with exit code 1 when it holds secrets, which would be unreadable ever after
 */
export function dropSalt(paths: Paths, stack: string): void {
  const file = workingFile(paths, stack);
  const { encryptionsalt: _, ...rest } = readConfig(paths, file) ?? {};
  if (/^\s*secure:/m.test(stringify(rest))) {
    throw failed(`${relative(paths.root, file)} holds secrets that another passphrase encrypted: give that one (PULUMI_CONFIG_PASSPHRASE_FILE), `
      + 'or remove the lines with "secure:" and "encryptionsalt:" and set the secrets again.');
  }
  writeWorkingCopy(paths, stack, rest);
}

/** A file's map; null where there is no file. */
function readConfig(paths: Paths, file: string): Config | null {
  if (!existsSync(file)) return null;
  const shown = relative(paths.root, file);
  const document = parseDocument(readFileSync(file, "utf8"));
  const [error] = document.errors;
  if (error) throw misused(`${shown}: ${error.message.split("\n")[0]}`);
  const value = document.toJS() as Value;
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw misused(`${shown}: must be a map with the key "config".`);
  return value;
}

/** Whole or not at all, also when two commands run at once. */
function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, file);
}
