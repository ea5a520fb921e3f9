import type { Action } from "../../../kit/agent.ts";
import type { CoordinatorDeps } from "../deps.ts";
import { runWorkflow } from "./run-workflow.ts";
import { validateWorkflow } from "./validate-workflow.ts";

export const actions: readonly Action<CoordinatorDeps>[] = [runWorkflow, validateWorkflow];
