/** The diagnostic action that every agent type has: what checks, fault tests and benchmarks drive. */
import { EchoInput, EchoOutput } from "../../contract/tasks.ts";
import { defineAction } from "./action.ts";
import { sleep } from "./backoff.ts";
import { Effects } from "./effects.ts";
import { Unavailable } from "./errors.ts";

/**
 * Its effect comes first, so that attempts that fail, sleep or die after it show whether it is repeated.
 *
 * @param effects counts the rows afresh at every attempt; a recorded count would hide a double effect
 */
export function echoAction(agentId: string, effects: Pick<Effects, "count">) {
  return defineAction<unknown>()({
    name: "echo",
    description: "Gives its payload back, after a sleep and failures as asked, and appends one row as its effect.",
    input: EchoInput,
    output: EchoOutput,
    async handler({ payload, sleepMs, failTimes, padBytes }, ctx) {
      const { taskId, attempt, signal } = ctx;
      await ctx.once("echo", async (tx) => {
        await Effects.append(tx, { taskId, attempt, agentId, signal }, "echo");
        return { attempt };
      });
      if (sleepMs > 0) await sleep(sleepMs, signal);
      if (attempt <= failTimes) throw new Unavailable(`Attempt ${attempt} failed because failTimes is ${failTimes}.`);
      return {
        payload,
        agent: agentId,
        attempt,
        effects: await effects.count(taskId),
        ...(padBytes > 0 ? { pad: "x".repeat(padBytes) } : {}),
      };
    },
  });
}
