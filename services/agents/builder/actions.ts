import type { Action } from "../../../kit/agent.ts";
import type { BuilderDeps } from "../deps.ts";
import { compileSolidity } from "./compile-solidity.ts";
import { compileTypescript } from "./compile-typescript.ts";
import { getArtifact } from "./get-artifact.ts";

export const actions: readonly Action<BuilderDeps>[] = [compileSolidity, compileTypescript, getArtifact];
