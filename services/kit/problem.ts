/** Problem documents (RFC 9457): what every refused HTTP request is answered with. */
import { STATUS_CODES } from "node:http";
import { z } from "zod";
import type { Problem } from "../../contract/tasks.ts";
import { messageOf, Unavailable, UserFault } from "./errors.ts";

export const PROBLEM_JSON = "application/problem+json; charset=utf-8";

/** An answer that is not a success; thrown by routes. */
export class HttpProblem extends Error {
  override name = "HttpProblem";
  readonly status: number;
  readonly fields: Problem["errors"];
  constructor(status: number, detail: string, fields?: Problem["errors"], options?: ErrorOptions) {
    super(detail, options);
    this.status = status;
    this.fields = fields;
  }
}

export function problem(status: number, detail?: string, errors?: Problem["errors"]): Problem {
  return {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    ...(detail === undefined ? {} : { detail }),
    ...(errors === undefined ? {} : { errors }),
  };
}

/** JSON pointer of each zod issue, with what is wrong there. */
export function fieldErrors(error: z.core.$ZodError): NonNullable<Problem["errors"]> {
  return error.issues.map((issue) => ({
    path: issue.path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
    message: issue.message,
  }));
}

/**
 * What the caller is told about something thrown in a route; null for a surprise, whose text stays in the log.
 */
export function problemOf(thrown: unknown): Problem | null {
  if (thrown instanceof HttpProblem) return problem(thrown.status, thrown.message, thrown.fields);
  if (thrown instanceof UserFault) return problem(422, thrown.message);
  if (thrown instanceof Unavailable) return problem(503, thrown.message);
  if (thrown instanceof z.ZodError) return problem(422, "The request does not fit its schema.", fieldErrors(thrown));
  // Fastify's own refusals: malformed JSON, a body too large, an unknown media type.
  const status = (thrown as { statusCode?: unknown }).statusCode;
  if (typeof status === "number" && status >= 400 && status < 500) return problem(status, messageOf(thrown));
  return null;
}
