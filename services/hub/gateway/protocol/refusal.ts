/** What the gateway itself refuses, as the protocol says it: an HTTP status and a JSON-RPC error. */
import { HEADER_MISMATCH, mismatchText } from "../../../kit/mcp/header-params.ts";

export type RequestId = string | number;

export interface Refusal {
  status: number;
  code: number;
  message: string;
  data?: unknown;
}

export const PARSE_ERROR = -32_700;
export const INVALID_REQUEST = -32_600;
export const METHOD_NOT_FOUND = -32_601;
export const INVALID_PARAMS = -32_602;
export const INTERNAL_ERROR = -32_603;
export const UNSUPPORTED_VERSION = -32_022;
/** Below which no code of the specification lies: its own range ends at -32768. */
export const RATE_LIMITED = -33_029;
export const FORBIDDEN = -33_003;

export const errorText = (id: RequestId | null, { code, message, data }: Omit<Refusal, "status">): string =>
  JSON.stringify({ jsonrpc: "2.0", id, error: { code, message, ...(data === undefined ? {} : { data }) } });

/** Header and body say different things. */
export const mismatch = (header: string, body: string): Refusal => ({
  status: 400, code: HEADER_MISMATCH, message: mismatchText({ header, body }), data: { mismatch: { header, body } },
});
