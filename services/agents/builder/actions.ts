import type { Action } from "../../kit/agent.ts";
import type { BuilderDeps } from "./deps.ts";
import { compileSolidity } from "./actions/compile-solidity.ts";
import { compileTypescript } from "./actions/compile-typescript.ts";
import { getArtifact } from "./actions/get-artifact.ts";

export const actions: readonly Action<BuilderDeps>[] = [compileSolidity, compileTypescript, getArtifact];
