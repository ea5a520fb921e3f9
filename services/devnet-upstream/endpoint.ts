/** The endpoint whose URL nobody but this service knows, and no error tells. */
import { HttpRequestError, RpcRequestError, TimeoutError } from "viem";
import { getHttpRpcClient, getWebSocketRpcClient } from "viem/utils";
import { Unavailable } from "../kit/errors.ts";
import { HttpProblem } from "../kit/problem.ts";

export interface Question { method: string; params?: unknown }
/** Of JSON-RPC 2.0, without what a transport adds. */
export type Answer = { result: unknown } | { error: { code: number; message: string; data?: unknown } };

/** Below what anvil waits (45 s). */
const TIMEOUT_MS = 20_000;

/** Refused is who asks, not what is asked: the text may repeat the key. */
const NOT_FOR_US: ReadonlySet<number> = new Set([401, 403, 404, 429]);

export interface Endpoint {
  /**
   * @returns also what the endpoint refuses
   * @throws {Unavailable} when it does not answer
   * @throws {HttpProblem} 429 when it wants fewer questions, 502 when it does not take this service's at all
   */
  ask(question: Question): Promise<Answer>;
}

/** @param url over http, https, ws or wss; with whatever secret it holds */
export function connectEndpoint(url: string, timeoutMs = TIMEOUT_MS): Endpoint {
  const ask = /^ws/.test(url) ? overSocket(url, timeoutMs) : overHttp(url, timeoutMs);
  return {
    async ask({ method, params }) {
      try {
        const answer = await ask({ method, params }) as Answer;
        return "error" in answer ? { error: answer.error } : { result: answer.result };
      } catch (error) {
        if (!(error instanceof RpcRequestError) || NOT_FOR_US.has(error.status ?? 0)) throw nameless(error);
        // Some nodes say with 400 or 500 what others say with 200.
        return { error: { code: error.code, message: error.details, ...(error.data !== undefined && { data: error.data }) } };
      }
    },
  };
}

type Ask = (body: { method: string; params?: unknown }) => Promise<unknown>;

function overHttp(url: string, timeout: number): Ask {
  const client = getHttpRpcClient(url, { timeout });
  return (body) => client.request({ body });
}

/** Reconnecting is left to the next question: nobody subscribes here. */
function overSocket(url: string, timeout: number): Ask {
  return async (body) => {
    const client = await getWebSocketRpcClient(url, { reconnect: false });
    try {
      return await client.requestAsync({ body, timeout });
    } catch (error) {
      client.close();
      throw error;
    }
  };
}

/** viem's errors show the URL, in their messages and causes: what is thrown here has neither. */
function nameless(error: unknown): Error {
  const status = error instanceof HttpRequestError || error instanceof RpcRequestError ? error.status : undefined;
  if (status === 429) return new HttpProblem(429, "The fork's endpoint wants fewer questions (429).");
  if (status !== undefined && status < 500) return new HttpProblem(502, `The fork's endpoint answers ${status}: check mcp:devnet.forkUrl, and the key in it.`);
  const reason = error instanceof TimeoutError ? "timeout" : status ?? codeOf(error) ?? "no connection";
  return new Unavailable(`The fork's endpoint does not answer (${reason}).`);
}

/** As in ECONNREFUSED. */
function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string") return code;
  }
  return undefined;
}
