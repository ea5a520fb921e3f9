import { keccak256, size } from "viem/utils";
import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { AbiArgs } from "../../../shared/evm-schemas.ts";
import { CodeInput, creationCode, deploymentData } from "../contract-code.ts";
import type { Deps } from "../deps.ts";

/** EIP-3860. */
const MAX_INIT_CODE_BYTES = 49_152;

export const encodeDeploy = defineTool<Pick<Deps, "compiler">>()({
  name: "encode_deploy",
  title: "Encode a deployment",
  description: "Builds the data of a deployment, creation code with the constructor's arguments, and its hash for CREATE2. Nothing is sent; deploy_contract goes on from here.",
  input: z.strictObject({
    ...CodeInput,
    args: AbiArgs.default([]).describe("Constructor arguments."),
  }),
  output: z.object({
    data: z.string().describe("Init code, 0x-prefixed."),
    byteLength: z.int().describe("Length in bytes."),
    exceedsSizeLimit: z.boolean().describe("Longer than 49 152 bytes (EIP-3860): Ethereum refuses it."),
    initCodeHash: z.string().describe("keccak256 of the init code: toolbox's compute_create_address predicts a CREATE2 address from it."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler(input, { deps, signal }) {
    const data = deploymentData(await creationCode(deps, input, signal), input.args);
    return { data, byteLength: size(data), exceedsSizeLimit: size(data) > MAX_INIT_CODE_BYTES, initCodeHash: keccak256(data) };
  },
});
