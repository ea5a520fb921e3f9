/** What a run has shown, and how it stands to what is aimed at. Pure. */
import { medianFigure, medianRatio, type Figure } from "../fabric/measure/statistics.ts";
import type { Kept } from "./measure/soak.ts";

export const CONNECTIONS = [1, 32, 128] as const;
export const DIRECT = "direct";
export const HUB = "hub";
export const EDGE = "edge + hub";
export const CONTEXTFORGE = "ContextForge";

/** By way, then connections: one figure a round. */
export type Results = Map<string, Map<number, Figure[]>>;

export interface Measured {
  rounds: number;
  results: Results;
  /** tools/list at one connection, by `servers × tools`. */
  lists: Record<string, Figure>;
  /** CPU of the hub a call, milliseconds, by connections. */
  hubCpuMs: Record<number, number>;
  /** What the hub keeps after the warm-up and each part of a long run. */
  long: Kept[];
  absent: string[];
}

export interface Aim { aim: string; value: number | null; met: boolean | null }

/** Calls a second through the hub, or edge and hub, to direct; as issue and documentation state them. */
const RATIOS: Record<string, readonly number[]> = { [HUB]: [0.75, 0.85, 0.85], [EDGE]: [0.6, 0.75, 0.75] };
/** Calls a second through the hub to those through the peer. */
const TIMES_PEER = 50;
const MOST_CPU_MS = 0.3;
const MOST_LIST_MS = 1;
const MOST_GROWTH = 1.05;

export function aimsOf({ results, lists, hubCpuMs, long }: Measured): Aim[] {
  const figures = (way: string, connections: number): Figure[] => results.get(way)?.get(connections) ?? [];
  const ratios = Object.entries(RATIOS).flatMap(([way, least]) => CONNECTIONS.map((connections, index) =>
    atLeast(`${way} to direct at ${connections}`, medianRatio(figures(way, connections), figures(DIRECT, connections)), least[index]!)));
  const growth = (of: (kept: Kept) => number): number | null => (long.length > 1 ? of(long.at(-1)!) / of(long[0]!) : null);
  return [
    ...ratios,
    ...(results.has(CONTEXTFORGE) ? CONNECTIONS.map((connections) => atLeast(`hub to ${CONTEXTFORGE} at ${connections}`, medianRatio(figures(HUB, connections), figures(CONTEXTFORGE, connections)), TIMES_PEER)) : []),
    ...CONNECTIONS.map((connections) => atMost(`CPU ms of the hub a call at ${connections}`, hubCpuMs[connections], MOST_CPU_MS)),
    atMost("tools/list of 200 tools of 10 servers, p50 ms", lists["10 × 20"]?.p50, MOST_LIST_MS),
    atMost("resident memory of the hub, end of the long run to its warm-up", growth(({ rssMiB }) => rssMiB), MOST_GROWTH),
    atMost("heap of the hub, end of the long run to its warm-up", growth(({ heapMiB }) => heapMiB), MOST_GROWTH),
    atMost("descriptors of the hub, end of the long run to its warm-up", growth(({ descriptors }) => descriptors), MOST_GROWTH),
  ];
}

const atLeast = (aim: string, value: number | null | undefined, limit: number): Aim => ({ aim: `${aim} ≥ ${limit}`, value: value ?? null, met: value == null ? null : value >= limit });
const atMost = (aim: string, value: number | null | undefined, limit: number): Aim => ({ aim: `${aim} ≤ ${limit}`, value: value ?? null, met: value == null ? null : value <= limit });

export function textOf(measured: Measured): string {
  const { rounds, results, lists, hubCpuMs, long, absent } = measured;
  const line = (name: string, values: string[]): string => name.padEnd(16) + values.map((value) => value.padStart(26)).join("");
  const shown = (figure: Figure | null): string => (figure ? `${figure.rate.toFixed(0)} (${figure.p50!.toFixed(2)}/${figure.p99!.toFixed(1)})` : "-");
  return [
    `tools/call of a trivial tool, calls a second (p50/p99 in ms), median of ${rounds} rounds, by connections`,
    line("", CONNECTIONS.map(String)),
    ...[...results].map(([way, cells]) => line(way, CONNECTIONS.map((connections) => shown(medianFigure(cells.get(connections) ?? []))))),
    ...[...results.keys()].filter((way) => way !== DIRECT).map((way) => line(`${way} / direct`, CONNECTIONS.map((connections) =>
      medianRatio(results.get(way)!.get(connections) ?? [], results.get(DIRECT)!.get(connections) ?? [])?.toFixed(2) ?? "-"))),
    line("hub CPU ms/call", CONNECTIONS.map((connections) => hubCpuMs[connections]?.toFixed(3) ?? "-")),
    "",
    "tools/list through the hub at one connection, by servers × tools: lists a second (p50/p99 in ms)",
    ...Object.entries(lists).map(([what, figure]) => line(what, [shown(figure)])),
    ...(long.length === 0 ? [] : ["", "long run, hub after a garbage collection: calls, of clients that vanished, MiB resident, MiB heap, MiB external, descriptors",
      ...long.map(({ calls, vanished, rssMiB, heapMiB, externalMiB, descriptors }) => line(String(calls), [String(vanished), rssMiB.toFixed(1), heapMiB.toFixed(1), externalMiB.toFixed(1), String(descriptors)]))]),
    "",
    ...aimsOf(measured).map(({ aim, value, met }) => `${met === null ? "  ?  " : met ? "  ok " : "short"} ${aim}: ${value === null ? "not measured" : value.toFixed(3)}`),
    ...absent.map((what) => `absent: ${what}`),
  ].join("\n");
}
