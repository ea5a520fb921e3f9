/**
 * How soon the local chain answers with its whole market, and what it holds in memory then:
 * `node bench/devnet-start.ts [runs]`. Ends with 1 where a start takes longer than the limit.
 */
import { readFileSync } from "node:fs";
import type { Hex } from "viem";
import { rpc, startMarket } from "../test/support/market.ts";

/** From the start of the process to the first answer to eth_blockNumber. */
const LIMIT_MS = 500;

const runs = Number(process.argv[2] ?? 10);
// The first run may have to make the market.
await (await startMarket()).stop();
const times: number[] = [];
const resident: number[] = [];
for (let run = 0; run < runs; run++) {
  const begun = performance.now();
  const { url, book, pid, stop } = await startMarket();
  const block = Number(await rpc<Hex>(url, "eth_blockNumber"));
  times.push(Math.round(performance.now() - begun));
  if (block !== book.block) throw new Error(`the chain is at block ${block}, and its market at ${book.block}`);
  resident.push(Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024));
  await stop();
}
const sorted = times.toSorted((a, b) => a - b);
console.log(`first answer after ${sorted[0]} to ${sorted.at(-1)} ms, median ${sorted[Math.floor(runs / 2)]} (limit ${LIMIT_MS}); ${Math.max(...resident)} MiB resident; ${runs} starts`);
if (sorted.at(-1)! > LIMIT_MS) process.exitCode = 1;
