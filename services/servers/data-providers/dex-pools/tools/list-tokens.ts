import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields } from "../../../shared/market/as-of.ts";
import { latestMarket } from "../../../shared/market/market-source.ts";
import { TokenView } from "../../../shared/market/pool-view.ts";
import type { Deps } from "../deps.ts";

export const listTokens = defineTool<Deps>()({
  name: "list_tokens",
  title: "List tokens",
  description: "Lists the tokens of this market and in how many pools each is traded. The first one is the base token, in which profit is counted.",
  input: z.strictObject({}),
  output: z.object({
    ...asOfFields,
    tokens: z.array(TokenView.extend({ isBase: z.boolean(), pools: z.int().describe("Pools that trade it and whose state is possible.") })),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler(_, { deps }) {
    const at = await latestMarket(deps);
    return {
      ...asOf(deps, at.head),
      tokens: deps.reader.book.tokens.map(({ address, symbol, decimals }) => {
        const token = address.toLowerCase();
        return {
          address: token, symbol, decimals, isBase: address === deps.reader.base.address,
          pools: at.market.pools.filter(({ token0, token1 }) => token0.address === token || token1.address === token).length,
        };
      }),
    };
  },
});
