import type { Action } from "../../kit/agent.ts";
import type { CoordinatorDeps } from "./deps.ts";
import { runWorkflow } from "./actions/run-workflow.ts";
import { validateWorkflow } from "./actions/validate-workflow.ts";

export const actions: readonly Action<CoordinatorDeps>[] = [runWorkflow, validateWorkflow];
