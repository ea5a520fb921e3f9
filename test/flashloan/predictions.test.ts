import assert from "node:assert/strict";
import type { Address } from "viem";
import { getAddress } from "viem/utils";
import { tokenAt } from "../../contract/market.ts";
import { draw } from "../../contract/seeded-draw.ts";
import { termsOf, type Lender, type LenderKind } from "../../services/flashloan/lenders/lender.ts";
import { premiumOf } from "../../services/flashloan/lenders/premium.ts";
import { enumerateCycles } from "../../services/flashloan/market/cycles.ts";
import { Market } from "../../services/flashloan/market/market.ts";
import { pathOutput, tokenIn, type Leg } from "../../services/flashloan/pools/leg.ts";
import type { PairPool } from "../../services/flashloan/pools/pool.ts";
import { Refusal } from "../../services/flashloan/refusal.ts";
import { optimalSize } from "../../services/flashloan/sizing/optimum.ts";
import { Scanner } from "../../services/flashloan/sizing/scanner.ts";
import { planOf, poolsOf, sell } from "../executor/cycles.ts";
import { NOBODY, startRig, VENUE, type LenderName, type Plan, type Rig } from "../executor/rig.ts";
import { readMarket, type MarketState } from "./market-state.ts";

/** Printed by whoever fails, with the number of the round; another one draws other trades. */
const SEED = "predictions";
/** Trades that succeed. */
const TRADES = 500;
const MOST_ROUNDS = 2_000;
const NAMES: Record<LenderKind, LenderName> = { "aave-v3": "AaveV3", "balancer-v2": "BalancerV2", "uniswap-v2": "UniswapV2", "uniswap-v3": "UniswapV3" };
const KINDS = Object.keys(NAMES) as LenderKind[];

interface Drawn { legs: Leg[]; lender: Lender; amount: bigint; minProfit: bigint }
const MIXES = ["v2", "v3", "mixed"] as const;
type Mix = (typeof MIXES)[number];
type Prediction = { profit: bigint } | { refusal: string; args: readonly bigint[] };

const mixOf = (legs: readonly Leg[]): Mix => {
  const kinds = new Set(legs.map(({ pool }) => pool.kind));
  return kinds.size === 2 ? "mixed" : [...kinds][0]!;
};

/** What the contract will do, from the state of a block alone. */
function predict({ legs, lender, amount, minProfit }: Drawn): Prediction {
  const owed = amount + premiumOf(amount, termsOf(lender, legs).premium);
  const earned = pathOutput(legs, amount);
  if (earned < owed) return { refusal: "Shortfall", args: [earned, owed] };
  return earned - owed < minProfit ? { refusal: "Unprofitable", args: [earned - owed, minProfit] } : { profit: earned - owed };
}

