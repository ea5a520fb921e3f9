/** __TITLE__: figures about a text. */
import { runMcpServer } from "../../../kit/server.ts";
import { connect, type Deps } from "./deps.ts";
import { tools } from "./tools.ts";

await runMcpServer<Deps>({
  name: "__NAME__",
  instructions: "Figures about a text: measure_text for its size and reading time, list_keywords for what it is about.",
  tools,
  connect,
});
