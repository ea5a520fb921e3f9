import assert from "node:assert/strict";
import type { Address, Hex } from "viem";
import { encodeFunctionData, toFunctionSelector } from "viem/utils";
import { artifact } from "../../images/infrastructure/devnet/market/artifacts.ts";
import { rpc, type Contract } from "../../images/infrastructure/devnet/market/builder.ts";
import { findPool, legOn, planOf, sell } from "./cycles.ts";
import { ERC20, LENDER, NOBODY, PAIR, startRig, VENUE, type Leg, type Plan, type Rig } from "./rig.ts";

const ETHER = 10n ** 18n;
const HABIT = { None: 0, FeeOnTransfer: 1, Honeypot: 2, AnswersFalse: 3, AnswersNothing: 4, Calls: 5 } as const;
const AAVE = artifact("@aave/core-v3/artifacts/contracts/interfaces/IPool.sol/IPool.json").abi;
const VAULT = artifact("@balancer-labs/v2-deployments/dist/tasks/20210418-vault/artifact/Vault.json").abi;
const FACTORY = artifact("@uniswap/v2-core/build/UniswapV2Factory.json").abi;

describe("the executor under attack", function () {
  this.timeout(120_000);
  let rig: Rig;
  let snapshot: string;
  let legs: Leg[];
  let weth: Address;
  let usdc: Address;
  let puppet: Contract;
  let trick: Contract;

  before(async () => {
    rig = await startRig();
    [weth, usdc] = [rig.token("WETH"), rig.token("USDC")];
    const [first, second] = rig.book.uniswapV2;
    const dear = findPool(rig, "WETH", "USDC", { venue: VENUE.UniswapV2, router: second!.router });
    await sell(rig, dear, usdc, 50_000n * 10n ** 6n);
    legs = [legOn(dear, weth), legOn(findPool(rig, "WETH", "USDC", { venue: VENUE.UniswapV2, router: first!.router }), usdc)];
    puppet = await rig.stranger.deploy(rig.contracts.Puppet!);
    trick = await rig.stranger.deploy(rig.contracts.TrickToken!);
  });
  after(() => rig?.stop());
  beforeEach(async () => { snapshot = await rpc(rig.url, "evm_snapshot"); });
  afterEach(async () => { await rpc(rig.url, "evm_revert", [snapshot]); });

  const refusal = async (plan: Plan, executor = rig.executor) => await rig.refusal({ from: rig.owner.from, to: executor, fn: "execute", args: [plan] });
  const called = (to: Contract, fn: string, ...args: unknown[]): { target: Address; data: Hex } =>
    ({ target: to.address, data: encodeFunctionData({ abi: to.abi, functionName: fn, args }) });
  const teach = (scene: number, ...acts: { target: Address; data: Hex }[]): Promise<void> => rig.stranger.send(puppet, "teach", BigInt(scene), acts);
  const token = (address: Address): Contract => ({ address, abi: ERC20 });
  const give = (address: Address, to: Address, amount: bigint): Promise<void> => rig.trader.send(token(address), "transfer", to, amount);
  /** An executor with the puppet for a lender. */
  const fooled = (owner: Address = rig.owner.from): Promise<Contract> => rig.stranger.deploy(rig.contracts.FlashExecutor!, owner, puppet.address, puppet.address);
  const callbacks = (executor: Contract): { target: Address; data: Hex }[] => [
    called(executor, "executeOperation", weth, 1n, 0n, executor.address, "0x"),
    called(executor, "receiveFlashLoan", [weth], [1n], [0n], "0x"),
    called(executor, "uniswapV2Call", executor.address, 1n, 0n, "0x"),
    called(executor, "uniswapV3FlashCallback", 0n, 0n, "0x"),
    called(executor, "uniswapV3SwapCallback", 1n, 0n, "0x"),
  ];

  describe("by a stranger", () => {
    it("starts no run and rescues nothing", async () => {
      const from = rig.stranger.from;
      const plan = await planOf(rig, "BalancerV2", legs, ETHER);
      assert.deepEqual(await rig.refusal({ from, to: rig.executor, fn: "execute", args: [plan] }), { name: "NotOwner", args: [from] });
      assert.deepEqual(await rig.refusal({ from, to: rig.executor, fn: "rescue", args: [weth] }), { name: "NotOwner", args: [from] });
    });

    it("calls no callback cold", async () => {
      for (const from of [rig.stranger.from, rig.owner.from, rig.book.aaveV3.pool, rig.book.balancerV2.vault, NOBODY]) {
        for (const [index, { data }] of callbacks(rig.executor).entries()) {
          const found = await rpc(rig.url, "eth_call", [{ from, to: rig.executor.address, data }, "latest"]).then(() => "passed", String);
          assert.match(found, new RegExp(toFunctionSelector("UnexpectedCallback(address)")), `callback ${index} from ${from}: ${found}`);
        }
      }
    });

    it("takes no loan in its name, though a genuine lender calls and there is something to pay the fee with", async () => {
      const at = rig.executor.address;
      await give(weth, at, ETHER);
      const from = rig.stranger.from;
      // A V3 pool calls back whoever called it, and no third.
      const attempts: [Contract, string, unknown[]][] = [
        [{ address: rig.book.aaveV3.pool, abi: AAVE }, "flashLoanSimple", [at, weth, ETHER, "0x", 0]],
        [{ address: rig.book.balancerV2.vault, abi: VAULT }, "flashLoan", [at, [weth], [ETHER], "0x"]],
        [{ address: legs[0]!.pool, abi: PAIR }, "swap", [0n, 1_000n, at, "0x01"]],
      ];
      for (const [to, fn, args] of attempts) assert.equal((await rig.refusal({ from, to, fn, args }))?.name, "UnexpectedCallback", fn);
    });
  });

  describe("by its own owner's mistake", () => {
    it("does no plan twice", async () => {
      const plan = await planOf(rig, "BalancerV2", legs, ETHER);
      assert.equal((await rig.execute(plan)).status, "success");
      assert.deepEqual(await refusal(plan), { name: "AlreadyDone", args: [plan.id] });
      assert.equal(await rig.owner.read(rig.executor, "isDone", plan.id), true);
      for (const id of [plan.id + 1n, plan.id + 256n, plan.id << 8n]) {
        assert.equal(await rig.owner.read(rig.executor, "isDone", id), false);
        assert.equal(await refusal({ ...plan, id }).then((found) => found?.name ?? "passes"), "passes", `id ${id} is another`);
      }
    });

    it("may do a plan again that reverted: it never happened", async () => {
      const plan = await planOf(rig, "BalancerV2", legs, ETHER, { minProfit: 10n ** 24n });
      assert.equal((await rig.execute(plan)).status, "reverted");
      assert.equal(await rig.owner.read(rig.executor, "isDone", plan.id), false);
      assert.equal((await rig.execute({ ...plan, minProfit: 0n })).status, "success");
    });

    it("does nothing after the deadline, and everything up to it", async () => {
      const next = await rig.blockNumber() + 1n;
      const plan = await planOf(rig, "BalancerV2", legs, ETHER, { deadlineBlock: next - 1n });
      assert.equal((await rig.execute(plan)).status, "reverted");
      assert.deepEqual(await refusal({ ...plan, deadlineBlock: 1n }), { name: "Expired", args: [1n, next] });
      assert.equal((await rig.execute({ ...plan, deadlineBlock: next + 1n })).status, "success");
    });

    it("sends donations on with the profit, and does not count them as profit", async () => {
      await give(weth, rig.executor.address, 5n * ETHER);
      const plan = await planOf(rig, "BalancerV2", legs, ETHER);
      const before = await rig.balance(weth, rig.owner.from);
      const { profit } = await rig.execute(plan);
      assert.equal(await rig.balance(weth, rig.owner.from) - before, profit! + 5n * ETHER);
      assert.equal(await rig.balance(weth, rig.executor.address), 0n);
    });

    it("rescues tokens and ether for the owner", async () => {
      await give(usdc, rig.executor.address, 7n);
      await rpc(rig.url, "anvil_setBalance", [rig.executor.address, "0x5"]);
      await rig.owner.send(rig.executor, "rescue", usdc);
      assert.equal(await rig.balance(usdc, rig.owner.from), 7n);
      await rig.owner.send(rig.executor, "rescue", NOBODY);
      assert.equal(BigInt(await rpc<Hex>(rig.url, "eth_getBalance", [rig.executor.address, "latest"])), 0n);
    });

    it("runs two plans in one transaction, neither in the other's way", async () => {
      const executor = await rig.stranger.deploy(rig.contracts.FlashExecutor!, puppet.address, rig.book.aaveV3.pool, rig.book.balancerV2.vault);
      const plans = [await planOf(rig, "BalancerV2", legs, ETHER), await planOf(rig, "AaveV3", legs, ETHER)];
      await teach(2, ...plans.map((plan) => called(executor, "execute", plan)));
      await rig.stranger.send(puppet, "play", 2n);
      assert.ok(await rig.balance(weth, puppet.address) > 0n);
    });
  });

  describe("by a false lender", () => {
    const run = async (lender: keyof typeof LENDER, executor: Contract, more: Partial<Plan> = {}) =>
      await refusal({ ...(await planOf(rig, lender, legs, ETHER)), lenderPool: puppet.address, ...more }, executor);

    it("that names another initiator is refused", async () => {
      const executor = await fooled();
      await teach(0, called(executor, "executeOperation", weth, 1n, 0n, rig.stranger.from, "0x"));
      assert.deepEqual(await run("AaveV3", executor), { name: "UnexpectedInitiator", args: [rig.stranger.from] });
      await teach(0, called(executor, "uniswapV2Call", rig.stranger.from, 1n, 0n, "0x"));
      const pair = { venue: VENUE.UniswapV2, pool: puppet.address, tokenIn: weth, feePpm: 3_000 };
      await rig.stranger.send(puppet, "become", weth, 10n ** 20n, 10n ** 20n, 0n, 0n);
      assert.deepEqual(await run("UniswapV2", executor, { legs: [pair, legs[1]!] }), { name: "UnexpectedInitiator", args: [rig.stranger.from] });
    });

    it("that never lends is refused, for else the id would be spent on nothing", async () => {
      const executor = await fooled();
      await teach(0);
      for (const lender of ["AaveV3", "BalancerV2", "UniswapV3"] as const) {
        assert.deepEqual(await run(lender, executor), { name: "CallbackMissing", args: [puppet.address] }, lender);
      }
      await rig.stranger.send(puppet, "become", weth, 10n ** 20n, 10n ** 20n, 0n, 0n);
      const pair = { venue: VENUE.UniswapV2, pool: puppet.address, tokenIn: weth, feePpm: 3_000 };
      assert.deepEqual(await run("UniswapV2", executor, { legs: [pair, legs[1]!] }), { name: "CallbackMissing", args: [puppet.address] });
    });

    it("that calls back as another kind of lender is refused", async () => {
      const executor = await fooled();
      const kinds = ["AaveV3", "BalancerV2", "UniswapV2", "UniswapV3"] as const;
      for (const lender of ["AaveV3", "BalancerV2", "UniswapV3"] as const) {
        for (const [index, act] of callbacks(executor).entries()) {
          if (kinds[index] === lender) continue;
          await teach(0, act);
          assert.deepEqual(await run(lender, executor), { name: "UnexpectedCallback", args: [puppet.address] }, `${lender}, callback ${index}`);
        }
      }
    });

    it("that has somebody else call back is refused", async () => {
      const executor = await fooled();
      const accomplice = await rig.stranger.deploy(rig.contracts.Puppet!);
      await teach(0, called(accomplice, "play", 3n));
      for (const [index, lender] of (["AaveV3", "BalancerV2", null, "UniswapV3"] as const).entries()) {
        if (!lender) continue;
        await rig.stranger.send(accomplice, "teach", 3n, [callbacks(executor)[index]!]);
        assert.deepEqual(await run(lender, executor), { name: "UnexpectedCallback", args: [accomplice.address] }, lender);
      }
    });

    it("that calls back twice is refused the second time", async () => {
      const executor = await fooled();
      await give(weth, puppet.address, 10n * ETHER);
      const lend = called(token(weth), "transfer", executor.address, ETHER);
      const back = called(executor, "receiveFlashLoan", [weth], [ETHER], [0n], "0x");
      await teach(0, lend, back);
      assert.equal(await run("BalancerV2", executor), null, "once is fine");
      await teach(0, lend, back, lend, back);
      assert.deepEqual(await run("BalancerV2", executor), { name: "UnexpectedCallback", args: [puppet.address] });
    });

    it("that asks a fee beyond the profit gets nothing", async () => {
      const executor = await fooled();
      await give(weth, puppet.address, ETHER);
      await teach(0, called(token(weth), "transfer", executor.address, ETHER), called(executor, "receiveFlashLoan", [weth], [ETHER], [ETHER], "0x"));
      assert.equal((await run("BalancerV2", executor))?.name, "Shortfall");
    });
  });

  describe("by a false pool", () => {
    const middle = (venue: number): Leg => ({ venue, pool: puppet.address, tokenIn: weth, feePpm: 3_000 });
    /** The false pool buys WETH for USDC that it may or may not hand out; the genuine one closes the cycle. */
    const cycle = (venue: number): Leg[] => [middle(venue), legs[1]!];
    const run = async (venue: number, more: Partial<Plan> = {}) =>
      await refusal(await planOf(rig, "BalancerV2", cycle(venue), ETHER, more));

    it("that keeps what it is sold brings the whole run down", async () => {
      await rig.stranger.send(puppet, "become", weth, 10n ** 20n, 10n ** 12n, 0n, 0n);
      await teach(0);
      assert.ok(await run(VENUE.UniswapV2) !== null);
    });

    it("that turns on the executor in the middle of a run reaches no callback", async () => {
      await rig.stranger.send(puppet, "become", weth, 10n ** 20n, 10n ** 12n, -1n, -1n);
      for (const [index, act] of callbacks(rig.executor).entries()) {
        await teach(0, act);
        assert.deepEqual(await run(VENUE.UniswapV2), { name: "UnexpectedCallback", args: [puppet.address] }, `callback ${index} of a V2 leg`);
        if (index === 4) continue; // what a V3 pool calls
        assert.deepEqual(await run(VENUE.UniswapV3), { name: "UnexpectedCallback", args: [puppet.address] }, `callback ${index} of a V3 leg`);
      }
    });

    it("that asks for more than the leg's input, or less, is refused", async () => {
      for (const asked of [ETHER + 1n, ETHER - 1n, 1n]) {
        await teach(0, called(rig.executor, "uniswapV3SwapCallback", asked, -1n, "0x"));
        assert.deepEqual(await run(VENUE.UniswapV3), { name: "UnexpectedPayment", args: [asked, ETHER] });
      }
    });

    it("that asks twice, or never, is refused", async () => {
      const ask = called(rig.executor, "uniswapV3SwapCallback", ETHER, -1n, "0x");
      await teach(0, ask, ask);
      assert.deepEqual(await run(VENUE.UniswapV3), { name: "UnexpectedCallback", args: [puppet.address] });
      await teach(0);
      assert.deepEqual(await run(VENUE.UniswapV3), { name: "CallbackMissing", args: [puppet.address] });
    });

    it("that boasts of an output it has not paid cannot make a donation look like profit", async () => {
      await give(weth, rig.executor.address, 3n * ETHER);
      const received = 1_000n * 10n ** 6n;
      const [amount0, amount1] = BigInt(usdc) < BigInt(weth) ? [received, -(2n * ETHER)] : [-(2n * ETHER), received];
      await rig.stranger.send(puppet, "become", usdc, 0n, 0n, amount0, amount1);
      const paid = (asked: bigint) => called(rig.executor, "uniswapV3SwapCallback", asked, -1n, "0x");
      const boast: Leg[] = [legs[0]!, { venue: VENUE.UniswapV3, pool: puppet.address, tokenIn: usdc, feePpm: 0 }];
      // What leg 0 pays out is what the last pool must ask for; a first try tells.
      await teach(0, paid(1n));
      const due = (await refusal(await planOf(rig, "BalancerV2", boast, ETHER)))!.args[1] as bigint;
      await teach(0, paid(due));
      assert.deepEqual(await refusal(await planOf(rig, "BalancerV2", boast, ETHER)), { name: "Unprofitable", args: [-ETHER, 0n] });
    });

    it("that is the lender itself finds the pool locked", async () => {
      const pool = findPool(rig, "WETH", "USDC", { venue: VENUE.UniswapV3, feePpm: 500 });
      const plan = await planOf(rig, "UniswapV3", [legs[0]!, legOn(pool, usdc)], ETHER, { lenderPool: pool.address });
      assert.deepEqual(await refusal(plan), { name: "Error", args: ["LOK"] });
    });
  });

  describe("by a token", () => {
    let back: Leg[];
    let away: Contract;
    const adopt = (habit: keyof typeof HABIT, whom: Address): Promise<void> => rig.stranger.send(trick, "adopt", HABIT[habit], whom, puppet.address);
    const run = async (executor = rig.executor) => await refusal(await planOf(rig, "BalancerV2", back, ETHER), executor);
    const TRICK_SUPPLY = 10n ** 24n;

    /** Two genuine pairs WETH/TRICK, one in each factory, at prices that are worth a cycle. */
    const pairs = async (): Promise<Address[]> => {
      const made: Address[] = [];
      for (const [index, { factory }] of rig.book.uniswapV2.entries()) {
        const at: Contract = { address: factory, abi: FACTORY };
        await rig.stranger.send(at, "createPair", weth, trick.address);
        const pair = await rig.stranger.read<Address>(at, "getPair", weth, trick.address);
        await rig.stranger.send(trick, "mint", pair, TRICK_SUPPLY);
        await give(weth, pair, index === 0 ? 100n * ETHER : 130n * ETHER);
        await rig.stranger.send({ address: pair, abi: PAIR }, "mint", rig.stranger.from);
        made.push(pair);
      }
      return made;
    };
    beforeEach(async () => {
      const [buy, sellTo] = await pairs();
      back = [{ venue: VENUE.UniswapV2, pool: buy!, tokenIn: weth, feePpm: 3_000 }, { venue: VENUE.UniswapV2, pool: sellTo!, tokenIn: trick.address, feePpm: 3_000 }];
      away = { address: sellTo!, abi: PAIR };
    });

    it("that behaves is traded, and so is one that answers nothing, as USDT does", async () => {
      assert.equal(await run(), null);
      await adopt("AnswersNothing", NOBODY);
      assert.equal(await run(), null);
    });

    it("that takes a fee on transfer makes the run revert", async () => {
      await adopt("FeeOnTransfer", NOBODY);
      assert.ok(await run() !== null);
      assert.equal((await rig.execute(await planOf(rig, "BalancerV2", back, ETHER))).status, "reverted");
      assert.equal(await rig.balance(trick.address, rig.executor.address), 0n);
    });

    it("that can be bought and not sold makes the run revert, by name", async () => {
      await adopt("Honeypot", rig.executor.address);
      assert.deepEqual(await run(), { name: "TransferFailed", args: [trick.address] });
    });

    it("that answers false instead of reverting makes the run revert, by name", async () => {
      await adopt("AnswersFalse", rig.executor.address);
      assert.deepEqual(await run(), { name: "TransferFailed", args: [trick.address] });
    });

    it("that calls somebody when it arrives lets them into no callback", async () => {
      await adopt("Calls", away.address);
      for (const act of callbacks(rig.executor)) {
        await teach(1, act);
        // The token's transfer reverts with the attacker's call.
        assert.deepEqual(await run(), { name: "TransferFailed", args: [trick.address] });
      }
    });

    it("that has the owner's wallet start another run in the middle of one does not get in", async () => {
      const executor = await rig.stranger.deploy(rig.contracts.FlashExecutor!, puppet.address, rig.book.aaveV3.pool, rig.book.balancerV2.vault);
      const [outer, inner] = [await planOf(rig, "BalancerV2", back, ETHER), await planOf(rig, "AaveV3", legs, ETHER)];
      await adopt("Calls", executor.address);
      await teach(2, called(executor, "execute", outer));
      await teach(1);
      await rig.stranger.send(puppet, "play", 2n);
      assert.ok(await rig.balance(weth, puppet.address) > 0n, "the run alone goes through");

      const again = { ...outer, id: outer.id + 1_000n };
      await teach(2, called(executor, "execute", again));
      await teach(1, called(executor, "execute", inner));
      const found = await rig.refusal({ from: rig.stranger.from, to: puppet, fn: "play", args: [2n] });
      assert.ok(found !== null);
      // The genuine pair hides the reason; straight from the token it shows.
      const direct: Leg[] = [{ venue: VENUE.UniswapV3, pool: puppet.address, tokenIn: weth, feePpm: 0 }, back[1]!];
      await teach(0, called(executor, "execute", inner));
      await teach(2, called(executor, "execute", { ...again, legs: direct }));
      assert.deepEqual(await rig.refusal({ from: rig.stranger.from, to: puppet, fn: "play", args: [2n] }), { name: "Reentered", args: [] });
    });
  });
});