describe("predictions", function () {
  this.timeout(600_000);
  let rig: Rig;
  before(async () => { rig = await startRig(); });
  after(() => rig?.stop());

  /** Every lender of that kind which can serve the legs. */
  const able = ({ lenders, pools }: MarketState, kind: LenderKind, legs: readonly Leg[]): Lender[] => {
    const [first] = legs;
    const candidates: Lender[] = kind === "aave-v3" ? [lenders.aave] : kind === "balancer-v2" ? [lenders.balancer] : kind === "uniswap-v3" ? lenders.v3
      : first!.pool.kind === "v2" ? [{ kind, pool: pools.find(({ id }) => id === first!.pool.id) as PairPool }] : [];
    return candidates.filter((lender) => {
      try {
        return termsOf(lender, legs).most > 0n;
      } catch (error) {
        if (error instanceof Refusal) return false;
        throw error;
      }
    });
  };

  const drawTrade = (state: MarketState, found: readonly Leg[][], seed: string): Drawn | null => {
    const kind = KINDS[Math.floor(draw(seed, "lender") * KINDS.length)]!;
    // Cycles over V3 alone are rare, those of both versions common.
    const mix = MIXES[Math.floor(draw(seed, "mix") * MIXES.length)]!;
    const wished = found.filter((legs) => mixOf(legs) === mix);
    const some = wished.length > 0 ? wished : found;
    const cycle = some[Math.floor(draw(seed, "cycle") * some.length)]!;
    // From any of its tokens: what is lent and what the first leg is differ.
    const turn = Math.floor(draw(seed, "turn") * cycle.length);
    const legs = [...cycle.slice(turn), ...cycle.slice(0, turn)];
    const lenders = able(state, kind, legs);
    const lender = lenders[Math.floor(draw(seed, "which") * lenders.length)];
    if (!lender) return null;
    const { premium, most } = termsOf(lender, legs);
    const best = optimalSize(legs, { premium, most });
    const size = best?.amountIn ?? 10n ** BigInt(tokenIn(legs[0]!).decimals);
    // One in five as it is, the others up to more than three times as much, where most lose.
    const factor = draw(seed, "as it is") < 0.2 ? 1 : 0.05 + draw(seed, "factor") ** 2 * 3.3;
    const wanted = size * BigInt(Math.round(factor * 1e6)) / 1_000_000n;
    const amount = wanted > most ? most : wanted;
    if (amount === 0n || pathOutput(legs, amount) === 0n) return null;
    const trade = { legs, lender, amount, minProfit: 0n };
    const predicted = predict(trade);
    if (!("profit" in predicted)) return trade;
    // One in twelve asks for one unit too much.
    return { ...trade, minProfit: draw(seed, "greed") < 1 / 12 ? predicted.profit + 1n : predicted.profit };
  };

  const toPlan = async ({ legs, lender, amount, minProfit }: Drawn): Promise<Plan> => {
    const planned = legs.map((leg) => ({
      venue: leg.pool.kind === "v2" ? VENUE.UniswapV2 : VENUE.UniswapV3, pool: getAddress(leg.pool.id),
      tokenIn: getAddress(tokenIn(leg).address), feePpm: leg.pool.feePips,
    }));
    const lenderPool: Address = lender.kind === "uniswap-v3" ? getAddress(lender.pool.id) : NOBODY;
    return { ...await planOf(rig, NAMES[lender.kind] === "UniswapV3" ? "BalancerV2" : NAMES[lender.kind], planned, amount, { minProfit }),
      lender: ["AaveV3", "BalancerV2", "UniswapV2", "UniswapV3"].indexOf(NAMES[lender.kind]), lenderPool };
  };

  it(`come true to the wei in ${TRADES} executed trades over all lenders and mixes of legs, and every revert is foretold`, async () => {
    const places = poolsOf(rig.book);
    const market = new Market((await readMarket(rig.url, rig.book)).pools);
    const cycles = enumerateCycles(market, rig.book.tokens.map(({ address }) => address));
    const scanner = new Scanner(market, cycles);
    // A cent of each token.
    const floors = cycles.bases.map((base) => 0.01 / tokenAt(rig.book, market.tokens[base]!.address).startPriceUsd * 10 ** market.tokens[base]!.decimals);
    const executed = new Map<string, number>();
    const mixes = new Map<string, number>();
    const reverted = new Map<string, number>();
    let done = 0;
    for (let round = 0; done < TRADES; round++) {
      assert.ok(round < MOST_ROUNDS, `${done} trades in ${round} rounds`);
      const seed = `${SEED} ${round}`;
      const pushed = places[Math.floor(draw(seed, "pushed") * places.length)]!;
      const sold = draw(seed, "side") < 0.5 ? pushed.token0 : pushed.token1;
      const { startPriceUsd, decimals } = tokenAt(rig.book, sold);
      await sell(rig, pushed, sold, BigInt(Math.round((2_000 + draw(seed, "push") * 60_000) / startPriceUsd * 1e6)) * 10n ** BigInt(decimals) / 1_000_000n);

      const state = await readMarket(rig.url, rig.book);
      for (const pool of state.pools) market.update(pool);
      const found = scanner.all({ floors, most: 400 }).map(({ cycle }) => market.legsOf(cycles.hops.subarray(cycles.start[cycle]!, cycles.start[cycle + 1]!)));
      const trade = found.length === 0 ? null : drawTrade(state, found, seed);
      if (trade === null) continue;
      const predicted = predict(trade);

      const plan = await toPlan(trade);
      const about = `seed "${seed}": ${trade.lender.kind}, ${trade.legs.map(({ pool }) => `${pool.kind} ${pool.id}`).join(" → ")}, ${trade.amount}`;
      if ("refusal" in predicted) {
        const { refusal, args } = predicted;
        const said = await rig.refusal({ from: rig.owner.from, to: rig.executor, fn: "execute", args: [plan] });
        assert.deepEqual([said?.name, said?.args], [refusal, args], about);
        assert.equal((await rig.execute(plan)).status, "reverted", about);
        reverted.set(refusal, (reverted.get(refusal) ?? 0) + 1);
        continue;
      }
      const { status, profit } = await rig.execute(plan);
      assert.deepEqual([status, profit], ["success", predicted.profit], about);
      done++;
      for (const [counts, key] of [[executed, trade.lender.kind], [mixes, mixOf(trade.legs)]] as const) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const text = (counts: Map<string, number>): string => [...counts].map(([key, count]) => `${key} ${count}`).join(", ");
    console.log(`      executed as predicted: ${done} (${text(executed)}; legs ${text(mixes)}); reverted as predicted: ${text(reverted)}; otherwise: 0`);
    assert.ok(KINDS.every((kind) => executed.get(kind)! > TRADES / 20), text(executed));
    assert.ok(MIXES.every((mix) => mixes.get(mix)! > TRADES / 50), text(mixes));
    assert.ok(reverted.get("Shortfall")! > 20 && reverted.get("Unprofitable")! > 10, text(reverted));
  });
});
