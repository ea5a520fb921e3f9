/** One process at a time, across processes: a file that names its holder. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

interface Holder { pid: number; hostname: string; startedAt: string | null }

/** Start time of a process in clock ticks since boot: tells a process from a later one with its number. Null: no such process. */
export function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may itself hold brackets and blanks.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch { return null; }
}

/** Runs `work` while holding `file`; waits for another holder, calling `waiting` once. A dead holder's file is taken over. */
export async function withLock<T>(file: string, waiting: (pid: number) => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const mine: Holder = { pid: process.pid, hostname: hostname(), startedAt: processStart(process.pid) };
  let told = false;
  while (!tryTake(file, mine)) {
    const holder = read(file);
    if (holder && isDead(holder)) { rmSync(file, { force: true }); continue; }
    if (holder && !told) { told = true; waiting(holder.pid); }
    await sleep(200);
  }
  const release = () => rmSync(file, { force: true });
  process.on("exit", release);
  try { return await work(); } finally {
    process.off("exit", release);
    release();
  }
}

function tryTake(file: string, mine: Holder): boolean {
  try {
    writeFileSync(file, JSON.stringify(mine), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function read(file: string): Holder | null {
  try { return JSON.parse(readFileSync(file, "utf8")) as Holder; } catch { return null; }
}

/** Only a process of this machine can be known to be dead. */
function isDead(holder: Holder): boolean {
  return holder.hostname === hostname() && processStart(holder.pid) !== holder.startedAt;
}
