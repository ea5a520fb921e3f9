/** The flash trader's HTTP side, for servers that show what it does or ask something of it. */
import type { z } from "zod";
import { INFRASTRUCTURE } from "../../../contract/services.ts";
import { GatesAnswer, Trade, TradesAnswer, TraderState, type LiveTradeRequest } from "../../../contract/trading.ts";
import { Problem } from "../../../contract/tasks.ts";
import { messageOf, PermanentError, Unavailable, UserFault } from "../../kit/errors.ts";
import { describeProblem } from "../../kit/hub-client.ts";

const { host, port } = INFRASTRUCTURE.flashTrader;
/** Beyond what a request itself may wait for. */
const TIMEOUT_MS = 5_000;

export class TraderClient {
  readonly #url: string;
  readonly #token: string;

  constructor(token: string, url = `http://${host}:${port}`) {
    this.#url = url;
    this.#token = token;
  }

  async state(signal: AbortSignal): Promise<TraderState> {
    return TraderState.parse(await this.#call("/v1/state", signal));
  }

  async gates(signal: AbortSignal): Promise<GatesAnswer> {
    return GatesAnswer.parse(await this.#call("/v1/gates", signal));
  }

  /** Newest first. @param before a plan's id */
  async trades(limit: number, before: string | undefined, signal: AbortSignal): Promise<Trade[]> {
    const query = new URLSearchParams({ limit: String(limit), ...(before === undefined ? {} : { before }) });
    return TradesAnswer.parse(await this.#call(`/v1/trades?${query}`, signal)).trades;
  }

  async trade(key: string, signal: AbortSignal): Promise<Trade> {
    return Trade.parse(await this.#call(`/v1/trades/${encodeURIComponent(key)}`, signal));
  }

  /** The next opportunity that passes every gate, traded live once. @returns the trade when it is sent */
  async liveTrade(request: z.output<typeof LiveTradeRequest>, signal: AbortSignal): Promise<Trade> {
    return Trade.parse(await this.#call("/v1/live-trades", signal, request));
  }

  async #call(path: string, signal: AbortSignal, body?: z.output<typeof LiveTradeRequest>): Promise<unknown> {
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(new URL(path, this.#url), {
        method: body ? "POST" : "GET",
        headers: { authorization: `Bearer ${this.#token}`, ...(body && { "content-type": "application/json" }) },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS + (body?.withinMs ?? 0))]),
      });
      answer = await response.json();
    } catch (cause) {
      signal.throwIfAborted();
      throw new Unavailable(`The flash trader does not answer: ${messageOf(cause)}. Without it nothing is traded.`, { cause });
    }
    if (response.ok) return answer;
    const problem = Problem.safeParse(answer);
    const detail = problem.success ? describeProblem(problem.data) : `The flash trader answered ${response.status} to ${path}.`;
    // 504: nothing passed in time, which is an answer and no failure of the trader.
    throw response.status < 500 || response.status === 504 ? new UserFault(detail) : new Unavailable(detail);
  }
}

/** @throws {PermanentError} without a token to show it */
export function connectTrader(config: { MCP_SERVICE_TOKEN?: string | undefined }): TraderClient {
  if (config.MCP_SERVICE_TOKEN === undefined) throw new PermanentError("MCP_SERVICE_TOKEN is not set: give this server its token, whose audience includes flash-trader.");
  return new TraderClient(config.MCP_SERVICE_TOKEN);
}
