/**
 * ABI values as JSON and back. Integers travel as decimal strings, bytes as 0x hex, tuples as objects when every
 * component has a name (else as arrays), so that nothing is lost between a JSON number's 2^53 and a uint256.
 */
import type { AbiParameter } from "viem";
import { getAddress, isAddress } from "viem/utils";
import { UserFault } from "../../kit/errors.ts";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

type Tuple = AbiParameter & { components?: readonly AbiParameter[] };

/** `uint256[3][]` → element type `uint256[3]`, length null (dynamic). Null for a type that is no array. */
function arrayOf(param: Tuple): { element: Tuple; length: number | null } | null {
  const match = /^(.*)\[(\d*)\]$/.exec(param.type);
  if (!match) return null;
  return { element: { ...param, type: match[1]! } as Tuple, length: match[2] ? Number(match[2]) : null };
}

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
};

function integer(type: string, value: unknown, path: string): bigint {
  const wanted = `${path} (${type}): give an integer as a decimal or 0x string, found ${show(value)}.`;
  let parsed: bigint;
  if (typeof value === "string" && /^(-?\d+|0x[0-9a-fA-F]+)$/.test(value)) parsed = BigInt(value);
  else if (typeof value === "number" && Number.isSafeInteger(value)) parsed = BigInt(value);
  else throw new UserFault(wanted);
  const bits = Number(/\d+$/.exec(type)?.[0] ?? 256);
  const [low, high] = type.startsWith("u")
    ? [0n, (1n << BigInt(bits)) - 1n]
    : [-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n];
  if (parsed < low || parsed > high) throw new UserFault(`${path}: ${parsed} is outside ${type} (${low} to ${high}).`);
  return parsed;
}

function bytes(type: string, value: unknown, path: string): string {
  if (typeof value !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(value)) {
    throw new UserFault(`${path} (${type}): give bytes as 0x and an even number of hex digits, found ${show(value)}.`);
  }
  const size = Number(/\d+$/.exec(type)?.[0] ?? 0);
  const given = (value.length - 2) / 2;
  if (size && given !== size) throw new UserFault(`${path} (${type}): wants exactly ${size} bytes, found ${given}. Pad it yourself: left for numbers, right for text.`);
  return value.toLowerCase();
}

/** One JSON value as viem wants it. `path` names the value in errors. @throws {UserFault} naming the path and what is allowed */
export function valueFromJson(param: Tuple, value: unknown, path: string): unknown {
  const array = arrayOf(param);
  if (array) {
    if (!Array.isArray(value)) throw new UserFault(`${path} (${param.type}): give an array, found ${show(value)}.`);
    if (array.length !== null && value.length !== array.length) {
      throw new UserFault(`${path} (${param.type}): wants ${array.length} elements, found ${value.length}.`);
    }
    return value.map((item, i) => valueFromJson(array.element, item, `${path}[${i}]`));
  }
  if (param.type === "tuple") return tupleFromJson(param, value, path);
  if (/^u?int\d*$/.test(param.type)) return integer(param.type, value, path);
  if (/^bytes\d*$/.test(param.type)) return bytes(param.type, value, path);
  if (param.type === "bool") {
    if (typeof value !== "boolean") throw new UserFault(`${path} (bool): give true or false, found ${show(value)}.`);
    return value;
  }
  if (param.type === "address") {
    if (typeof value !== "string" || !isAddress(value)) {
      throw new UserFault(`${path} (address): give 0x and 40 hex digits, in lower case or with a right checksum, found ${show(value)}.`);
    }
    return getAddress(value);
  }
  if (param.type === "string") {
    if (typeof value !== "string") throw new UserFault(`${path} (string): give a string, found ${show(value)}.`);
    return value;
  }
  throw new UserFault(`${path}: ABI type "${param.type}" is not known. Give elementary types, arrays of them, or tuples.`);
}

function tupleFromJson(param: Tuple, value: unknown, path: string): unknown {
  const components = param.components ?? [];
  if (Array.isArray(value)) return valuesFromJson(components, value, path);
  if (typeof value !== "object" || value === null) {
    throw new UserFault(`${path} (tuple): give an object with the components' names or an array, found ${show(value)}.`);
  }
  const fields = value as Record<string, unknown>;
  const names = components.map((component) => component.name ?? "");
  const unknown = Object.keys(fields).find((key) => !names.includes(key));
  if (unknown !== undefined) throw new UserFault(`${path}.${unknown}: no such component; this tuple has ${names.join(", ") || "none with a name"}.`);
  return Object.fromEntries(components.map((component, i) => {
    const name = component.name;
    if (!name) throw new UserFault(`${path}: component ${i} has no name, so give this tuple as an array.`);
    if (!Object.hasOwn(fields, name)) throw new UserFault(`${path}.${name}: is missing (${component.type}).`);
    return [name, valueFromJson(component, fields[name], `${path}.${name}`)];
  }));
}

/** A list of JSON values as viem wants it. @throws {UserFault} on a wrong count or value */
export function valuesFromJson(params: readonly AbiParameter[], values: readonly unknown[], path = "args"): unknown[] {
  if (values.length !== params.length) {
    const wanted = params.map((param) => `${param.type}${param.name ? ` ${param.name}` : ""}`).join(", ");
    throw new UserFault(`${path}: wants ${params.length} value(s) (${wanted}), found ${values.length}.`);
  }
  return params.map((param, i) => valueFromJson(param, values[i], `${path}[${i}]`));
}

/** A decoded value as JSON. */
export function valueToJson(param: Tuple, value: unknown): Json {
  const array = arrayOf(param);
  if (array) return (value as unknown[]).map((item) => valueToJson(array.element, item));
  if (param.type === "tuple") {
    const components = param.components ?? [];
    if (Array.isArray(value)) return components.map((component, i) => valueToJson(component, value[i]));
    const fields = value as Record<string, unknown>;
    return Object.fromEntries(components.map((component) => [component.name!, valueToJson(component, fields[component.name!])]));
  }
  return typeof value === "bigint" || typeof value === "number" ? value.toString() : (value as Json);
}

/** Name, type and value of each decoded parameter, in order. */
export function valuesToJson(params: readonly AbiParameter[], values: readonly unknown[]): { name: string; type: string; value: Json }[] {
  return params.map((param, i) => ({ name: param.name ?? "", type: param.type, value: valueToJson(param, values[i]) }));
}
