import assert from "node:assert/strict";
import { encodeFunctionData, parseAbi } from "viem/utils";
import { redisKeys } from "../../../../contract/redis-keys.ts";
import { callTool } from "../../../kit/testing.ts";
import { nextBaseFee } from "../../../market/fees.ts";
import { opportunityView } from "../../../market/views.ts";
import { rpc } from "../../../../test/support/market.ts";
import { startMarketRig, type MarketRig } from "../../../../test/support/market-deps.ts";
import type { Deps } from "./deps.ts";
import { appraiseCycle } from "./tools/appraise-cycle.ts";
import { boundProfit } from "./tools/bound-profit.ts";
import { countCycles } from "./tools/count-cycles.ts";
import { evaluateSize } from "./tools/evaluate-size.ts";
import { listOpportunities } from "./tools/list-opportunities.ts";
import { scanMarket } from "./tools/scan-market.ts";

const ETHER = 10n ** 18n;
const ROUTER = parseAbi(["function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[])"]);

describe("arbitrage-scanner on the market", function () {
  this.timeout(60_000);
  let rig: MarketRig;
  let deps: Deps;
  let members: string[] = [];
  before(async () => {
    rig = await startMarketRig();
    deps = { ...rig.deps, redis: { zrevrange: async (key: unknown) => (key === redisKeys.opportunities ? members : []) } as unknown as Deps["redis"] };
    const { url, book } = rig.market;
    // Somebody buys USDC for 200 WETH on one exchange: its price and all others' fall apart.
    const path = ["WETH", "USDC"].map((symbol) => book.tokens.find((token) => token.symbol === symbol)!.address);
    const data = encodeFunctionData({ abi: ROUTER, args: [200n * ETHER, 0n, path, book.accounts.trader, 2n ** 64n] });
    await rpc(url, "eth_sendTransaction", [{ from: book.accounts.trader, to: book.uniswapV2[0]!.router, data, gas: "0xf4240" }]);
    await rpc(url, "evm_mine", []);
  });
  after(() => rig?.market.stop());

  it("finds what a push has left to earn, net of premium and gas, and no more than can be earned at all", async () => {
    const { opportunities, cycles } = await callTool(scanMarket, deps, { most: 3 });
    assert.ok(cycles > 100 && opportunities.length === 3);
    const [best] = opportunities;
    assert.equal(BigInt(best!.netProfitWei), BigInt(best!.profitWei) - BigInt(best!.gasCostWei));
    assert.equal(BigInt(best!.legs.at(-1)!.amountOut), BigInt(best!.amountWei) + BigInt(best!.premiumWei) + BigInt(best!.profitWei));
    const { boundWei, converged } = await callTool(boundProfit, deps, {});
    assert.ok(converged && Number(best!.profitWei) <= boundWei && Number(best!.profitWei) > boundWei / 10, `${best!.profitWei} of ${boundWei}`);
    assert.deepEqual((await callTool(scanMarket, deps, { leastNetProfitWei: String(10n ** 24n) })).opportunities, []);
  });

  it("appraises that cycle as the scan does, and any other size as less", async () => {
    const [best] = (await callTool(scanMarket, deps, { most: 1 })).opportunities;
    const pools = best!.legs.map(({ pool }) => pool);
    const appraised = await callTool(appraiseCycle, deps, { pools });
    assert.deepEqual(appraised.best, best);
    const around = [90n, 100n, 110n].map((percent) => String((BigInt(best!.amountWei) * percent) / 100n));
    const { sizes } = await callTool(evaluateSize, deps, { pools, amountsWei: around, withLegs: true });
    const [less, same, more] = sizes.map(({ surplusWei }) => BigInt(surplusWei));
    assert.ok(same! > less! && same! > more!);
    assert.equal(same, BigInt(best!.profitWei) + BigInt(best!.premiumWei));
    const back = await callTool(appraiseCycle, deps, { pools: pools.toReversed() });
    assert.equal(back.best, null);
    await assert.rejects(callTool(appraiseCycle, deps, { pools: [pools[0], pools[0]] }), /there twice/);
  });

  it("counts cycles by their swaps; the busiest pools come first", async () => {
    const { total, bySwaps, busiest } = await callTool(countCycles, deps, { busiest: 3 });
    assert.equal(bySwaps.reduce((sum, { cycles }) => sum + cycles, 0), total);
    assert.deepEqual(bySwaps.map(({ swaps }) => swaps), [2, 3, 4]);
    assert.ok(busiest[0]!.cycles >= busiest[2]!.cycles && busiest[2]!.cycles > 0);
  });

  it("lists what the trader published, with its age in blocks", async () => {
    assert.deepEqual((await callTool(listOpportunities, deps, {})).opportunities, []);
    const at = await deps.reader.latest();
    const [found] = deps.reader.searchOf(at).all({ lenders: at.lenders, weiPerGas: nextBaseFee(at.head), leastProfit: 1n, most: 1 });
    members = [JSON.stringify(opportunityView(deps.reader.book.chainId, { ...at.head, number: at.head.number - 3 }, found!))];
    const { opportunities: [one] } = await callTool(listOpportunities, deps, {});
    assert.deepEqual([one!.blocksAgo, one!.netProfit], [3, String(found!.netProfit)]);
  });
});
