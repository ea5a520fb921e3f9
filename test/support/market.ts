/** The local chain's market on an anvil of its own. */
import { join } from "node:path";
import type { MarketBook } from "../../contract/market.ts";
import { startAnvil } from "../../images/infrastructure/devnet/market/anvil.ts";
import { stageMarket } from "../../images/infrastructure/devnet/market/stage.ts";
import { pathsOf } from "../../ops/system/paths.ts";

export { ANVIL_PACKAGE, startAnvil, type Anvil } from "../../images/infrastructure/devnet/market/anvil.ts";
export { rpc } from "../../images/infrastructure/devnet/market/builder.ts";

export interface RunningMarket {
  url: string;
  book: MarketBook;
  /** Of anvil. */
  pid: number;
  stop(): Promise<void>;
}

/** The market is made once for all tests, which takes some six seconds. @param options of anvil */
export async function startMarket(...options: string[]): Promise<RunningMarket> {
  const { book, stateFile } = await stageMarket(join(pathsOf({}).root, ".mcp/market"), { chainId: 31_337, seed: "devnet" });
  return { book, ...await startAnvil(["--load-state", stateFile, ...options]) };
}
