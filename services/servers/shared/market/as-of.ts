/** Which block an answer holds for, and how old it is: part of every answer about the market. */
import { z } from "zod";
import type { Head } from "../../../market/chain/answers.ts";
import type { MarketDeps } from "./market-source.ts";

/** Older than the trader acts on (`TRADING_MOST_HEAD_AGE_MS`). */
export const STALE_SECONDS = 10;

export const asOfFields = {
  chainId: z.int(),
  blockNumber: z.int().describe("Block the answer holds for."),
  blockHash: z.string(),
  blockTime: z.string().describe("Timestamp of that block, ISO 8601."),
  blockAgeSeconds: z.number().describe("Since that block, by this server's clock."),
  stale: z.boolean().describe(`true: the block is older than ${STALE_SECONDS} s, so the chain stands still or the node lags.`),
};

/** @param head of the block that was read */
export function asOf({ reader, nowMs }: MarketDeps, { number, hash, timestamp }: Head) {
  const blockAgeSeconds = Math.max(0, nowMs() / 1_000 - timestamp);
  return {
    chainId: reader.book.chainId, blockNumber: number, blockHash: hash, blockTime: new Date(timestamp * 1_000).toISOString(),
    blockAgeSeconds: Math.round(blockAgeSeconds * 10) / 10, stale: blockAgeSeconds > STALE_SECONDS,
  };
}

/** A decimal string in a token's smallest unit. */
export const units = (what: string) => z.string().describe(`${what}, decimal string in the token's smallest unit.`);
export const wei = (what: string) => z.string().describe(`${what}, decimal string in wei of the base token.`);
