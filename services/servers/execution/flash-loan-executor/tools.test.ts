import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { encodeFunctionData, parseAbi } from "viem/utils";
import type { TokenClaims } from "../../../../contract/access.ts";
import { callTool } from "../../../kit/testing.ts";
import { rpc } from "../../../../test/support/market.ts";
import { startMarketRig, type MarketRig } from "../../../../test/support/market-deps.ts";
import { TraderClient } from "../../shared/trader-client.ts";
import type { Deps } from "./deps.ts";
import { executeTrade } from "./tools/execute-trade.ts";
import { getTrade } from "./tools/get-trade.ts";
import { listTrades } from "./tools/list-trades.ts";
import { planTradeTool } from "./tools/plan-trade.ts";
import { simulateTrade } from "./tools/simulate-trade.ts";

const ETHER = 10n ** 18n;
const ROUTER = parseAbi(["function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[])"]);
const as = (role: TokenClaims["role"]): { caller: TokenClaims } => ({ caller: { sub: `user:${role}`, role, aud: ["*"] } });

describe("flash-loan-executor on the market", function () {
  this.timeout(60_000);
  let rig: MarketRig;
  let deps: Deps;
  let server: Server;
  const asked: string[] = [];
  let answer: { status: number; body: object } = { status: 200, body: {} };
  const push = async (ethers: bigint, from: string, to: string): Promise<void> => {
    const { url, book } = rig.market;
    const path = [from, to].map((symbol) => book.tokens.find((token) => token.symbol === symbol)!.address);
    const data = encodeFunctionData({ abi: ROUTER, args: [ethers, 0n, path, book.accounts.trader, 2n ** 64n] });
    await rpc(url, "eth_sendTransaction", [{ from: book.accounts.trader, to: book.uniswapV2[0]!.router, data, gas: "0xf4240" }]);
    await rpc(url, "evm_mine", []);
  };
  before(async () => {
    rig = await startMarketRig();
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    deps = { ...rig.deps, trader: new TraderClient("token-of-a-test", `http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
    await push(200n * ETHER, "WETH", "USDC");
  });
  after(async () => {
    server?.close();
    await rig?.market.stop();
  });

  it("plans unsigned what the simulation then earns, to the wei, and the chain with it", async () => {
    const { executor, accounts, tokens } = rig.market.book;
    const simulated = await callTool(simulateTrade, deps, {});
    assert.deepEqual([simulated.outcome, simulated.asPredicted, simulated.reason], ["earns", true, null]);
    assert.equal(simulated.profitWei, simulated.opportunity.profitWei);
    const plan = await callTool(planTradeTool, deps, { pools: simulated.opportunity.legs.map(({ pool }) => pool) });
    assert.deepEqual(plan.opportunity, simulated.opportunity);
    assert.deepEqual([plan.transaction.from, plan.transaction.to, plan.deadlineBlock], [accounts.executorOwner, executor, plan.blockNumber + 2]);
    assert.ok(BigInt(plan.minProfitWei) <= BigInt(plan.opportunity.profitWei));
    // Its owner alone can make something of it: here the chain, in whose name anvil signs.
    const balance = async (): Promise<bigint> => BigInt(await rpc<string>(rig.market.url, "eth_call",
      [{ to: tokens[0]!.address, data: encodeFunctionData({ abi: parseAbi(["function balanceOf(address) view returns (uint256)"]), args: [accounts.executorOwner] }) }, "latest"]));
    const before = await balance();
    await rpc(rig.market.url, "eth_sendTransaction", [{ from: plan.transaction.from, to: plan.transaction.to, data: plan.transaction.data, gas: "0x16e360" }]);
    await rpc(rig.market.url, "evm_mine", []);
    assert.equal(await balance() - before, BigInt(plan.opportunity.profitWei));
    await assert.rejects(callTool(planTradeTool, deps, { pools: plan.opportunity.legs.map(({ pool }) => pool).toReversed() }), /does not leave anything after premium and gas at block \d+/);
  });

  it("asks the trader for a live trade in an administrator's name alone", async () => {
    asked.length = 0;
    for (const role of ["service", "operator", "reader"] as const) {
      await assert.rejects(callTool(executeTrade, deps, { chainId: 31_337 }, as(role)), /wants a caller that may administer/);
    }
    assert.deepEqual(asked, []);
    answer = { status: 409, body: { type: "about:blank", title: "Conflict", status: 409, detail: "The deployment allows no live trade on chain 31337: set mcp:trading.liveChainId to it." } };
    await assert.rejects(callTool(executeTrade, deps, { chainId: 31_337 }, as("admin")), (error: Error) => error.name === "UserFault" && /mcp:trading\.liveChainId/.test(error.message));
    answer = { status: 504, body: { type: "about:blank", title: "Gateway Timeout", status: 504, detail: "Within 100 ms nothing passed every gate." } };
    await assert.rejects(callTool(executeTrade, deps, { chainId: 31_337, withinMs: 100 }, as("admin")), (error: Error) => error.name === "UserFault" && /nothing passed/.test(error.message));
    assert.deepEqual(asked, Array.from({ length: 2 }, () => "POST /v1/live-trades Bearer token-of-a-test"));
  });

  it("reads the books page by page, and says when the trader is away", async () => {
    asked.length = 0;
    answer = { status: 200, body: { trades: [] } };
    assert.deepEqual(await callTool(listTrades, deps, { limit: 5, before: "77" }), { trades: [] });
    assert.match(asked[0]!, /^GET \/v1\/trades\?limit=5&before=77 /);
    answer = { status: 404, body: { type: "about:blank", title: "Not Found", status: 404, detail: "The books have no trade 31337:1:ab." } };
    await assert.rejects(callTool(getTrade, deps, { key: "31337:1:ab" }), /no trade 31337:1:ab/);
    await assert.rejects(callTool(getTrade, deps, { key: "../state" }), /a trade's key/);
    const away: Deps = { ...deps, trader: new TraderClient("token-of-a-test", "http://127.0.0.1:1") };
    await assert.rejects(callTool(listTrades, away, {}), (error: Error) => error.name === "Unavailable" && /flash trader does not answer/.test(error.message));
  });
});
