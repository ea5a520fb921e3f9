/** An agent for tests: its one action takes as long as it is told to, and pays once. */
import { z } from "zod";
import { defineAction, runAgent } from "../../../services/kit/agent.ts";
import { sleep } from "../../../services/kit/backoff.ts";
import { Effects } from "../../../services/kit/effects.ts";

const wait = defineAction<null>()({
  name: "wait",
  description: "Pays once, waits in steps and says how far it is.",
  input: z.strictObject({
    ms: z.number().int().describe("Milliseconds in all."),
    steps: z.number().int().min(1).default(10).describe("Parts."),
  }),
  output: z.object({ paidBy: z.number().int(), attempt: z.number().int() }),
  async handler({ ms, steps }, { taskId, attempt, signal, once, progress }) {
    const { paidBy } = await once("pay", async (tx) => {
      await Effects.append(tx, { taskId, attempt, agentId: "fixture", signal }, "pay");
      return { paidBy: attempt };
    });
    for (let step = 0; step < steps; step++) {
      progress(step / steps, `step ${step}`);
      await sleep(ms / steps, signal);
    }
    return { paidBy, attempt };
  },
});

await runAgent({ type: "builder", actions: [wait], connect: async () => null });
