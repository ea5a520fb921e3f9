/** A client that only calls: connections of its own, and every answer looked at. */
import { Pool } from "undici";
import { META, tokenOf } from "../../../services/hub/gateway/testing/gateway-rig.ts";

export interface Call { method: string; name?: string; params: Record<string, unknown> }

export const toolCall = (name: string): Call => ({ method: "tools/call", name, params: { name, arguments: { a: 20, b: 22 } } });
export const LIST: Call = { method: "tools/list", params: {} };

export class Caller {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #token: string;

  readonly #modern: boolean;

  /**
   * Its token has a limit of its own, so that the limiter is at work and never in the way.
   *
   * @param limited false for a server that is called directly: it refuses a token whose limits only the gateway keeps
   * @param peer for a gateway that is not ours: its own token, and the older revision
   */
  constructor(url: string, connections: number, { limited = true, peer }: { limited?: boolean; peer?: { token: string } | undefined } = {}) {
    const { origin, pathname } = new URL(url);
    this.#pool = new Pool(origin, { connections, headersTimeout: 0, bodyTimeout: 0 });
    this.#path = pathname;
    this.#token = peer?.token ?? tokenOf({ sub: "user:bench", ...(limited ? { callsPerMinute: 1_000_000_000 } : {}) });
    this.#modern = peer === undefined;
  }

  /**
   * One call. @throws {Error} on anything but a good answer
   *
   * @param good looks at more of the body than whether `expected` is in it
   */
  of({ method, name, params }: Call, expected: string, good: (body: string) => boolean = () => true): () => Promise<void> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: this.#modern ? { ...params, _meta: META } : params });
    const headers = {
      "content-type": "application/json", accept: "application/json, text/event-stream", authorization: `Bearer ${this.#token}`,
      ...(this.#modern ? { "mcp-protocol-version": "2026-07-28", "mcp-method": method, ...(name === undefined ? {} : { "mcp-name": name }) } : { "mcp-protocol-version": "2025-11-25" }),
    };
    return async () => {
      const response = await this.#pool.request({ path: this.#path, method: "POST", headers, body });
      const text = await response.body.text();
      if (response.statusCode !== 200 || !text.includes(expected) || !good(text)) throw new Error(`answered ${response.statusCode}: ${text.slice(0, 300)}`);
    };
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
