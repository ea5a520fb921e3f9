import assert from "node:assert/strict";
import { callTool } from "../../../kit/testing.ts";
import { startMarketRig, type MarketRig } from "../../../../test/support/market-deps.ts";
import { checkLoan } from "./tools/check-loan.ts";
import { compareLenders } from "./tools/compare-lenders.ts";
import { getLender } from "./tools/get-lender.ts";
import { listLenders } from "./tools/list-lenders.ts";
import { quoteLoan } from "./tools/quote-loan.ts";

const ETHER = 10n ** 18n;

describe("flash-loan-pools on the market", function () {
  this.timeout(60_000);
  let rig: MarketRig;
  before(async () => { rig = await startMarketRig(); });
  after(() => rig?.market.stop());

  it("lists all four kinds, cheapest first, each with what it has", async () => {
    const { lenders, stale } = await callTool(listLenders, rig.deps, {});
    assert.equal(stale, false);
    assert.deepEqual([...new Set(lenders.map(({ kind }) => kind))].toSorted(), ["aave-v3", "balancer-v2", "uniswap-v2", "uniswap-v3"]);
    assert.deepEqual(lenders.map(({ premiumPpm }) => premiumPpm), lenders.map(({ premiumPpm }) => premiumPpm).toSorted((a, b) => a - b));
    assert.deepEqual([lenders[0]!.kind, lenders[0]!.premiumPpm], ["balancer-v2", 0]);
    for (const { kind, onlyAsFirstLeg, availableWei } of lenders) {
      assert.equal(onlyAsFirstLeg, kind === "uniswap-v2");
      assert.ok(BigInt(availableWei) > 0n);
    }
  });

  it("quotes Aave's premium half up and a pool's rounded up, to the wei", async () => {
    const { aaveV3 } = rig.market.book;
    const quote = (lender: string, amountWei: bigint) => callTool(quoteLoan, rig.deps, { lender, amountWei: String(amountWei) });
    // 5 basis points: 999 wei are 0.4995, 1000 are 0.5.
    assert.deepEqual([(await quote(aaveV3.pool, 999n)).premiumWei, (await quote(aaveV3.pool, 1_000n)).premiumWei], ["0", "1"]);
    assert.equal((await quote(aaveV3.pool, 10n * ETHER)).repayWei, String(10n * ETHER + ETHER / 200n));
    const { lenders } = await callTool(listLenders, rig.deps, { kind: "uniswap-v3" });
    assert.equal((await quote(lenders[0]!.address, 1n)).premiumWei, "1");
    await assert.rejects(quote(aaveV3.pool, 10n ** 30n), /insufficient_liquidity: .* lends at most \d+ wei/);
    await assert.rejects(quote(aaveV3.pool, 0n), /invalid_amount/);
    await assert.rejects(quote(`0x${"1".repeat(40)}`, 1n), /lends nothing of the base token/);
  });

  it("ranks by premium and gas, and names who has too little", async () => {
    const few = await callTool(compareLenders, rig.deps, { amountWei: String(ETHER) });
    assert.equal(few.ranking[0]!.kind, "balancer-v2");
    assert.deepEqual(few.ranking.map(({ totalWei }) => BigInt(totalWei)), few.ranking.map(({ premiumWei, gasWei }) => BigInt(premiumWei) + BigInt(gasWei)));
    const most = await callTool(compareLenders, rig.deps, { amountWei: String(10n ** 30n) });
    assert.deepEqual([most.ranking, most.tooSmall.length], [[], few.ranking.length + few.tooSmall.length]);
  });

  it("serves a cycle but where the pool that lends is locked; its first pair lends for nothing", async () => {
    const { uniswapV2, uniswapV3, tokens } = rig.market.book;
    const [weth, usdc] = ["WETH", "USDC"].map((symbol) => tokens.find((token) => token.symbol === symbol)!.address);
    const between = (pools: readonly { address: string; token0: string; token1: string }[]) =>
      pools.find(({ token0, token1 }) => [token0, token1].includes(weth!) && [token0, token1].includes(usdc!))!.address;
    const range = (await callTool(listLenders, rig.deps, { kind: "uniswap-v3" })).lenders.map(({ address }) => address)
      .find((address) => uniswapV3.pools.some((pool) => pool.address.toLowerCase() === address && [pool.token0, pool.token1].includes(usdc!)))!;
    const { lenders } = await callTool(checkLoan, rig.deps, { pools: [between(uniswapV2[0]!.pools), range], amountWei: String(ETHER) });
    const by = (kind: string, address?: string) => lenders.find((lender) => lender.kind === kind && (address === undefined || lender.lender === address))!;
    assert.deepEqual([by("uniswap-v2").firstLegLends, by("uniswap-v2").premiumWei], [true, "0"]);
    assert.deepEqual([by("uniswap-v3", range).serves, by("uniswap-v3", range).reason], [false, "lender_is_leg"]);
    assert.equal(by("aave-v3").serves, true);
    await assert.rejects(callTool(checkLoan, rig.deps, { pools: [range, range], amountWei: "1" }), /there twice/);
  });

  it("says how a lender is asked", async () => {
    const lender = await callTool(getLender, rig.deps, { lender: rig.market.book.balancerV2.vault });
    assert.match(lender.callback, /^receiveFlashLoan/);
    assert.equal(lender.premiumPpm, 0);
  });
});
