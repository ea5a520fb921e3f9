/** Fields that several tools have. */
import { z } from "zod";

export const filters = {
  repository: z.string().min(1).max(200).optional().describe("Only this repository, by its name in list_repositories."),
  path: z.string().min(1).max(500).optional().describe("Only this file, this folder, or a glob: `services/kit`, `src/**/*.ts`, `*.{sol,vy}`."),
  language: z.string().min(1).max(50).optional().describe("Only files in this language, as in TypeScript or Solidity; upper and lower case are the same."),
};

export const filePlace = {
  path: z.string().min(1).max(1_000).describe("Path of the file from the repository's root, as the other tools give it."),
  repository: z.string().min(1).max(200).optional().describe("Name of its repository; wanted when several hold that path."),
};

export const out = {
  repository: z.string().describe("Name of the repository."),
  revision: z.string().nullable().describe("Commit that was indexed; null for a folder that is no git checkout."),
  path: z.string().describe("From the repository's root, with `/`."),
  language: z.string().describe("As in TypeScript; Text where unknown."),
  kind: z.string().describe("As the parser names it: function, class, method, interface, contract, …"),
  scope: z.string().nullable().describe("Enclosing definition, as in `Pool.Quote`; null at top level."),
  signature: z.string().nullable().describe("The line that declares it, at most 200 characters."),
  startLine: z.int().describe("First line, from 1."),
  endLine: z.int().nullable().describe("Last line, included; null where the parser cannot tell."),
};

/** A read of what is indexed: nothing changes, nothing outside is asked. */
export const reads = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
