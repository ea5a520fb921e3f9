/** What a CPU profile of V8 (`node --cpu-prof`) says about functions. Pure. */

/** As much of a .cpuprofile as is used. Times in µs. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

export interface FunctionTime {
  name: string;
  /** Milliseconds in the function itself, and with all that it called. */
  selfMs: number;
  totalMs: number;
}

/** V8 counts what it waits for as functions too. */
const WAITING = new Set(["(idle)", "(root)"]);

/** Functions by the time in themselves, longest first; those of one name count together. */
export function functionTimes({ nodes, samples, timeDeltas }: CpuProfile): FunctionTime[] {
  const selfMs = new Map<number, number>();
  samples.forEach((id, index) => selfMs.set(id, (selfMs.get(id) ?? 0) + timeDeltas[index]! / 1000));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const times = new Map<string, FunctionTime>();
  const nameOf = (id: number): string => byId.get(id)!.callFrame.functionName || "(anonymous)";
  const children = new Set(nodes.flatMap((node) => node.children ?? []));

  /** @param above names on the way here: a recursion's time counts once */
  const visit = (id: number, above: ReadonlySet<string>): number => {
    const name = nameOf(id);
    const own = selfMs.get(id) ?? 0;
    const below = new Set(above).add(name);
    const total = (byId.get(id)!.children ?? []).reduce((sum, child) => sum + visit(child, below), own);
    const time = times.get(name) ?? { name, selfMs: 0, totalMs: 0 };
    times.set(name, { name, selfMs: time.selfMs + own, totalMs: time.totalMs + (above.has(name) ? 0 : total) });
    return total;
  };
  for (const { id } of nodes) if (!children.has(id)) visit(id, new Set());
  return [...times.values()].filter(({ name }) => !WAITING.has(name)).sort((a, b) => b.selfMs - a.selfMs);
}

const FUNCTIONS = 40;

/** The longest of them as shares of all the time at work, a line each. */
export function functionTable(times: readonly FunctionTime[]): string {
  const busyMs = times.reduce((sum, { selfMs }) => sum + selfMs, 0);
  const share = (ms: number): string => (ms / busyMs * 100).toFixed(1).padStart(9);
  return ["   self %  total %", ...times.slice(0, FUNCTIONS).map(({ name, selfMs, totalMs }) => `${share(selfMs)}${share(totalMs)}  ${name}`)].join("\n");
}
