/** graphile-worker's runner. It tells which jobs are done, because nobody else can: a finished job is a deleted row. */
import { createRequire } from "node:module";

interface Settings { packages: string; connectionString: string; concurrency: number }
interface Runner {
  events: { on(event: "job:complete", listener: (event: { job: { id: string } }) => void): void };
  stop(): Promise<void>;
}

process.once("message", async ({ packages, connectionString, concurrency }: Settings) => {
  const { run, Logger } = createRequire(`${packages}/`)("graphile-worker");
  const runner: Runner = await run({
    connectionString, concurrency, maxPoolSize: 10, noHandleSignals: true,
    logger: new Logger(() => () => undefined),
    taskList: { noop: async () => undefined },
  });
  let done: string[] = [];
  runner.events.on("job:complete", ({ job }) => {
    if (done.push(job.id) > 1) return;
    setImmediate(() => {
      process.send!(done);
      done = [];
    });
  });
  process.once("SIGTERM", () => void runner.stop().finally(() => process.exit(0)));
  process.send!("ready");
});
process.on("disconnect", () => process.exit(0));
