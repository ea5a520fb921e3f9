import assert from "node:assert/strict";
import fc from "fast-check";
import type { Hex } from "viem";
import { encodeAbiParameters, pad, toHex } from "viem/utils";
import { Market } from "../../flashloan/market/market.ts";
import { pairPool } from "../../flashloan/pools/pool.ts";
import { tokenNumber } from "../../flashloan/testing/pools.ts";
import type { Head, Log } from "../chain/answers.ts";
import { differenceOf, TOPICS, trackedRange, type TrackedPool } from "./pool-events.ts";
import { TrackedMarket, type Block } from "./tracked-market.ts";

const [A, B, C] = [0, 1, 2].map((n) => tokenNumber(n)) as [ReturnType<typeof tokenNumber>, ReturnType<typeof tokenNumber>, ReturnType<typeof tokenNumber>];
const at = (n: number): string => `0xf${n.toString(16).padStart(39, "0")}`;
const PAIR = at(1);
const RANGED = at(3);
const Q96 = 1n << 96n;

const pools = (): TrackedPool[] => [
  pairPool({ id: PAIR, token0: A, token1: B, feePips: 3_000, reserve0: 10n ** 21n, reserve1: 10n ** 21n }),
  pairPool({ id: at(2), token0: B, token1: C, feePips: 3_000, reserve0: 10n ** 21n, reserve1: 10n ** 21n }),
  trackedRange({ id: RANGED, token0: A, token1: C, feePips: 500, tickSpacing: 10, sqrtPriceX96: Q96, tick: 0, liquidity: 10n ** 20n },
    new Map([[-1_000, 10n ** 20n], [1_000, -(10n ** 20n)]]), new Map([[-1_000, 10n ** 20n], [1_000, 10n ** 20n]])),
];

const hashOf = (n: number): Hex => pad(toHex(n + 1), { size: 32 });
const headAt = (number: number, id: number, parent: number): Head =>
  ({ number, hash: hashOf(id), parentHash: hashOf(parent), timestamp: number, baseFeePerGas: 1n, gasUsed: 0n, gasLimit: 1n, logsBloom: "0x" });
const log = (address: string, topics: readonly Hex[], data: Hex): Log => ({ address, topics, data, blockHash: "0x", logIndex: 0 });
const ints = (...values: bigint[]): Hex => encodeAbiParameters(values.map(() => ({ type: "int256" as const })), values);
const topicOf = (value: number): Hex => ints(BigInt(value));

const sync = (pool: string, reserve0: bigint, reserve1: bigint): Log => log(pool, [TOPICS.sync], ints(reserve0, reserve1));
const mint = (lower: number, upper: number, amount: bigint): Log => log(RANGED, [TOPICS.mint, hashOf(0), topicOf(lower), topicOf(upper)], ints(0n, amount, 0n, 0n));
const burn = (lower: number, upper: number, amount: bigint): Log => log(RANGED, [TOPICS.burn, hashOf(0), topicOf(lower), topicOf(upper)], ints(amount, 0n, 0n));

const start = (kept?: number): TrackedMarket => new TrackedMarket(new Market(pools()), headAt(0, 0, -1), kept);
const statesOf = ({ market }: TrackedMarket): readonly TrackedPool[] => market.pools as TrackedPool[];

const reserve = fc.bigInt({ min: 0n, max: 1n << 80n });
const anyLog: fc.Arbitrary<Log> = fc.oneof(
  fc.tuple(fc.constantFrom(PAIR, at(2), at(99)), reserve, reserve).map(([pool, a, b]) => sync(pool, a, b)),
  fc.tuple(fc.integer({ min: -50, max: 0 }), fc.integer({ min: 1, max: 50 }), fc.bigInt({ min: 1n, max: 1n << 60n })).map(([low, high, amount]) => mint(low * 10, high * 10, amount)),
  fc.tuple(fc.integer({ min: -3, max: 0 }), fc.integer({ min: 1, max: 3 }), fc.bigInt({ min: 0n, max: 1n << 50n })).map(([low, high, amount]) => burn(low * 10, high * 10, amount)),
);
/** Blocks, of which some begin a branch a few blocks back. */
const story = fc.array(fc.record({ back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) }), logs: fc.array(anyLog, { maxLength: 6 }) }), { minLength: 1, maxLength: 25 });

