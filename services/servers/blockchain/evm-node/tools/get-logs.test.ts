import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { startTokenChain, type TokenChain } from "../testing.ts";
import { getLogs } from "./get-logs.ts";

const TRANSFER = "Transfer(address indexed from, address indexed to, uint256 value)";

describe("get_logs", function () {
  this.timeout(30_000);
  let network: TokenChain;
  before(async () => {
    network = await startTokenChain();
    for (let i = 1; i <= 7; i++) await network.transfer(network.accounts[1 + (i % 2)]!, BigInt(i));
  });
  after(() => network?.stop());
  const query = (input: Record<string, unknown>) => callTool(getLogs, network.deps, { address: [network.token], fromBlock: "earliest", ...input });
  const values = (answer: { logs: { args: Record<string, unknown> | null }[] }) => answer.logs.map((log) => log.args?.["value"]);

  it("decodes events and filters by indexed parameters", async () => {
    const all = await query({ event: TRANSFER });
    assert.deepEqual(values(all), ["1000000", "1", "2", "3", "4", "5", "6", "7"]);
    assert.deepEqual([all.fromBlock, all.scannedToBlock, all.nextCursor], [0, 8, null]);
    assert.deepEqual(values(await query({ event: TRANSFER, match: { to: network.accounts[2] } })), ["1", "3", "5", "7"]);
    assert.deepEqual(values(await query({ event: "Transfer", abi: network.abi, match: { to: [network.accounts[1], network.accounts[2]] }, fromBlock: 3, toBlock: 5 })), ["2", "3", "4"]);
  });

  it("pages through everything once, whatever the page size, while the chain grows", async () => {
    for (const limit of [1, 3, 8]) {
      const seen: unknown[] = [];
      let cursor: string | null = null;
      let pages = 0;
      do {
        const page: Awaited<ReturnType<typeof query>> = await query({ event: TRANSFER, limit, toBlock: 8, ...(cursor ? { cursor } : {}) });
        assert.ok(page.logs.length <= limit);
        seen.push(...values(page));
        cursor = page.nextCursor;
        pages++;
        if (pages === 1) await network.transfer(network.accounts[1]!, 1n);
      } while (cursor);
      assert.deepEqual(seen, ["1000000", "1", "2", "3", "4", "5", "6", "7"]);
      assert.equal(pages, Math.ceil(8 / limit));
    }
  });

  it("gives raw logs without an event, and for an event of another layout", async () => {
    const raw = await query({ fromBlock: 2, toBlock: 2 });
    assert.equal(raw.logs.length, 1);
    assert.equal(raw.logs[0]!.event, null);
    assert.equal(BigInt(raw.logs[0]!.data!), 1n);
    const nft = await query({ event: "Transfer(address indexed from, address indexed to, uint256 indexed id)", fromBlock: 2, toBlock: 2 });
    assert.deepEqual([nft.logs[0]!.args, nft.logs[0]!.topics?.length], [null, 3]);
    const byTopic = await query({ topics: [raw.logs[0]!.topics![0], null, raw.logs[0]!.topics![2]], toBlock: 8 });
    assert.equal(byTopic.logs.length, 4);
  });

  it("refuses what does not fit together, and says how to mend it", async () => {
    const { nextCursor } = await query({ event: TRANSFER, limit: 1 });
    await assert.rejects(query({ event: TRANSFER, match: { to: network.token }, cursor: nextCursor }), /belongs to another query/);
    await assert.rejects(query({ cursor: "AAAA" }), /not one of get_logs/);
    await assert.rejects(query({ event: TRANSFER, match: { value: "1" } }), /no indexed parameter of that name\. It has from, to/);
    await assert.rejects(query({ fromBlock: 5, toBlock: 2 }), /fromBlock 5 lies after toBlock 2/);
    await assert.rejects(query({ event: "Transfer" }), /only a name/);
  });
});
