/** What this server offers. */
import { checksumAddress } from "./tools/checksum-address.ts";
import { computeCreateAddress } from "./tools/compute-create-address.ts";
import { computeSelector } from "./tools/compute-selector.ts";
import { convertSchema } from "./tools/convert-schema.ts";
import { convertTime } from "./tools/convert-time.ts";
import { convertUnits } from "./tools/convert-units.ts";
import { decodeAbi } from "./tools/decode-abi.ts";
import { encodeAbi } from "./tools/encode-abi.ts";
import { hashData } from "./tools/hash-data.ts";

export const tools = [
  checksumAddress, computeCreateAddress, computeSelector, convertSchema, convertTime, convertUnits, decodeAbi, encodeAbi, hashData,
];
