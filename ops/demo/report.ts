/** What a demonstration tells of a trade. Pure. */
import { formatUnits } from "viem/utils";
import { tokenAt, type MarketBook } from "../../contract/market.ts";
import type { Trade } from "../../contract/trading.ts";

export interface Leg { venue: string; pool: string; from: string; to: string }

/** Amounts are decimal text in the base token's smallest unit. */
export interface DemoReport {
  status: Trade["status"];
  plan: { lender: Trade["lender"]; token: string; amount: string; legs: Leg[]; foundAtBlock: number; predictedProfit: string; predictedGasCost: string };
  /** Null where the transaction was never mined. */
  realised: { profit: string; gasUsed: string; gasCost: string; netProfit: string; transaction: string; blockNumber: number } | null;
  recorded: { key: string; table: string; url: string; stream: string };
}

/** The way of the money: each pool gives the other one of its two tokens. @throws {Error} for a pool that the market does not have */
export function legsOf(book: MarketBook, { token, pools }: Pick<Trade, "token" | "pools">): Leg[] {
  const known = [
    ...book.uniswapV2.flatMap(({ name, pools: own }) => own.map((pool) => ({ ...pool, venue: name }))),
    ...book.uniswapV3.pools.map((pool) => ({ ...pool, venue: `Uniswap V3, ${pool.feePpm / 10_000} %` })),
  ];
  let from = token;
  return pools.map((address) => {
    const pool = known.find((candidate) => candidate.address.toLowerCase() === address.toLowerCase());
    if (!pool) throw new Error(`The market has no pool ${address}: the stack runs another version; run "./mcp up".`);
    const to = pool.token0.toLowerCase() === from.toLowerCase() ? pool.token1 : pool.token0;
    const leg = { venue: pool.venue, pool: address, from: tokenAt(book, from).symbol, to: tokenAt(book, to).symbol };
    from = to;
    return leg;
  });
}

/** @param url of the trader's HTTP side */
export function reportOf(book: MarketBook, url: string, trade: Trade): DemoReport {
  const { outcome } = trade;
  return {
    status: trade.status,
    plan: {
      lender: trade.lender, token: tokenAt(book, trade.token).symbol, amount: trade.amount, legs: legsOf(book, trade), foundAtBlock: trade.blockNumber,
      predictedProfit: trade.predictedProfit, predictedGasCost: trade.predictedGasCost,
    },
    realised: outcome && {
      profit: outcome.profit, gasUsed: outcome.gasUsed, gasCost: outcome.gasCost, netProfit: String(BigInt(outcome.profit) - BigInt(outcome.gasCost)),
      transaction: outcome.hash, blockNumber: outcome.blockNumber,
    },
    recorded: { key: trade.key, table: "trading.trades", url: `${url}/trades/${encodeURIComponent(trade.key)}`, stream: "events.flash_loan" },
  };
}

const ETHER_DECIMALS = 18;
const amountIn = (symbol: string) => (amount: string): string => `${formatUnits(BigInt(amount), ETHER_DECIMALS)} ${symbol}`;

export function planLines({ plan: { lender, token, amount, legs, foundAtBlock, predictedProfit, predictedGasCost } }: DemoReport): string[] {
  const money = amountIn(token);
  return [
    `found      at block ${foundAtBlock}: ${[legs[0]!.from, ...legs.map(({ to }) => to)].join(" → ")}`,
    `lender     ${lender.kind} ${lender.address} lends ${money(amount)}`,
    ...legs.map(({ from, to, venue, pool }, at) => `leg ${at + 1}      ${from} → ${to} on ${venue}, ${pool}`),
    `predicted  ${money(predictedProfit)} before gas, which is some ${money(predictedGasCost)}`,
  ];
}

export function outcomeLines({ status, plan, realised, recorded }: DemoReport): string[] {
  const money = amountIn(plan.token);
  return [
    ...(realised === null ? [`outcome    ${status}: never mined, so it has cost nothing`] : [
      `realised   ${money(realised.profit)} before gas${realised.profit === plan.predictedProfit ? ", to the wei what was predicted" : ""} (${status})`,
      `gas        ${realised.gasUsed} units, ${money(realised.gasCost)}`,
      `net        ${money(realised.netProfit)}`,
      `mined      ${realised.transaction} in block ${realised.blockNumber}`,
    ]),
    `recorded   ${recorded.table} in PostgreSQL under ${recorded.key}`,
    `           ${recorded.url}`,
    `           and in the stream ${recorded.stream}`,
  ];
}
