import type { ChainClient } from "../../shared/evm-client.ts";
import type { Compiler } from "./compiler.ts";

export interface Deps {
  compiler: Compiler;
  chain: ChainClient;
  /** Chain id of the local chain; null where there is none, and then nothing is ever sent. */
  devnetChainId: number | null;
}
