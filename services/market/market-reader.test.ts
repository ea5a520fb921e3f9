import assert from "node:assert/strict";
import { encodeFunctionData, parseAbi } from "viem/utils";
import { rpc, startMarket, type RunningMarket } from "../../test/support/market.ts";
import { Chain } from "./chain/chain.ts";
import { HttpRpc, type Call, type Rpc } from "./chain/rpc.ts";
import { MarketReader, type MarketAtBlock } from "./market-reader.ts";
import { differenceOf } from "./state/pool-events.ts";

const ETHER = 10n ** 18n;
const ROUTER = parseAbi(["function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[])"]);

describe("the market for those who ask now and then", function () {
  this.timeout(60_000);
  let market: RunningMarket;
  /** Requests that were made, whole batches as one. */
  let asked = 0;
  before(async () => { market = await startMarket("--no-mining"); });
  after(() => market?.stop());

  function reader(): MarketReader {
    const node = new HttpRpc(market.url);
    const counting: Rpc = {
      request: (method, ...params) => { asked++; return node.request(method, ...params); },
      together: (calls: readonly Call[]) => { asked++; return node.together(calls); },
    };
    return new MarketReader(new Chain(counting), market.book);
  }
  async function swap(): Promise<void> {
    const { book } = market;
    const path = ["WETH", "USDC"].map((symbol) => book.tokens.find((token) => token.symbol === symbol)!.address);
    const data = encodeFunctionData({ abi: ROUTER, args: [50n * ETHER, 0n, path, book.accounts.trader, 2n ** 64n] });
    await rpc(market.url, "eth_sendTransaction", [{ from: book.accounts.trader, to: book.uniswapV2[0]!.router, data, gas: "0xf4240" }]);
    await rpc(market.url, "evm_mine", []);
  }
  const same = (ours: MarketAtBlock, theirs: MarketAtBlock): void => {
    assert.equal(ours.head.hash, theirs.head.hash);
    ours.market.pools.forEach((pool, place) => assert.equal(differenceOf(pool, theirs.market.pools[place]!), null));
  };

  it("comes to the newest block by the blocks since, with a few requests, and is what reading it anew gives", async () => {
    const kept = reader();
    await kept.latest();
    await swap();
    await rpc(market.url, "evm_mine", []);
    asked = 0;
    const now = await kept.latest();
    assert.ok(asked <= 5, `${asked} requests`);
    same(now, await reader().latest());
    asked = 0;
    assert.equal((await kept.latest()).head.hash, now.head.hash);
    assert.equal(asked, 1, "at the same block the head alone is asked for");
  });

  it("goes back with the chain, and on from there", async () => {
    const kept = reader();
    const snapshot = await rpc<string>(market.url, "evm_snapshot", []);
    await kept.latest();
    await swap();
    await kept.latest();
    await rpc(market.url, "evm_revert", [snapshot]);
    same(await kept.latest(), await reader().latest());
    await swap();
    same(await kept.latest(), await reader().latest());
  });

  it("gives the same to all who ask at once, and goes on after a chain that is another", async () => {
    const kept = reader();
    const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => kept.latest()));
    for (const other of others) assert.equal(other, first);
    const wrong = new MarketReader(new Chain(new HttpRpc(market.url)), { ...market.book, chainId: 1 });
    for (let turn = 0; turn < 2; turn++) await assert.rejects(wrong.latest(), /on chain 31337, and the market's address book is for 1/);
  });
});
