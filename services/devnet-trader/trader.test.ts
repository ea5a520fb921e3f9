import assert from "node:assert/strict";
import { createClient, http, type Hex } from "viem";
import { tokenAt } from "../../contract/market.ts";
import { rpc, startMarket, type RunningMarket } from "../../test/support/market.ts";
import { readMarket, type PoolView } from "./market-view.ts";
import { priceOf } from "./size.ts";
import { checkChain, Trader, type Round } from "./trader.ts";

/** Cycles of two and three pools that pay for a loan of next to nothing, fees included, by their pools. */
function payingCycles(pools: readonly PoolView[]): Set<string> {
  const paying = new Set<string>();
  const walk = (path: readonly PoolView[], start: string, at: string, gain: number): void => {
    if (at === start && path.length > 0) {
      if (gain > 1) paying.add(path.map(({ address }) => address).join());
      return;
    }
    if (path.length === 3) return;
    for (const pool of pools) {
      if (path.includes(pool) || (pool.token0 !== at && pool.token1 !== at)) continue;
      const rate = (pool.token0 === at ? priceOf(pool.state) : 1 / priceOf(pool.state)) * (1 - pool.feePpm / 1e6);
      walk([...path, pool], start, pool.token0 === at ? pool.token1 : pool.token0, gain * rate);
    }
  };
  for (const start of new Set(pools.flatMap(({ token0, token1 }) => [token0, token1]))) walk([], start, start, 1);
  return paying;
}

describe("the trader on the market", function () {
  this.timeout(120_000);
  const running: RunningMarket[] = [];
  afterEach(async () => { await Promise.all(running.splice(0).map((market) => market.stop())); });

  const start = async (...options: string[]): Promise<RunningMarket> => {
    const market = await startMarket("--no-mining", ...options);
    running.push(market);
    return market;
  };
  const traderOf = ({ url, book }: RunningMarket, seed: string): Trader =>
    new Trader({ chain: createClient({ transport: http(url), cacheTime: 0 }), book, seed, pauseMs: 20 });
  const trade = async (market: RunningMarket, trader: Trader, blocks: number): Promise<Round[]> => {
    const rounds: Round[] = [];
    for (let block = 0; block < blocks; block++) {
      rounds.push((await trader.round())!);
      await rpc(market.url, "evm_mine");
    }
    return rounds;
  };

  it("sends the same transactions to the same chain for the same seed, and others for another", async () => {
    const hashes: Hex[][] = [];
    for (const seed of ["one", "one", "two"]) {
      const market = await start();
      hashes.push((await trade(market, traderOf(market, seed), 30)).flatMap(({ sent }) => sent));
    }
    assert.ok(hashes[0]!.length > 30);
    assert.deepEqual(hashes[0], hashes[1]);
    assert.notDeepEqual(hashes[0], hashes[2]);
  });

  it("goes on the same way after a restart and after the chain was taken back", async () => {
    const market = await start();
    const trader = traderOf(market, "seed");
    await trade(market, trader, 5);
    const snapshot = await rpc(market.url, "evm_snapshot");
    const first = await trade(market, trader, 5);
    await rpc(market.url, "evm_revert", [snapshot]);
    assert.deepEqual(await trade(market, traderOf(market, "seed"), 5), first);
  });

  it("has every transaction succeed, and none left waiting", async () => {
    const market = await start();
    const rounds = await trade(market, traderOf(market, "seed"), 60);
    for (const hash of rounds.flatMap(({ sent }) => sent)) {
      const receipt = await rpc<{ status: Hex } | null>(market.url, "eth_getTransactionReceipt", [hash]);
      assert.equal(receipt && Number(receipt.status), 1, hash);
    }
  });

  it("keeps a base fee on the chain that is worth counting", async () => {
    const market = await start();
    await trade(market, traderOf(market, "seed"), 40);
    const { baseFeePerGas } = await rpc<{ baseFeePerGas: Hex }>(market.url, "eth_getBlockByNumber", ["latest", false]);
    assert.ok(BigInt(baseFeePerGas) >= 10n ** 9n, `${BigInt(baseFeePerGas)} wei`);
  });

  it("has the funds for hundreds of blocks, and prices that stay near what tokens are worth", async () => {
    const market = await start("--prune-history", "64", "--transaction-block-keeper", "64");
    const rounds = await trade(market, traderOf(market, "seed"), 300);
    const skipped = rounds.flatMap((round) => round.skipped.filter(({ reason }) => reason === "no-funds"));
    const sent = rounds.flatMap((round) => round.sent);
    assert.ok(sent.length > 400, `${sent.length} sent`);
    assert.equal(skipped.length, 0, `${skipped.length} trades skipped for lack of funds`);
    const chain = createClient({ transport: http(market.url), cacheTime: 0 });
    const { pools } = await readMarket(chain, market.book, BigInt(await rpc<Hex>(market.url, "eth_blockNumber")));
    for (const { address, token0, token1, state } of pools) {
      const [a, b] = [tokenAt(market.book, token0), tokenAt(market.book, token1)];
      const start = (a.startPriceUsd / 10 ** a.decimals) / (b.startPriceUsd / 10 ** b.decimals);
      assert.ok(Math.abs(priceOf(state) / start - 1) < 0.2, `${a.symbol}/${b.symbol} at ${address}: ${priceOf(state) / start} of its start`);
    }
  });

  it("trades once a block, and not while its last transactions wait", async () => {
    const market = await start();
    const trader = traderOf(market, "seed");
    while ((await trader.round())!.sent.length === 0) await rpc(market.url, "evm_mine");
    assert.equal(await trader.round(), null, "the block is done");
    await rpc(market.url, "anvil_dropAllTransactions");
    assert.equal(await trader.round(), null, "even where its transactions were lost");
    await rpc(market.url, "evm_mine");
    assert.ok(await trader.round());
  });

  it("makes opportunities that were not there, and lets them go again", async () => {
    const market = await start();
    const chain = createClient({ transport: http(market.url), cacheTime: 0 });
    const paying = async (): Promise<Set<string>> => payingCycles((await readMarket(chain, market.book, BigInt(await rpc<Hex>(market.url, "eth_blockNumber")))).pools);
    assert.deepEqual(await paying(), new Set(), "the market starts with nothing to be had");
    const trader = traderOf(market, "seed");
    const blocks: Set<string>[] = [];
    for (let block = 0; block < 80; block++) {
      await trade(market, trader, 1);
      blocks.push(await paying());
    }
    const all = new Set(blocks.flatMap((cycles) => [...cycles]));
    const gone = [...all].filter((cycle) => !blocks.at(-1)!.has(cycle));
    assert.ok(blocks.filter(({ size }) => size > 0).length > 40, `something to be had in ${blocks.filter(({ size }) => size > 0).length} blocks of 80`);
    assert.ok(gone.length > all.size / 3, `${gone.length} of ${all.size} cycles that paid once do not in the end`);
  });

  it("will not trade where the book is another chain's", async () => {
    const market = await start("--chain-id", "5");
    await assert.rejects(checkChain(createClient({ transport: http(market.url) }), market.book), /The chain's id is 5, and the market's is 31337/);
  });
});
