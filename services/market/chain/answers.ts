/** Answers of a node as values, checked one by one. Pure: whatever does not fit is a named fault, never a default. */
import type { Hex } from "viem";
import { ChainFault } from "./fault.ts";

export interface Head {
  number: number;
  hash: Hex;
  parentHash: Hex;
  /** Seconds since 1970, as the block tells. */
  timestamp: number;
  baseFeePerGas: bigint;
  gasUsed: bigint;
  gasLimit: bigint;
  logsBloom: Hex;
}

export interface Log {
  /** Lower case. */
  address: string;
  topics: readonly Hex[];
  data: Hex;
  blockHash: Hex;
  logIndex: number;
}

export interface Receipt {
  hash: Hex;
  blockHash: Hex;
  blockNumber: number;
  succeeded: boolean;
  gasUsed: bigint;
  /** Wei a unit of gas that was paid. */
  effectiveGasPrice: bigint;
  logs: readonly Log[];
}

type Fields = Record<string, unknown>;

function fields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ChainFault("malformed_answer", `${what} should be an object, and is ${kindOf(value)}.`);
  return value as Fields;
}

const kindOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "a list" : typeof value === "string" ? `"${value.slice(0, 40)}"` : typeof value);

export function quantity(value: unknown, what: string): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{1,64}$/.test(value)) throw new ChainFault("malformed_answer", `${what} should be a hexadecimal number, and is ${kindOf(value)}.`);
  return BigInt(value);
}

function count(value: unknown, what: string): number {
  const number = Number(quantity(value, what));
  if (!Number.isSafeInteger(number)) throw new ChainFault("malformed_answer", `${what} should be at most 2^53, and is ${String(value)}.`);
  return number;
}

/** @param bytes exact length; any without it */
export function hexOf(value: unknown, what: string, bytes?: number): Hex {
  if (typeof value !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(value) || (bytes !== undefined && value.length !== 2 + 2 * bytes)) {
    throw new ChainFault("malformed_answer", `${what} should be ${bytes ?? "any number of"} bytes of hexadecimal digits, and is ${kindOf(value)}.`);
  }
  return value.toLowerCase() as Hex;
}

/** @throws {ChainFault} `malformed_answer` */
export function headOf(value: unknown): Head {
  const block = fields(value, "A block");
  return {
    number: count(block.number, "A block's number"), hash: hexOf(block.hash, "A block's hash", 32), parentHash: hexOf(block.parentHash, "A block's parentHash", 32),
    timestamp: count(block.timestamp, "A block's timestamp"), baseFeePerGas: quantity(block.baseFeePerGas, "A block's baseFeePerGas"),
    gasUsed: quantity(block.gasUsed, "A block's gasUsed"), gasLimit: quantity(block.gasLimit, "A block's gasLimit"), logsBloom: hexOf(block.logsBloom, "A block's logsBloom", 256),
  };
}

export function logOf(value: unknown): Log {
  const log = fields(value, "A log");
  if (!Array.isArray(log.topics)) throw new ChainFault("malformed_answer", `A log's topics should be a list, and are ${kindOf(log.topics)}.`);
  return {
    address: hexOf(log.address, "A log's address", 20), topics: log.topics.map((topic) => hexOf(topic, "A topic", 32)), data: hexOf(log.data, "A log's data"),
    blockHash: hexOf(log.blockHash, "A log's blockHash", 32), logIndex: count(log.logIndex, "A log's index"),
  };
}

/** In the order in which they happened. @throws {ChainFault} */
export function logsOf(value: unknown): Log[] {
  if (!Array.isArray(value)) throw new ChainFault("malformed_answer", `Logs should be a list, and are ${kindOf(value)}.`);
  return value.map(logOf).sort((a, b) => a.logIndex - b.logIndex);
}

/** Null where the chain has none. @throws {ChainFault} */
export function receiptOf(value: unknown): Receipt | null {
  if (value === null) return null;
  const receipt = fields(value, "A receipt");
  return {
    hash: hexOf(receipt.transactionHash, "A receipt's transactionHash", 32), blockHash: hexOf(receipt.blockHash, "A receipt's blockHash", 32),
    blockNumber: count(receipt.blockNumber, "A receipt's blockNumber"), succeeded: quantity(receipt.status, "A receipt's status") === 1n,
    gasUsed: quantity(receipt.gasUsed, "A receipt's gasUsed"), effectiveGasPrice: quantity(receipt.effectiveGasPrice, "A receipt's effectiveGasPrice"),
    logs: logsOf(receipt.logs),
  };
}
