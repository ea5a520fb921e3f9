import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * What a compiler process reads: its own code and the folder of packages that holds both compilers.
 *
 * @param entry the agent's entry point: `/app/main.js` in a container, `services/agents/builder/main.ts` in a checkout
 */
export function compilerFiles(entry: string): string[] {
  const typescript = createRequire(entry).resolve("typescript/package.json");
  const packages = dirname(dirname(typescript));
  return [join(dirname(entry), "/"), join(packages, "/")];
}
