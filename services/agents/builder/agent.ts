import { runAgent } from "../../kit/agent.ts";
import { actions } from "./actions.ts";
import { connect } from "./connect.ts";

/** @param main URL of the entry point */
export const run = (main: string): Promise<void> => runAgent({ type: "builder", actions, connect: (service) => connect(service, main) });
