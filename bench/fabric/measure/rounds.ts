/** The rounds of a run: every cell by all contestants in turn, so that each pair is measured within seconds. */
import type { Contestant } from "../contestants/contestant.ts";
import type { Figure } from "./statistics.ts";

export const IN_FLIGHT = [1, 8, 64] as const;
export const RESULT_BYTES = 1_000;
export const CELLS = [
  ...IN_FLIGHT.map((n) => `no-op × ${n}`),
  ...IN_FLIGHT.map((n) => `1 kB × ${n}`),
  "burst",
  "bulk burst",
] as const;
export type Cell = (typeof CELLS)[number];

/** By contestant, then cell: one figure a round, null where it has none. */
export type Results = Map<string, Map<Cell, (Figure | null)[]>>;

export interface Bounds {
  rounds: number;
  /** Of a cell with a number in flight. */
  ms: number;
  /** Tasks of a burst. */
  burst: number;
}

/** Of one cell of one contestant: the slowest burst takes a fifth of it. */
const LONGEST_MS = 120_000;

export interface Failure {
  contestant: string;
  reason: string;
}

/**
 * @param required a contestant whose failure ends the run; any other's is noted, and its later cells are absent
 * @param say told before each cell
 */
export async function runRounds(
  contestants: readonly Contestant[], bounds: Bounds, required: string, say: (what: string) => void,
): Promise<{ results: Results; failures: Failure[] }> {
  const results: Results = new Map(contestants.map(({ name }) => [name, new Map(CELLS.map((cell) => [cell, []]))]));
  const failures: Failure[] = [];
  // Plans, caches and compilers get warm; it counts for nobody.
  for (const contestant of contestants) await guarded(contestant, () => contestant.steady(8, Math.min(2_000, bounds.ms), 0));
  for (let round = 0; round < bounds.rounds; round++) {
    for (const cell of CELLS) {
      for (const contestant of inTurn(contestants, round)) {
        say(`round ${round + 1}/${bounds.rounds} · ${cell} · ${contestant.name}`);
        const figure = await guarded(contestant, () => measure(contestant, cell, bounds));
        results.get(contestant.name)!.get(cell)!.push(figure);
        await guarded(contestant, async () => (await contestant.tidy?.(), null));
      }
    }
  }
  return { results, failures };

  async function guarded(contestant: Contestant, work: () => Promise<Figure | null>): Promise<Figure | null> {
    if (failures.some((failure) => failure.contestant === contestant.name)) return null;
    try {
      return await within(LONGEST_MS, work());
    } catch (error) {
      if (contestant.name === required) throw error;
      failures.push({ contestant: contestant.name, reason: String(error) });
      return null;
    }
  }
}

/** @throws {Error} after `ms`: a peer that loses an end would be waited for for ever */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error(`it did not come to an end within ${ms / 1_000} s`)), ms); });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Each round begins with another contestant. */
export const inTurn = <T>(items: readonly T[], round: number): T[] => items.map((_, index) => items[(index + round) % items.length]!);

function measure(contestant: Contestant, cell: Cell, { ms, burst }: Bounds): Promise<Figure | null> {
  if (cell === "burst") return contestant.burst(contestant.burstOf(burst));
  if (cell === "bulk burst") return contestant.bulkBurst(contestant.burstOf(burst));
  const [what, inFlight] = cell.split(" × ");
  return contestant.steady(Number(inFlight), ms, what === "1 kB" ? RESULT_BYTES : 0);
}
