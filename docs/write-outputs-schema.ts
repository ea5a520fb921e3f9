/** Writes docs/outputs.schema.json from contract/outputs.ts. */
import { writeFileSync } from "node:fs";
import { outputsJsonSchema } from "../contract/outputs.ts";

writeFileSync(`${import.meta.dirname}/outputs.schema.json`, `${JSON.stringify(outputsJsonSchema(), null, 2)}\n`);
