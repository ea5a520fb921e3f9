/** Who called what, and what came of it: one row a call. Arguments and answers are never in it. */
import type { Registry } from "prom-client";
import type { TokenClaims } from "../../../../contract/access.ts";
import { traceIdOf, type Logger } from "../../../kit/log.ts";
import { durationHistogram } from "../../../kit/metrics.ts";
import type { Outcome } from "../relay/answer.ts";

export interface AuditRow {
  caller: string;
  role: TokenClaims["role"];
  method: string;
  /** Public name of the tool or prompt; of a resource its server's name, because a URI may hold what is secret. */
  target: string;
  server: string;
  outcome: Outcome;
  durationMs: number;
  traceId?: string;
}

export type Audit = (call: { caller: TokenClaims; method: string; target: string; server: string; traceparent: string; startedAt: number }, outcome: Outcome) => void;

/** Rows as lines of the log with `audit` in them, and their times as a metric by server and outcome. */
export function createAudit(log: Logger, metrics: Registry): Audit {
  const seconds = durationHistogram(metrics, "mcp_hub_gateway_call_duration_seconds", "Time of a relayed call.", ["server", "outcome"]);
  return ({ caller, method, target, server, traceparent, startedAt }, outcome) => {
    const ms = performance.now() - startedAt;
    seconds.observe({ server, outcome }, ms / 1000);
    const row: AuditRow = {
      caller: caller.sub, role: caller.role, method, target, server, outcome, durationMs: Math.round(ms * 1000) / 1000, traceId: traceIdOf(traceparent),
    };
    log.info({ audit: row }, "called");
  };
}
