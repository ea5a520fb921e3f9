import type { Action } from "../../kit/agent.ts";
import type { IndexerDeps } from "./deps.ts";
import { forgetRepository } from "./actions/forget-repository.ts";
import { indexRepository } from "./actions/index-repository.ts";
import { indexStatus } from "./actions/index-status.ts";

export const actions: readonly Action<IndexerDeps>[] = [indexRepository, forgetRepository, indexStatus];
