/** Full-text and symbol search over the source code that the agent code-indexer has indexed. */
import { runMcpServer } from "../../../kit/server.ts";
import type { Deps } from "./deps.ts";
import { openIndex } from "./index-database.ts";
import { tools } from "./tools.ts";

await runMcpServer<Deps>({
  name: "code-search",
  instructions: [
    "Search over the repositories that the agent code-indexer has indexed: nothing else is seen, and nothing is changed.",
    "search_code finds words and identifiers, find_symbol definitions by name; get_file_outline and read_lines then show the file.",
    "An index may be behind its repository: list_repositories tells each one's revision and age.",
  ].join(" "),
  tools,
  async connect({ postgres }) {
    return openIndex(postgres());
  },
});
