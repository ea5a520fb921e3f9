/**
 * What the flash trader shows of itself: keys in etcd, messages in the event streams, members in Redis, and its HTTP side.
 * Amounts are decimal text in the token's smallest unit, because they go beyond 2^53; addresses are lower case.
 */
import { z } from "zod";

/** In etcd. Absent, or `clear`: trading may go on; any other value stops it, and so does an etcd that does not answer. */
export const KILL_SWITCH_KEY = "/trading/kill-switch";
export const KILL_SWITCH_CLEAR = "clear";
/** In etcd, each on a lease of ten seconds: who holds the key alone uses the account's nonces. */
export const NONCES_PREFIX = "/trading/nonces/";
export const nonceKey = (chainId: number, account: string): string => `${NONCES_PREFIX}${chainId}/${account.toLowerCase()}`;

/** A trade is for the block it was found at, and the next two. */
export const MOST_BLOCKS_OLD = 2;
/** The one service that may ask for a live trade: it asks for administrators alone. */
export const LIVE_TRADE_ASKER = "server:flash-loan-executor";

const amount = z.string().regex(/^-?\d+$/, "a decimal whole number");
const Lender = z.strictObject({ kind: z.enum(["aave-v3", "balancer-v2", "uniswap-v2", "uniswap-v3"]), address: z.string() });

/** A member of `mcp:arbitrage:opportunities`, and the data of `mcp.arbitrage.found.v1`. */
export const Opportunity = z.strictObject({
  key: z.string(), chainId: z.int(), blockNumber: z.int(), token: z.string(),
  /** In the order of the legs, the first one begins with `token`. */
  pools: z.array(z.string()), lender: Lender, amount,
  /** Before gas. */
  profit: amount,
  gasCost: amount, netProfit: amount,
});
export type Opportunity = z.output<typeof Opportunity>;

const poolBase = { address: z.string(), token0: z.string(), token1: z.string(), feePpm: z.int(), blockNumber: z.int() };
/** A value of `mcp:flash_loan:pool_states`. */
export const PoolState = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("uniswap-v2"), ...poolBase, reserve0: amount, reserve1: amount }),
  z.strictObject({ kind: z.literal("uniswap-v3"), ...poolBase, sqrtPriceX96: amount, tick: z.int(), liquidity: amount }),
]);
export type PoolState = z.output<typeof PoolState>;

/** `claimed → refused | rehearsed | signed → sent ⇄ mined → succeeded | failed | …`; `abandoned`: claimed by a process that ended before it signed. */
export const TRADE_STATUSES = [
  "claimed", "refused", "rehearsed", "abandoned", "signed", "sent", "mined", "succeeded", "failed", "cancelled", "dropped", "displaced",
] as const;
export type TradeStatus = (typeof TRADE_STATUSES)[number];
export const FINAL_TRADE_STATUSES: readonly TradeStatus[] = ["refused", "rehearsed", "abandoned", "succeeded", "failed", "cancelled", "dropped", "displaced"];

/** A trade as the books have it, and the data of `mcp.flash_loan.trade-changed.v1`. What was signed is told by its hash alone. */
export const Trade = z.strictObject({
  key: z.string(), planId: amount, mode: z.enum(["dry-run", "live"]), status: z.enum(TRADE_STATUSES),
  /** Name of the gate that refused it, or what the chain has said. */
  reason: z.string().nullable(),
  chainId: z.int(), blockNumber: z.int(), blockHash: z.string(), account: z.string(), token: z.string(), pools: z.array(z.string()), lender: Lender, amount,
  predictedProfit: amount, predictedGasCost: amount,
  /** Oldest first: replacements of one nonce, so at most one of them is ever mined. */
  transactions: z.array(z.strictObject({ hash: z.string(), kind: z.enum(["trade", "cancel"]), nonce: z.int(), maxFeePerGas: amount, deadlineBlock: z.int() })),
  outcome: z.strictObject({ hash: z.string(), blockNumber: z.int(), blockHash: z.string(), gasUsed: amount, gasCost: amount, profit: amount }).nullable(),
  foundAt: z.iso.datetime(), changedAt: z.iso.datetime(),
});
export type Trade = z.output<typeof Trade>;

/** `GET /v1/trades?limit=&before=`, newest first; `before` is a plan's id. */
export const TradesQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(20), before: amount.optional() });
export const TradesAnswer = z.strictObject({ trades: z.array(Trade) });

/** `GET /v1/state`. */
export const TraderState = z.strictObject({
  chainId: z.int(), mode: z.enum(["dry-run", "live"]),
  /** Chain that the deployment allows live trades on; null for none. */
  liveChainId: z.int().nullable(),
  live: z.boolean(), account: z.string(), executor: z.string(), head: z.int().nullable(),
  /** Why trading has stopped until a restart; null while it has not. */
  halted: z.string().nullable(),
  killSwitch: z.enum(["clear", "set", "unreachable"]), leaseHeld: z.boolean(), inFlight: z.int(),
  limits: z.strictObject({
    leastNetProfit: amount,
    /** Profit before gas over gas, at least. */
    leastGasMultiple: z.number(),
    mostAmount: amount, mostReserveSharePpm: z.int(), mostGas: amount, hourlyGas: amount, hourlyLoss: amount, hourlyReverts: z.int(),
  }),
  /** Of the last hour: gas in wei, losses without the gains between them. */
  spent: z.strictObject({ gas: amount, loss: amount, reverts: z.int() }),
});
export type TraderState = z.output<typeof TraderState>;

/** `GET /v1/gates`: in the order in which they are asked; counted since the process started. */
export const GatesAnswer = z.strictObject({
  since: z.iso.datetime(),
  gates: z.array(z.strictObject({
    gate: z.string(), refusals: z.int(),
    last: z.strictObject({ message: z.string(), key: z.string(), at: z.iso.datetime() }).nullable(),
  })),
});
export type GatesAnswer = z.output<typeof GatesAnswer>;

/**
 * `POST /v1/live-trades`, for an admin, or {@link LIVE_TRADE_ASKER} in an admin's place: the next opportunity that passes every gate is traded live, once, although
 * the mode is dry-run. Answers {@link Trade} when it is sent, 409 where the deployment allows no live trade on this chain.
 */
export const LiveTradeRequest = z.strictObject({ chainId: z.int().positive(), withinMs: z.int().min(100).max(60_000).default(20_000) });
