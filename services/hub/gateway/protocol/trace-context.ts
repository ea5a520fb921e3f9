/** The trace that a call belongs to (W3C Trace Context, level 1), and what its backend hears of it. */
import type { IncomingHttpHeaders } from "node:http";
import { traceIdOf } from "../../../kit/log.ts";
import { newTraceparent } from "./traceparent.ts";

/** The caller's, from the envelope or the header; a new one where there is none, so that one id leads through all logs. */
export function traceparentOf(params: Record<string, unknown>, headers: IncomingHttpHeaders): string {
  const given = (params["_meta"] as { traceparent?: unknown } | undefined)?.traceparent ?? headers["traceparent"];
  return typeof given === "string" && traceIdOf(given) !== undefined ? given : newTraceparent();
}

/** Headers that go on as they are. */
export function traceHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of ["tracestate", "baggage"]) {
    const value = headers[name];
    if (typeof value === "string") passed[name] = value;
  }
  return passed;
}
