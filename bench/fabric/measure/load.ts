/** Load on anything that does one task after another. */
import { figureOf, type Figure } from "./statistics.ts";

/** Submits a task and resolves when its end is known. */
export type Once = () => Promise<void>;

/** `inFlight` tasks at any time, for `ms`; those under way are finished and counted. */
export async function steady(once: Once, inFlight: number, ms: number): Promise<Figure> {
  const latencies: number[] = [];
  const started = performance.now();
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (performance.now() - started < ms) {
      const at = performance.now();
      await once();
      latencies.push(performance.now() - at);
    }
  }));
  return figureOf(latencies, (performance.now() - started) / 1000);
}

/** From the first submission until the last end is known. */
export async function timed(tasks: number, work: () => Promise<unknown>): Promise<Figure> {
  const started = performance.now();
  await work();
  return { rate: tasks / ((performance.now() - started) / 1000), tasks };
}

/** All at once; what limits them is what they are submitted to. */
export const atOnce = (tasks: number, once: Once): Promise<Figure> => timed(tasks, () => Promise.all(Array.from({ length: tasks }, once)));
