/**
 * Side files of the file backend. Pulumi's storage library keeps the attributes of `x` in `x.attrs`, which it does not
 * write in one piece: killed in that moment it leaves an empty one, and then refuses to read `x`, which is whole.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../system/paths.ts";
import { PROJECT, stateFolder } from "../stack/state-files.ts";

/** Removes side files that are no JSON; absent ones are made anew. @returns how many */
export function removeBrokenAttributes(paths: Paths): number {
  const root = join(stateFolder(paths), ".pulumi");
  const folders = [root, join(root, "stacks", PROJECT)].filter((folder) => existsSync(folder));
  const broken = folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith(".attrs")).map((name) => join(folder, name)))
    .filter((file) => !isJson(readFileSync(file, "utf8")));
  for (const file of broken) rmSync(file, { force: true });
  return broken.length;
}

function isJson(text: string): boolean {
  try { JSON.parse(text); return true; } catch { return false; }
}
