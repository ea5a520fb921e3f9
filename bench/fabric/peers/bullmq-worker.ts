/** BullMQ's worker. */
import { createRequire } from "node:module";

interface Settings { packages: string; connection: object; queue: string; concurrency: number }

process.once("message", (settings: Settings) => {
  const { Worker } = createRequire(`${settings.packages}/`)("bullmq");
  const work = async ({ data }: { data: { bytes: number } }) => ({ pad: "x".repeat(data.bytes) });
  const worker = new Worker(settings.queue, work, { connection: settings.connection, concurrency: settings.concurrency });
  worker.on("error", (error: Error) => console.error(error.message));
  process.once("SIGTERM", () => void worker.close().finally(() => process.exit(0)));
  worker.waitUntilReady().then(() => process.send!("ready"));
});
process.on("disconnect", () => process.exit(0));
