import { z } from "zod";
import { defineAction } from "../../../kit/agent.ts";
import { UserFault } from "../../../kit/errors.ts";
import { contentHash } from "../artifacts/canonical-json.ts";
import type { BuilderDeps } from "../deps.ts";

export const getArtifact = defineAction<BuilderDeps>()({
  name: "get_artifact",
  description: "Reads a stored build by its content hash, and checks that its content still has that hash.",
  input: z.strictObject({
    hash: z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits").describe("As compile_solidity or compile_typescript answered it."),
  }),
  output: z.object({
    hash: z.string(),
    kind: z.string(),
    sizeBytes: z.number().int(),
    createdAt: z.string(),
    taskId: z.string().describe("Task that stored it first."),
    artifact: z.unknown(),
  }),
  async handler({ hash }, { deps }) {
    const stored = await deps.artifacts.get(hash);
    if (!stored) throw new UserFault(`There is no artifact ${hash}. Builds answer the hash under which they were stored.`);
    const { content, ...rest } = stored;
    if (contentHash(content) !== hash) throw new Error(`artifact ${hash} does not have the content it is named after: the store was changed by hand`);
    return { ...rest, artifact: JSON.parse(content) as unknown };
  },
});
