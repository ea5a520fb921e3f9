/** The agent that the benchmarks drive: the kit's, with an action that does nothing. `echo` it has as every agent has. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { defineAction, runAgent } from "../../../services/kit/agent.ts";

const noop = defineAction<null>()({
  name: "noop",
  description: "Does nothing for as long as asked, and leaves no effect.",
  input: z.strictObject({
    padBytes: z.number().int().min(0).max(1_000_000).default(0).describe("Bytes of padding in the result."),
    sleepMs: z.number().int().min(0).max(60_000).default(0),
  }),
  output: z.object({
    /** Milliseconds since the epoch. */
    startedAt: z.number(),
    pad: z.string(),
  }),
  async handler({ padBytes, sleepMs }, { signal }) {
    const startedAt = Date.now();
    if (sleepMs > 0) await sleep(sleepMs, undefined, { signal });
    return { startedAt, pad: "x".repeat(padBytes) };
  },
});

await runAgent<null>({ type: "bench", actions: [noop], connect: async () => null });
