/** Source files as an action receives them. */
import { z } from "zod";

/** A path that cannot leave the tree it is in. */
const SourcePath = z
  .string()
  .regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$))(?!.*\/\/)[\w@.+ /-]{1,300}$/, "a relative path without `..`, of letters, digits and _ - . + @ /");

/** The task API takes no body beyond 1 MiB. */
export const MAX_SOURCE_CHARS = 1_000_000;

export const Sources = z
  .record(SourcePath, z.string().max(MAX_SOURCE_CHARS))
  .refine((files) => Object.keys(files).length > 0, "give at least one file")
  .refine((files) => Object.keys(files).length <= 500, "at most 500 files")
  .refine(
    (files) => Object.values(files).reduce((sum, text) => sum + text.length, 0) <= MAX_SOURCE_CHARS,
    `all files together may have ${MAX_SOURCE_CHARS} characters`,
  );
