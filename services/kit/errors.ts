/** What can go wrong, sorted by who can do something about it. */

/** The caller can fix it; the message is shown and names the next step. */
export class UserFault extends Error {
  override name = "UserFault";
}

/** No repetition can cure it: bad payload, unknown action, revoked right. */
export class PermanentError extends Error {
  override name = "PermanentError";
}

/** A dependency is away; the same call may work later. */
export class Unavailable extends Error {
  override name = "Unavailable";
}

/** The message of whatever was thrown, with the class name where the message is empty. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === "") return thrown.errors.map(messageOf).join("; ");
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return String(thrown);
}
