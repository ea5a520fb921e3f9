/** The address book of the local chain's market, as services that trade there find it. */
import { CONFIG_DIR } from "../../contract/environment.ts";
import { MarketBook } from "../../contract/market.ts";
import type { Settings } from "../../contract/settings.ts";
import type { ConfigFile } from "../service-spec.ts";
import { configText, type ConfigFolder } from "./config-files.ts";

/** Below configs/devnet, written there by images/infrastructure/devnet/market/write-book.ts. */
const FILE = "market.json";

/**
 * Addresses follow from who deployed what in which order, so they are those of the tracked file for every chain id and seed.
 *
 * @throws {Error} when configs/devnet/market.json is missing, or not of this version; when the chain is a fork, which has no market
 */
export function marketFile({ devnet: { chainId, seed, forkUrl } }: Settings, configs: ConfigFolder): ConfigFile {
  if (forkUrl !== null) throw new Error("the local chain is a fork, which has no market: whoever trades there is to be left out of the plan");
  const book = MarketBook.parse(JSON.parse(configText("devnet", configs, FILE)));
  return { path: `${CONFIG_DIR}/${FILE}`, content: `${JSON.stringify({ ...book, chainId, seed }, null, 2)}\n` };
}
