/** Writes contracts/gas-snapshot.json: `node test/executor/write-gas-snapshot.ts`. A test compares the two. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { measureGas } from "./gas.ts";

writeFileSync(join(import.meta.dirname, "../../contracts/gas-snapshot.json"), `${JSON.stringify(await measureGas(), null, 2)}\n`);
