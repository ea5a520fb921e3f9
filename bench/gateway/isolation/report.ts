/** What bad neighbours cost a good server's callers. Pure. */
import { median, medianFigure, type Figure } from "../../fabric/measure/statistics.ts";

export const ALONE = "alone";
/** The same once more: how far two cells differ between which nothing has changed. */
export const CONTROL = "alone again";
/** By what a bad server does. */
export const BAD = ["hangs", "lies", "floods"] as const;
export type Cell = typeof ALONE | typeof CONTROL | (typeof BAD)[number];
export const CELLS: readonly Cell[] = [ALONE, CONTROL, ...BAD];

export interface Measured {
  /** By cell: one figure a round, of calls of the good server. */
  figures: Map<Cell, Figure[]>;
  /** By cell: how often the whole list was served, and how often anything else. */
  lists: Map<Cell, { whole: number; other: number; p99Ms: number }>;
  /** By cell: calls of the bad server that ended within it. */
  badCalls: Map<Cell, number>;
}

/** What is noise even where two quiet cells happen to agree. */
const LEAST_NOISE = 1.15;

/** Where two quiet cells differ by more than this, the machine is too busy to tell anything. */
const MOST_NOISE = 1.5;

/** @property met null: cannot be told */
export interface Verdict { cell: Cell; p99Ratio: number; noise: number; met: boolean | null }

/** p99 beside a bad server to p99 alone, within rounds; at most what two quiet cells of this run differ by. */
export function verdictsOf({ figures, lists }: Measured): Verdict[] {
  const p99s = (cell: Cell): number[] => figures.get(cell)!.map(({ p99 }) => p99!);
  const ratios = (cell: Cell): number[] => p99s(cell).map((p99, round) => p99 / p99s(ALONE)[round]!);
  const noise = Math.max(LEAST_NOISE, ...ratios(CONTROL).map((ratio) => Math.max(ratio, 1 / ratio)));
  return BAD.map((cell) => {
    const p99Ratio = median(ratios(cell));
    const { whole, other } = lists.get(cell)!;
    const listed = whole > 0 && other === 0;
    return { cell, p99Ratio, noise, met: listed && noise > MOST_NOISE ? null : listed && p99Ratio <= noise };
  });
}

export function textOf(measured: Measured, rounds: number): string {
  const row = (...values: string[]): string => values.map((value, index) => (index === 0 ? value.padEnd(16) : value.padStart(18))).join("");
  return [
    `tools/call of a good server at 32 connections while one beside it is called too, median of ${rounds} rounds`,
    row("", "calls/s", "p50 ms", "p99 ms", "lists whole/other", "list p99 ms", "bad calls ended"),
    ...CELLS.map((cell) => {
      const { rate, p50, p99 } = medianFigure(measured.figures.get(cell)!)!;
      const { whole, other, p99Ms } = measured.lists.get(cell)!;
      return row(cell, rate.toFixed(0), p50!.toFixed(2), p99!.toFixed(2), `${whole}/${other}`, p99Ms.toFixed(1), String(measured.badCalls.get(cell)!));
    }),
    "",
    ...verdictsOf(measured).map(({ cell, p99Ratio, noise, met }) => `${met === null ? "  ?  " : met ? "  ok " : "short"} p99 beside one that ${cell} to p99 alone: ${p99Ratio.toFixed(2)}, noise ${noise.toFixed(2)}`),
  ].join("\n");
}
