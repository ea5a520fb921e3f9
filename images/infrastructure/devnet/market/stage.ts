/** The market as files, made once for the same sources and packages. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTRACTS, solidityOf } from "../../../../contracts/compile.ts";
import { MarketBook } from "../../../../contract/market.ts";
import { ANVIL_PACKAGE } from "./anvil.ts";
import { MARKET_PACKAGES, packageVersion } from "./artifacts.ts";
import type { MarketOptions } from "./build.ts";

/** Every file that decides what the market is. */
const SOURCES = ["aave-v3", "artifacts", "balancer-v2", "blueprint", "build", "builder", "pairs", "state", "tokens", "uniswap-v2", "uniswap-v3"];

/** Markets that nothing uses any more are kept this long, for a test or an `up` that may be under way. */
const KEEP_MS = 24 * 3_600_000;

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
    write(place, { "market.json": state, "addresses.json": bookText(book) });
    prune(folder, key);
  }
  return { ...staged, book: MarketBook.parse(JSON.parse(readFileSync(staged.bookFile, "utf8"))) };
}

/** Written beside its place and moved there, so that a market is whole or absent. */
function write(place: string, files: Record<string, string>): void {
  const half = `${place}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(half, name), text);
  try {
    renameSync(half, place);
  } catch (error) {
    rmSync(half, { recursive: true });
    // Somebody else made the same one meanwhile.
    if (!existsSync(place)) throw error;
  }
}

function prune(folder: string, current: string): void {
  const oldest = Date.now() - KEEP_MS;
  for (const name of readdirSync(folder)) {
    if (name !== current && statSync(join(folder, name)).mtimeMs < oldest) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

export const bookText = (book: MarketBook): string => `${JSON.stringify(book, null, 2)}\n`;
