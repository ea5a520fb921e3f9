import assert from "node:assert/strict";
import { z } from "zod";
import type { TaskMessage } from "../../../contract/bus.ts";
import { defineAction, type Action } from "../action.ts";
import { sleep } from "../backoff.ts";
import { Unavailable } from "../errors.ts";
import { silentLog } from "../testing.ts";
import { AttemptEnded, runAttempt } from "./attempt.ts";

const TASK_ID = "0197a0de-5f7c-7a34-8a0e-1f5c8a8f4b11";

const double = defineAction<{ fail?: Error; deaf?: boolean }>()({
  name: "double",
  description: "Doubles a number, slowly where asked.",
  input: z.strictObject({ n: z.number().describe("Any number."), slowMs: z.number().default(0).describe("Milliseconds.") }),
  output: z.object({ doubled: z.number() }),
  async handler({ n, slowMs }, { deps, signal }) {
    if (deps.fail) throw deps.fail;
    if (slowMs > 0) await sleep(slowMs, deps.deaf ? undefined : signal);
    return { doubled: n * 2 };
  },
});
const big = defineAction<object>()({ ...double, name: "big", output: z.object({ text: z.string() }), handler: async () => ({ text: "x".repeat(5_000_000) }) });
const lying = defineAction<object>()({ ...double, name: "lying", handler: async () => ({ doubled: "four" }) as never });

async function attempt(task: Partial<TaskMessage>, deps: object = {}, end?: AttemptEnded) {
  const controller = new AbortController();
  const surprises: unknown[] = [];
  if (end) setTimeout(() => controller.abort(end), 20);
  const result = await runAttempt({
    task: { taskId: TASK_ID, type: "calculator", action: "double", input: { n: 2 }, attempt: 1, timeoutMs: 1_000, deadline: null, ...task },
    agentId: "calculator-1",
    actions: new Map<string, Action<object>>([double, big, lying].map((action) => [action.name, action as Action<object>])),
    controller,
    context: { deps, log: silentLog, progress: () => undefined, once: async () => assert.fail("no effects here") },
    onSurprise: (error) => surprises.push(error),
  });
  const { taskId, agentId, ...rest } = result;
  assert.deepEqual([taskId, agentId], [TASK_ID, "calculator-1"]);
  return { ...rest, surprises: surprises.length };
}

describe("an attempt", () => {
  it("succeeds with the action's output, under its attempt number", async () => {
    assert.deepEqual(await attempt({ attempt: 3 }), { attempt: 3, outcome: "succeeded", result: { doubled: 4 }, surprises: 0 });
  });

  const failures: [string, Partial<TaskMessage>, object, string, boolean, RegExp, number][] = [
    ["input that does not fit", { input: { n: "two" } }, {}, "bad_input", false, /^The input of double does not fit: n: .*expected number/, 0],
    ["an unknown field", { input: { n: 2, m: 3 } }, {}, "bad_input", false, /m/, 0],
    ["an unknown action", { action: "triple" }, {}, "permanent", false, /calculator has no action triple; its actions are big, double, lying/, 0],
    ["a dependency that is away", {}, { fail: new Unavailable("postgres is away") }, "unavailable", true, /postgres is away/, 0],
    ["a surprise", {}, { fail: new TypeError("x is not a function") }, "internal", true, /x is not a function/, 1],
    ["an output that breaks its schema", { action: "lying" }, {}, "internal", true, /broke its output schema/, 1],
    ["a result too large to store", { action: "big" }, {}, "permanent", false, /at most 4194304/, 0],
    ["a deadline in the past", { deadline: "2020-01-01T00:00:00Z" }, {}, "deadline", false, /has passed/, 0],
  ];
  for (const [what, task, deps, code, retryable, message, surprises] of failures) {
    it(`fails as ${code} on ${what}`, async () => {
      const result = await attempt(task, deps);
      assert.equal(result.outcome, "failed");
      assert.deepEqual([result.error?.code, result.error?.retryable, result.surprises], [code, retryable, surprises]);
      assert.match(result.error!.message, message);
    });
  }

  it("leaves no rejection behind that would end the agent, however it ends", async () => {
    const unheard: unknown[] = [];
    const listen = (reason: unknown): void => void unheard.push(reason);
    process.on("unhandledRejection", listen);
    try {
      await attempt({ deadline: "2020-01-01T00:00:00Z" });
      await attempt({ timeoutMs: 20, input: { n: 1, slowMs: 60 } }, { deaf: true });
      await attempt({ input: { n: 1, slowMs: 60 } }, {}, new AttemptEnded("cancelled", "told so"));
      await attempt({ action: "triple" });
      await sleep(100);
    } finally {
      process.off("unhandledRejection", listen);
    }
    assert.deepEqual(unheard, []);
  });

  it("ends at its time limit, retryably, even when the handler ignores its signal", async () => {
    for (const deaf of [false, true]) {
      const started = Date.now();
      const { outcome, error } = await attempt({ timeoutMs: 50, input: { n: 1, slowMs: 2_000 } }, { deaf });
      assert.deepEqual([outcome, error?.code, error?.retryable], ["failed", "timeout", true]);
      assert.ok(Date.now() - started < 1_000);
    }
  });

  it("ends at a deadline that comes before its time limit, for good", async () => {
    const started = Date.now();
    const { error } = await attempt({ deadline: new Date(started + 60).toISOString(), input: { n: 1, slowMs: 2_000 } });
    assert.deepEqual([error?.code, error?.retryable], ["deadline", false]);
    assert.ok(Date.now() - started < 800, "well before the limit of a second");
  });

  for (const why of ["cancelled", "returned"] as const) {
    it(`ends as ${why} when told so, without an error`, async () => {
      assert.deepEqual(await attempt({ input: { n: 1, slowMs: 2_000 } }, {}, new AttemptEnded(why, "told so")), { attempt: 1, outcome: why, surprises: 0 });
    });
  }
});
