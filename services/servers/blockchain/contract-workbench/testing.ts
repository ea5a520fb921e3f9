/** What the tests of the tools share: a chain and a compiler. */
import { startChain, type TestChain } from "../../shared/testing/anvil.ts";
import { Compiler } from "./compiler.ts";
import type { Deps } from "./deps.ts";

/** One for all suites, because loading it takes longer than most of them; it keeps no process alive. */
export const compiler = new Compiler();

export interface Bench extends TestChain {
  deps: Deps;
}

export async function startBench(devnetChainId: number | null = 31_337): Promise<Bench> {
  const network = await startChain();
  return { ...network, deps: { compiler, chain: network.chain, devnetChainId } };
}

export const PRAGMA = "// SPDX-License-Identifier: Apache-2.0\npragma solidity ^0.8.20;\n";

/** Counts by a step that the constructor fixes; refuses zero. */
export const COUNTER = `${PRAGMA}
contract Counter {
  error Refused(uint256 by);
  uint256 public total;
  uint256 public immutable step;
  constructor(uint256 step_) payable { require(step_ != 0, "step is zero"); step = step_; total = 100; }
  function add(uint256 times) external returns (uint256) { if (times == 0) revert Refused(times); total += times * step; return total; }
  function clear() external { delete total; }
}
`;
