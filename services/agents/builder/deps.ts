/** What the actions work with. */
import type { ArtifactStore } from "./artifacts/artifact-store.ts";
import type { Compiler } from "./compile/sandbox.ts";

export interface BuilderDeps {
  compiler: Compiler;
  artifacts: ArtifactStore;
  maxResultBytes: number;
}
