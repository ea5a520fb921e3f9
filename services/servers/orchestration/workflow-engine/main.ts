/** Workflows, which are graphs of tasks: checked, started, followed, cancelled and retried. */
import { runMcpServer } from "../../../kit/server.ts";
import type { Deps } from "./deps.ts";
import { postgresReader } from "./postgres-reader.ts";
import { tools } from "./tools.ts";

await runMcpServer<Deps>({
  name: "workflow-engine",
  instructions: [
    "Runs graphs of tasks: each step is an action of some agent, and may use the results of others, fan out over a list, depend on a",
    "condition, be retried, and be undone. Write one (YAML or JSON), let validate_workflow or explain_workflow look at it, start it with",
    "start_workflow and follow it with get_workflow. The actions there are, with their input schemas: list_actions of task-router.",
    "A run outlives this call, this server and its agents; one that failed can be retried with retry_workflow.",
  ].join(" "),
  tools,
  async connect({ hub, postgres }) {
    return { hub, runs: postgresReader(postgres()) };
  },
});
