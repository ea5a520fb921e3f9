/** __TITLE__: does tasks of type `__NAME__`. */
import { runAgent } from "../../kit/agent.ts";
import { actions } from "./actions.ts";
import { connect, type Deps } from "./deps.ts";

await runAgent<Deps>({ type: "__NAME__", actions, connect });
