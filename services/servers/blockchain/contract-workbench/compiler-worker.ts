/**
 * The thread that holds the Solidity compiler: 480 ms to load and up to seconds a source, none of it on the event loop.
 *
 * Its code travels as text, because the bundle is one file and a worker wants an entry of its own. So the function uses
 * nothing from outside itself.
 */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";

export interface WorkerAnswer { output: string }

function thread(): void {
  const { parentPort, workerData } = process.getBuiltinModule("node:worker_threads");
  const load = process.getBuiltinModule("node:module").createRequire(workerData.solc);
  const solc = load(workerData.solc) as { compile(input: string): string; version(): string };
  parentPort!.postMessage({ output: solc.version() });
  // Without a callback an import that is not among the sources is a compiler error: no file and no network is read.
  parentPort!.on("message", (input: string) => parentPort!.postMessage({ output: solc.compile(input) }));
}

/** A thread that answers the compiler's version once it is ready, and each standard-JSON text posted to it with the output. */
export function startCompilerThread(): Worker {
  return new Worker(`(${thread.toString()})()`, {
    eval: true,
    execArgv: [],
    env: {},
    workerData: { solc: createRequire(import.meta.url).resolve("solc") },
  });
}
