/** Trades as transactions. Pure. Everything in them is fixed, so the same trade has the same hash. */
import type { Address, Hex } from "viem";
import { encodeFunctionData, numberToHex, parseAbi } from "viem/utils";
import type { Trade } from "./decide.ts";

const V2_ROUTER = parseAbi([
  "function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[])",
]);
const V3_ROUTER = parseAbi([
  "struct Swap { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96; }",
  "function exactInputSingle(Swap params) returns (uint256)",
]);

/** The same for all, because anvil loses later transactions of a sender whose gas limits differ when a block is full. */
const GAS = 1_000_000n;
/** More than the base fee reaches on a chain that is never half full; what is not needed is not paid. */
const MAX_FEE_PER_GAS = 1_000_000_000_000n;
const PRIORITY_FEE_PER_GAS = 1_000_000_000n;
const NO_DEADLINE = 2n ** 64n;

/** As `eth_sendTransaction` takes it. */
export interface Transaction { from: Address; to: Address; data: Hex; nonce: Hex; gas: Hex; maxFeePerGas: Hex; maxPriorityFeePerGas: Hex }

export function transactionOf(trade: Trade, trader: Address, nonce: number): Transaction {
  return {
    from: trader, to: trade.pool.router, data: callOf(trade, trader), nonce: numberToHex(nonce), gas: numberToHex(GAS),
    maxFeePerGas: numberToHex(MAX_FEE_PER_GAS), maxPriorityFeePerGas: numberToHex(PRIORITY_FEE_PER_GAS),
  };
}

function callOf({ pool, tokenIn, tokenOut, amountIn, sqrtPriceLimitX96 }: Trade, recipient: Address): Hex {
  return pool.state.kind === "v2"
    ? encodeFunctionData({ abi: V2_ROUTER, functionName: "swapExactTokensForTokens", args: [amountIn, 0n, [tokenIn, tokenOut], recipient, NO_DEADLINE] })
    : encodeFunctionData({
      abi: V3_ROUTER, functionName: "exactInputSingle",
      args: [{ tokenIn, tokenOut, fee: pool.feePpm, recipient, deadline: NO_DEADLINE, amountIn, amountOutMinimum: 0n, sqrtPriceLimitX96 }],
    });
}
