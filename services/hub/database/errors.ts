/** Errors by whose fault they are. */

/**
 * Something in the data itself: PostgreSQL's class 22, as for a NUL character in text, its 54001 for nesting beyond the
 * server's stack, and the same of our own stack.
 */
export const isDataError = (error: unknown): boolean =>
  error instanceof RangeError || /^(22|54001)/.test((error as { code?: string }).code ?? "");

/** The server is away, starting, or going down: the same statement may work later. */
export function isAway(error: unknown): boolean {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  return /^(08|57P0[123])|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|ETIMEDOUT/.test(code)
    || /Connection terminated|connection timeout|timeout exceeded when trying to connect/.test(message);
}
