/** Who lends the base token, at what premium, and how much there is at a block. */
import type { Address, Hex } from "viem";
import { parseAbi } from "viem/utils";
import type { MarketBook } from "../../../contract/market.ts";
import type { Lender } from "../../flashloan/lenders/lender.ts";
import type { Market } from "../../flashloan/market/market.ts";
import type { Leg } from "../../flashloan/pools/leg.ts";
import type { RangePool } from "../../flashloan/pools/pool.ts";
import type { Chain } from "../chain/chain.ts";
import { readViews, type View } from "../chain/multicall.ts";

const ABI = parseAbi([
  "function balanceOf(address) view returns (uint256)",
  "function FLASHLOAN_PREMIUM_TOTAL() view returns (uint128)",
  "function getReserveData(address asset) view returns ((uint256 configuration, uint128 liquidityIndex, uint128 currentLiquidityRate, uint128 variableBorrowIndex, uint128 currentVariableBorrowRate, uint128 currentStableBorrowRate, uint40 lastUpdateTimestamp, uint16 id, address aTokenAddress, address stableDebtTokenAddress, address variableDebtTokenAddress, address interestRateStrategyAddress, uint128 accruedToTreasury, uint128 unbacked, uint128 isolationModeTotalDebt))",
  "function getProtocolFeesCollector() view returns (address)",
  "function getFlashLoanFeePercentage() view returns (uint256)",
]);

/** Balances to be asked at each block, and the lenders that they make. */
export interface LenderBook {
  views: readonly View[];
  /** @param balances answers to `views` */
  lenders(balances: readonly bigint[], market: Market): readonly Lender[];
}

/** What does not change from block to block: premiums, and where the money lies. @throws {ChainFault} */
export async function readLenders(chain: Chain, book: MarketBook, base: Address, blockHash: Hex): Promise<LenderBook> {
  const { aaveV3, balancerV2 } = book;
  const has = (assets: readonly Address[]): boolean => assets.some((asset) => asset.toLowerCase() === base.toLowerCase());
  const [premium, reserve, collector] = await readViews(chain, book.multicall3, blockHash, [
    { address: aaveV3.pool, abi: ABI, functionName: "FLASHLOAN_PREMIUM_TOTAL" },
    { address: aaveV3.pool, abi: ABI, functionName: "getReserveData", args: [base] },
    { address: balancerV2.vault, abi: ABI, functionName: "getProtocolFeesCollector" },
  ]) as [bigint, { aTokenAddress: Address }, Address];
  const [fee] = await readViews(chain, book.multicall3, blockHash, [{ address: collector, abi: ABI, functionName: "getFlashLoanFeePercentage" }]) as [bigint];
  // The dearer ones among the V3 pools are never asked: premiums are all that tells them apart.
  const ranges = book.uniswapV3.pools.filter(({ token0, token1 }) => has([token0, token1])).toSorted((a, b) => a.feePpm - b.feePpm).slice(0, 3);
  const holders: Address[] = [reserve.aTokenAddress, balancerV2.vault, ...ranges.map(({ address }) => address)];
  return {
    views: holders.map((holder) => ({ address: base, abi: ABI, functionName: "balanceOf", args: [holder] })),
    lenders([aave, balancer, ...pools], market) {
      const available = (amount: bigint): Record<string, bigint> => ({ [base.toLowerCase()]: amount });
      return [
        ...(has(balancerV2.assets) ? [{ kind: "balancer-v2", address: balancerV2.vault, feeFraction: fee, available: available(balancer!) } as const] : []),
        ...(has(aaveV3.assets) ? [{ kind: "aave-v3", address: aaveV3.pool, premiumBps: Number(premium), rounding: "half-up", available: available(aave!) } as const] : []),
        ...ranges.map(({ address }, at) => ({ kind: "uniswap-v3", pool: market.pools[market.placeOf(address)] as RangePool, available: available(pools[at]!) } as const)),
      ];
    },
  };
}

/** A pair lends for the cycle that begins with it: the executor borrows by its first leg, and from no other pair. */
export const lendersOf = (lenders: readonly Lender[], [first]: readonly Leg[]): readonly Lender[] =>
  (first?.pool.kind === "v2" ? [{ kind: "uniswap-v2", pool: first.pool }, ...lenders] : lenders);
