/** The hub's retention endpoint: only the hub deletes what the hub owns. */
import { request } from "undici";
import { Problem, RetentionAnswer, type RetentionRequest } from "../../../contract/tasks.ts";
import { messageOf, Unavailable, UserFault } from "../../kit/errors.ts";

export interface HubRetention {
  /** @throws {UserFault} when the hub refuses; {Unavailable} when it does not answer */
  apply(what: RetentionRequest, signal: AbortSignal): Promise<RetentionAnswer>;
}

/** Deleting millions of tasks takes minutes. */
const TIMEOUT_MS = 600_000;

/** @param hub as in `http://mcp-coordinator:3000` */
export function hubRetention(hub: string, token: string): HubRetention {
  return {
    async apply(what, signal) {
      try {
        const { statusCode, body } = await request(new URL("/api/v1/retention", hub), {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify(what),
          signal,
          headersTimeout: TIMEOUT_MS,
          bodyTimeout: TIMEOUT_MS,
        });
        const answer: unknown = await body.json();
        if (statusCode < 400) return RetentionAnswer.parse(answer);
        const detail = Problem.safeParse(answer).data?.detail ?? `The hub answered ${statusCode} to a retention request.`;
        throw statusCode < 500 ? new UserFault(detail) : new Unavailable(detail);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof UserFault || error instanceof Unavailable) throw error;
        throw new Unavailable(`The hub did not answer a retention request: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}
