/** What a failed attempt says about itself. Pure, so that every case is one row in a test table. */
import type { TaskError } from "../../../contract/bus.ts";
import { messageOf, PermanentError, Unavailable, UserFault } from "../errors.ts";

/** Longer messages are cut: they travel in results, rows and logs. */
const MESSAGE_LIMIT = 2_000;

export function taskErrorOf(thrown: unknown): TaskError {
  const message = messageOf(thrown).slice(0, MESSAGE_LIMIT);
  if (thrown instanceof UserFault) return { code: "bad_input", message, retryable: false };
  if (thrown instanceof PermanentError) return { code: "permanent", message, retryable: false };
  if (thrown instanceof Unavailable) return { code: "unavailable", message, retryable: true };
  return { code: "internal", message, retryable: true };
}
