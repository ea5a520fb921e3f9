/** Writes the schemas of all servers as clients see them: `node services/servers/docs/write-schemas.ts`. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { schemasText, SCHEMAS_FILE } from "../../kit/testing.ts";
import { serverFolders } from "./server-folders.ts";

for (const { name, toolsModule } of serverFolders()) {
  const { tools } = await import(toolsModule);
  const file = join(dirname(toolsModule), SCHEMAS_FILE);
  const text = schemasText(tools);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  writeFileSync(file, text);
  console.log(`${name}/${SCHEMAS_FILE}`);
}
