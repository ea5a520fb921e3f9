/** The compiler process: one job on stdin, its output on stdout, then it ends. */
import { json } from "node:stream/consumers";
import type { CompileJob } from "./job.ts";
import { runJob } from "./run-job.ts";

export async function compileOnce(): Promise<void> {
  const answer = runJob((await json(process.stdin)) as CompileJob);
  // A compiler may leave handlers behind that keep the process alive.
  process.stdout.write(JSON.stringify(answer), () => process.exit(0));
}
