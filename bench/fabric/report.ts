/** What a run has shown: figures, ratios, and how they stand to what is aimed at. Pure. */
import { CELLS, type Cell, type Failure, type Results } from "./measure/rounds.ts";
import type { Cost } from "./measure/cost.ts";
import { medianFigure, medianRatio, type Figure } from "./measure/statistics.ts";

export const OURS = "fabric";
export const LIMIT = "bare AMQP";
/** Whom ours is compared with. */
export const AGAINST = [LIMIT, "bare AMQP, gathered", "BullMQ", "Celery", "graphile-worker"] as const;

export interface Measured {
  rounds: number;
  results: Results;
  failures: Failure[];
  notes: Record<string, string>;
  /** At 64 in flight. */
  costs: Record<string, Cost>;
  /** Tasks a second of bursts in a row. */
  bursts: number[];
}

export interface Aim {
  aim: string;
  /** What was measured; null where it was not. */
  value: number | null;
  met: boolean | null;
}

export interface Report extends Omit<Measured, "results"> {
  figures: Record<string, Partial<Record<Cell, Figure>>>;
  /** Of ours to each, by cell; absent where one of the two has no figure. */
  ratios: Record<string, Partial<Record<Cell, number>>>;
  burstSpread: number | null;
  aims: Aim[];
}

export function reportOf({ results, ...measured }: Measured): Report {
  const cells = <T>(value: (cell: Cell) => T | null): Partial<Record<Cell, T>> =>
    Object.fromEntries(CELLS.flatMap((cell) => { const found = value(cell); return found === null ? [] : [[cell, found]]; }));
  const rounds = (name: string, cell: Cell): (Figure | null)[] => results.get(name)?.get(cell) ?? [];
  const figures = Object.fromEntries([...results.keys()].map((name) => [name, cells((cell) => medianFigure(rounds(name, cell)))]));
  const ratios = Object.fromEntries(AGAINST.filter((name) => results.has(name)).map((name) =>
    // The limits have no call for many.
    [name, cells((cell) => medianRatio(rounds(OURS, cell), rounds(name, name.startsWith(LIMIT) && cell === "bulk burst" ? "burst" : cell)))]));
  const burstSpread = measured.bursts.length > 1 ? Math.max(...measured.bursts) / Math.min(...measured.bursts) : null;
  return { ...measured, figures, ratios, burstSpread, aims: aimsOf(figures, ratios, measured.costs, burstSpread) };
}

function aimsOf(figures: Report["figures"], ratios: Report["ratios"], costs: Measured["costs"], burstSpread: number | null): Aim[] {
  const atLeast = (aim: string, value: number | null | undefined, limit: number): Aim =>
    ({ aim: `${aim} ≥ ${limit}`, value: value ?? null, met: value == null ? null : value >= limit });
  const atMost = (aim: string, value: number | null | undefined, limit: number): Aim =>
    ({ aim: `${aim} ≤ ${limit}`, value: value ?? null, met: value == null ? null : value <= limit });
  return [
    atLeast("no-op × 64 to the bare limit", ratios[LIMIT]?.["no-op × 64"], 0.5),
    atLeast("no-op × 64 to BullMQ", ratios["BullMQ"]?.["no-op × 64"], 1.2),
    atLeast("no-op × 64 to Celery", ratios["Celery"]?.["no-op × 64"], 10),
    atLeast("burst to the bare limit", ratios[LIMIT]?.["burst"], 0.5),
    atMost("p50 in ms at one in flight", figures[OURS]?.["no-op × 1"]?.p50, 5),
    atMost("flushes of the log a task at 64 in flight", costs[OURS]?.flushesPerTask, 0.5),
    atMost("bursts in a row, fastest to slowest", burstSpread, 1.25),
  ];
}

const shown = ({ rate, p50, p99 }: Figure): string =>
  rate.toFixed(0) + (p50 === undefined ? "" : ` (${p50.toFixed(1)}/${p99!.toFixed(0)})`);

export function textOf(report: Report): string {
  const { figures, ratios, rounds, notes, costs, bursts, burstSpread, failures, aims } = report;
  const line = (name: string, values: string[]): string => name.padEnd(20) + values.map((value) => value.padStart(19)).join("");
  const row = <T>(name: string, of: Partial<Record<Cell, T>>, show: (value: T) => string): string =>
    line(name, CELLS.map((cell) => (of[cell] === undefined ? "-" : show(of[cell]))));
  return [
    `Tasks a second (p50/p99 in ms), median of ${rounds} rounds; × is the number in flight`,
    line("", [...CELLS]),
    ...Object.entries(figures).map(([name, of]) => row(name, of, shown)),
    "",
    "Ours to theirs, median of the quotients within a round",
    ...Object.entries(ratios).map(([name, of]) => row(name, of, (ratio) => ratio.toFixed(2))),
    "",
    ...Object.entries(costs).map(([name, { flushesPerTask, cpuMsPerTask }]) => `${name}, a task at 64 in flight: ${flushesPerTask.toFixed(2)} flushes of PostgreSQL's log; CPU ms `
      + Object.entries(cpuMsPerTask).map(([service, ms]) => `${service} ${ms.toFixed(2)}`).join(", ")),
    ...(burstSpread === null ? [] : [`bursts in a row, tasks/s: ${bursts.map((rate) => rate.toFixed(0)).join(" ")}; fastest to slowest ${burstSpread.toFixed(2)}`]),
    "",
    ...aims.map(({ aim, value, met }) => `${met === null ? "  ?  " : met ? "  ok " : "short"} ${aim}: ${value === null ? "not measured" : value.toFixed(2)}`),
    "",
    ...Object.entries(notes).map(([name, note]) => `${name}: ${note}`),
    ...failures.map(({ contestant, reason }) => `${contestant} is absent: ${reason}`),
  ].join("\n");
}
