/** What a long call comes to, by what its server says of it or fails to say. Pure. */
import type { DetailedTask } from "../../../kit/mcp/task-wire.ts";
import { INTERNAL_ERROR } from "../protocol/refusal.ts";
import type { Outcome, StoredCall } from "./call-ledger.ts";

/** Of a task of a server that has ended. */
export function outcomeOf(task: DetailedTask, call: Pick<StoredCall, "repeatable" | "cancelRequested" | "server">): Outcome {
  if (task.status === "completed") return { kind: "succeeded", result: JSON.stringify(task.result ?? {}) };
  if (task.status === "failed") return rpcFailure(task.error ?? { code: INTERNAL_ERROR, message: `${call.server} does not say why` });
  return call.cancelRequested ? { kind: "cancelled" } : interrupted(call, `${call.server} gave it up, as it does when it stops`);
}

/** Code of a task whose call was answered by a JSON-RPC error; the number behind it is that error's. */
const RPC_CODE = /^rpc(-?\d+)$/;

export const rpcFailure = ({ code, message }: { code: number; message: string }): Outcome => failed(`rpc${Math.trunc(code)}`, String(message).slice(0, 2_000));

/** @returns null for a task that failed in another way */
export function rpcCodeOf(code: string): number | null {
  const found = RPC_CODE.exec(code)?.[1];
  return found === undefined ? null : Number(found);
}

/** For good: making the call again would not help. */
export const failed = (code: string, message: string): Outcome => ({ kind: "failed", error: { code, message, retryable: false } });

export function interrupted({ repeatable }: Pick<StoredCall, "repeatable">, why: string): Outcome {
  const next = repeatable ? "It is made again." : "It may have been carried out, in part or wholly, and is not made again: its tool does not say that twice is the same as once. Look before you repeat it.";
  return { kind: "failed", error: { code: "interrupted", message: `The call broke off: ${why}. ${next}`, retryable: repeatable } };
}
