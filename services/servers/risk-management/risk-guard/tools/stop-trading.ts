import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { KillSwitchView, readKillSwitch, writeKillSwitch } from "../kill-switch.ts";

export const stopTrading = defineTool<Deps>()({
  name: "stop_trading",
  title: "Stop trading",
  description: "Sets the kill switch: from the next look at it, before every signature, nothing is signed or sent. What is on its way already is followed to its end.",
  input: z.strictObject({ reason: z.string().trim().min(3).max(300).describe("Why; whoever resumes reads it.") }),
  output: KillSwitchView,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  scopes: ["administer"],
  async handler({ reason }, { deps, caller, log }) {
    const by = caller?.sub ?? "nobody known";
    await writeKillSwitch(deps, { by, reason });
    log.warn({ by, reason }, "trading was stopped");
    return await readKillSwitch(deps);
  },
});
