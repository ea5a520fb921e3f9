/** Reads logs window by window, and halves the window where a node finds it too large. */
import type { Address, Hex, RpcLog } from "viem";
import { getAddress, numberToHex } from "viem/utils";
import { ask, type ChainClient } from "../../shared/evm-client.ts";
import { MAX_SCAN_BLOCKS, nextWindow, wantsFewerBlocks, WINDOW_BLOCKS, type Position } from "./log-pages.ts";

export interface LogFilter {
  address: Address[];
  /** A position's null matches anything. */
  topics: (Hex | Hex[] | null)[];
}

export interface LogEntry {
  blockNumber: number;
  logIndex: number;
  transactionHash: Hex;
  address: Address;
  topics: Hex[];
  data: Hex;
}

export interface LogPage {
  logs: LogEntry[];
  scannedToBlock: number;
  /** Where the next page begins; null when the query is done. */
  next: Position | null;
}

const entry = (log: RpcLog): LogEntry => ({
  blockNumber: Number(log.blockNumber),
  logIndex: Number(log.logIndex),
  transactionHash: log.transactionHash!,
  address: getAddress(log.address),
  topics: log.topics as Hex[],
  data: log.data,
});

async function readWindow(chain: ChainClient, filter: LogFilter, from: number, to: number): Promise<LogEntry[]> {
  const logs = await chain.request({
    method: "eth_getLogs",
    params: [{ fromBlock: numberToHex(from), toBlock: numberToHex(to), ...(filter.address.length ? { address: filter.address } : {}), topics: filter.topics }],
  });
  return (logs as RpcLog[]).map(entry).sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
}

export async function scanLogs(chain: ChainClient, filter: LogFilter, start: Position, limit: number, signal: AbortSignal): Promise<LogPage> {
  const scanEnd = Math.min(start.toBlock, start.block + MAX_SCAN_BLOCKS - 1);
  const logs: LogEntry[] = [];
  let from = start.block;
  let size = WINDOW_BLOCKS;
  for (let window = nextWindow(from, scanEnd, size); window; window = nextWindow(from, scanEnd, size)) {
    let found: LogEntry[];
    try {
      found = await readWindow(chain, filter, window.from, window.to);
    } catch (error) {
      if (size > 1 && !signal.aborted && wantsFewerBlocks(String((error as { details?: string }).details ?? error))) {
        size = Math.ceil(size / 4);
        continue;
      }
      return await ask(`the logs of blocks ${window.from} to ${window.to}`, Promise.reject(error), signal);
    }
    logs.push(...found.filter((log) => log.blockNumber > start.block || log.logIndex >= start.logIndex));
    if (logs.length > limit) {
      const first = logs[limit]!;
      return { logs: logs.slice(0, limit), scannedToBlock: logs[limit - 1]!.blockNumber, next: { block: first.blockNumber, logIndex: first.logIndex, toBlock: start.toBlock } };
    }
    from = window.to + 1;
  }
  return { logs, scannedToBlock: scanEnd, next: scanEnd < start.toBlock ? { block: scanEnd + 1, logIndex: 0, toBlock: start.toBlock } : null };
}
