import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { KillSwitchView, readKillSwitch } from "../kill-switch.ts";

export const getKillSwitch = defineTool<Deps>()({
  name: "get_kill_switch",
  title: "Read the kill switch",
  description: "Says whether trading is stopped, by whom and why.",
  input: z.strictObject({}),
  output: KillSwitchView,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler(_, { deps }) {
    return await readKillSwitch(deps);
  },
});
