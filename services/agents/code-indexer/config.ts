/** Settings of the code-indexer beside those of every agent. */
import { z } from "zod";

export const IndexerEnvironment = z.object({
  CODE_INDEXER_WORKSPACE: z.string().startsWith("/").default("/workspace").describe("Where the stack's workspace is mounted."),
  CODE_INDEXER_FILE_ROOTS: z
    .string()
    .default("/workspace")
    .transform((list) => list.split(":").filter((root) => root !== ""))
    .describe("Folders, joined by colons, below which file:// repositories may lie."),
  CODE_INDEXER_MAX_CLONE_MIB: z.coerce.number().int().min(1).default(512).describe("A clone that grows beyond this is stopped."),
  CODE_INDEXER_CLONE_TIMEOUT_SECONDS: z.coerce.number().int().min(1).default(300),
  CODE_INDEXER_MAX_FILE_KIB: z.coerce.number().int().min(1).default(1024).describe("Larger files are counted, not indexed."),
  CODE_INDEXER_MAX_FILES: z.coerce.number().int().min(1).default(100_000).describe("A tree with more files is refused."),
});
