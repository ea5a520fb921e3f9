import type { MarketDeps } from "../../shared/market/market-source.ts";

export type Deps = MarketDeps;
