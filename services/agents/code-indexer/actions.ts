import type { Action } from "../../../kit/agent.ts";
import type { IndexerDeps } from "../deps.ts";
import { forgetRepository } from "./forget-repository.ts";
import { indexRepository } from "./index-repository.ts";
import { indexStatus } from "./index-status.ts";

export const actions: readonly Action<IndexerDeps>[] = [indexRepository, forgetRepository, indexStatus];
