import { getCreate2Address, getCreateAddress, keccak256 } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { Address, Hash, Hex } from "../../../shared/evm-schemas.ts";

export const computeCreateAddress = defineTool<null>()({
  name: "compute_create_address",
  title: "Predict a contract's address",
  description: "Predicts where a deployment lands: by deployer and nonce (CREATE), or by deployer, salt and init code (CREATE2).",
  input: z.strictObject({
    deployer: Address.describe("The creating account or factory."),
    nonce: z.int().min(0).optional().describe("CREATE: the deployer's nonce at the deployment; a contract's first is 1."),
    salt: Hash.optional().describe("CREATE2: the salt, 32 bytes."),
    initCode: Hex.optional().describe("CREATE2: creation bytecode with the constructor arguments appended."),
    initCodeHash: Hash.optional().describe("CREATE2: keccak256 of the init code, instead of it."),
  }),
  output: z.object({
    address: z.string().describe("The contract's address, checksummed."),
    opcode: z.enum(["CREATE", "CREATE2"]).describe("Which rule gave it."),
    initCodeHash: z.string().nullable().describe("CREATE2: keccak256 of the init code."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ deployer, nonce, salt, initCode, initCodeHash }) {
    const create2 = salt !== undefined || initCode !== undefined || initCodeHash !== undefined;
    if (nonce !== undefined && create2) throw new UserFault("nonce belongs to CREATE; salt, initCode and initCodeHash to CREATE2: give one group only.");
    if (nonce !== undefined) return { address: getCreateAddress({ from: deployer, nonce: BigInt(nonce) }), opcode: "CREATE" as const, initCodeHash: null };
    if (!create2) throw new UserFault("Give nonce for CREATE, or salt and initCode (or initCodeHash) for CREATE2.");
    if (!salt) throw new UserFault("CREATE2 wants a salt of 32 bytes; plain numbers are padded left.");
    if ((initCode === undefined) === (initCodeHash === undefined)) throw new UserFault("CREATE2 wants exactly one of initCode and initCodeHash.");
    const hash = initCodeHash ?? keccak256(initCode!);
    return { address: getCreate2Address({ from: deployer, salt, bytecodeHash: hash }), opcode: "CREATE2" as const, initCodeHash: hash };
  },
});
