import { getBlockNumber, getFeeHistory, getGasPrice as readGasPrice } from "viem/actions";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { ask } from "../../../shared/evm-client.ts";
import { out } from "../../../shared/evm-schemas.ts";
import { gweiOf } from "../blocks.ts";
import type { Deps } from "../deps.ts";
import { medianOf, suggestFees } from "../fees.ts";

export const getGasPrice = defineTool<Deps>()({
  name: "get_gas_price",
  title: "Gas price and fee history",
  description: "Gives the base fee of the newest and the next block, what recent transactions tipped, and from both a fee suggestion for each percentile asked for.",
  input: z.strictObject({
    blocks: z.int().min(1).max(1_024).default(20).describe("Recent blocks to look at."),
    percentiles: z.array(z.number().min(0).max(100)).min(1).max(5).default([10, 50, 90]).describe("Percentiles of the tips paid, ascending: low is cheap, high is fast."),
    includeHistory: z.boolean().default(false).describe("Adds one entry per block."),
  }),
  output: z.object({
    blockNumber: out.blockNumber,
    baseFeeGwei: out.gwei,
    nextBaseFeeGwei: out.gwei,
    gasPriceGwei: z.string().describe("What the node suggests for legacy transactions."),
    meanFullness: z.number().describe("Mean share of the gas limit used; above 0.5 the base fee rises."),
    suggestions: z.array(z.object({
      percentile: z.number().describe("Percentile of recent tips."),
      maxPriorityFeePerGasWei: out.wei,
      maxPriorityFeePerGasGwei: out.gwei,
      maxFeePerGasWei: z.string().describe("Twice the next base fee plus the tip: holds for six full blocks in a row."),
      maxFeePerGasGwei: out.gwei,
    })).describe("One for each percentile: the median of it over the blocks that had transactions."),
    history: z.array(z.object({
      blockNumber: out.blockNumber,
      baseFeeGwei: out.gwei,
      fullness: z.number().describe("Share of the gas limit used."),
      tipsGwei: z.array(z.string()).describe("Tips at the percentiles, in gwei."),
    })).describe("Oldest first; empty unless asked for."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ blocks, percentiles, includeHistory }, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    if (percentiles.some((value, i) => i > 0 && value <= percentiles[i - 1]!)) throw new UserFault(`percentiles must ascend: found ${percentiles.join(", ")}.`);
    const newest = await ask("the block number", getBlockNumber(chain, { cacheTime: 0 }), signal);
    const [fees, gasPrice] = await ask("the fee history", Promise.all([
      getFeeHistory(chain, { blockCount: blocks, rewardPercentiles: percentiles, blockNumber: newest }),
      readGasPrice(chain),
    ]), signal);
    const full = fees.gasUsedRatio;
    if (full.length === 0 || fees.baseFeePerGas.length !== full.length + 1) {
      throw new UserFault("This chain gives no fee history, as before EIP-1559: use the legacy gas price that estimate_gas works with.");
    }
    const nextBaseFee = fees.baseFeePerGas.at(-1)!;
    return {
      blockNumber: Number(newest),
      baseFeeGwei: gweiOf(fees.baseFeePerGas.at(-2)!),
      nextBaseFeeGwei: gweiOf(nextBaseFee),
      gasPriceGwei: gweiOf(gasPrice),
      meanFullness: full.reduce((sum, ratio) => sum + ratio, 0) / full.length,
      suggestions: percentiles.map((percentile, i) => {
        // An empty block reports tips of zero, which says nothing about the price.
        const tips = (fees.reward ?? []).filter((_, block) => full[block]! > 0).map((rewards) => rewards[i]!);
        const { maxPriorityFeePerGas: tip, maxFeePerGas: most } = suggestFees(nextBaseFee, medianOf(tips) ?? 0n);
        return { percentile, maxPriorityFeePerGasWei: tip.toString(), maxPriorityFeePerGasGwei: gweiOf(tip), maxFeePerGasWei: most.toString(), maxFeePerGasGwei: gweiOf(most) };
      }),
      history: !includeHistory ? [] : full.map((fullness, i) => ({
        blockNumber: Number(fees.oldestBlock) + i,
        baseFeeGwei: gweiOf(fees.baseFeePerGas[i]!),
        fullness,
        tipsGwei: (fees.reward?.[i] ?? []).map(gweiOf),
      })),
    };
  },
});
