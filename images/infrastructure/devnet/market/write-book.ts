/** Writes configs/devnet/market.json: `node images/infrastructure/devnet/market/write-book.ts`. A test compares the two. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bookText, stageMarket } from "./stage.ts";

const root = join(import.meta.dirname, "../../../..");
const { book } = await stageMarket(join(root, ".mcp/market"), { chainId: 31_337, seed: "devnet" });
writeFileSync(join(root, "configs/devnet/market.json"), bookText(book));
