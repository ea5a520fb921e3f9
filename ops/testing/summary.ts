/** Several mocha runs as one. Pure. */
import type { RunSummary } from "./reporter.ts";

/** A part of the suite that ended without a summary: it crashed, or ran into its time limit. */
export const crashed = (name: string, exitCode: number): RunSummary =>
  ({ passed: 0, failed: 1, pending: 0, durationMs: 0, trouble: [`${name}: ended with exit code ${exitCode} before its summary`] });

export function merged(runs: readonly RunSummary[]): RunSummary {
  const sum = (key: "passed" | "failed" | "pending" | "durationMs") => runs.reduce((total, run) => total + run[key], 0);
  return { passed: sum("passed"), failed: sum("failed"), pending: sum("pending"), durationMs: sum("durationMs"), trouble: runs.flatMap((run) => run.trouble) };
}

/** Mocha's summary over all runs, then the one line that scripts read. A pending test proves nothing: it counts as failed. */
export function closing(total: RunSummary): string[] {
  const minutes = Math.floor(total.durationMs / 60_000);
  const time = minutes > 0 ? `${minutes}m` : `${Math.round(total.durationMs / 1000)}s`;
  return [
    "",
    `  ${total.passed} passing (${time})`,
    ...(total.pending > 0 ? [`  ${total.pending} pending`] : []),
    ...(total.failed > 0 ? [`  ${total.failed} failing`] : []),
    ...(total.trouble.length > 0 ? ["", ...total.trouble.map((title, at) => `  ${at + 1}) ${title}`)] : []),
    "",
    `${total.passed} passed, ${total.failed + total.pending} failed`,
  ];
}
