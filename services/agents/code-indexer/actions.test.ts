import { agentContract } from "../shared/agent-contract.ts";
import { actions } from "./actions.ts";

agentContract({ type: "code-indexer", actions });
