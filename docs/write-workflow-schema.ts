/** Writes docs/workflow.schema.json from contract/workflow.ts. */
import { writeFileSync } from "node:fs";
import { workflowJsonSchema } from "../contract/workflow.ts";

writeFileSync(`${import.meta.dirname}/workflow.schema.json`, `${JSON.stringify(workflowJsonSchema(), null, 2)}\n`);
