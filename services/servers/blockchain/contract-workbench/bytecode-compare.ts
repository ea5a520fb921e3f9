/** Compares compiled with deployed code, byte by byte, leaving out what may differ rightly. */
import type { Hex } from "viem";
import type { Immutable } from "./solidity.ts";

export interface Region { start: number; length: number }
export interface Difference { offset: number; length: number; compiled: string; deployed: string }

export interface Comparison {
  /** exact: the same bytes, immutables aside. ignoringMetadata: only metadata differs. */
  match: "exact" | "ignoringMetadata" | "different";
  differences: Difference[];
  /** Values that the constructor put in place of immutables. */
  immutables: { offset: number; value: string }[];
}

/** Metadata: CBOR `{ipfs: 34 bytes, solc: 3 bytes}`, its length in the last two bytes (Solidity docs, "Contract Metadata"). */
export function metadataRegion(code: Uint8Array): Region | null {
  if (code.length < 4) return null;
  const length = code[code.length - 2]! * 256 + code[code.length - 1]!;
  const start = code.length - 2 - length;
  return start >= 0 && length > 0 && code[start]! >> 5 === 5 ? { start, length: length + 2 } : null;
}

/** `0.8.20` out of a contract's metadata; null where there is none. */
export function solcVersionIn(code: Uint8Array): string | null {
  const region = metadataRegion(code);
  if (!region) return null;
  const tail = Buffer.from(code.subarray(region.start));
  const at = tail.indexOf(Buffer.from("dsolcC", "latin1"));
  return at < 0 ? null : [...tail.subarray(at + 6, at + 9)].join(".");
}

/** The IPFS hashes of all metadata in the code: contracts that it creates carry their own. */
function metadataHashes(code: Uint8Array): Region[] {
  const marker = Buffer.from("a2646970667358221220", "hex");
  const bytes = Buffer.from(code);
  const found: Region[] = [];
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) found.push({ start: at + marker.length, length: 32 });
  return found;
}

/** A library's code starts with PUSH20 of its own address, zero until it is deployed (call protection). */
function libraryAddress(compiled: Uint8Array): Region[] {
  return compiled[0] === 0x73 && compiled.subarray(1, 21).every((byte) => byte === 0) ? [{ start: 1, length: 20 }] : [];
}

const MAX_DIFFERENCES = 10;

function differences(compiled: Uint8Array, deployed: Uint8Array, ignored: readonly Region[]): Difference[] {
  const skip = new Uint8Array(Math.max(compiled.length, deployed.length));
  for (const { start, length } of ignored) skip.fill(1, start, start + length);
  const found: Difference[] = [];
  const part = (code: Uint8Array, from: number, to: number): string => {
    const bytes = Buffer.from(code.subarray(from, to));
    return `0x${bytes.subarray(0, 32).toString("hex")}${bytes.length > 32 ? "…" : ""}`;
  };
  for (let at = 0; at < skip.length; at++) {
    if (skip[at] || compiled[at] === deployed[at]) continue;
    let end = at + 1;
    while (end < skip.length && !skip[end] && compiled[end] !== deployed[end]) end++;
    if (found.length < MAX_DIFFERENCES) found.push({ offset: at, length: end - at, compiled: part(compiled, at, end), deployed: part(deployed, at, end) });
    at = end;
  }
  return found;
}

/** @param immutables regions of immutables and of libraries whose address the caller did not give */
export function compareRuntime(compiledHex: Hex, deployedHex: Hex, immutables: readonly Immutable[]): Comparison {
  const compiled = Buffer.from(compiledHex.slice(2), "hex");
  const deployed = Buffer.from(deployedHex.slice(2), "hex");
  const rightly = [...immutables, ...libraryAddress(compiled)];
  const values = immutables.map(({ start, length }) => ({ offset: start, value: `0x${deployed.subarray(start, start + length).toString("hex")}` }));
  if (compiled.length === deployed.length && differences(compiled, deployed, rightly).length === 0) return { match: "exact", differences: [], immutables: values };

  const tails = [metadataRegion(compiled), metadataRegion(deployed)];
  const body = (code: Uint8Array, tail: Region | null | undefined): Uint8Array => (tail ? code.subarray(0, tail.start) : code);
  const [ours, theirs] = [body(compiled, tails[0]), body(deployed, tails[1])];
  const found = differences(ours, theirs, [...rightly, ...metadataHashes(ours)]);
  return { match: found.length === 0 ? "ignoringMetadata" : "different", differences: found, immutables: values };
}
