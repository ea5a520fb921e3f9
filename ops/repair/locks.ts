/** Locks that Pulumi left in the file backend when it was killed. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { processStart } from "../system/lock.ts";

/** Content of a lock file, as Pulumi writes it. */
export interface PulumiLock { pid: number; username: string; hostname: string; timestamp: string }

export interface FoundLock { file: string; lock: PulumiLock }

/** @throws {SyntaxError} for what is no lock file */
export function parseLock(text: string): PulumiLock {
  const lock = JSON.parse(text) as Partial<PulumiLock>;
  if (typeof lock.pid !== "number" || typeof lock.hostname !== "string") throw new SyntaxError("no Pulumi lock");
  return { pid: lock.pid, hostname: lock.hostname, username: lock.username ?? "", timestamp: lock.timestamp ?? "" };
}

export function readLocks(folder: string): FoundLock[] {
  let names: string[];
  try { names = readdirSync(folder); } catch { return []; }
  return names.filter((name) => name.endsWith(".json")).flatMap((name) => {
    const file = join(folder, name);
    // A killed Pulumi may leave an empty file; what cannot be read holds nothing.
    try { return [{ file, lock: parseLock(readFileSync(file, "utf8")) }]; } catch { return [{ file, lock: { pid: 0, hostname: hostname(), username: "", timestamp: "" } }]; }
  });
}

/**
 * Does its process still run? One of another machine counts as alive: it cannot be seen from here.
 *
 * @param program name of the process with that number; null when there is none
 */
export function isStale(lock: PulumiLock, here: string, program: string | null): boolean {
  return lock.hostname === here && (program === null || !program.startsWith("pulumi"));
}

export function programOf(pid: number): string | null {
  if (processStart(pid) === null) return null;
  try { return readFileSync(`/proc/${pid}/comm`, "utf8").trim(); } catch { return null; }
}

/** Removes stale locks. @returns how many, and the locks that are held */
export function clearStaleLocks(folder: string): { removed: number; held: PulumiLock[] } {
  const held: PulumiLock[] = [];
  let removed = 0;
  for (const { file, lock } of readLocks(folder)) {
    if (isStale(lock, hostname(), programOf(lock.pid))) {
      rmSync(file, { force: true });
      rmSync(`${file}.attrs`, { force: true });
      removed += 1;
    } else held.push(lock);
  }
  return { removed, held };
}
