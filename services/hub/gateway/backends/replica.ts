/** One replica of a server: its connections, its breaker, its load. */
import { Pool } from "undici";
import { Breaker } from "./breaker.ts";
import { Connections } from "./http/connections.ts";

/** Calls of one server under way at once; more are told to come back, so that one server cannot use up the hub. */
export const BULKHEAD = 256;
const CONNECT_MS = 2_000;
/** Below that of our servers (Node's HTTP server: 72 s with Fastify), so that a call never meets a connection as it is closed. */
const IDLE_MS = 20_000;

export class Replica {
  readonly origin: string;
  readonly host: string;
  /** For what the hub asks for itself, in few requests and with all that undici can do. */
  readonly pool: Pool;
  /** For clients' calls. */
  readonly calls: Connections;
  readonly breaker: Breaker;
  inFlight = 0;
  #probing: NodeJS.Timeout | null = null;

  constructor(host: string, port: number, breaker = new Breaker()) {
    this.host = `${host}:${port}`;
    this.breaker = breaker;
    this.origin = `http://${this.host}`;
    // Time limits are the relay's: one timer a call, over the whole of it.
    this.pool = new Pool(this.origin, {
      connections: BULKHEAD, connect: { timeout: CONNECT_MS }, keepAliveTimeout: IDLE_MS, keepAliveMaxTimeout: IDLE_MS, headersTimeout: 0, bodyTimeout: 0,
    });
    this.calls = new Connections(host, port, { connectMs: CONNECT_MS, idleMs: IDLE_MS });
  }

  /** Call it after the breaker has opened: `probe` is asked after each pause until it does not throw. */
  probe(probe: () => Promise<void>): void {
    if (this.#probing) return;
    this.#probing = setTimeout(() => {
      this.#probing = null;
      if (this.breaker.closed) return;
      // A timer may be a millisecond ahead of the clock.
      if (!this.breaker.tryProbe()) return this.probe(probe);
      probe().then(() => this.breaker.succeeded(), () => {
        this.breaker.failed();
        this.probe(probe);
      });
    }, this.breaker.pauseMs);
    this.#probing.unref();
  }

  /** Calls under way are finished; after `graceMs` they are broken off. */
  async close(graceMs: number): Promise<void> {
    if (this.#probing) clearTimeout(this.#probing);
    const late = setTimeout(() => {
      this.calls.destroy();
      void this.pool.destroy().catch(() => undefined);
    }, graceMs);
    late.unref();
    await Promise.all([this.calls.close(), this.pool.close().catch(() => undefined)]);
    clearTimeout(late);
  }
}
