/** Writes contract/flash-executor.ts from the contract: `node contracts/write-abi.ts`. A test compares the two. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderExecutorAbi } from "./executor-abi.ts";

writeFileSync(join(import.meta.dirname, "../contract/flash-executor.ts"), renderExecutorAbi());
