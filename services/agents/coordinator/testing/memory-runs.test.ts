import { MemoryRuns } from "./memory-runs.ts";
import { runStoreCases } from "./run-store.cases.ts";

describe("the run store of the tests", () => {
  const runs = new MemoryRuns();
  runStoreCases(() => runs);
});
