/**
 * Recorded pairs of Uniswap V2, as ccyanxyz/uniswap-arbitrage-analysis keeps them (`src/files/pairs.json`): an array of
 * `{address, token0: {address, symbol, decimal}, token1, reserve0, reserve1}`. Tokens of any decimals are taken: the point is
 * speed and exactness on what a real chain holds.
 */
import { admit, pairPool, type Admitted, type PairPool } from "../../services/flashloan/pools/pool.ts";
import { token } from "../../services/flashloan/pools/token.ts";

interface RecordedToken { address: string; symbol: string; decimal: number }
interface RecordedPair { address: string; token0: RecordedToken; token1: RecordedToken; reserve0: string; reserve1: string }

/** Pairs of several files, the empty ones left out and counted. */
export function recordedPools(texts: readonly string[]): Admitted<PairPool> {
  return admit(texts.flatMap(parsed), ({ address, token0, token1, reserve0, reserve1 }) => {
    const made = (recorded: RecordedToken) => token(recorded.address, recorded.decimal, recorded.symbol);
    return pairPool({ id: address, token0: made(token0), token1: made(token1), feePips: 3_000, reserve0: BigInt(reserve0), reserve1: BigInt(reserve1) });
  });
}

/** Reserves exceed 2^53, so they are read as text. */
const parsed = (text: string): RecordedPair[] => JSON.parse(text.replace(/("reserve[01]":\s*)(\d+)/g, '$1"$2"')) as RecordedPair[];
