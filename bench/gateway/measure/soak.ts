/** A long run: many calls, some of whose clients vanish in the middle, and what the hub keeps of them. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchProcess } from "../processes/child-process.ts";
import { Caller, toolCall } from "./caller.ts";

export interface Kept {
  /** Ended well since the warm-up. */
  calls: number;
  /** Given up by their clients since the warm-up. */
  vanished: number;
  /** After a garbage collection. */
  rssMiB: number;
  heapMiB: number;
  externalMiB: number;
  descriptors: number;
}

const PARTS = 10;
/** Compilers are done, and the allocator has the pages it keeps, after some 60,000 calls: until then resident memory grows while the heap does not. */
const WARM_UP_PARTS = 3;
const CONNECTIONS = 64;
/** One client in so many vanishes, on a connection of its own that it takes with it. */
const VANISHES = 100;
const MID_CALL_MS = 20;
/** What was given up is settled, and idle connections of the clients are gone. */
const SETTLE_MS = 1_000;

/**
 * @param tools one that answers, and one that never does in time
 * @returns first what is kept after a warm-up, then after each part
 */
export async function soak(hub: BenchProcess, calls: number, tools: { answers: string; hangs: string }, onPart: (kept: Kept) => void): Promise<Kept[]> {
  const kept: Kept[] = [];
  const perPart = Math.ceil(calls / PARTS);
  let [ended, vanished] = [0, 0];
  for (let part = 1 - WARM_UP_PARTS; part <= PARTS; part++) {
    const caller = new Caller(hub.url, CONNECTIONS);
    const once = caller.of(toolCall(tools.answers), "42");
    const leaving: Promise<void>[] = [];
    let left = perPart;
    await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) {
        await once();
        if (++ended % VANISHES === 0) leaving.push(vanish(hub.url, tools.hangs));
      }
    }));
    await Promise.all(leaving);
    await caller.close();
    await sleep(SETTLE_MS);
    vanished += leaving.length;
    if (part < 0) continue;
    if (part === 0) [ended, vanished] = [0, 0];
    const { rssMiB, heapMiB, externalMiB, descriptors } = await hub.usage({ collected: true });
    kept.push({ calls: ended, vanished, rssMiB, heapMiB, externalMiB, descriptors });
    onPart(kept.at(-1)!);
  }
  return kept;
}

/** @throws {Error} when it was answered before it went: then it was not mid-call */
async function vanish(url: string, tool: string): Promise<void> {
  const caller = new Caller(url, 1);
  const gone = caller.of(toolCall(tool), "")().then(() => false, () => true);
  await sleep(MID_CALL_MS);
  await caller.close();
  if (!await gone) throw new Error(`${tool} has answered within ${MID_CALL_MS} ms`);
}
