/** The servers that there are: every folder two levels down with a main.ts. */
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = new URL("..", import.meta.url).pathname;

export interface ServerFolder { name: string; readme: string; toolsModule: string }

export function serverFolders(): ServerFolder[] {
  return globSync("*/*/main.ts", { cwd: ROOT }).map((entry) => dirname(entry)).sort().map((folder) => ({
    name: folder,
    readme: join(ROOT, folder, "README.md"),
    toolsModule: join(ROOT, folder, "tools.ts"),
  })).filter(({ toolsModule }) => existsSync(toolsModule));
}
