import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { findFile } from "../indexed-file.ts";
import { filePlace, out, reads } from "../schemas.ts";

const MOST_LINES = 400;

export const readLines = defineTool<Deps>()({
  name: "read_lines",
  title: "Read lines of a file",
  description: `Reads a range of lines of an indexed file, at most ${MOST_LINES} in one call, as the file was when it was indexed.`,
  input: z.strictObject({
    ...filePlace,
    startLine: z.int().min(1).default(1).describe("First line, from 1."),
    endLine: z.int().min(1).optional().describe(`Last line, included; without it ${MOST_LINES} lines or up to the end.`),
  }),
  output: z.object({
    repository: out.repository,
    revision: out.revision,
    path: out.path,
    language: out.language,
    startLine: out.startLine,
    endLine: z.int().describe("Last line of the text, included; the file's last where that comes first."),
    totalLines: z.int().describe("Lines of the file."),
    text: z.string().describe("The lines, without a line end after the last; `\\n` between them whatever the file has."),
  }),
  annotations: reads,
  async handler({ path, repository, startLine, endLine: asked }, { deps }) {
    const wanted = asked ?? startLine + MOST_LINES - 1;
    if (wanted < startLine) throw new UserFault(`endLine ${wanted} lies before startLine ${startLine}: exchange them.`);
    if (wanted - startLine >= MOST_LINES) {
      throw new UserFault(`That is ${wanted - startLine + 1} lines, and one call reads ${MOST_LINES} at most: read ${startLine} to ${startLine + MOST_LINES - 1} first.`);
    }
    const file = await findFile(deps, path, repository);
    if (startLine > Math.max(file.lineCount, 1)) throw new UserFault(`${file.path} has ${file.lineCount} lines: begin at or before the last.`);
    const endLine = Math.min(wanted, file.lineCount);
    const rows = await deps.query<{ text: string }>(
      "SELECT code_index.lines(content, $2, $3) AS text FROM code_index.blobs WHERE id = $1 AND content IS NOT NULL", [file.blobId, startLine, endLine]);
    if (!rows[0]) throw new UserFault(`${file.path} was indexed anew just now: call again.`);
    return {
      repository: file.repository, revision: file.revision, path: file.path, language: file.language,
      startLine, endLine, totalLines: file.lineCount, text: rows[0].text,
    };
  },
});
