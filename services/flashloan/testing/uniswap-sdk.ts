/** Uniswap's SDKs, the oracles of the tests. Their ES modules import without file endings, which Node refuses: so CommonJS. */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
export const { CurrencyAmount, Token } = require("@uniswap/sdk-core") as typeof import("@uniswap/sdk-core");
export const { Pair } = require("@uniswap/v2-sdk") as typeof import("@uniswap/v2-sdk");
export const { Pool, SwapMath, Tick, TickListDataProvider, TickMath } = require("@uniswap/v3-sdk") as typeof import("@uniswap/v3-sdk");
export const JSBI = require("jsbi") as typeof import("jsbi").default;

/** Two tokens, the first sorted before the second. */
export const [A, B] = [1, 2].map((n) => new Token(1, `0x${String(n).padStart(40, "0")}`, 18)) as [InstanceType<typeof Token>, InstanceType<typeof Token>];
