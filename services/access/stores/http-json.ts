/** Calls of a store's HTTP API. */
import { Unavailable, messageOf } from "../../kit/errors.ts";

const TIMEOUT_MS = 5_000;

export interface Answer { status: number; body: unknown }

/** @throws {Unavailable} when nothing answers in time */
export async function callJson(url: string, init: { method: string; headers: Record<string, string>; body?: unknown }): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: init.method,
      headers: { "content-type": "application/json", ...init.headers },
      ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch (error) {
    // fetch says only "fetch failed"; the reason is its cause.
    throw new Unavailable(`${new URL(url).host} does not answer: ${messageOf((error as Error).cause ?? error)}`, { cause: error });
  }
  return { status: response.status, body: parse(text) };
}

function parse(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
