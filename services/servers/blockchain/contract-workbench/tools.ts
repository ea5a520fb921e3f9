/** What this server offers. */
import { compileSolidity } from "./tools/compile-solidity.ts";
import { decodeCall } from "./tools/decode-call.ts";
import { decodeOutput } from "./tools/decode-output.ts";
import { deployContract } from "./tools/deploy-contract.ts";
import { encodeCall } from "./tools/encode-call.ts";
import { encodeDeploy } from "./tools/encode-deploy.ts";
import { reportGas } from "./tools/report-gas.ts";
import { verifyBytecode } from "./tools/verify-bytecode.ts";

export const tools = [compileSolidity, decodeCall, decodeOutput, deployContract, encodeCall, encodeDeploy, reportGas, verifyBytecode];
