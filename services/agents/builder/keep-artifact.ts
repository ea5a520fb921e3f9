import type { ActionContext } from "../../kit/agent.ts";
import { PermanentError } from "../../kit/errors.ts";
import { artifactOf } from "./artifacts/artifact-store.ts";
import type { BuilderDeps } from "./deps.ts";

export interface Kept {
  /** SHA-256 of the artifact's canonical JSON. */
  hash: string;
  /** False: the store had the very same artifact already. */
  stored: boolean;
}

/**
 * Stores what a build made, once per task however often it is delivered, and once per content whoever builds it.
 *
 * @throws {PermanentError} when it is too large to travel
 */
export async function keepArtifact(ctx: ActionContext<BuilderDeps>, kind: string, value: unknown): Promise<Kept> {
  const artifact = artifactOf(kind, value);
  const limit = ctx.deps.maxResultBytes;
  if (Buffer.byteLength(artifact.content) > limit) {
    throw new PermanentError(`The result is larger than ${Math.floor(limit / 1024)} KiB. Build less at once, or name the contracts you need.`);
  }
  return ctx.once(`artifact:${artifact.hash}`, async (tx) => ({
    hash: artifact.hash,
    stored: await ctx.deps.artifacts.put(tx, artifact, ctx.taskId),
  }));
}
