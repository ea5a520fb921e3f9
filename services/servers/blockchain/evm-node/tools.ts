/** What this server offers. */
import { callContract } from "./tools/call-contract.ts";
import { estimateGas } from "./tools/estimate-gas.ts";
import { getBalance } from "./tools/get-balance.ts";
import { getBlock } from "./tools/get-block.ts";
import { getChainStatus } from "./tools/get-chain-status.ts";
import { getCode } from "./tools/get-code.ts";
import { getGasPrice } from "./tools/get-gas-price.ts";
import { getLogs } from "./tools/get-logs.ts";
import { getStorage } from "./tools/get-storage.ts";
import { getTransaction } from "./tools/get-transaction.ts";

export const tools = [callContract, estimateGas, getBalance, getBlock, getChainStatus, getCode, getGasPrice, getLogs, getStorage, getTransaction];
