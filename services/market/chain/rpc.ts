/** Bare JSON-RPC over HTTP: one request or several in one, each answer in its place, and a name for everything that goes wrong. */
import { messageOf } from "../../kit/errors.ts";
import { ChainFault } from "./fault.ts";

export interface Call { method: string; params: readonly unknown[] }

/** What the hot path asks of a node. */
export interface Rpc {
  /** @throws {ChainFault} */
  request(method: string, ...params: readonly unknown[]): Promise<unknown>;
  /** Answers in the order of the calls; one that the node refuses is a fault in its place. @throws {ChainFault} where there is no whole answer */
  together(calls: readonly Call[]): Promise<(unknown | ChainFault)[]>;
}

interface Answer { id?: unknown; result?: unknown; error?: { code?: number; message?: string; data?: unknown } }

/** JSON-RPC errors that mean "too many requests", EIP-1474 and what providers use. */
const RATE_LIMIT_CODES = new Set([-32005, -32029, 429]);

export class HttpRpc implements Rpc {
  readonly #url: string;
  readonly #timeoutMs: number;

  /** @param url may hold a key, so it is in no message */
  constructor(url: string, timeoutMs = 4_000) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  async request(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const [answer] = await this.together([{ method, params }]);
    if (answer instanceof ChainFault) throw answer;
    return answer;
  }

  async together(calls: readonly Call[]): Promise<(unknown | ChainFault)[]> {
    const bodies = calls.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params }));
    const asked = calls.map(({ method }) => method).join(", ");
    const answers = await this.#post(bodies.length === 1 ? bodies[0]! : bodies, asked);
    // A batch that is refused as a whole is answered by one error without an id.
    const whole = Array.isArray(answers) ? undefined : (answers as Answer | null)?.error;
    if (whole && calls.length > 1) throw faultOf(asked, whole);
    const byId = new Map((Array.isArray(answers) ? answers : [answers]).map((answer: Answer | null) => [answer?.id, answer] as const));
    return calls.map(({ method }, id) => {
      const answer = byId.get(id);
      if (answer?.error) return faultOf(method, answer.error);
      // A result of null is an answer; none at all is not.
      if (!answer || answer.result === undefined) throw new ChainFault("half_answer", `${method}: the node answered ${byId.size} of ${calls.length} requests, and this one is not among them.`);
      return answer.result;
    });
  }

  async #post(body: object, asked: string): Promise<unknown> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#url, {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(this.#timeoutMs),
      });
      text = await response.text();
    } catch (error) {
      if ((error as Error).name === "TimeoutError") throw new ChainFault("timeout", `${asked}: no answer within ${this.#timeoutMs} ms.`);
      // Cut off after the status line, the body is half an answer; before it, nobody is there.
      const cut = /terminated|aborted|other side closed/.test(`${messageOf(error)} ${messageOf((error as Error).cause ?? "")}`);
      throw new ChainFault(cut ? "half_answer" : "unavailable", `${asked}: ${cut ? "the answer was cut off" : "the node does not answer"} (${messageOf((error as Error).cause ?? error)}).`);
    }
    if (response.status === 429) throw new ChainFault("rate_limited", `${asked}: the node answers 429, too many requests.`);
    if (response.status >= 500) throw new ChainFault("unavailable", `${asked}: the node answers ${response.status}.`);
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new ChainFault("half_answer", `${asked}: ${text.length} bytes that are not whole JSON, with status ${response.status}.`);
    }
  }
}

function faultOf(method: string, { code, message = "", data }: NonNullable<Answer["error"]>): ChainFault {
  if (code !== undefined && RATE_LIMIT_CODES.has(code)) return new ChainFault("rate_limited", `${method}: ${message}`);
  if (/block.*not found|unknown block|header not found|BlockOutOfRange/i.test(message)) return new ChainFault("block_gone", `${method}: ${message}`);
  return new ChainFault("refused", `${method}: ${message}`, data);
}
