import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { KillSwitchView, readKillSwitch, writeKillSwitch } from "../kill-switch.ts";

export const resumeTrading = defineTool<Deps>()({
  name: "resume_trading",
  title: "Resume trading",
  description: "Clears the kill switch that get_kill_switch told of. Every other gate still stands, and the trader's mode stays as it is.",
  input: z.strictObject({
    stoppedAt: z.string().nullable().describe("The field at of get_kill_switch, so that nobody lifts a stop he has not read; null where it has none."),
  }),
  output: KillSwitchView.extend({ lifted: KillSwitchView.nullable().describe("The stop that was lifted; null where there was none.") }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  scopes: ["administer"],
  async handler({ stoppedAt }, { deps, caller, log }) {
    const before = await readKillSwitch(deps);
    if (before.state === "clear") return { ...before, lifted: null };
    if (before.at !== stoppedAt) {
      throw new UserFault(`The kill switch was set at ${before.at ?? "an unknown time"} by ${before.by ?? "somebody else"} (${before.reason}), not at ${stoppedAt}: read get_kill_switch again.`);
    }
    await writeKillSwitch(deps, null);
    log.warn({ by: caller?.sub, lifted: before }, "trading was resumed");
    return { ...await readKillSwitch(deps), lifted: before };
  },
});
