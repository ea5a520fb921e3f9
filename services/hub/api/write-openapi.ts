/** Writes docs/openapi.json. Run it after a change of the API: `node services/hub/api/write-openapi.ts`. */
import { writeFileSync } from "node:fs";
import { openApi } from "./openapi.ts";

writeFileSync(new URL("../../../docs/openapi.json", import.meta.url), `${JSON.stringify(openApi(), null, 2)}\n`);
