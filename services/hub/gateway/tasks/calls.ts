/** Long calls of the gateway's clients: made of what servers answer, asked for by name, the same on any hub and after any restart. */
import type { TokenClaims } from "../../../../contract/access.ts";
import { messageOf } from "../../../kit/errors.ts";
import type { Logger } from "../../../kit/log.ts";
import { ENDED, type DetailedTask, type TaskMethod } from "../../../kit/mcp/task-wire.ts";
import { newTaskId } from "../../tasks/task-id.ts";
import { viewOf } from "../access/caller-rights.ts";
import type { Credentials } from "../access/delegation.ts";
import type { Fleet } from "../backends/fleet.ts";
import { INTERNAL_ERROR, INVALID_PARAMS, type Refusal } from "../protocol/refusal.ts";
import { BackendTasks, Lost } from "./backend-task.ts";
import type { Call, CallLedger, Handle, KnownCall, StoredCall } from "./call-ledger.ts";
import { Follower } from "./follower.ts";
import { createdOf, detailedOf } from "./task-view.ts";

/** Of a question to the server in the middle of a client's; without an answer the ledger's word stands. */
const LIVE_MS = 2_000;
const UPDATE_MS = 10_000;

export interface CallsOptions {
  ledger: CallLedger;
  fleet: Fleet;
  credentials: Credentials;
  /** Long calls of one caller under way in this hub; more are not begun. */
  perCaller: number;
  /** See {@link FollowerOptions}. */
  timeoutMs: number;
  goneMs?: number;
  log: Logger;
}

/** Result of the client's call, or what its model is told instead. */
export type Adopted = { task: Record<string, unknown> } | { refusal: string };

/** JSON text of a result, or why there is none. */
export type Answered = { result: string; call: StoredCall } | { refusal: Refusal };

export class Calls {
  readonly #options: CallsOptions;
  readonly #backend: BackendTasks;
  readonly #follower: Follower;
  /** Callers of calls that are being written down. */
  readonly #beginning: string[] = [];

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#backend = new BackendTasks(options);
    this.#follower = new Follower({ ...options, backend: this.#backend });
  }

  /** Calls that this hub follows now. */
  get following(): number {
    return this.#follower.size;
  }

  close(): Promise<void> {
    return this.#follower.close();
  }

  /**
   * Makes the task that a server has begun the gateway's own.
   *
   * @param request as the server got it
   * @param gone whether the client is gone, so that nobody will ask for it
   * Never rejects: what cannot be kept is cancelled.
   */
  async adopt(call: Call, request: string, handle: Handle, gone: () => boolean): Promise<Adopted> {
    const { ledger, perCaller, log } = this.#options;
    const { server, caller: { sub } } = call;
    if (this.#follower.of(sub) + this.#beginning.filter((other) => other === sub).length >= perCaller) {
      this.forsake(call, handle);
      return { refusal: `${sub} has ${perCaller} long calls under way at this hub, which is all a caller gets; ${server} was told to cancel this one. Wait until one has ended (tasks/get), or cancel one (tasks/cancel).` };
    }
    const id = newTaskId();
    this.#beginning.push(sub);
    try {
      const begun = await ledger.begin({ ...call, id, request, handle }, this.#follower.id);
      this.#follower.follow(begun);
      if (gone() && await ledger.cancel(id, sub)) this.#follower.wake(id, { cancelRequested: true });
      return { task: { resultType: "task", ...createdOf(begun) } };
    } catch (error) {
      log.warn({ reason: messageOf(error), tool: call.name }, "a long call could not be made durable; cancelling it");
      this.forsake(call, handle);
      return { refusal: `${server} began the call, but it could not be written down, and was cancelled. Try again in a few seconds.` };
    } finally {
      this.#beginning.splice(this.#beginning.indexOf(sub), 1);
    }
  }

  /** Cancels what a server has begun and nobody may have. */
  forsake(call: Call, handle: Handle): void {
    const nobodys: StoredCall = { ...call, id: "", state: "active", attempt: 1, handle, cancelRequested: true, createdAt: new Date(), updatedAt: new Date() };
    this.#backend.tell(nobodys, "tasks/cancel", {}, AbortSignal.timeout(UPDATE_MS)).catch((error: unknown) => this.#options.log.debug({ reason: messageOf(error) }, "a call that nobody has could not be cancelled"));
  }

  /** @throws while the ledger cannot be reached */
  async serve(method: TaskMethod, params: Record<string, unknown>, caller: TokenClaims): Promise<Answered> {
    const id = params["taskId"];
    const call = typeof id === "string" ? await this.#options.ledger.find(id) : null;
    // Whether it is another caller's, beyond the token's list, or was never there must not be told apart.
    if (!call || call.caller.sub !== caller.sub || viewOf(caller)?.allows({ server: call.server, own: call.tool }) === false) return { refusal: NO_TASK };
    switch (method) {
      case "tasks/get": return { result: detailedOf(call, await this.#live(call)), call };
      case "tasks/cancel": return this.#cancel(call, caller);
      case "tasks/update": return this.#update(call, params["inputResponses"]);
    }
  }

  /** What the server says of a call under way: its message, and what it asks. */
  async #live(call: KnownCall): Promise<DetailedTask | null> {
    if (call.state !== "active" || call.handle === null) return null;
    try {
      const task = await this.#backend.get(call, AbortSignal.timeout(LIVE_MS));
      if (!ENDED.has(task.status)) return task;
    } catch (error) {
      if (!(error instanceof Lost)) return null;
    }
    // Its end is told once it is stored.
    this.#follower.wake(call.id);
    return null;
  }

  async #cancel(call: KnownCall, caller: TokenClaims): Promise<Answered> {
    if (await this.#options.ledger.cancel(call.id, caller.sub)) {
      this.#follower.wake(call.id, { cancelRequested: true });
      // Not by the follower alone: it may be another hub's.
      if (call.handle) await this.#backend.tell(call, "tasks/cancel", {}, AbortSignal.timeout(LIVE_MS)).catch(() => undefined);
    }
    return { result: ACK, call };
  }

  async #update(call: KnownCall, inputResponses: unknown): Promise<Answered> {
    if (typeof inputResponses !== "object" || inputResponses === null || Array.isArray(inputResponses)) return { refusal: { status: 200, code: INVALID_PARAMS, message: "params.inputResponses must be an object: an answer to each key of inputRequests" } };
    // One that is over, or is about to be made again, waits for nothing.
    if (call.state !== "active" || call.handle === null) return { result: ACK, call };
    try {
      await this.#backend.tell(call, "tasks/update", { inputResponses }, AbortSignal.timeout(UPDATE_MS));
      this.#follower.wake(call.id);
      return { result: ACK, call };
    } catch (error) {
      this.#follower.wake(call.id);
      return { refusal: { status: 200, code: INTERNAL_ERROR, message: `${call.server} did not take the answers: ${messageOf(error)}. Ask for the task and answer what it still asks.` } };
    }
  }
}

const ACK = '{"resultType":"complete"}';
const NO_TASK: Refusal = { status: 200, code: INVALID_PARAMS, message: "There is no such task" };
