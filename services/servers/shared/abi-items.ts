/** Finds and reads the pieces of an ABI that a caller names: a function, an event, a constructor, a parameter list. */
import type { Abi, AbiEvent, AbiFunction, AbiParameter } from "viem";
import { formatAbiItem, parseAbiItem, parseAbiParameters, toFunctionSelector } from "viem/utils";
import { UserFault } from "../../kit/errors.ts";

/** First line of an error of viem or abitype: what is wrong, without their docs links and versions. */
export function shortMessage(error: unknown): string {
  if (error && typeof error === "object" && "shortMessage" in error) return String(error.shortMessage).split("\n")[0]!;
  return error instanceof Error ? error.message.split("\n")[0]! : String(error);
}

/** `address to, uint256 amount` → parameters; an empty text is no parameters. @throws {UserFault} */
export function parameters(types: string): readonly AbiParameter[] {
  if (types.trim() === "") return [];
  try {
    return parseAbiParameters(types) as readonly AbiParameter[];
  } catch (error) {
    throw new UserFault(`Cannot read the types "${types}": ${shortMessage(error)} Write them as in Solidity: address to, uint256[] amounts, (uint256 x, bool y) point.`);
  }
}

type AbiConstructor = Extract<Abi[number], { type: "constructor" }>;
type ItemOf<Kind> = Kind extends "function" ? AbiFunction : AbiEvent;

function parsed<Kind extends "function" | "event">(kind: Kind, text: string): ItemOf<Kind> {
  const source = new RegExp(`^\\s*${kind}\\s`).test(text) ? text.trim() : `${kind} ${text.trim()}`;
  try {
    const item = parseAbiItem(source as string) as { type: string };
    if (item.type !== kind) throw new UserFault(`"${text}" declares a ${item.type}, not a ${kind}.`);
    return item as ItemOf<Kind>;
  } catch (error) {
    if (error instanceof UserFault) throw error;
    const example = kind === "function" ? "balanceOf(address owner) view returns (uint256)" : "Transfer(address indexed from, address indexed to, uint256 value)";
    throw new UserFault(`Cannot read the ${kind} "${text}": ${shortMessage(error)} Write it as in ${example}.`);
  }
}

/** `transfer(address,uint256)` of an item. */
export const signatureOf = (item: AbiFunction | AbiEvent): string => formatAbiItem(item as AbiFunction);

function inAbi<Kind extends "function" | "event">(kind: Kind, name: string, abi: Abi): ItemOf<Kind> {
  const all = abi.filter((item): item is AbiFunction => item.type === kind);
  const matches = all.filter((item) => item.name === name || signatureOf(item) === name
    || (kind === "function" && toFunctionSelector(item) === name));
  if (matches.length === 1) return matches[0]! as ItemOf<Kind>;
  const candidates = (matches.length ? matches : all).map(signatureOf);
  const listed = candidates.slice(0, 12).join(", ") + (candidates.length > 12 ? `, and ${candidates.length - 12} more` : "");
  throw new UserFault(matches.length
    ? `"${name}" is overloaded: name one by its signature: ${listed}.`
    : `The ABI has no ${kind} "${name}". It has ${listed || "none"}.`);
}

/** The text may be a name, a signature, or a whole declaration; with an ABI the first two are looked up in it. @throws {UserFault} */
export function findItem<Kind extends "function" | "event">(kind: Kind, text: string, abi?: readonly Record<string, unknown>[]): ItemOf<Kind> {
  if (abi && !/\breturns\b|\bindexed\b/.test(text)) return inAbi(kind, text.trim(), checkedAbi(abi));
  if (!text.includes("(")) throw new UserFault(`"${text}" is only a name: give the ${kind}'s declaration with its types, or pass the contract's JSON ABI in "abi".`);
  return parsed(kind, text);
}

/** The constructor of an ABI; one without parameters where the ABI has none. */
export function constructorOf(abi: readonly Record<string, unknown>[]): AbiConstructor {
  const found = checkedAbi(abi).find((item) => item.type === "constructor");
  return (found as AbiConstructor | undefined) ?? { type: "constructor", inputs: [], stateMutability: "nonpayable" };
}

const hasParams = (value: unknown): boolean =>
  Array.isArray(value) && value.every((param) => typeof param === "object" && param !== null && typeof (param as { type?: unknown }).type === "string");

/** A JSON ABI, checked as far as our use of it goes. @throws {UserFault} naming the entry */
export function checkedAbi(abi: readonly Record<string, unknown>[]): Abi {
  abi.forEach((entry, i) => {
    const kind = entry.type;
    const named = kind === "function" || kind === "event" || kind === "error";
    if (named && (typeof entry.name !== "string" || !hasParams(entry.inputs ?? []))) {
      throw new UserFault(`abi[${i}]: a ${kind} wants "name" and "inputs" with a "type" each. Pass the ABI as the compiler gives it.`);
    }
    if (kind === "function" && !hasParams(entry.outputs ?? [])) throw new UserFault(`abi[${i}] ("${entry.name}"): "outputs" wants a "type" each.`);
    if (kind === "constructor" && !hasParams(entry.inputs ?? [])) throw new UserFault(`abi[${i}]: the constructor's "inputs" want a "type" each.`);
  });
  return abi.map((entry) => ({ inputs: [], ...(entry.type === "function" ? { outputs: [], stateMutability: "nonpayable" } : {}), ...entry })) as unknown as Abi;
}
