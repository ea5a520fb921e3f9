import assert from "node:assert/strict";
import type { Address } from "viem";
import { tokenAt } from "../../contract/market.ts";
import { draw } from "../../contract/seeded-draw.ts";
import { rpc } from "../../images/infrastructure/devnet/market/builder.ts";
import { drawCycle, lenderFee, planOf, poolsOf, quoteCycle, sell, v3LenderOf } from "./cycles.ts";
import { callAs, LENDER, startRig, VENUE, type Leg, type LenderName, type Rig } from "./rig.ts";

const LENDERS = Object.keys(LENDER) as LenderName[];
/** Cycles drawn. A seed that fails is printed; `only` it then. */
const CASES = 160;
/** Sizes tried for a cycle, as the worth of a loan in dollars: a naive bot's, but exact enough to hit profit and loss alike. */
const SIZES = [50, 500, 5_000, 20_000, 100_000];
const MAX = 2n ** 256n - 1n;

describe("the executor on cycles drawn at random", function () {
  this.timeout(180_000);
  let rig: Rig;
  const seen = { success: 0, reverted: 0 } as Record<string, number>;
  const lenders = new Set<LenderName>();

  before(async () => { rig = await startRig(); });
  after(() => rig?.stop());

  const unitsOf = (token: Address, dollars: number): bigint => {
    const { startPriceUsd, decimals } = tokenAt(rig.book, token);
    return BigInt(Math.round(dollars / startPriceUsd * 1e6)) * 10n ** BigInt(decimals) / 1_000_000n;
  };
  const lenderOf = (legs: readonly Leg[], seed: string): LenderName => {
    const [first] = legs;
    const able = LENDERS.filter((lender) => (lender === "AaveV3" && rig.book.aaveV3.assets.includes(first!.tokenIn))
      || (lender === "BalancerV2" && rig.book.balancerV2.assets.includes(first!.tokenIn))
      || (lender === "UniswapV2" && first!.venue === VENUE.UniswapV2)
      || (lender === "UniswapV3" && v3LenderOf(rig, legs) !== null));
    return able[Math.floor(draw(seed, "lender") * able.length)]!;
  };
  /** Everything that a run may change: what the executor and its owner hold. */
  const holdings = async (): Promise<bigint[]> => await Promise.all(rig.book.tokens.flatMap(({ address }) =>
    [rig.executor.address, rig.owner.from].map((holder) => rig.balance(address, holder))));

  it(`either earns exactly what was quoted or changes nothing, ${CASES} times, and never keeps a token`, async () => {
    const pools = poolsOf(rig.book);
    for (let number = 0; number < CASES; number++) {
      const seed = `cycle ${number}`;
      const pushed = pools[Math.floor(draw(seed, "pushed") * pools.length)]!;
      const sold = draw(seed, "side") < 0.5 ? pushed.token0 : pushed.token1;
      await sell(rig, pushed, sold, unitsOf(sold, 1_000 + draw(seed, "push") * 40_000));

      const tokens = rig.book.tokens.map(({ address }) => address);
      const start = tokens[Math.floor(draw(seed, "start") * tokens.length)]!;
      const legs = drawCycle(pools, start, 2 + Math.floor(draw(seed, "hops") * 3), seed);
      if (!legs) continue;
      const lender = lenderOf(legs, seed);
      const feePpm = v3LenderOf(rig, legs)?.feePpm ?? 0;
      const quoted = await Promise.all(SIZES.map(async (dollars) => {
        const amount = unitsOf(start, dollars);
        return { amount, profit: await quoteCycle(rig, legs, amount) - amount - lenderFee(lender, amount, feePpm) };
      }));
      const best = quoted.toSorted((a, b) => (a.profit > b.profit ? -1 : 1))[0]!;
      const plan = await planOf(rig, lender, legs, best.amount);
      const before = await holdings();
      const outcome = await rig.execute(plan);
      const about = `${seed}: ${lender}, ${legs.map(({ venue, pool }) => `${venue} ${pool}`).join(" → ")}, ${best.amount}`;
      seen[outcome.status]!++;
      lenders.add(lender);
      if (best.profit >= 0n) {
        assert.deepEqual([outcome.status, outcome.profit], ["success", best.profit], about);
      } else {
        assert.equal(outcome.status, "reverted", about);
        assert.deepEqual(await holdings(), before, about);
        assert.equal(await rig.owner.read(rig.executor, "isDone", plan.id), false, about);
      }
      for (const token of tokens) assert.equal(await rig.balance(token, rig.executor.address), 0n, about);
    }
    assert.ok(seen.success! > CASES / 8 && seen.reverted! > CASES / 8, `both ends are reached: ${JSON.stringify(seen)}`);
    assert.equal(lenders.size, LENDERS.length);
  });

  it("turns no nonsense into a transfer: absurd amounts, fees and pools revert", async () => {
    const weth = rig.token("WETH");
    const [a, b] = poolsOf(rig.book).filter(({ venue, token0, token1 }) => venue === VENUE.UniswapV2 && [token0, token1].includes(weth) && [token0, token1].includes(rig.token("USDC")));
    const legs = (change: Partial<Leg>): Leg[] => [
      { venue: VENUE.UniswapV2, pool: a!.address, tokenIn: weth, feePpm: 3_000, ...change },
      { venue: VENUE.UniswapV2, pool: b!.address, tokenIn: rig.token("USDC"), feePpm: 3_000 },
    ];
    const usual = legs({});
    const absurd: [string, Leg[], bigint, Partial<Awaited<ReturnType<typeof planOf>>>][] = [
      ["nothing borrowed", usual, 0n, {}],
      ["all there is, and more", usual, 2n ** 128n - 1n, {}],
      ["no fee: the pair asks for its own", legs({ feePpm: 0 }), 10n ** 18n, {}],
      ["the fee of a whole", legs({ feePpm: 1_000_000 }), 10n ** 18n, {}],
      ["more than a whole", legs({ feePpm: 2 ** 24 - 1 }), 10n ** 18n, {}],
      ["a pool without code", legs({ pool: rig.stranger.from }), 10n ** 18n, {}],
      ["a V2 pair called a V3 pool", legs({ venue: VENUE.UniswapV3 }), 10n ** 18n, {}],
      ["the same pool on both legs", [usual[0]!, { ...usual[1]!, pool: usual[0]!.pool }], 10n ** 18n, {}],
      ["no legs", [], 10n ** 18n, {}],
      ["a single leg", [usual[0]!], 10n ** 18n, {}],
      ["a least gain beyond all numbers", usual, 10n ** 18n, { minProfit: 2n ** 128n - 1n }],
      ["a lender that does not exist", usual, 10n ** 18n, { lender: 3 }],
    ];
    const snapshot = await rpc(rig.url, "evm_snapshot");
    const before = await holdings();
    for (const [about, with_, amount, more] of absurd) {
      for (const lender of ["BalancerV2", "AaveV3", "UniswapV2"] as const) {
        const plan = await planOf(rig, lender, with_, amount, { deadlineBlock: MAX, ...more });
        assert.equal((await rig.execute(plan)).status, "reverted", `${about}, ${lender}`);
      }
    }
    assert.deepEqual(await holdings(), before);
    await rpc(rig.url, "evm_revert", [snapshot]);
  });

  it("answers a call with what sending it earns", async () => {
    const weth = rig.token("WETH");
    const legs = drawCycle(poolsOf(rig.book), weth, 2, "call")!;
    await sell(rig, poolsOf(rig.book).find(({ address }) => address === legs[1]!.pool)!, weth, unitsOf(weth, 100));
    await sell(rig, poolsOf(rig.book).find(({ address }) => address === legs[0]!.pool)!, legs[1]!.tokenIn, unitsOf(legs[1]!.tokenIn, 90_000));
    const plan = await planOf(rig, "BalancerV2", legs, unitsOf(weth, 5_000));
    const predicted = await callAs<bigint>(rig.url, rig.owner.from, rig.executor, "execute", [plan]);
    assert.ok(predicted > 0n);
    assert.equal((await rig.execute(plan)).profit, predicted);
  });
});
