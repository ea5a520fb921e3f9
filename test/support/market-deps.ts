/** What the market's servers work with, on a market of its own whose blocks are made by hand. */
import type { MarketDeps } from "../../services/servers/shared/market/market-source.ts";
import { Chain } from "../../services/market/chain/chain.ts";
import { HttpRpc } from "../../services/market/chain/rpc.ts";
import { MarketReader } from "../../services/market/market-reader.ts";
import { startMarket, type RunningMarket } from "./market.ts";

export interface MarketRig { market: RunningMarket; deps: MarketDeps; clock: { ms: number } }

/** The clock stands at the newest block until a test moves it. */
export async function startMarketRig(): Promise<MarketRig> {
  const market = await startMarket("--no-mining");
  const reader = new MarketReader(new Chain(new HttpRpc(market.url)), market.book);
  const clock = { ms: (await reader.latest()).head.timestamp * 1_000 };
  return { market, deps: { reader, nowMs: () => clock.ms }, clock };
}
