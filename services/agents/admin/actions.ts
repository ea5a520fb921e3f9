import type { Action } from "../../../kit/agent.ts";
import type { AdminDeps } from "../deps.ts";
import { applyRetention } from "./apply-retention.ts";
import { deadLetterReport } from "./dead-letter-report.ts";
import { replayDeadLetters } from "./replay-dead-letters.ts";
import { reportFleet } from "./report-fleet.ts";

export const actions: readonly Action<AdminDeps>[] = [replayDeadLetters, applyRetention, reportFleet, deadLetterReport];
