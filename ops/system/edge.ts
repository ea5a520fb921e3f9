/** The hub's API through the edge: what a person with `apiToken` may do. */
import { Problem } from "../../contract/tasks.ts";
import { failed, misused } from "./failure.ts";

export interface Edge {
  /** `http://127.0.0.1:80/api/v1` */
  url: string;
  token: string;
}

const TIMEOUT_MS = 15_000;

/** @throws {Failure} with exit code 1 when stack outputs say that the edge is not published */
export function edgeOf(outputs: { stack: string; apiToken: string; endpoints: Record<string, { url: string | null }> }): Edge {
  const url = outputs.endpoints.api?.url;
  if (!url) throw failed(`stack ${outputs.stack} does not publish its edge on this host.`);
  return { url, token: outputs.apiToken };
}

/**
 * One call.
 *
 * @param path below /api/v1
 * @throws {Failure} with exit code 2 and the problem's detail on a 4xx answer; 1, with a 5xx answer's problem as its cause, when the edge or what is behind it does not answer
 */
export async function callEdge(edge: Edge, method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(edge.url + path, {
      method,
      headers: { authorization: `Bearer ${edge.token}`, accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw failed(`${edge.url} does not answer (${cause instanceof Error ? cause.message : String(cause)}): "./mcp status" shows what runs.`, { cause: error });
  }
  const answer = parseOrNull(text);
  if (response.ok) return answer;
  const message = describe(method, path, response.status, answer);
  throw response.status < 500 ? misused(message) : failed(message, { cause: answer });
}

function describe(method: string, path: string, status: number, answer: unknown): string {
  const problem = Problem.safeParse(answer);
  if (!problem.success) return `${method} ${path} was answered with ${status}.`;
  const { title, detail, errors = [] } = problem.data;
  return [detail ?? title, ...errors.map((error) => `  ${error.path}: ${error.message}`)].join("\n");
}

function parseOrNull(text: string): unknown {
  try { return JSON.parse(text); } catch { return null; }
}
