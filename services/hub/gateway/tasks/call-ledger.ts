/** Long tool calls as they are kept: what a ledger promises, whatever holds it. */
import type { TokenClaims } from "../../../../contract/access.ts";
import type { TaskError } from "../../../../contract/bus.ts";
import type { TaskState } from "../../../../contract/tasks.ts";

/** Where a server keeps the task that it made of a call. */
export interface Handle {
  /** `host:port`: another replica does not know it. */
  replica: string;
  taskId: string;
}

export interface Call {
  caller: Pick<TokenClaims, "sub" | "role">;
  server: string;
  /** The tool, as its server knows it. */
  tool: string;
  /** As clients know it. */
  name: string;
  /** It may be made again after it broke off: it only reads, or says that twice is the same as once. */
  repeatable: boolean;
  traceparent: string;
}

export interface NewCall extends Call {
  id: string;
  /** The request as the server got it; text. Kept sealed. */
  request: string;
  handle: Handle;
}

export interface StoredCall extends Call {
  id: string;
  state: TaskState;
  attempt: number;
  /** Of the current attempt; null until the server has taken the call again. */
  handle: Handle | null;
  cancelRequested: boolean;
  createdAt: Date;
  updatedAt: Date;
}

/** With what became of it. */
export interface KnownCall extends StoredCall {
  /** JSON text of the result of a call that succeeded. */
  result: string | null;
  error: TaskError | null;
}

/** To be followed by the hub that claimed it. */
export interface ClaimedCall extends StoredCall {
  /** See {@link NewCall}; read only where the call may have to be made again. */
  request: string | null;
}

export type Outcome =
  | { kind: "succeeded"; result: string }
  | { kind: "failed"; error: TaskError }
  | { kind: "cancelled" };

/** Every method throws while what holds the ledger cannot be reached. */
export interface CallLedger {
  /** The call is durable, and followed by `follower`, when it resolves. */
  begin(call: NewCall, follower: string): Promise<StoredCall>;
  find(id: string): Promise<KnownCall | null>;
  /** @returns false when there is nothing to cancel any more */
  cancel(id: string, actor: string): Promise<boolean>;
  /** Takes what nobody follows: calls whose hub fell silent, and those whose next attempt is due. */
  claim(follower: string): Promise<ClaimedCall[]>;
  /** Signs of life. @returns those of the calls that still are this follower's, with whether they are to be cancelled */
  beat(follower: string, calls: readonly { id: string; attempt: number }[]): Promise<{ id: string; cancelRequested: boolean }[]>;
  /** The server took the call again. */
  taken(call: { id: string; attempt: number }, handle: Handle): Promise<void>;
  /** Counts for the current attempt alone. */
  settle(call: Pick<StoredCall, "id" | "attempt" | "caller">, follower: string, outcome: Outcome): Promise<void>;
  /** Gives all that it follows to whoever claims it first. */
  release(follower: string): Promise<void>;
}

/** Without a sign of life for so long, a call is another hub's to follow. */
export const LEASE_MS = 6_000;
