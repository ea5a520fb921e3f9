/** A local chain for tests: anvil on a loopback port of its own, ended with the suite. */
import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Address, Hex } from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import { connectChain, type ChainClient } from "../evm-client.ts";

const ARCHITECTURES: Record<string, string> = { x64: "amd64", arm64: "arm64" };

export interface TestChain {
  url: string;
  chain: ChainClient;
  /** Unlocked accounts with 10 000 ether each. */
  accounts: Address[];
  /** Sends from an unlocked account and waits for its block. @returns the receipt */
  send(transaction: { from: Address; to?: Address; data?: Hex; value?: bigint }): Promise<Awaited<ReturnType<typeof waitForTransactionReceipt>>>;
  /** Mines empty blocks. */
  mine(blocks: number): Promise<void>;
  stop(): void;
}

function binary(): string {
  const name = `@foundry-rs/anvil-${process.platform}-${ARCHITECTURES[process.arch]}`;
  return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "bin", "anvil");
}

function listening(anvil: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let printed = "";
    anvil.stdout!.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      const port = /Listening on \S+:(\d+)/.exec(printed)?.[1];
      if (!port) return;
      (anvil.stdout as unknown as { unref(): void }).unref();
      resolve(Number(port));
    });
    anvil.once("error", reject);
    anvil.once("exit", (code) => reject(new Error(`anvil ended with ${code} before it listened: ${printed}`)));
  });
}

export async function startChain(...options: string[]): Promise<TestChain> {
  const anvil = spawn(binary(), ["--host", "127.0.0.1", "--port", "0", ...options], { stdio: ["ignore", "pipe", "ignore"] });
  // A suite that fails before it can stop the chain must still end.
  anvil.unref();
  const stop = (): void => void anvil.kill("SIGKILL");
  process.once("exit", stop);
  const url = `http://127.0.0.1:${await listening(anvil)}`;
  const chain = connectChain(url);
  const request = chain.request as (call: { method: string; params?: unknown[] }) => Promise<unknown>;
  const accounts = await request({ method: "eth_accounts" }) as Address[];
  return {
    url, chain, accounts, stop,
    async send({ value, ...transaction }) {
      const hash = await request({ method: "eth_sendTransaction", params: [{ ...transaction, ...(value === undefined ? {} : { value: `0x${value.toString(16)}` }) }] }) as Hex;
      return await waitForTransactionReceipt(chain, { hash, pollingInterval: 20 });
    },
    async mine(blocks) {
      await request({ method: "anvil_mine", params: [`0x${blocks.toString(16)}`] });
    },
  };
}
