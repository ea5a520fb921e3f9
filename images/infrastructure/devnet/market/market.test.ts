import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, Hex } from "viem";
import { rpc, startMarket, type RunningMarket } from "../../../../test/support/market.ts";
import { artifact } from "./artifacts.ts";
import { unitsWorth, v2Deposits, v3Deposits } from "./blueprint.ts";
import { Builder } from "./builder.ts";
import { sortPair, sqrt, tickRange } from "./pairs.ts";
import { bookText, marketKey, stageMarket } from "./stage.ts";

const ERC20 = artifact("@uniswap/v2-core/build/ERC20.json").abi;
const ETHER = 10n ** 18n;

describe("the local chain's market", function () {
  this.timeout(60_000);
  let market: RunningMarket;
  let chain: Builder;
  before(async () => {
    market = await startMarket();
    chain = new Builder(market.url, market.book.accounts.executorOwner);
  });
  after(() => market?.stop());

  const balance = (token: Address, holder: Address): Promise<bigint> => chain.read({ address: token, abi: ERC20 }, "balanceOf", holder);

  it("is where configs/devnet/market.json says; node images/infrastructure/devnet/market/write-book.ts writes it", () => {
    assert.equal(readFileSync(join(import.meta.dirname, "../../../../configs/devnet/market.json"), "utf8"), bookText(market.book));
  });

  it("comes out the same, byte for byte, when it is made again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "market-"));
    try {
      const again = await stageMarket(folder, { chainId: 31_337, seed: "devnet" });
      const first = await stageMarket(join(import.meta.dirname, "../../../../.mcp/market"), { chainId: 31_337, seed: "devnet" });
      assert.ok(readFileSync(again.stateFile).equals(readFileSync(first.stateFile)));
      assert.equal(readFileSync(again.bookFile, "utf8"), readFileSync(first.bookFile, "utf8"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("has another key for another seed or chain", () => {
    const keys = [{ chainId: 31_337, seed: "devnet" }, { chainId: 1, seed: "devnet" }, { chainId: 31_337, seed: "other" }].map(marketKey);
    assert.equal(new Set(keys).size, 3);
  });

  it("gives its owners' transactions a base fee worth counting, and people's accounts what they are used to", async () => {
    const { baseFeePerGas, number } = await rpc<{ baseFeePerGas: Hex; number: Hex }>(market.url, "eth_getBlockByNumber", ["latest", false]);
    assert.deepEqual([BigInt(baseFeePerGas), Number(number)], [10n ** 9n, market.book.block]);
    const accounts = await rpc<Address[]>(market.url, "eth_accounts");
    for (const account of accounts) assert.equal(BigInt(await rpc<Hex>(market.url, "eth_getBalance", [account, "latest"])), 10_000n * ETHER);
    assert.equal(Number(await rpc<Hex>(market.url, "eth_getTransactionCount", [accounts[0], "latest"])), 0);
  });

  it("holds in every pool what the blueprint says, at pools that the factories know", async () => {
    const { tokens, uniswapV2, uniswapV3 } = market.book;
    const at = Object.fromEntries(tokens.map(({ symbol, address }) => [symbol, address])) as Record<string, Address>;
    for (const { name, pools } of uniswapV2) {
      for (const [index, { a, b, amountA, amountB }] of v2Deposits("devnet", name).entries()) {
        const pool = pools[index]!;
        assert.deepEqual([pool.token0, pool.token1], Object.values(sortPair(at[a]!, at[b]!)));
        assert.deepEqual([await balance(at[a]!, pool.address), await balance(at[b]!, pool.address)], [amountA, amountB]);
      }
    }
    for (const [index, { a, b, amountA, feePpm }] of v3Deposits("devnet").entries()) {
      const pool = uniswapV3.pools[index]!;
      assert.deepEqual([pool.feePpm, new Set([pool.token0, pool.token1])], [feePpm, new Set([at[a]!, at[b]!])]);
      // Of a range around the price a position takes less of one token than is offered.
      const held = await balance(at[a]!, pool.address);
      assert.ok(held > amountA / 2n && held <= amountA, `${a}/${b} ${feePpm}: ${held} of ${amountA}`);
    }
  });

  it("has liquidity in several ranges of each V3 pool", async () => {
    const { uniswapV3 } = market.book;
    const lens = { address: uniswapV3.tickLens, abi: artifact("@uniswap/v3-periphery/artifacts/contracts/lens/TickLens.sol/TickLens.json").abi };
    for (const { address, tickSpacing, feePpm } of uniswapV3.pools) {
      const pool = { address, abi: artifact("@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json").abi };
      const [, tick] = await chain.read<[bigint, number]>(pool, "slot0");
      const word = Math.floor(tick / tickSpacing / 256);
      const words = [word - 1, word, word + 1, ...[-887_272, 887_271].map((end) => Math.floor(end / tickSpacing / 256))];
      const found = await Promise.all([...new Set(words)].map((index) => chain.read<unknown[]>(lens, "getPopulatedTicksInWord", address, index)));
      assert.ok(found.flat().length >= 4, `${address} ${feePpm}: ${found.flat().length} ticks`);
    }
  });

  it("lends as its lenders say", async () => {
    const { aaveV3, balancerV2, tokens, multicall3 } = market.book;
    const weth = tokens[0]!.address;
    const pool = { address: aaveV3.pool, abi: artifact("@aave/core-v3/artifacts/contracts/interfaces/IPool.sol/IPool.json").abi };
    assert.equal(await chain.read<bigint>(pool, "FLASHLOAN_PREMIUM_TOTAL"), BigInt(aaveV3.premiumBps));
    const reserve = await chain.read<{ aTokenAddress: Address }>(pool, "getReserveData", weth);
    assert.equal(await balance(weth, reserve.aTokenAddress), unitsWorth("WETH", 40_000));
    assert.equal(await balance(weth, balancerV2.vault), unitsWorth("WETH", 10_000));
    assert.ok((await rpc<Hex>(market.url, "eth_getCode", [multicall3, "latest"])).length > 1_000);
  });

  it("can be found by the events of its making", async () => {
    const [dex] = market.book.uniswapV2;
    const logs = await rpc<unknown[]>(market.url, "eth_getLogs", [{ fromBlock: "0x0", toBlock: "latest", address: dex!.factory }]);
    assert.equal(logs.length, dex!.pools.length);
  });
});

describe("prices and ranges of pools", () => {
  it("take roots rounded down, of whatever size", () => {
    for (const root of [1n, 2n, 3n, 10n ** 9n + 7n, 2n ** 96n - 1n, 2n ** 159n + 12_345n]) {
      assert.equal(sqrt(root * root), root);
      assert.equal(sqrt(root * root + 2n * root), root);
      if (root > 1n) assert.equal(sqrt(root * root - 1n), root - 1n);
    }
  });

  it("lie on the pool's grid, and hold the price", () => {
    for (const [tick, width, spacing] of [[-201_234, 250, 10], [7, 5, 1], [-1, 1_200, 200]] as const) {
      const { tickLower, tickUpper } = tickRange(tick, width, spacing);
      assert.ok(tickLower % spacing === 0 && tickUpper % spacing === 0 && tickLower <= tick && tick < tickUpper);
    }
    assert.deepEqual(tickRange(0, null, 60), { tickLower: -887_220, tickUpper: 887_220 });
  });
});