describe("the tracked market", () => {
  it("is after any reorganisations what the surviving blocks alone make of it", () => {
    fc.assert(fc.property(story, (blocks) => {
      const tracked = start();
      let canonical: Block[] = [];
      blocks.forEach(({ back, logs }, index) => {
        const kept = Math.max(0, canonical.length - back);
        canonical = canonical.slice(0, kept);
        const parent = canonical.at(-1)?.head ?? headAt(0, 0, -1);
        if (tracked.head.hash !== parent.hash) tracked.undoTo(parent.hash);
        const block = { head: { ...headAt(parent.number + 1, index + 1, 0), parentHash: parent.hash }, logs };
        canonical.push(block);
        tracked.follow(block);
      });
      const rebuilt = start();
      for (const block of canonical) rebuilt.follow(block);
      assert.deepEqual(statesOf(tracked), statesOf(rebuilt));
      assert.deepEqual(pools().map((_, place) => tracked.refusalOf(place)), pools().map((_, place) => rebuilt.refusalOf(place)));
      assert.deepEqual([...tracked.market.curve], [...rebuilt.market.curve], "the doubles that are searched with, too");
    }), { numRuns: 300 });
  });

  it("tells which pools a block and its undoing have touched", () => {
    const tracked = start();
    assert.deepEqual(tracked.follow({ head: headAt(1, 1, 0), logs: [sync(PAIR, 5n, 6n), sync(at(77), 1n, 1n), mint(-10, 10, 7n)] }), [0, 2]);
    assert.deepEqual(statesOf(tracked)[0], { ...pools()[0], reserve0: 5n, reserve1: 6n });
    assert.deepEqual(tracked.undoTo(hashOf(0)), [0, 2]);
    assert.equal(differenceOf(statesOf(tracked)[0]!, pools()[0]!), null);
  });

  it("keeps a tick that positions meet at, though crossing it changes nothing, until the last of them is gone", () => {
    const tracked = start();
    tracked.follow({ head: headAt(1, 1, 0), logs: [mint(-500, 200, 9n), mint(200, 500, 9n)] });
    const range = (): TrackedPool & { kind: "v3" } => statesOf(tracked)[2] as TrackedPool & { kind: "v3" };
    assert.deepEqual([...range().ticks.index], [-1_000, -500, 200, 500, 1_000]);
    assert.equal(range().ticks.liquidityNet[2], 0n);
    assert.equal(range().liquidity, 10n ** 20n + 9n, "only the first covers the price");
    tracked.follow({ head: headAt(2, 2, 1), logs: [burn(-500, 200, 9n), burn(200, 500, 9n)] });
    assert.equal(differenceOf(range(), pools()[2]!), null);
  });

  it("leaves a pool out while its state is impossible, and takes it back with the next whole one", () => {
    const tracked = start();
    tracked.follow({ head: headAt(1, 1, 0), logs: [sync(PAIR, 0n, 5n)] });
    assert.equal(tracked.refusalOf(0), "invalid_reserves");
    tracked.follow({ head: headAt(2, 2, 1), logs: [sync(PAIR, 1n << 120n, 5n)] });
    assert.equal(tracked.refusalOf(0), "invalid_reserves", "beyond uint112");
    tracked.follow({ head: headAt(3, 3, 2), logs: [sync(PAIR, 5n, 5n)] });
    assert.equal(tracked.refusalOf(0), undefined);
    tracked.undoTo(hashOf(2));
    assert.equal(tracked.refusalOf(0), "invalid_reserves");
  });

  it("takes only the head's child, and goes back no further than it can", () => {
    const tracked = start(8);
    assert.throws(() => tracked.follow({ head: headAt(2, 2, 1), logs: [] }), /not of the head/);
    for (let n = 1; n <= 12; n++) tracked.follow({ head: headAt(n, n, n - 1), logs: [] });
    assert.ok(tracked.knows(hashOf(4)));
    assert.throws(() => tracked.undoTo(hashOf(3)), /none of the last 8: read the market anew/);
  });
});
