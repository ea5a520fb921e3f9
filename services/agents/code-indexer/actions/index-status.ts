import { z } from "zod";
import { defineAction } from "../../../kit/agent.ts";
import { UserFault } from "../../../kit/errors.ts";
import type { IndexerDeps } from "../deps.ts";

const Count = z.number().int().min(0);

export const indexStatus = defineAction<IndexerDeps>()({
  name: "index_status",
  description: "What the code index holds: each repository with its commit, age, files by language, chunks and symbols, and the sum of all.",
  input: z.strictObject({ name: z.string().min(1).max(200).optional().describe("Only this repository.") }),
  output: z.object({
    repositories: z.array(z.object({
      name: z.string(),
      source: z.string(),
      requested: z.string().nullable(),
      commit: z.string().nullable(),
      paths: z.array(z.string()),
      indexedAt: z.string().nullable(),
      files: Count,
      searchableFiles: Count,
      chunks: Count,
      symbols: Count,
      languages: z.record(z.string(), Count).describe("Searchable files by language."),
      lastRun: z.record(z.string(), z.unknown()).nullable(),
    })),
    totals: z.object({
      repositories: Count,
      blobs: Count,
      chunks: Count,
      symbols: Count,
      bytes: z.number().describe("On disk, indexes included."),
    }),
  }),
  async handler({ name }, { deps }) {
    const repositories = await deps.store.status(name ?? null);
    if (name !== undefined && repositories.length === 0) {
      throw new UserFault(`The index has no repository "${name}". Call index_status without a name for the list.`);
    }
    return { repositories: repositories.map(({ tree: _, ...status }) => status), totals: await deps.store.totals() };
  },
});
