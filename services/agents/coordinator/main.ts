/** coordinator: runs workflows, graphs of tasks with results passed on. */
import { runAgent } from "../../kit/agent.ts";
import { actions } from "./actions.ts";
import { connect } from "./connect.ts";
import type { CoordinatorDeps } from "./deps.ts";

await runAgent<CoordinatorDeps>({ type: "coordinator", actions, connect: (service) => connect(service, new URL("./migrations/", import.meta.url)) });
