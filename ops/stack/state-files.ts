/** Pulumi's file backend under .mcp/state, as far as the command line looks into it itself. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { failed } from "../system/failure.ts";
import type { Paths } from "../system/paths.ts";

export const PROJECT = "mcp";

export const stateFolder = (paths: Paths): string => join(paths.home, "state");
const stacksFolder = (paths: Paths): string => join(stateFolder(paths), ".pulumi", "stacks", PROJECT);
export const locksFolder = (paths: Paths, stack: string): string =>
  join(stateFolder(paths), ".pulumi", "locks", "organization", PROJECT, stack);

/** Absolute, because Pulumi resolves a relative one against the working directory. */
export const backendUrl = (paths: Paths): string => `file://${encodeURI(stateFolder(paths))}`;

/** Stacks that were initialised here, with their checkpoint. */
export function stateFiles(paths: Paths): { stack: string; file: string }[] {
  if (!existsSync(stacksFolder(paths))) return [];
  return readdirSync(stacksFolder(paths)).flatMap((name) => {
    const stack = /^([A-Za-z0-9_.-]+?)\.json(\.gz)?$/.exec(name)?.[1];
    return stack ? [{ stack, file: join(stacksFolder(paths), name) }] : [];
  });
}

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  parent?: string;
  protect?: boolean;
  outputs?: Record<string, unknown>;
  dependencies?: string[];
}
export interface State { resources: StateResource[]; pending: { type: string; urn: string }[] }

/** What the state knows; null for a stack that was never initialised. @throws {Failure} for a damaged file, with the remedy */
export function readState(paths: Paths, stack: string): State | null {
  const found = stateFiles(paths).find((entry) => entry.stack === stack);
  if (!found) return null;
  try {
    const bytes = readFileSync(found.file);
    return parseCheckpoint(found.file.endsWith(".gz") ? gunzipSync(bytes).toString("utf8") : bytes.toString("utf8"));
  } catch (error) {
    throw failed(`${found.file} cannot be read (${(error as Error).message}): "cp ${found.file}.bak ${found.file}" brings back the one before it.`);
  }
}

/** Reads a checkpoint file of version 3. */
export function parseCheckpoint(text: string): State {
  const { checkpoint } = JSON.parse(text) as {
    checkpoint?: { latest?: { resources?: StateResource[]; pending_operations?: { type: string; resource: { urn: string } }[] } };
  };
  return {
    resources: checkpoint?.latest?.resources ?? [],
    pending: (checkpoint?.latest?.pending_operations ?? []).map((operation) => ({ type: operation.type, urn: operation.resource.urn })),
  };
}

/** Moves a stack's checkpoint out of Pulumi's sight. @returns the folder it lies in now; null when there was none */
export function setStateAside(paths: Paths, stack: string, now: Date = new Date()): string | null {
  const found = stateFiles(paths).filter((entry) => entry.stack === stack);
  if (found.length === 0) return null;
  const aside = join(paths.home, "set-aside", `${stack}-${now.toISOString().replaceAll(/[:.]/g, "-")}`);
  mkdirSync(aside, { recursive: true });
  for (const { file } of found) {
    for (const suffix of ["", ".attrs", ".bak", ".bak.attrs"]) {
      if (existsSync(file + suffix)) renameSync(file + suffix, join(aside, file.split("/").at(-1)! + suffix));
    }
  }
  return aside;
}
