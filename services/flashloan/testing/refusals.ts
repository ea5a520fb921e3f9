/** What a test expects of a refusal. */
import { Refusal, type RefusalReason } from "../refusal.ts";

export const aRefusal = (reason: RefusalReason, message: RegExp) => (error: unknown): boolean =>
  error instanceof Refusal && error.reason === reason && message.test(error.message);
