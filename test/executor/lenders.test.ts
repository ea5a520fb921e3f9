import assert from "node:assert/strict";
import { rpc } from "../../images/infrastructure/devnet/market/builder.ts";
import { findPool, legOn, lenderFee, planOf, quoteCycle, sell, v3LenderOf } from "./cycles.ts";
import { callAs, ERC20, LENDER, startRig, VENUE, type Leg, type LenderName, type Rig } from "./rig.ts";

const ETHER = 10n ** 18n;
const LENDERS = Object.keys(LENDER) as LenderName[];

describe("the executor with each lender", function () {
  this.timeout(120_000);
  let rig: Rig;
  let snapshot: string;
  let v2Legs: Leg[];
  let mixedLegs: Leg[];

  before(async () => {
    rig = await startRig();
    const [first, second] = rig.book.uniswapV2;
    const [weth, usdc] = [rig.token("WETH"), rig.token("USDC")];
    const cheap = findPool(rig, "WETH", "USDC", { venue: VENUE.UniswapV2, router: first!.router });
    const dear = findPool(rig, "WETH", "USDC", { venue: VENUE.UniswapV2, router: second!.router });
    // WETH gets dear in the second pool by three per cent or so.
    await sell(rig, dear, usdc, 50_000n * 10n ** 6n);
    v2Legs = [legOn(dear, weth), legOn(cheap, usdc)];
    mixedLegs = [legOn(dear, weth), legOn(findPool(rig, "WETH", "USDC", { venue: VENUE.UniswapV3, feePpm: 3_000 }), usdc)];
  });
  after(() => rig?.stop());
  beforeEach(async () => { snapshot = await rpc(rig.url, "evm_snapshot"); });
  afterEach(async () => { await rpc(rig.url, "evm_revert", [snapshot]); });

  for (const lender of LENDERS) {
    for (const kind of ["V2", "V2 and V3"]) {
      it(`earns over ${kind} legs by ${lender} what the quoters say, to the wei, and keeps nothing`, async () => {
        const legs = kind === "V2" ? v2Legs : mixedLegs;
        const amount = 4n * ETHER;
        const weth = rig.token("WETH");
        const expected = await quoteCycle(rig, legs, amount) - amount - lenderFee(lender, amount, v3LenderOf(rig, legs)!.feePpm);
        assert.ok(expected > 0n, `the cycle pays: ${expected}`);
        const plan = await planOf(rig, lender, legs, amount, { minProfit: expected });
        assert.equal(await callAs(rig.url, rig.owner.from, rig.executor, "execute", [plan]), expected, "what a call predicts");

        const before = await rig.balance(weth, rig.owner.from);
        const { status, profit } = await rig.execute(plan);
        assert.deepEqual([status, profit], ["success", expected]);
        assert.equal(await rig.balance(weth, rig.owner.from) - before, expected);
        for (const { address } of rig.book.tokens) assert.equal(await rig.balance(address, rig.executor.address), 0n);
      });
    }
  }

  it("refuses to earn one wei less than the least gain, and names both", async () => {
    const amount = 4n * ETHER;
    const expected = await quoteCycle(rig, v2Legs, amount) - amount;
    const plan = await planOf(rig, "BalancerV2", v2Legs, amount, { minProfit: expected + 1n });
    assert.deepEqual(await rig.refusal({ from: rig.owner.from, to: rig.executor, fn: "execute", args: [plan] }),
      { name: "Unprofitable", args: [expected, expected + 1n] });
  });

  for (const lender of LENDERS) {
    it(`refuses a cycle that cannot repay ${lender}, and names what is missing`, async () => {
      const amount = 4n * ETHER;
      const legs = v2Legs.toReversed().map((leg, index) => ({ ...leg, tokenIn: v2Legs[index]!.tokenIn }));
      const earned = await quoteCycle(rig, legs, amount);
      const plan = await planOf(rig, lender, legs, amount);
      assert.deepEqual(await rig.refusal({ from: rig.owner.from, to: rig.executor, fn: "execute", args: [plan] }),
        { name: "Shortfall", args: [earned, amount + lenderFee(lender, amount, v3LenderOf(rig, legs)!.feePpm)] });
    });
  }

  it("leaves Aave no allowance", async () => {
    await rig.execute(await planOf(rig, "AaveV3", v2Legs, ETHER));
    const weth = { address: rig.token("WETH"), abi: ERC20 };
    assert.equal(await rig.owner.read(weth, "allowance", rig.executor.address, rig.book.aaveV3.pool), 0n);
  });
});
