import type { AbiEvent, Hex } from "viem";
import { decodeEventLog, encodeEventTopics } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { findItem, shortMessage, signatureOf } from "../../../shared/abi-items.ts";
import { valueFromJson, valueToJson } from "../../../shared/abi-values.ts";
import { AbiJson, Address, BlockRef, Hash, out } from "../../../shared/evm-schemas.ts";
import { pinBlock } from "../blocks.ts";
import type { Deps } from "../deps.ts";
import { filterDigest, MAX_SCAN_BLOCKS, readCursor, writeCursor } from "../log-pages.ts";
import { scanLogs, type LogEntry } from "../log-scan.ts";

const Topic = z.union([Hash, z.array(Hash).min(1).max(50), z.null()]);

export const getLogs = defineTool<Deps>()({
  name: "get_logs",
  title: "Read event logs",
  description: `Reads the events of contracts over a range of blocks, decoded when the event is given. One call scans up to ${MAX_SCAN_BLOCKS} blocks and answers up to 500 logs; follow nextCursor until it is null.`,
  input: z.strictObject({
    address: z.array(Address).max(50).default([]).describe("Contracts that emit; empty for any."),
    event: z.string().min(1).max(2_000).optional().describe("Declaration as in `Transfer(address indexed from, address indexed to, uint256 value)`; a name is enough with `abi`."),
    abi: AbiJson.optional().describe("JSON ABI that `event` is looked up in."),
    match: z.record(z.string(), z.unknown()).default({}).describe("Values of indexed parameters by name; a list means any of them. Wants `event`."),
    topics: z.array(Topic).max(4).optional().describe("Raw topics instead of `event` and `match`; null matches anything."),
    fromBlock: BlockRef.default("latest").describe("First block."),
    toBlock: BlockRef.default("latest").describe("Last block, included."),
    limit: z.int().min(1).max(500).default(100).describe("Logs in the answer at most."),
    cursor: z.string().max(200).optional().describe("nextCursor of the previous page, with everything else unchanged; it holds the block range."),
  }),
  output: z.object({
    logs: z.array(z.object({
      blockNumber: out.blockNumber,
      logIndex: z.int().describe("Position in the block."),
      transactionHash: out.hash,
      address: out.address,
      event: z.string().nullable().describe("Signature it was decoded by; null when it did not fit or none was given."),
      args: z.record(z.string(), z.unknown()).nullable().describe("Decoded parameters by name (or position). Indexed strings, bytes and arrays are only there as their hash."),
      topics: z.array(z.string()).nullable().describe("Raw topics; null when decoded."),
      data: z.string().nullable().describe("Raw data; null when decoded."),
    })).describe("In the chain's order."),
    fromBlock: z.int().describe("First block this page covers."),
    scannedToBlock: z.int().describe("Last block this page covers; of the last log's block there may be more on the next."),
    nextCursor: z.string().nullable().describe("For the next page; null when the range is done."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler(input, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    if (input.topics && (input.event || Object.keys(input.match).length)) throw new UserFault("Give topics, or event with match: not both.");
    if (!input.event && Object.keys(input.match).length) throw new UserFault("match names parameters of an event: give its declaration in event.");
    const event = input.event ? findItem("event", input.event, input.abi) : null;
    const filter = { address: input.address, topics: event ? topicsOf(event, input.match) : input.topics ?? [] };
    const digest = filterDigest(filter);
    const start = input.cursor
      ? readCursor(input.cursor, digest)
      : { block: Number((await pinBlock(chain, input.fromBlock, signal)).blockNumber), logIndex: 0, toBlock: Number((await pinBlock(chain, input.toBlock, signal)).blockNumber) };
    if (start.block > start.toBlock) throw new UserFault(`fromBlock ${start.block} lies after toBlock ${start.toBlock}: exchange them.`);
    const page = await scanLogs(chain, filter, start, input.limit, signal);
    return {
      logs: page.logs.map((log) => present(log, event)),
      fromBlock: start.block,
      scannedToBlock: page.scannedToBlock,
      nextCursor: page.next && writeCursor(page.next, digest),
    };
  },
});

function topicsOf(event: AbiEvent, match: Record<string, unknown>): (Hex | Hex[] | null)[] {
  const indexed = event.inputs.filter((param) => param.indexed);
  const names = indexed.map((param) => param.name ?? "");
  const unknown = Object.keys(match).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UserFault(`match.${unknown}: ${signatureOf(event)} has no indexed parameter of that name. It has ${names.filter(Boolean).join(", ") || "none"}.`);
  const args = Object.fromEntries(indexed.filter((param) => param.name && match[param.name] !== undefined).map((param) => {
    const value = match[param.name!];
    const path = `match.${param.name}`;
    const any = Array.isArray(value) && !param.type.endsWith("]");
    return [param.name, any ? value.map((item, i) => valueFromJson(param, item, `${path}[${i}]`)) : valueFromJson(param, value, path)];
  }));
  try {
    return encodeEventTopics({ abi: [event], eventName: event.name, args: args as never }) as (Hex | Hex[] | null)[];
  } catch (error) {
    throw new UserFault(`Cannot filter ${signatureOf(event)} by match: ${shortMessage(error)}`);
  }
}

function present(log: LogEntry, event: AbiEvent | null) {
  const { topics, data, ...place } = log;
  const args = event && decoded(event, log);
  return args
    ? { ...place, event: signatureOf(event), args, topics: null, data: null }
    : { ...place, event: null, args: null, topics, data };
}

/** Null for a log of the same topic with another layout, as ERC-721's Transfer under ERC-20's. */
function decoded(event: AbiEvent, log: LogEntry): Record<string, unknown> | null {
  try {
    const { args } = decodeEventLog({ abi: [event], data: log.data, topics: log.topics as [Hex, ...Hex[]], strict: true }) as { args?: unknown };
    return Object.fromEntries(event.inputs.map((param, i) => {
      const value = Array.isArray(args) ? args[i] : (args as Record<string, unknown>)[param.name!];
      const hashed = param.indexed && /^(string|bytes|tuple)$|\]$/.test(param.type);
      return [param.name || String(i), hashed ? value : valueToJson(param, value)];
    }));
  } catch {
    return null;
  }
}
