/** The chain behind `MCP_RPC_URL`, and its errors in the kit's three classes. */
import { BaseError, createClient, http, type Client, type Hex, type HttpTransport } from "viem";
import { decodeErrorResult, stringToHex } from "viem/utils";
import { PermanentError, Unavailable, UserFault } from "../../kit/errors.ts";
import { shortMessage } from "./abi-items.ts";

export type ChainClient = Client<HttpTransport>;

/**
 * @param url JSON-RPC endpoint over HTTP
 * @param timeoutMs limit of one request; a failed one is repeated once
 */
export function connectChain(url: string, timeoutMs = 10_000): ChainClient {
  return createClient({
    transport: http(url, { timeout: timeoutMs, retryCount: 1, retryDelay: 200 }),
    // A contract could name any URL in an OffchainLookup error, and this server would fetch it.
    ccipRead: false,
    pollingInterval: 500,
  });
}

/** The setting a chain server cannot do without. @throws {PermanentError} at start, naming the variable */
export function rpcUrl(config: { MCP_RPC_URL?: string | undefined }): string {
  const url = config.MCP_RPC_URL;
  if (!url) throw new PermanentError("MCP_RPC_URL is not set: give the JSON-RPC endpoint of a chain, as in http://devnet:8545.");
  if (!/^https?:/.test(url)) throw new PermanentError("MCP_RPC_URL must be http or https here: these servers ask, they do not subscribe.");
  return url;
}

const UNREACHABLE = new Set(["HttpRequestError", "TimeoutError", "SocketClosedError", "WebSocketRequestError", "LimitExceededRpcError", "ResourceUnavailableRpcError"]);

/** Every error of a chain, walked to its causes. */
function causes(error: unknown): BaseError[] {
  const found: BaseError[] = [];
  for (let at = error; at instanceof Error; at = at.cause as unknown) if (at instanceof BaseError) found.push(at);
  return found;
}

/** Calls the node and sorts its errors. @throws {Unavailable} when it is away @throws {UserFault} when it refuses */
export async function ask<T>(what: string, call: Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await call;
  } catch (error) {
    signal?.throwIfAborted();
    const chain = causes(error);
    if (chain.some((cause) => UNREACHABLE.has(cause.name))) {
      throw new Unavailable(`The chain's RPC endpoint did not answer (${what}).`, { cause: error });
    }
    const node = chain.at(-1);
    if (!node) throw error;
    throw new UserFault(`The chain refused ${what}: ${refusal(node)}`, { cause: error });
  }
}

/** What the node itself says, without viem's frame; at most 300 characters. */
function refusal(error: BaseError): string {
  const text = (error.details || shortMessage(error)).split("\n")[0]!;
  const historic = /BlockOutOfRange|header not found|unknown block|block height|missing trie node/i.test(text);
  return text.slice(0, 300) + (historic ? " — ask get_chain_status for the newest block; old state wants an archive node." : "");
}

export interface Revert {
  /** The bytes the call reverted with. */
  data: Hex;
  /** `Error(string)`'s text, a Panic in words, the name of a custom error with arguments, or null. */
  reason: string | null;
}

/** Meaning of `Panic(uint256)` codes (Solidity docs, "Panic via assert and Error via require"). */
const PANICS: Record<string, string> = {
  "1": "an assert failed", "17": "arithmetic overflow or underflow", "18": "division or modulo by zero", "33": "invalid enum value",
  "34": "wrongly encoded storage byte array", "49": "pop on an empty array", "50": "array index out of bounds", "65": "out of memory",
  "81": "call of an uninitialised function variable",
};

/** Reads revert data by the caller's ABI and Solidity's two built-in errors. */
export function readRevert(data: Hex, abi: readonly unknown[] = []): Revert {
  try {
    const { errorName, args } = decodeErrorResult({ abi: abi as [], data }) as { errorName: string; args?: readonly unknown[] };
    const first = String(args?.[0]);
    if (errorName === "Error") return { data, reason: first };
    if (errorName === "Panic") return { data, reason: `Panic(${first}): ${PANICS[first] ?? "unknown code"}` };
    return { data, reason: `${errorName}(${(args ?? []).map((arg) => (typeof arg === "object" ? JSON.stringify(arg, (_, item) => (typeof item === "bigint" ? item.toString() : item)) : String(arg))).join(", ")})` };
  } catch {
    return { data, reason: null };
  }
}

/** The revert inside an error of `eth_call` or `eth_estimateGas`; null when the failure was another one. */
export function revertOf(error: unknown, abi: readonly unknown[] = []): Revert | null {
  const chain = causes(error);
  for (const cause of chain) {
    const data = (cause as { data?: unknown }).data ?? ((cause as { cause?: { data?: unknown } }).cause)?.data;
    if (typeof data === "string" && data.startsWith("0x")) return readRevert(data as Hex, abi);
  }
  const reverted = chain.some((cause) => cause.name === "ExecutionRevertedError" || /revert/i.test(cause.details ?? ""));
  return reverted ? { data: stringToHex(""), reason: null } : null;
}
