/** Blocks as the tools answer them, and the errors about blocks that do not exist. */
import type { Block } from "viem";
import { getBlock, getBlockNumber } from "viem/actions";
import { formatGwei } from "viem/utils";
import { UserFault } from "../../../kit/errors.ts";
import { ask, type ChainClient } from "../../shared/evm-client.ts";
import { blockArgs, type BlockRef } from "../../shared/evm-schemas.ts";

/** @throws {UserFault} naming the newest block when there is none such */
export async function findBlock(chain: ChainClient, block: BlockRef, signal: AbortSignal): Promise<Block> {
  try {
    return await getBlock(chain, blockArgs(block)) as Block;
  } catch (error) {
    if ((error as Error).name !== "BlockNotFoundError") return await ask("the block", Promise.reject(error), signal);
    const newest = await ask("the block number", getBlockNumber(chain, { cacheTime: 0 }), signal);
    throw new UserFault(`There is no block ${block} on this chain: the newest is ${newest}.`);
  }
}

/**
 * The block that a datum is read at: its number is fixed first, so that everything read after it agrees, and the answer
 * can say which block it holds for.
 */
export async function pinBlock(chain: ChainClient, block: BlockRef, signal: AbortSignal): Promise<{ blockNumber: bigint; timestamp: bigint }> {
  const found = await findBlock(chain, block, signal);
  if (found.number === null) return { blockNumber: await ask("the block number", getBlockNumber(chain, { cacheTime: 0 }), signal), timestamp: found.timestamp };
  return { blockNumber: found.number, timestamp: found.timestamp };
}

export const isoOf = (unixSeconds: bigint): string => new Date(Number(unixSeconds) * 1000).toISOString();

export const gweiOf = (wei: bigint): string => formatGwei(wei);
