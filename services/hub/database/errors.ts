/** PostgreSQL's errors, by whose fault they are. */

/** Something in the data itself: class 22, as for a NUL character in text, and nesting beyond the server's stack. */
export const isDataError = (error: unknown): boolean => /^(22|54001)/.test((error as { code?: string }).code ?? "");
