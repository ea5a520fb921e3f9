import type { Action } from "../../kit/agent.ts";
import { runWorkflow } from "./actions/run-workflow.ts";
import { settleWorkflow } from "./actions/settle-workflow.ts";
import { validateWorkflow } from "./actions/validate-workflow.ts";
import type { CoordinatorDeps } from "./deps.ts";

export const actions: readonly Action<CoordinatorDeps>[] = [runWorkflow, settleWorkflow, validateWorkflow];
