import type { Redis } from "ioredis";
import type { MarketDeps } from "../../shared/market/market-source.ts";

export interface Deps extends MarketDeps {
  redis: Pick<Redis, "hgetall">;
}
