/** One server, asked as any client would ask it. */
import { MODERN_REVISION, type Probe } from "./findings.ts";

const TIMEOUT_MS = 10_000;
const LISTS = 3;
/** A list that goes on for ever is a fault of its own. */
const PAGES = 100;
const ANSWER_LIMIT = 16 * 1024 * 1024;

export interface Door {
  /** `http://127.0.0.1/servers/utils/toolbox/mcp` */
  url: string;
  token: string;
}

/** Never throws: what goes wrong is what is looked for. */
export async function probe(door: Door): Promise<Probe> {
  try {
    const times: number[] = [];
    let tools: unknown[] = [];
    for (let n = 0; n < LISTS; n++) {
      const started = performance.now();
      tools = await listTools(door);
      times.push(performance.now() - started);
    }
    const discovered = await ask(door, "server/discover", {}).catch(() => null);
    const versions = discovered?.["supportedVersions"];
    return { latencyMs: times.sort((a, b) => a - b)[LISTS >> 1]!, revisions: Array.isArray(versions) ? versions.map(String) : null, tools };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { failure: cause instanceof Error ? cause.message : String(cause) };
  }
}

async function listTools(door: Door): Promise<unknown[]> {
  const all: unknown[] = [];
  let cursor: unknown;
  for (let page = 0; page < PAGES; page++) {
    const { tools, nextCursor } = await ask(door, "tools/list", cursor === undefined ? {} : { cursor }) as { tools?: unknown; nextCursor?: unknown };
    if (!Array.isArray(tools)) throw new Error("its answer to tools/list has no list tools");
    all.push(...tools);
    if (nextCursor === undefined) return all;
    cursor = nextCursor;
  }
  throw new Error(`its list of tools has more than ${PAGES} pages`);
}

async function ask({ url, token }: Door, method: string, params: object): Promise<Record<string, unknown>> {
  const _meta = { "io.modelcontextprotocol/protocolVersion": MODERN_REVISION, "io.modelcontextprotocol/clientCapabilities": {} };
  const response = await fetch(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/json, text/event-stream",
      "mcp-protocol-version": MODERN_REVISION, "mcp-method": method,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { result, error } = messageOf(await limitedText(response));
  if (error) throw new Error(`${method} was answered with the error ${String(error.code)}: ${String(error.message).slice(0, 300)}`);
  if (typeof result !== "object" || result === null) throw new Error(`${method} was answered with ${response.status} and no result`);
  return result;
}

async function limitedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > ANSWER_LIMIT) throw new Error(`its answer has more than ${ANSWER_LIMIT} characters`);
  }
  return text;
}

/** A body, or the last event of a stream. */
function messageOf(text: string): { result?: Record<string, unknown>; error?: { code?: unknown; message?: unknown } } {
  try {
    const data = text.startsWith("{") ? text : text.split("\n").findLast((line) => line.startsWith("data:"))?.slice(5) ?? "";
    return JSON.parse(data) ?? {};
  } catch {
    return {};
  }
}
