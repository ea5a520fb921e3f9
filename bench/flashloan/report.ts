/** Figures beside their limits and beside what was published. Pure. */
import type { Routed, Scanned } from "./measurements.ts";
import type { Timing } from "./timing.ts";

export interface Measured {
  source: string;
  refused: number;
  scan: Scanned;
  deFiPoser: Timing & { cycles: number; found: number };
  routes: readonly Routed[];
}

export interface Line {
  what: string;
  medianMs: number;
  p99Ms: number;
  limitMs: number;
  /** Of the limit; below 1 it is kept. */
  ratio: number;
  /** What somebody else has published for the like, with their hardware as far as they tell it. */
  published: string;
  /** Times that figure, by the median; null where it is no single one. */
  faster: number | null;
}

const line = (what: string, { medianMs, p99Ms }: Timing, limitMs: number, published: string, publishedMs: number | null): Line =>
  ({ what, medianMs, p99Ms, limitMs, ratio: medianMs / limitMs, published, faster: publishedMs === null ? null : publishedMs / medianMs });

export function linesOf({ scan, deFiPoser, routes }: Measured): Line[] {
  const hundred = scan.touched.find(({ pools }) => pools === 100)!;
  return [
    line(`full scan, ${scan.cycles} cycles of up to 4 swaps over ${scan.pools} pools`, scan.full, 50,
      "none for this market; degenbot (Rust) solves a path of 2 pools in 82 to 144 µs (ADR-015)", null),
    line(`100 pools touched, ${hundred.cycles} cycles solved again`, hundred, 5, "none for this market", null),
    line(`DeFiPoser's shape, 25 tokens and 96 pools, ${deFiPoser.cycles} cycles, from nothing`, deFiPoser, 5,
      "DeFiPoser-ARB 6.43 s a block, SMT 5.39 s (Zhou et al., S&P 2021; other hardware)", 6_430),
    ...routes.filter(({ pools }) => pools === 10_000).map((route) =>
      line(`optimal routing, ${route.pools} pools and ${route.tokens} tokens`, route, 50, "CFMMRouter.jl 0.2 to 0.5 s (its plot; i9, 2.3 GHz)", 200)),
  ];
}

const ms = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(1));

export function textOf(measured: Measured): string {
  const { scan, source, refused, deFiPoser, routes } = measured;
  const perCycle = (scan.scan.medianMs * 1e6) / Math.max(1, scan.cycles);
  return [
    `pools: ${source}; ${refused} left out as empty or impossible`,
    `${"".padEnd(72)}${"median".padStart(9)}${"p99".padStart(9)}${"limit".padStart(9)}${"ratio".padStart(8)}`,
    ...linesOf(measured).flatMap(({ what, medianMs, p99Ms, limitMs, ratio, published, faster }) => [
      `${(ratio <= 1 ? "ok    " : "short ") + what}`.padEnd(72) + `${ms(medianMs).padStart(9)}${ms(p99Ms).padStart(9)}${ms(limitMs).padStart(9)}${ratio.toFixed(2).padStart(8)}`,
      `        published: ${published}${faster === null ? "" : `: ${faster.toFixed(faster < 10 ? 1 : 0)} times as long`}`,
    ]),
    "",
    `graph: ${scan.pools} pools, ${scan.tokens} tokens; ${scan.cycles} cycles enumerated in ${ms(scan.enumerateMs)} ms, ${(scan.bytes / 2 ** 20).toFixed(1)} MiB with the index`,
    `scan in doubles alone: ${ms(scan.scan.medianMs)} ms, ${perCycle.toFixed(0)} ns a cycle; ${scan.found} above the floor, `
      + `${scan.exact} sized in exact integers and kept, ${scan.proven} proven to be of the best size`,
    ...scan.touched.map(({ pools, cycles, medianMs, p99Ms }) => `${pools} touched pools: ${cycles} cycles, ${ms(medianMs)} ms, p99 ${ms(p99Ms)} ms`),
    `DeFiPoser's shape: ${deFiPoser.found} opportunities`,
    ...routes.map(({ pools, tokens, medianMs, iterations, gap }) => `routing ${pools} pools, ${tokens} tokens: ${ms(medianMs)} ms, ${iterations} iterations, gap ${gap.toExponential(0)}`),
    "Milliseconds. Everybody's hardware differs: of the published figures only the order of magnitude compares.",
  ].join("\n");
}
