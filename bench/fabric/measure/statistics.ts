/** Figures of rounds. Pure. */

/** What a contestant did in one cell of one round. */
export interface Figure {
  /** Tasks a second. */
  rate: number;
  tasks: number;
  /** Milliseconds from submission until the end was known; absent for bursts. */
  p50?: number;
  p99?: number;
}

/** The value below which the share `q` of the sorted values lies. */
export const quantile = (sorted: readonly number[], q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

export function figureOf(latenciesMs: readonly number[], seconds: number): Figure {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return { rate: sorted.length / seconds, tasks: sorted.length, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}

/** The median of each figure over rounds; null where there is no round. */
export function medianFigure(rounds: readonly (Figure | null)[]): Figure | null {
  const figures = rounds.filter((figure) => figure !== null);
  if (figures.length === 0) return null;
  const of = (read: (figure: Figure) => number | undefined): number | undefined => {
    const values = figures.map(read).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  return { rate: of(({ rate }) => rate)!, tasks: of(({ tasks }) => tasks)!, p50: of(({ p50 }) => p50), p99: of(({ p99 }) => p99) };
}

/**
 * The median over rounds of the quotient within a round: whatever slows the machine down for a minute slows both.
 *
 * @returns null where no round has both
 */
export function medianRatio(ours: readonly (Figure | null)[], theirs: readonly (Figure | null)[]): number | null {
  const ratios = ours.flatMap((figure, round) => {
    const other = theirs[round];
    return figure && other ? [figure.rate / other.rate] : [];
  });
  return ratios.length === 0 ? null : median(ratios);
}
