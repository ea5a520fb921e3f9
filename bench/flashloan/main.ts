/**
 * The flash-loan library against its limits, each beside the published figure for the like.
 *
 *     node bench/flashloan/main.ts [--pools FILE]… [--base ADDRESS] [--floor 0.001] [--seed 1] [--runs 30] [--json]
 *
 * `--pools` reads recorded pairs (see recorded-pools.ts); without it a seed makes a market of the same shape. The floor is
 * the least profit worth looking at, in units of 1e18 of the base token, which is WETH unless told otherwise.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { shapedAsDeFiPoser, shapedAsRouter, shapedAsUniswap } from "./generated-pools.ts";
import { measureFromNothing, measureRoute, measureScan } from "./measurements.ts";
import { seeded } from "./random.ts";
import { recordedPools } from "./recorded-pools.ts";
import { linesOf, textOf, type Measured } from "./report.ts";

const { values } = parseArgs({ options: {
  pools: { type: "string", multiple: true, default: [] },
  base: { type: "string" },
  floor: { type: "string", default: "0.001" },
  seed: { type: "string", default: "1" },
  runs: { type: "string", default: "30" },
  json: { type: "boolean", default: false },
} });
const wholeFrom1 = (name: "seed" | "runs"): number => {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${values[name]}: a whole number, at least 1`);
  return value;
};
const [seed, runs] = [wholeFrom1("seed"), wholeFrom1("runs")];
const floor = Number(values.floor) * 1e18;
if (!(floor > 0)) throw new Error(`--floor ${values.floor}: a number above 0`);
const rounds = { runs, warmUps: 5 };
/** WETH on Ethereum. */
const WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2";
const BEST = 10;

const random = seeded(seed);
const recorded = values.pools.length > 0 ? recordedPools(values.pools.map((file) => readFileSync(file, "utf8"))) : null;
const pools = recorded?.pools ?? shapedAsUniswap(random);
const base = values.base ?? (recorded ? WETH : pools[0]!.token0.address);
const poser = shapedAsDeFiPoser(random);
const measured: Measured = {
  source: recorded ? `${pools.length} recorded` : `${pools.length} generated with seed ${seed}`,
  refused: Object.values(recorded?.refused ?? {}).reduce((sum, count) => sum + count, 0),
  scan: measureScan(pools, base, floor, BEST, random, rounds),
  deFiPoser: measureFromNothing(poser, poser[0]!.token0.address, floor, BEST, rounds),
  routes: [100, 1_000, 10_000].map((count) => {
    const { pools: some, worth } = shapedAsRouter(random, count);
    return measureRoute(some, worth, rounds);
  }),
};
console.log(values.json ? JSON.stringify({ ...measured, lines: linesOf(measured) }, null, 2) : textOf(measured));
