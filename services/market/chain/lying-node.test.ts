import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Hex } from "viem";
import { bloomOf } from "./bloom.ts";
import { Chain } from "./chain.ts";
import { ChainFault, type ChainFaultReason } from "./fault.ts";
import { HttpRpc } from "./rpc.ts";

const hash = (n: number): Hex => `0x${String(n).padStart(64, "0")}`;
const LOG = { address: `0x${"a1".repeat(20)}`, topics: [hash(7)], data: "0x", logIndex: "0x0", blockHash: hash(1) };
const block = (n: number, more: object = {}): object => ({
  number: `0x${n.toString(16)}`, hash: hash(n), parentHash: hash(n - 1), timestamp: "0x1", baseFeePerGas: "0x1", gasUsed: "0x0", gasLimit: "0x1", logsBloom: bloomOf([LOG as never]), ...more,
});

describe("a node that does not tell the truth", () => {
  let server: Server;
  let answer: (method: string, response: ServerResponse, id: number) => void;
  let chain: Chain;
  before(async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part)).on("end", () => {
        const asked = JSON.parse(Buffer.concat(parts).toString()) as { method: string; id: number } | { method: string; id: number }[];
        const [first] = [asked].flat();
        answer(first!.method, response, first!.id);
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    chain = new Chain(new HttpRpc(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?key=s3cret`, 100));
  });
  after(() => { server.closeAllConnections(); server.close(); });

  const tell = (result: unknown): void => { answer = (_, response, id) => void response.end(JSON.stringify({ jsonrpc: "2.0", id, result })); };
  const refuses = (asked: () => Promise<unknown>, reason: ChainFaultReason) => assert.rejects(asked, (error) => {
    assert.ok(error instanceof ChainFault && !error.message.includes("s3cret"), String(error));
    assert.equal(error.reason, reason, error.message);
    return true;
  });
  const head = async () => { tell(block(1)); return chain.latest(); };

  it("is on another chain: wrong_chain", async () => { tell("0x1"); await refuses(() => chain.demandChain(31_337), "wrong_chain"); });
  it("leaves logs out: missing_logs", async () => { const one = await head(); tell([]); await refuses(() => chain.logs([one]), "missing_logs"); });
  it("tells another block's logs: foreign_log", async () => { const one = await head(); tell([{ ...LOG, blockHash: hash(2) }]); await refuses(() => chain.logs([one]), "foreign_log"); });
  it("tells all logs: no fault", async () => { const one = await head(); tell([LOG]); assert.equal((await chain.logs([one]))[0]!.length, 1); });
  it("tells another block than the one asked for: malformed_answer", async () => { tell(block(5)); await refuses(() => chain.head(hash(4)), "malformed_answer"); });
  it("does not know a block: block_gone", async () => { tell(null); await refuses(() => chain.head(hash(4)), "block_gone"); });
  it("tells blocks that lead nowhere: gap_too_wide", async () => {
    const one = await head();
    answer = (_, response, id) => void response.end(JSON.stringify({ id, result: block(0, { hash: hash(0), parentHash: hash(0) }) }));
    await refuses(() => chain.branch(one, () => false, 2), "gap_too_wide");
  });
  it("tells numbers that are none: malformed_answer", async () => {
    for (const wrong of [{ number: 7 }, { number: `0x${"f".repeat(20)}` }, { baseFeePerGas: undefined }, { hash: "0x12" }]) {
      tell(block(1, wrong));
      await refuses(() => chain.latest(), "malformed_answer");
    }
  });
  it("answers 429: rate_limited", async () => { answer = (_, response) => void response.writeHead(429).end("slow down"); await refuses(() => chain.latest(), "rate_limited"); });
  it("answers with its own code for too many requests: rate_limited", async () => {
    answer = (_, response, id) => void response.end(JSON.stringify({ id, error: { code: -32005, message: "limit" } }));
    await refuses(() => chain.latest(), "rate_limited");
  });
  it("stops in the middle of an answer: half_answer", async () => {
    answer = (_, response) => void response.end('{"jsonrpc":"2.0","id":0,"resu');
    await refuses(() => chain.latest(), "half_answer");
    answer = (_, response) => { response.writeHead(200, { "content-length": "500" }).write("{"); setTimeout(() => response.destroy(), 10); };
    await refuses(() => chain.latest(), "half_answer");
  });
  it("answers some requests of several: half_answer", async () => {
    answer = (_, response, id) => void response.end(JSON.stringify([{ id, result: "0x1" }]));
    await refuses(() => chain.account(`0x${"a1".repeat(20)}`, [hash(1)]), "half_answer");
  });
  it("is silent: timeout", async () => { answer = () => undefined; await refuses(() => chain.latest(), "timeout"); });
  it("fails: unavailable", async () => { answer = (_, response) => void response.writeHead(503).end(); await refuses(() => chain.latest(), "unavailable"); });
});
