import { z } from "zod";
import { defineAction } from "../../../kit/agent.ts";
import type { IndexerDeps } from "../deps.ts";

/** A name that is not there is no error: the task may be delivered again after it has done its work. */
export const forgetRepository = defineAction<IndexerDeps>()({
  name: "forget_repository",
  description: "Removes a repository from the code index, with all text that no other repository shares. index_status lists the names.",
  input: z.strictObject({ name: z.string().min(1).max(200).describe("As index_status lists it.") }),
  output: z.object({
    repository: z.string(),
    known: z.boolean().describe("False: the index had no such repository."),
    files: z.number().int().describe("Files forgotten."),
  }),
  async handler({ name }, { deps, signal }) {
    const files = await deps.store.forget(name, signal);
    return { repository: name, known: files !== null, files: files ?? 0 };
  },
});
