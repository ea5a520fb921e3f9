/** The market behind `MCP_RPC_URL` for servers that show it, and its faults in the kit's classes. */
import { readFileSync } from "node:fs";
import { MarketBook } from "../../../../contract/market.ts";
import { Refusal } from "../../../flashloan/refusal.ts";
import type { Pool } from "../../../flashloan/pools/pool.ts";
import { PermanentError, Unavailable, UserFault } from "../../../kit/errors.ts";
import { Chain } from "../../../market/chain/chain.ts";
import { ChainFault } from "../../../market/chain/fault.ts";
import { HttpRpc } from "../../../market/chain/rpc.ts";
import { MarketReader, type MarketAtBlock } from "../../../market/market-reader.ts";
import { rpcUrl } from "../evm-client.ts";

/** What every server of the market has. */
export interface MarketDeps {
  reader: MarketReader;
  nowMs(): number;
}

/** Where the deployment lays the address book. */
const DEFAULT_FILE = "/etc/mcp/market.json";

/** @throws {PermanentError} without the address book: on a fork, or a chain that is not local, there is no market */
export function openMarket(config: { MCP_RPC_URL?: string | undefined; MCP_MARKET_FILE?: string | undefined }): MarketDeps {
  const file = config.MCP_MARKET_FILE ?? DEFAULT_FILE;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new PermanentError(`There is no address book of a market at ${file}: it comes with the local chain, where mcp:devnet.forkUrl is not set.`, { cause });
  }
  return { reader: new MarketReader(new Chain(new HttpRpc(rpcUrl(config))), MarketBook.parse(JSON.parse(text))), nowMs: Date.now };
}

/** @throws {Unavailable} naming the fault, where the chain does not answer or its answers do not fit together */
export async function askMarket<T>(asked: () => Promise<T>): Promise<T> {
  try {
    return await asked();
  } catch (error) {
    if (error instanceof ChainFault) throw new Unavailable(`The chain cannot be relied on now (${error.reason}): ${error.message}`, { cause: error });
    throw error;
  }
}

/** Runs the library on what a caller gave. @throws {UserFault} with the name of its refusal */
export function reckon<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) throw new UserFault(`${error.reason}: ${error.message}.`, { cause: error });
    throw error;
  }
}

export const latestMarket = ({ reader }: MarketDeps): Promise<MarketAtBlock> => askMarket(() => reader.latest());

/** @throws {UserFault} for a pool that is not in the market, or whose state is impossible */
export function poolAt({ market, refused }: MarketAtBlock, address: string): Pool {
  const out = refused.find(({ pool }) => pool.toLowerCase() === address.toLowerCase());
  if (out) throw new UserFault(`Pool ${address} is left out at this block: ${out.reason}.`);
  const found = market.pools.find(({ id }) => id === address.toLowerCase());
  if (found) return found;
  throw new UserFault(`Pool ${address} is none of this market's ${market.pools.length}: list_pools of dex-pools has them.`);
}

/** By symbol or address, whatever the case. @throws {UserFault} naming the tokens there are */
export function tokenOf({ reader: { book } }: MarketDeps, word: string): MarketBook["tokens"][number] {
  const wanted = word.toLowerCase();
  const token = book.tokens.find(({ address, symbol }) => address.toLowerCase() === wanted || symbol.toLowerCase() === wanted);
  if (!token) throw new UserFault(`No token "${word.slice(0, 64)}" in this market: it has ${book.tokens.map(({ symbol, address }) => `${symbol} ${address}`).join(", ")}.`);
  return token;
}
