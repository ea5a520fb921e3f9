import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { serverFolders } from "./server-folders.ts";
import { BEGIN, END, toolTable, withTable } from "./tool-table.ts";

describe("READMEs of the servers", () => {
  it("have tables that say what the tools take and do", () => {
    const tool = {
      name: "cut_rope", description: "Cuts a rope of 1.5 m. Then it is short.", input: z.strictObject({ at: z.int(), why: z.string().optional() }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
    };
    assert.equal(toolTable([tool]).split("\n")[2], "| `cut_rope` | Cuts a rope of 1.5 m. | `at` `why?` | changes, may destroy |");
    assert.equal(withTable("no place", [tool]), null);
    assert.equal(withTable(`a\n${BEGIN}\nold\n${END}\nb`, [tool]), `a\n${BEGIN}\n${toolTable([tool])}\n${END}\nb`);
  });

  for (const { name, readme, toolsModule } of serverFolders()) {
    it(`${name} has the table of its tools as they are`, async () => {
      const { tools } = await import(toolsModule);
      const text = readFileSync(readme, "utf8");
      const current = withTable(text, tools);
      // A server made from the template writes its own table.
      if (current !== null) assert.equal(text, current, "run node services/servers/docs/write-readmes.ts");
    });
  }
});
