/** What this server offers. */
import { cancelWorkflow } from "./tools/cancel-workflow.ts";
import { explainWorkflow } from "./tools/explain-workflow.ts";
import { getWorkflow } from "./tools/get-workflow.ts";
import { listWorkflows } from "./tools/list-workflows.ts";
import { retryWorkflow } from "./tools/retry-workflow.ts";
import { startWorkflow } from "./tools/start-workflow.ts";
import { validateWorkflow } from "./tools/validate-workflow.ts";

export const tools = [cancelWorkflow, explainWorkflow, getWorkflow, listWorkflows, retryWorkflow, startWorkflow, validateWorkflow];
