import { runJob } from "../compile/run-job.ts";
import type { Compiler } from "../compile/sandbox.ts";
import type { BuilderDeps } from "../deps.ts";
import { MemoryArtifacts } from "./memory-artifacts.ts";

/** The real compilers, in this process: a process for each job costs a second that only the sandbox's tests need. */
const inProcess: Compiler = {
  // Through JSON, as between processes.
  compile: async (job) => JSON.parse(JSON.stringify(runJob(JSON.parse(JSON.stringify(job))))),
};

/** The real compilers, and artifacts in memory. */
export const makeBuilder = (): BuilderDeps & { artifacts: MemoryArtifacts } =>
  ({ compiler: inProcess, artifacts: new MemoryArtifacts(), maxResultBytes: 2 ** 20 });
