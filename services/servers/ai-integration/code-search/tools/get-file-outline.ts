import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { findFile } from "../indexed-file.ts";
import { filePlace, out, reads } from "../schemas.ts";

const Entry = z.object({
  name: z.string().describe("As it is declared."),
  kind: out.kind,
  startLine: out.startLine,
  endLine: out.endLine,
  scope: out.scope,
  signature: out.signature,
});

export const getFileOutline = defineTool<Deps>()({
  name: "get_file_outline",
  title: "Outline a file",
  description: "Lists what an indexed file defines, in order of lines, with kinds, scopes and the declaring lines. read_lines shows the code itself.",
  input: z.strictObject({
    ...filePlace,
    fromLine: z.int().min(1).default(1).describe("Only what is declared at or after this line, to go on after an answer with more."),
    limit: z.int().min(1).max(1_000).default(300).describe("Symbols in the answer at most."),
  }),
  output: z.object({
    repository: out.repository,
    revision: out.revision,
    path: out.path,
    language: out.language,
    lines: z.int().describe("Lines of the file."),
    symbols: z.array(Entry).describe("In order of lines; empty for a language without a parser, and for text."),
    more: z.boolean().describe("The limit cut it off: call again with fromLine behind the last symbol's startLine."),
  }),
  annotations: reads,
  async handler({ path, repository, fromLine, limit }, { deps }) {
    const file = await findFile(deps, path, repository);
    const rows = await deps.query<z.output<typeof Entry>>(
      `SELECT name, kind, line AS "startLine", end_line AS "endLine", scope, signature FROM code_index.symbols
        WHERE blob_id = $1 AND line >= $2 ORDER BY line, ordinal LIMIT $3`, [file.blobId, fromLine, limit + 1]);
    return {
      repository: file.repository, revision: file.revision, path: file.path, language: file.language, lines: file.lineCount,
      symbols: rows.slice(0, limit), more: rows.length > limit,
    };
  },
});
