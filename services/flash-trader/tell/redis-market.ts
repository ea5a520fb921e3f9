/** The market's keys in Redis: written beside the hot path, the newest block in place of one that waits, whole again after a loss. */
import type { Redis } from "ioredis";
import { MARKET_TTL_SECONDS, redisKeys } from "../../../contract/redis-keys.ts";
import type { Opportunity } from "../../../contract/trading.ts";
import type { TrackedPool } from "../../market/state/pool-events.ts";
import { opportunityView, poolView } from "../../market/views.ts";
import type { Round, Watcher } from "../watcher.ts";

export interface RedisMarketOptions {
  redis: Pick<Redis, "multi" | "on">;
  chainId: number;
  /** Every pool at the head. */
  pools(): readonly TrackedPool[];
  onError(error: unknown): void;
}

/** Rounds after which all pools are written again: a flush that nobody saw is made good by then. */
const WHOLE_ROUNDS = 30;

export class RedisMarket implements Watcher {
  readonly #options: RedisMarketOptions;
  /** By address; null when all are to be written. */
  #touched: Map<string, TrackedPool> | null = null;
  #newest: Round | null = null;
  #rounds = 0;
  #writing: Promise<void> | null = null;

  constructor(options: RedisMarketOptions) {
    this.#options = options;
    options.redis.on("ready", () => { this.#touched = null; });
  }

  round(round: Round): void {
    if (round.touched === null || ++this.#rounds % WHOLE_ROUNDS === 0) this.#touched = null;
    else for (const pool of round.touched) this.#touched?.set(pool.id, pool);
    this.#newest = round;
    this.#writing ??= this.#write().catch(this.#options.onError).finally(() => { this.#writing = null; });
  }

  /** Resolves when what was told is written, or could not be. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    const { redis, chainId, pools } = this.#options;
    while (this.#newest !== null) {
      const { head, opportunities } = this.#newest;
      const written = this.#touched === null ? pools() : [...this.#touched.values()];
      this.#newest = null;
      this.#touched = new Map();
      const views: Opportunity[] = opportunities.map((opportunity) => opportunityView(chainId, head, opportunity));
      const batch = redis.multi().del(redisKeys.opportunities);
      if (views.length > 0) batch.zadd(redisKeys.opportunities, ...views.flatMap((view) => [Number(view.netProfit), JSON.stringify(view)]));
      if (written.length > 0) batch.hset(redisKeys.poolStates, Object.fromEntries(written.map((pool) => [pool.id, JSON.stringify(poolView(pool, head.number))])));
      batch.expire(redisKeys.opportunities, MARKET_TTL_SECONDS).expire(redisKeys.poolStates, MARKET_TTL_SECONDS);
      try {
        await batch.exec();
      } catch (error) {
        this.#touched = null;
        throw error;
      }
    }
  }
}
