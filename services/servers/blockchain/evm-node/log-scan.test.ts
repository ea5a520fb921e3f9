import assert from "node:assert/strict";
import type { ChainClient } from "../../shared/evm-client.ts";
import { scanLogs } from "./log-scan.ts";

/** A node that refuses more than `most` blocks at once, and has one log in every tenth block. */
function nodeWith(most: number) {
  const asked: [number, number][] = [];
  const request = async ({ params }: { params: [{ fromBlock: string; toBlock: string }] }) => {
    const [from, to] = [Number(params[0].fromBlock), Number(params[0].toBlock)];
    asked.push([from, to]);
    if (to - from + 1 > most) throw Object.assign(new Error("refused"), { details: `query exceeds max block range ${most}` });
    const blocks = Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((block) => block % 10 === 0);
    return blocks.map((block) => ({ blockNumber: `0x${block.toString(16)}`, logIndex: "0x0", transactionHash: "0x", address: `0x${"ab".repeat(20)}`, topics: [], data: "0x" }));
  };
  return { chain: { request } as unknown as ChainClient, asked };
}

describe("a scan of logs", () => {
  const filter = { address: [], topics: [] };
  const { signal } = new AbortController();

  it("narrows its window until the node takes it, and misses nothing", async () => {
    const { chain, asked } = nodeWith(300);
    const page = await scanLogs(chain, filter, { block: 0, logIndex: 0, toBlock: 999 }, 500, signal);
    assert.deepEqual(page.logs.map((log) => log.blockNumber), Array.from({ length: 100 }, (_, i) => i * 10));
    assert.deepEqual(asked[0], [0, 999]);
    assert.ok(asked.slice(2).every(([from, to]) => to - from + 1 <= 500));
  });

  it("stops after the blocks one call may scan, and says where to go on", async () => {
    const first = await scanLogs(nodeWith(5_000).chain, filter, { block: 0, logIndex: 0, toBlock: 10_499 }, 5_000, signal);
    assert.deepEqual([first.logs.length, first.scannedToBlock, first.next], [1_000, 9_999, { block: 10_000, logIndex: 0, toBlock: 10_499 }]);
    const second = await scanLogs(nodeWith(5_000).chain, filter, first.next!, 5_000, signal);
    assert.deepEqual([second.logs.length, second.scannedToBlock, second.next], [50, 10_499, null]);
  });

  it("gives up with the node's words where narrowing does not help", async () => {
    const { chain } = nodeWith(0);
    await assert.rejects(scanLogs(chain, filter, { block: 0, logIndex: 0, toBlock: 9 }, 10, signal));
  });
});
