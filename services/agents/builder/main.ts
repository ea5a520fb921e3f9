/**
 * builder: compiles Solidity and TypeScript, and keeps what comes out by content hash. The same file is the entry point of
 * the agent and of its compiler processes; each loads its own half only.
 */
import { COMPILER_ARGUMENT } from "./compile/job.ts";

if (process.argv.includes(COMPILER_ARGUMENT)) await (await import("./compile/child.ts")).compileOnce();
else await (await import("./agent.ts")).run(import.meta.url);
