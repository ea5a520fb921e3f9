import type { ChainClient } from "../../shared/evm-client.ts";

export interface Deps {
  chain: ChainClient;
}
