import assert from "node:assert/strict";
import { enumerateCycles } from "../../services/flashloan/market/cycles.ts";
import { Market } from "../../services/flashloan/market/market.ts";
import { shapedAsDeFiPoser, shapedAsRouter, shapedAsUniswap } from "./generated-pools.ts";
import { seeded } from "./random.ts";

describe("generated markets", () => {
  it("are the same for the same seed, and others for another", () => {
    const made = (seed: number) => JSON.stringify(shapedAsDeFiPoser(seeded(seed)), (_, value) => (typeof value === "bigint" ? String(value) : value));
    assert.equal(made(1), made(1));
    assert.notEqual(made(1), made(2));
  });

  it("have the size of the recorded one, nearly all of it around one token, and cycles of the same order", () => {
    const pools = shapedAsUniswap(seeded(1));
    const market = new Market(pools);
    assert.deepEqual([market.pools.length, market.tokens.length], [10_839, 9_142]);
    const base = pools[0]!.token0.address;
    const around = pools.filter(({ token0, token1 }) => token0.address === base || token1.address === base).length;
    assert.ok(around > 0.7 * pools.length, `${around} with the base`);
    const { count } = enumerateCycles(market, [base]);
    assert.ok(count > 100_000 && count < 1_000_000, `${count} cycles`);
  });

  it("connect all 25 tokens of DeFiPoser's shape over 96 pools", () => {
    const market = new Market(shapedAsDeFiPoser(seeded(3)));
    assert.deepEqual([market.pools.length, market.tokens.length], [96, 25]);
    assert.ok(enumerateCycles(market, [market.tokens[0]!.address]).count > 100);
  });

  it("have as many tokens for the router as its benchmark has, each worth something", () => {
    const { pools, worth } = shapedAsRouter(seeded(4), 1_000);
    const market = new Market(pools);
    assert.equal(market.pools.length, 1_000);
    assert.ok(market.tokens.length <= 63 && market.tokens.length > 55);
    assert.ok(market.tokens.every(({ address }) => worth.get(address)! > 0));
  });
});
