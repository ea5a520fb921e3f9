import { createHash } from "node:crypto";
import type { Hex } from "viem";
import { bytesToHex, keccak256, ripemd160 } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";

const openssl = (name: string) => (bytes: Uint8Array): Hex => `0x${createHash(name).update(bytes).digest("hex")}`;

/** keccak256 and sha3-256 differ in their padding: Ethereum uses the first. OpenSSL 3 has ripemd160 only as a legacy provider. */
const ALGORITHMS = {
  keccak256: (bytes) => keccak256(bytes),
  sha256: openssl("sha256"),
  sha512: openssl("sha512"),
  "sha3-256": openssl("sha3-256"),
  blake2b512: openssl("blake2b512"),
  ripemd160: (bytes) => bytesToHex(ripemd160(bytes, "bytes")),
} as const satisfies Record<string, (bytes: Uint8Array) => Hex>;
type Algorithm = keyof typeof ALGORITHMS;

const READERS = {
  utf8: (text: string) => Buffer.from(text, "utf8"),
  hex: (text: string) => {
    const digits = text.startsWith("0x") ? text.slice(2) : text;
    if (!/^([0-9a-fA-F]{2})*$/.test(digits)) throw new UserFault("data is not hex: give an even number of hex digits, or set encoding to utf8.");
    return Buffer.from(digits, "hex");
  },
  base64: (text: string) => {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw new UserFault("data is not padded base64: correct it, or set encoding to utf8 or hex.");
    return Buffer.from(text, "base64");
  },
} as const;

export const hashData = defineTool<null>()({
  name: "hash_data",
  title: "Hash data",
  description: "Hashes text or bytes with keccak256 (Ethereum), sha256, sha512, sha3-256, blake2b512 or ripemd160.",
  input: z.strictObject({
    data: z.string().max(1_000_000).describe("What to hash, in the encoding given."),
    encoding: z.enum(["utf8", "hex", "base64"]).default("utf8").describe("How `data` is written. Text beginning with 0x is hashed as text unless this says hex."),
    algorithm: z.enum(Object.keys(ALGORITHMS) as [Algorithm, ...Algorithm[]]).default("keccak256").describe("Hash function."),
  }),
  output: z.object({
    hash: z.string().describe("The digest, 0x-prefixed."),
    inputBytes: z.int().describe("Number of bytes that were hashed."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ data, encoding, algorithm }) {
    const bytes = READERS[encoding](data);
    return { hash: ALGORITHMS[algorithm](bytes), inputBytes: bytes.length };
  },
});
