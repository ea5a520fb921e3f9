/** Writes the tables of tools into the READMEs of all servers: `node services/servers/docs/write-readmes.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import { serverFolders } from "./server-folders.ts";
import { withTable } from "./tool-table.ts";

for (const { name, readme, toolsModule } of serverFolders()) {
  const { tools } = await import(toolsModule);
  const before = readFileSync(readme, "utf8");
  const after = withTable(before, tools);
  if (after === null || after === before) continue;
  writeFileSync(readme, after);
  console.log(`${name}/README.md`);
}
