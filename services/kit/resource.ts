/** A resource of an MCP server, or a family of them: something to read, by its URI. */
import type { ToolContext } from "./tool.ts";

export interface Resource<D> {
  /** `chain://head`, or a template as in RFC 6570: `chain://block/{number}`. */
  uri: string;
  name: string;
  title: string;
  description: string;
  mimeType: string;
  /**
   * Text as it is, bytes for what is no text.
   *
   * @param variables of a template, by name; decoded
   * @returns null when there is no such resource
   * @throws {UserFault} for what the caller can fix; its message is the answer
   */
  read(variables: Readonly<Record<string, string>>, ctx: ToolContext<D>): Promise<string | Uint8Array | null>;
}
