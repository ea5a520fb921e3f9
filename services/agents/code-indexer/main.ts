/** code-indexer: symbols, passages and full text of git repositories and of the workspace, for code-search. */
import { runAgent } from "../../kit/agent.ts";
import { actions } from "./actions.ts";
import { connect } from "./connect.ts";

const migrations = new URL("./migrations/", import.meta.url);

await runAgent({ type: "code-indexer", actions, connect: (service) => connect(service, migrations) });
