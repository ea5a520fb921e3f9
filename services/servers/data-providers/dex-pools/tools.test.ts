import assert from "node:assert/strict";
import type { Address } from "viem";
import { encodeFunctionData, parseAbi } from "viem/utils";
import { redisKeys } from "../../../../contract/redis-keys.ts";
import { callTool } from "../../../kit/testing.ts";
import { poolView } from "../../../market/views.ts";
import { rpc } from "../../../../test/support/market.ts";
import { startMarketRig, type MarketRig } from "../../../../test/support/market-deps.ts";
import type { Deps } from "./deps.ts";
import { getPool } from "./tools/get-pool.ts";
import { getPoolFeed } from "./tools/get-pool-feed.ts";
import { listPools } from "./tools/list-pools.ts";
import { listTicks } from "./tools/list-ticks.ts";
import { listTokens } from "./tools/list-tokens.ts";
import { quoteSwap } from "./tools/quote-swap.ts";

const QUOTER = parseAbi(["function quoteExactInputSingle((address tokenIn, address tokenOut, uint256 amountIn, uint24 fee, uint160 limit)) returns (uint256, uint160, uint32, uint256)"]);
const ETHER = 10n ** 18n;

describe("dex-pools on the market", function () {
  this.timeout(60_000);
  let rig: MarketRig;
  let deps: Deps;
  const published: Record<string, string> = {};
  before(async () => {
    rig = await startMarketRig();
    deps = { ...rig.deps, redis: { hgetall: async (key: unknown) => (key === redisKeys.poolStates ? published : {}) } as Deps["redis"] };
  });
  after(() => rig?.market.stop());

  it("lists every pool, by token and kind, with the block and its age", async () => {
    const { book } = rig.market;
    const all = await callTool(listPools, deps, {});
    assert.equal(all.total, book.uniswapV2.flatMap(({ pools }) => pools).length + book.uniswapV3.pools.length);
    assert.deepEqual([all.stale, all.blockAgeSeconds, all.leftOut], [false, 0, []]);
    const ranges = await callTool(listPools, deps, { token: "weth", otherToken: "USDC", kind: "uniswap-v3" });
    assert.ok(ranges.pools.length > 0 && ranges.pools.every(({ kind, token0, token1 }) => kind === "uniswap-v3" && [token0.symbol, token1.symbol].toSorted().join() === "USDC,WETH"));
    rig.clock.ms += 60_000;
    const later = await callTool(listPools, deps, { limit: 1 });
    assert.deepEqual([later.stale, later.blockAgeSeconds, later.pools.length, later.total], [true, 60, 1, all.total]);
    rig.clock.ms -= 60_000;
    await assert.rejects(callTool(listPools, deps, { token: "DOGE" }), /No token "DOGE" in this market: it has WETH/);
  });

  it("counts each token's pools, and names the base", async () => {
    const { tokens } = await callTool(listTokens, deps, {});
    assert.deepEqual(tokens.filter(({ isBase }) => isBase).map(({ symbol }) => symbol), ["WETH"]);
    assert.equal(tokens.length, 7);
    for (const { symbol, pools } of tokens) assert.equal(pools, (await callTool(listPools, deps, { token: symbol, limit: 500 })).total);
  });

  it("quotes V3 as the protocol's own quoter does, to the unit, and the input for an output back", async () => {
    const { uniswapV3: { quoter, pools }, tokens } = rig.market.book;
    const pool = pools.find(({ token0, token1 }) => [token0, token1].includes(tokens[0]!.address))!;
    const other = pool.token0 === tokens[0]!.address ? pool.token1 : pool.token0;
    const data = encodeFunctionData({ abi: QUOTER, args: [{ tokenIn: tokens[0]!.address, tokenOut: other as Address, amountIn: 3n * ETHER, fee: pool.feePpm, limit: 0n }] });
    const quoted = BigInt((await rpc<string>(rig.market.url, "eth_call", [{ to: quoter, data }, "latest"])).slice(0, 66));
    const ours = await callTool(quoteSwap, deps, { pool: pool.address, tokenIn: "WETH", amountIn: String(3n * ETHER) });
    assert.equal(ours.amountOut, String(quoted));
    assert.ok(ours.impactBps >= pool.feePpm / 100 - 0.01, `${ours.impactBps}`);
    const back = await callTool(quoteSwap, deps, { pool: pool.address, tokenIn: "WETH", amountOut: ours.amountOut });
    assert.ok(BigInt(back.amountIn) <= 3n * ETHER && BigInt(back.amountOut) >= quoted);
    await assert.rejects(callTool(quoteSwap, deps, { pool: pool.address, tokenIn: "WETH", amountOut: String(10n ** 40n) }), /insufficient_liquidity/);
    await assert.rejects(callTool(quoteSwap, deps, { pool: pool.address, tokenIn: "WETH" }), /amountIn or amountOut/);
  });

  it("reads pairs and ranges whole; ticks add up to nothing, and pairs have none", async () => {
    const { uniswapV2: [dex], uniswapV3 } = rig.market.book;
    const pair = await callTool(getPool, deps, { pool: dex!.pools[0]!.address });
    assert.ok(BigInt(pair.pair!.reserve0) > 0n && pair.range === null);
    assert.equal(pair.exchange, dex!.name);
    const { address } = uniswapV3.pools[0]!;
    const { range } = await callTool(getPool, deps, { pool: address });
    const { ticks, total, currentTick, liquidity } = await callTool(listTicks, deps, { pool: address, limit: 1_000 });
    assert.equal(total, range!.initialisedTicks);
    assert.equal(ticks.reduce((sum, { liquidityNet }) => sum + BigInt(liquidityNet), 0n), 0n);
    assert.equal(ticks.filter(({ tick }) => tick <= currentTick).reduce((sum, { liquidityNet }) => sum + BigInt(liquidityNet), 0n), BigInt(liquidity));
    await assert.rejects(callTool(listTicks, deps, { pool: dex!.pools[0]!.address }), /V2 pair, which has no ticks/);
    await assert.rejects(callTool(getPool, deps, { pool: `0x${"1".repeat(40)}` }), /is none of this market's/);
  });

  it("tells the published states, and when nothing is published", async () => {
    assert.deepEqual(await callTool(getPoolFeed, deps, {}).then(({ states, silent }) => [states, silent]), [[], true]);
    const { market, head } = await deps.reader.latest();
    for (const pool of market.pools.slice(0, 3)) published[pool.id] = JSON.stringify(poolView(pool, head.number));
    const one = market.pools[1]!.id;
    const { states, silent } = await callTool(getPoolFeed, deps, { pools: [one] });
    assert.deepEqual([states.map(({ address, blockNumber }) => [address, blockNumber]), silent], [[[one, head.number]], false]);
  });
});
