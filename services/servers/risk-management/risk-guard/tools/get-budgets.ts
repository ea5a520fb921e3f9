import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { wei } from "../../../shared/market/as-of.ts";
import type { Deps } from "../deps.ts";

const left = (limit: string, spent: string): string => String(BigInt(limit) > BigInt(spent) ? BigInt(limit) - BigInt(spent) : 0n);

export const getBudgets = defineTool<Deps>()({
  name: "get_budgets",
  title: "Read budgets and limits",
  description: "What the last hour has cost beside its budgets, and the limits of a single trade. Losses are counted without the gains between them.",
  input: z.strictObject({}),
  output: z.object({
    chainId: z.int(),
    blockNumber: z.int().nullable().describe("Newest block that the trader has looked at."),
    gas: z.object({ spentWei: wei("Gas paid in the last hour"), budgetWei: wei("At most"), leftWei: wei("What is left") }),
    loss: z.object({ lostWei: wei("Losses of the last hour"), budgetWei: wei("Stays below"), leftWei: wei("What is left") }),
    reverts: z.object({ count: z.int(), budget: z.int().describe("Stays below."), left: z.int() }),
    trade: z.object({
      leastNetProfitWei: wei("Net profit, at least"),
      leastGasMultiple: z.number().describe("Profit before gas over gas, at least."),
      mostAmountWei: wei("Loan, at most"),
      mostReserveSharePpm: z.int().describe("Share of a pair's reserve that a leg may take in, in millionths."),
      mostGas: z.string().describe("Gas of one trade, at most."),
    }),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler(_, { deps, signal }) {
    const { chainId, head, limits, spent } = await deps.trader.state(signal);
    return {
      chainId, blockNumber: head,
      gas: { spentWei: spent.gas, budgetWei: limits.hourlyGas, leftWei: left(limits.hourlyGas, spent.gas) },
      loss: { lostWei: spent.loss, budgetWei: limits.hourlyLoss, leftWei: left(limits.hourlyLoss, spent.loss) },
      reverts: { count: spent.reverts, budget: limits.hourlyReverts, left: Math.max(0, limits.hourlyReverts - spent.reverts) },
      trade: {
        leastNetProfitWei: limits.leastNetProfit, leastGasMultiple: limits.leastGasMultiple, mostAmountWei: limits.mostAmount,
        mostReserveSharePpm: limits.mostReserveSharePpm, mostGas: limits.mostGas,
      },
    };
  },
});
