import type { MarketDeps } from "../../shared/market/market-source.ts";
import type { TraderClient } from "../../shared/trader-client.ts";

export interface Deps extends MarketDeps {
  trader: Pick<TraderClient, "state" | "trades" | "trade" | "liveTrade">;
}
