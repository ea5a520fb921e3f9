import type { Action } from "../../kit/agent.ts";
import type { AdminDeps } from "./deps.ts";
import { applyRetention } from "./actions/apply-retention.ts";
import { deadLetterReport } from "./actions/dead-letter-report.ts";
import { replayDeadLetters } from "./actions/replay-dead-letters.ts";
import { reportFleet } from "./actions/report-fleet.ts";

export const actions: readonly Action<AdminDeps>[] = [replayDeadLetters, applyRetention, reportFleet, deadLetterReport];
