/** How long something takes, when it has been done some times before. */
import { median, quantile } from "../fabric/measure/statistics.ts";

export interface Timing {
  medianMs: number;
  p99Ms: number;
  runs: number;
}

/** `warmUps` runs that do not count, then as many as `runs`. */
export function timed(run: () => void, { runs, warmUps }: { runs: number; warmUps: number }): Timing {
  for (let n = 0; n < warmUps; n++) run();
  const ms = Array.from({ length: runs }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  return { medianMs: median(ms), p99Ms: quantile(ms.toSorted((a, b) => a - b), 0.99), runs };
}
