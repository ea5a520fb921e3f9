/** The market as files, made once for the same sources and packages. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CONTRACTS, solidityOf } from "../../../../contracts/compile.ts";
import { MarketBook } from "../../../../contract/market.ts";
import { ANVIL_PACKAGE } from "./anvil.ts";
import { MARKET_PACKAGES, packageVersion } from "./artifacts.ts";
import type { MarketOptions } from "./build.ts";

/** Every file that decides what the market is. */
const SOURCES = ["aave-v3", "artifacts", "balancer-v2", "blueprint", "build", "builder", "pairs", "state", "tokens", "uniswap-v2", "uniswap-v3"];

export interface StagedMarket {
  /** For anvil's --load-state. */
  stateFile: string;
  bookFile: string;
  /** Another market has another one. */
  key: string;
  book: MarketBook;
}

/** Changes when, and only when, the market does. Made from what goes in, so that knowing it costs no build. */
export function marketKey({ chainId, seed }: MarketOptions): string {
  const files = [...SOURCES.map((name) => join(import.meta.dirname, `${name}.ts`)), join(CONTRACTS, "compile.ts")];
  const versions = [...MARKET_PACKAGES, "solc", ANVIL_PACKAGE].map((name) => `${name}@${packageVersion(name)}`);
  const parts = [String(chainId), seed, ...versions, ...Object.values(solidityOf(CONTRACTS)), ...files.map((file) => readFileSync(file, "utf8"))];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}

/**
 * Builds the market unless it is there, which takes some six seconds.
 *
 * @param folder where markets are kept, as in `.mcp/market`
 */
export async function stageMarket(folder: string, options: MarketOptions): Promise<StagedMarket> {
  const key = marketKey(options);
  const place = join(folder, key);
  const staged = { key, stateFile: join(place, "market.json"), bookFile: join(place, "addresses.json") };
  if (!existsSync(place)) {
    // Loaded late: half a second that an unchanged stack does not spend.
    const { buildMarket } = await import("./build.ts");
    const { state, book } = await buildMarket(options);
    // Beside its place first, so that a market is whole or absent.
    const half = `${place}.${process.pid}`;
    mkdirSync(half, { recursive: true });
    writeFileSync(join(half, "market.json"), state);
    writeFileSync(join(half, "addresses.json"), bookText(book));
    rmSync(place, { recursive: true, force: true });
    mkdirSync(dirname(place), { recursive: true });
    renameSync(half, place);
  }
  return { ...staged, book: MarketBook.parse(JSON.parse(readFileSync(staged.bookFile, "utf8"))) };
}

export const bookText = (book: MarketBook): string => `${JSON.stringify(book, null, 2)}\n`;
