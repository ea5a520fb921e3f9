/** The bloom filter of a block's logs: what tells that a node has left some of them out. Yellow Paper, section 4.3.1. */
import { keccak256 } from "viem/utils";
import type { Hex } from "viem";
import { ChainFault } from "./fault.ts";
import type { Head, Log } from "./answers.ts";

/** The same few addresses and topics come block after block. */
const MOST_KNOWN = 50_000;
const known = new Map<string, readonly number[]>();

/** The three bits, of 2048, that stand for an address or a topic. */
function bitsOf(entry: Hex): readonly number[] {
  let bits = known.get(entry);
  if (bits === undefined) {
    const hash = keccak256(entry);
    bits = [0, 1, 2].map((at) => Number.parseInt(hash.slice(2 + 4 * at, 6 + 4 * at), 16) & 2047);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(entry, bits);
  }
  return bits;
}

export function bloomOf(logs: readonly Pick<Log, "address" | "topics">[]): Hex {
  const bytes = Buffer.alloc(256);
  for (const { address, topics } of logs) {
    for (const entry of [address as Hex, ...topics]) for (const bit of bitsOf(entry)) bytes[255 - (bit >> 3)]! |= 1 << (bit & 7);
  }
  return `0x${bytes.toString("hex")}`;
}

/**
 * All logs of a block make its bloom; fewer make a smaller one, unless others have the same bits.
 *
 * @throws {ChainFault} `foreign_log` for one of another block, `missing_logs` where the bloom is not theirs
 */
export function demandAllLogs({ hash, number, logsBloom }: Head, logs: readonly Log[]): void {
  const foreign = logs.find(({ blockHash }) => blockHash !== hash);
  if (foreign) throw new ChainFault("foreign_log", `Among the logs of block ${number} (${hash}) is one of block ${foreign.blockHash}.`);
  if (bloomOf(logs) !== logsBloom) throw new ChainFault("missing_logs", `The ${logs.length} logs that the node tells of block ${number} (${hash}) do not make the block's bloom: some are missing.`);
}
