/** `tasks/get`, `tasks/update` and `tasks/cancel`: answered from the ledger of long calls. */
import { Unavailable } from "../../kit/errors.ts";
import { declaresTasks, MISSING_CAPABILITY, REQUIRED_CAPABILITIES, TASKS, type TaskMethod } from "../../kit/mcp/task-wire.ts";
import { isAway } from "../database/errors.ts";
import type { CallerAccount } from "./access/caller-account.ts";
import { refuse, succeed, type Exchange } from "./exchange.ts";
import { INTERNAL_ERROR } from "./protocol/refusal.ts";
import { traceparentOf } from "./protocol/trace-context.ts";
import type { Answered, Calls } from "./tasks/calls.ts";

export async function serveTask(exchange: Exchange, calls: Calls, account: CallerAccount): Promise<void> {
  const { request: { method, params }, caller, headers } = exchange;
  if (!declaresTasks(params["_meta"])) {
    return refuse(exchange, { status: 400, code: MISSING_CAPABILITY, message: `${method} wants a client that declares ${TASKS}`, data: { requiredCapabilities: REQUIRED_CAPABILITIES } });
  }
  const done = account.begin(exchange, traceparentOf(params, headers));
  if (!account.take(exchange)) return done("rate_limited", "tasks");
  const answered = await calls.serve(method as TaskMethod, params, caller).catch((error: unknown): Answered => {
    if (!isAway(error) && !(error instanceof Unavailable)) throw error;
    return { refusal: { status: 200, code: INTERNAL_ERROR, message: "What became of the task cannot be read now; it goes on. Ask again in a few seconds." } };
  });
  if ("refusal" in answered) {
    refuse(exchange, answered.refusal);
    return done("protocol_error", "tasks");
  }
  succeed(exchange, answered.result);
  done("ok", answered.call.server);
}
