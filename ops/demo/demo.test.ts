import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { MarketBook } from "../../contract/market.ts";
import type { Trade, TraderState } from "../../contract/trading.ts";
import type { Failure } from "../system/failure.ts";
import { parseTimeout } from "../verbs/demo.ts";
import { demonstrate } from "./demonstrate.ts";
import { outcomeLines, planLines, reportOf } from "./report.ts";

const book = MarketBook.parse(JSON.parse(readFileSync(join(import.meta.dirname, "../../configs/devnet/market.json"), "utf8")));
const [weth, ...others] = book.tokens;
const pairs = book.uniswapV2.map(({ pools }) => pools.find(({ token0, token1 }) => [token0, token1].includes(weth!.address) && [token0, token1].includes(others[0]!.address))!);
const STATE: TraderState = {
  chainId: 31_337, mode: "dry-run", liveChainId: 31_337, live: false, account: "0xacc0", executor: "0xe0", head: 7, halted: null, killSwitch: "clear", leaseHeld: true, inFlight: 0,
  limits: { leastNetProfit: "1", leastGasMultiple: 1.5, mostAmount: "9", mostReserveSharePpm: 300_000, mostGas: "3000000", hourlyGas: "100", hourlyLoss: "50", hourlyReverts: 5 },
  spent: { gas: "0", loss: "0", reverts: 0 },
};
const trade = (key: string, status: Trade["status"], outcome: Trade["outcome"] = null): Trade => ({
  key, planId: "1", mode: "live", status, reason: null, chainId: 31_337, blockNumber: 7, blockHash: "0xb7", account: "0xacc0", token: weth!.address.toLowerCase(),
  pools: pairs.map(({ address }) => address.toLowerCase()), lender: { kind: "balancer-v2", address: book.balancerV2.vault.toLowerCase() }, amount: "9000000000000000000",
  predictedProfit: "200000000000000000", predictedGasCost: "1000000000000000", transactions: [], outcome, foundAt: "2026-01-01T00:00:00.000Z", changedAt: "2026-01-01T00:00:00.000Z",
});
const MINED = { hash: "0xaa", blockNumber: 8, blockHash: "0xb8", gasUsed: "240000", gasCost: "900000000000000", profit: "200000000000000000" };
const NONE = { status: 504, title: "Gateway Timeout", type: "about:blank", detail: "nothing passed" };
const refuses = (exitCode: number, pattern: RegExp) => (error: Failure): boolean => error.exitCode === exitCode && pattern.test(error.message);

describe("./mcp demo", () => {
  let server: Server;
  let state: Partial<TraderState>;
  /** Answers to requests for a live trade, one after the other; then none comes. */
  let offers: Trade[];
  const ended = new Map<string, Trade>();
  const asked: unknown[] = [];
  const missed: string[] = [];
  const run = (timeoutMs = 2_000): Promise<Trade> => demonstrate(
    { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, token: "t" }, timeoutMs, { waiting: () => undefined, sent: () => undefined, missed: ({ key }) => missed.push(key) },
  );
  before(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => { body += chunk; }).on("end", () => {
        const send = (status: number, answer: unknown): void => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
        if (request.url === "/v1/state") return send(200, { ...STATE, ...state });
        if (request.method === "GET") return send(200, ended.get(decodeURIComponent(request.url!.slice("/v1/trades/".length))));
        asked.push(JSON.parse(body));
        const offer = offers.shift();
        return offer ? send(200, offer) : void setTimeout(send, 200, 504, NONE);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => { server.closeAllConnections(); server.close(); });
  beforeEach(() => { state = {}; offers = []; asked.length = 0; });

  it("goes on after a trade that failed, and asks for the chain by its id", async () => {
    ended.set("a", trade("a", "failed", { ...MINED, profit: "0" })).set("b", trade("b", "succeeded", MINED));
    offers = [trade("a", "sent"), trade("b", "sent")];
    assert.equal((await run()).key, "b");
    assert.deepEqual(missed, ["a"]);
    assert.deepEqual(asked.map((body) => (body as { chainId: number }).chainId), [31_337, 31_337]);
  });

  it("waits on where nothing came yet, and ends in time where nothing comes", async () => {
    await assert.rejects(run(700), refuses(1, /within 0\.7 s no opportunity passed every gate: http:\S+\/metrics counts/));
    assert.ok(asked.length >= 2);
  });

  it("says what keeps the trader from trading, before anything is asked for", async () => {
    const cases: [Partial<TraderState>, number, RegExp][] = [
      [{ liveChainId: null }, 2, /allows live trades on no chain, and its chain is 31337: set mcp:trading\.liveChainId to 31337/],
      [{ halted: "state_mismatch: pool 0x1" }, 2, /trading has stopped \(state_mismatch: pool 0x1\)/],
      [{ killSwitch: "set" }, 2, /kill switch is set/], [{ killSwitch: "unreachable" }, 1, /counts as set/], [{ leaseHeld: false }, 1, /does not hold its account's nonces/],
    ];
    for (const [what, code, pattern] of cases) {
      state = what;
      await assert.rejects(run(), refuses(code, pattern));
    }
    assert.deepEqual(asked, []);
  });

  it("tells plan and outcome in the tokens' names, and no profit that did not come", () => {
    const report = reportOf(book, "http://127.0.0.1:3004/v1", trade("31337:7:ab", "succeeded", MINED));
    const text = [...planLines(report), ...outcomeLines(report)].join("\n");
    assert.match(text, new RegExp(`WETH → ${others[0]!.symbol} → WETH`));
    assert.match(text, /lends 9 WETH/);
    assert.match(text, /realised +0\.2 WETH before gas, to the wei what was predicted/);
    assert.match(text, /net +0\.1991 WETH/);
    assert.match(text, /\/v1\/trades\/31337%3A7%3Aab/);
    const dropped = outcomeLines(reportOf(book, "http://x/v1", trade("k", "dropped"))).join("\n");
    assert.match(dropped, /dropped: never mined/);
    assert.doesNotMatch(dropped, /realised/);
  });

  it("takes whole seconds as a time limit", () => {
    assert.deepEqual([parseTimeout(), parseTimeout("60")], [30, 60]);
    for (const word of ["0", "-1", "1.5", "soon", "601"]) assert.throws(() => parseTimeout(word), refuses(2, /no number of seconds/));
  });
});
