/** The hub's task API as tools. */
import { runMcpServer } from "../../../kit/server.ts";
import type { Deps } from "./deps.ts";
import { tools } from "./tools.ts";

await runMcpServer<Deps>({
  name: "task-router",
  instructions: [
    "Hands work to the agents and follows it. list_actions says what there is to do and with which input;",
    "submit_task starts it; wait_for_task waits for its end. A task outlives the call, this server and its agent:",
    "when something breaks it is tried again, and a task that is dead can be replayed. queue_status says how long a new",
    "task of each type has to wait.",
  ].join(" "),
  tools,
  async connect({ hub }) {
    return { hub };
  },
});
