/** Settings of the builder beside those of every agent. */
import { z } from "zod";

export const BuilderEnvironment = z.object({
  BUILDER_TIMEOUT_SECONDS: z.coerce.number().int().min(1).default(120).describe("Limit of one compilation."),
  BUILDER_MEMORY_MIB: z.coerce.number().int().min(64).default(768).describe("Limit of one compiler process; several run at once."),
  BUILDER_MAX_RESULT_KIB: z.coerce.number().int().min(1).default(3_584).describe("A larger artifact is refused; a task's whole result may have 4 MiB."),
});
