/** A client that other people wrote, as one shape for all. */

/** What a call came to. `error` is a tool's own failure as the client hands it to a model; a refused call throws. */
export type Told = { data: unknown } | { error: string };

export interface Session {
  tools(): Promise<string[]>;
  call(name: string, input: object): Promise<Told>;
  close(): Promise<void>;
}

export interface OutsideClient {
  name: string;
  /** What it speaks with the gateway once they have agreed. */
  revision: "2026-07-28" | "2025-11-25";
  /** It looks a name up in its own list, so a tool that is not there is never asked for. */
  asksOnlyForListed?: boolean;
  /** @throws {Error} when the gateway refuses the token; some do at the first request only */
  open(url: string, token: string): Promise<Session>;
}

export interface ToolResult { isError?: boolean; content?: { type: string; text?: string }[]; structuredContent?: unknown }

export const toldOf = ({ isError, content = [], structuredContent }: ToolResult): Told => (isError ? { error: content.map(({ text }) => text ?? "").join("\n") } : { data: structuredContent });
