/** Small JSON calls over node:http, for what runs before and beside everything else; the hot paths use undici. */
import { Agent, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { Unavailable } from "./errors.ts";

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

export interface JsonAnswer {
  status: number;
  /** Parsed; undefined for an empty body or one that is not JSON. */
  body: unknown;
}

interface CallOptions { headers?: Record<string, string>; timeoutMs: number }

/** @throws {Unavailable} when there is no complete answer within `timeoutMs` */
export function postJson(url: URL, body: unknown, options: CallOptions): Promise<JsonAnswer> {
  return callJson("POST", url, body, options);
}

/** @throws {Unavailable} when there is no complete answer within `timeoutMs` */
export function callJson(method: string, url: URL, body: unknown, options: CallOptions): Promise<JsonAnswer> {
  const payload = body === undefined ? "" : JSON.stringify(body);
  const secure = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(new Unavailable(`No answer from ${url.origin}${url.pathname}: ${error.message}`, { cause: error }));
    const request = (secure ? httpsRequest : httpRequest)(url, {
      method,
      ...(secure ? {} : { agent }),
      signal: AbortSignal.timeout(options.timeoutMs),
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(payload), ...options.headers },
    }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString("utf8")) }));
    });
    request.on("error", fail);
    request.end(payload);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
