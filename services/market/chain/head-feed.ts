/** New heads as they come: pushed over a WebSocket, and asked for while there is none. Every one is told by its hash alone. */
import type { Hex } from "viem";
import { RECONNECT, backoffMs, sleep } from "../../kit/backoff.ts";
import { hexOf } from "./answers.ts";
import { ChainFault } from "./fault.ts";

export interface HeadFeedOptions {
  /** `ws://devnet:8545`; may hold a key, so it is in no message. */
  url: string;
  /** Asked for while nothing is pushed. */
  latest(): Promise<Hex>;
  pollMs: number;
  onHead(hash: Hex): void;
  /** The connection began or ended. */
  onConnection?(connected: boolean): void;
  onFault?(fault: unknown): void;
}

/** @param signal ends it */
export async function followHeads(options: HeadFeedOptions, signal: AbortSignal): Promise<void> {
  const state = { connected: false };
  await Promise.all([subscribe(options, state, signal), poll(options, state, signal)]);
}

async function subscribe(options: HeadFeedOptions, state: { connected: boolean }, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    await connection(options, signal, () => {
      failures = 0;
      state.connected = true;
      options.onConnection?.(true);
    });
    if (state.connected) options.onConnection?.(false);
    state.connected = false;
    await sleep(backoffMs(++failures, RECONNECT), signal).catch(() => undefined);
  }
}

/** Resolves when the connection has ended, for whatever reason. */
function connection({ url, onHead, onFault }: HeadFeedOptions, signal: AbortSignal, subscribed: () => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    const close = (): void => socket.close();
    signal.addEventListener("abort", close, { once: true });
    socket.addEventListener("open", () => socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["newHeads"] })));
    socket.addEventListener("message", ({ data }) => {
      try {
        const message = JSON.parse(String(data)) as { id?: number; result?: unknown; params?: { result?: { hash?: unknown } } };
        if (message.id === 1) {
          if (typeof message.result !== "string") throw new ChainFault("refused", "eth_subscribe newHeads: the node does not push heads.");
          subscribed();
          return;
        }
        onHead(hexOf(message.params?.result?.hash, "A pushed head's hash", 32));
      } catch (error) {
        onFault?.(error instanceof SyntaxError ? new ChainFault("malformed_answer", "The node pushed what is not JSON.") : error);
        close();
      }
    });
    // An error is followed by its close.
    socket.addEventListener("error", () => undefined);
    socket.addEventListener("close", () => {
      signal.removeEventListener("abort", close);
      resolve();
    });
  });
}

/** Also where the connection stands: one that has gone silent shows in nothing else. */
async function poll({ latest, pollMs, onHead, onFault }: HeadFeedOptions, state: { connected: boolean }, signal: AbortSignal): Promise<void> {
  for (let idle = 0; !signal.aborted; idle++) {
    if (!state.connected || idle % CONNECTED_POLLS === 0) await latest().then(onHead, onFault);
    await sleep(pollMs, signal).catch(() => undefined);
  }
}

/** Of so many polls one is made although heads are pushed. */
const CONNECTED_POLLS = 10;
