/** A trader on a market of its own, whose blocks are made by hand. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, Hex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { encodeFunctionData, parseAbi, toHex } from "viem/utils";
import type { Trade } from "../../services/flash-trader/books/books.ts";
import { Chain } from "../../services/market/chain/chain.ts";
import { HttpRpc, type Rpc } from "../../services/market/chain/rpc.ts";
import type { Known } from "../../services/flash-trader/decide/gates.ts";
import type { LivePermit } from "../../services/flash-trader/decide/live-permit.ts";
import { openWallet } from "../../services/flash-trader/send/wallet.ts";
import { FileBooks } from "../../services/flash-trader/testing/file-books.ts";
import type { TraderSettings } from "../../services/flash-trader/settings.ts";
import { FlashTrader } from "../../services/flash-trader/trader.ts";
import { rpc, startMarket, type RunningMarket } from "../support/market.ts";

/** The executor's owner is the eighth of anvil's accounts. */
export const OWNER_KEY = toHex(mnemonicToAccount("test test test test test test test test test test test junk", { addressIndex: 7 }).getHdKey().privateKey!);

const ETHER = 10n ** 18n;
export const SETTINGS: TraderSettings = {
  mode: "live", liveChainId: 31_337, chainId: 31_337, devnetChainId: 31_337, allowedChainIds: [31_337], tip: 10n ** 9n, mostHeadAgeMs: 60_000,
  limits: {
    leastNetProfit: ETHER / 1_000n, leastGasMultiple: 1.5, mostAmount: 1_000n * ETHER, mostReserveSharePpm: 300_000, mostGas: 3_000_000n,
    hourlyGas: ETHER, hourlyLoss: ETHER / 10n, hourlyReverts: 5,
  },
  policy: { replaceAfterBlocks: 1, dropAfterBlocks: 2, confirmations: 2 }, most: 3, sampled: 4,
};

const ABI = parseAbi([
  "function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline) returns (uint256[])",
  "function balanceOf(address) view returns (uint256)",
]);

/** What a trader has told. */
export interface Told { gates: string[]; faults: string[]; statuses: string[]; sent: Hex[]; rehearsed: number; halted: string | null; reorganised: number; opportunities: number }

export interface Running { trader: FlashTrader; told: Told; killSwitch: { answer: Known<"clear" | "set"> }; lease: { isHeld: boolean } }

export class Rig {
  readonly market: RunningMarket;
  readonly #folder = mkdtempSync(join(tmpdir(), "trader-"));
  readonly books = new FileBooks(join(this.#folder, "books"));

  constructor(market: RunningMarket) {
    this.market = market;
  }

  static async start(): Promise<Rig> {
    const rig = new Rig(await startMarket("--no-mining"));
    // The market was made long ago.
    await rig.mine();
    return rig;
  }

  async stop(): Promise<void> {
    await this.market.stop();
    rmSync(this.#folder, { recursive: true });
  }

  get booksFile(): string {
    return join(this.#folder, "books");
  }

  ask<T>(method: string, ...params: unknown[]): Promise<T> {
    return rpc<T>(this.market.url, method, params);
  }

  mine(): Promise<unknown> {
    return this.ask("evm_mine");
  }

  async head(): Promise<Hex> {
    return (await this.ask<{ hash: Hex }>("eth_getBlockByNumber", "latest", false)).hash;
  }

  async #trader(node: Rpc, settings: Partial<TraderSettings>, permit?: LivePermit): Promise<Running> {
    const told: Told = { gates: [], faults: [], statuses: [], sent: [], rehearsed: 0, halted: null, reorganised: 0, opportunities: 0 };
    const killSwitch: Running["killSwitch"] = { answer: "clear" };
    const lease = { isHeld: true };
    const trader = new FlashTrader({
      chain: new Chain(node), book: this.market.book, books: this.books, wallet: openWallet(OWNER_KEY), settings: { ...SETTINGS, ...settings }, permit,
      lease: { held: () => lease.isHeld }, killSwitch: { ask: async () => killSwitch.answer },
      watcher: {
        round: ({ opportunities }) => { told.opportunities += opportunities.length; },
        refused: (gate) => told.gates.push(gate), fault: (error) => told.faults.push((error as { reason?: string }).reason ?? String(error)),
        halted: (reason) => { told.halted = reason; }, reorganised: () => { told.reorganised++; }, rehearsed: () => { told.rehearsed++; },
        sent: (_, hash) => told.sent.push(hash), status: (_, status) => told.statuses.push(status),
      },
    });
    return { trader, told, killSwitch, lease };
  }

  /** A trader that has read the market. @param node what it asks instead of the chain itself */
  async trader(settings: Partial<TraderSettings> = {}, node: Rpc = new HttpRpc(this.market.url), permit?: LivePermit): Promise<Running> {
    const running = await this.#trader(node, settings, permit);
    await running.trader.start();
    return running;
  }

  /** Somebody buys tokens for so much WETH on a pair of the first exchange: its price and all others' fall apart. */
  async push(ethers: bigint, symbol = "USDC"): Promise<void> {
    const { book } = this.market;
    const path = ["WETH", symbol].map((name) => book.tokens.find((token) => token.symbol === name)!.address);
    const data = encodeFunctionData({ abi: ABI, functionName: "swapExactTokensForTokens", args: [ethers * ETHER, 0n, path, book.accounts.trader, 2n ** 64n] });
    await this.ask("eth_sendTransaction", { from: book.accounts.trader, to: book.uniswapV2[0]!.router, data, gas: "0xf4240" });
  }

  /** A rival's transaction that brings back what a push has moved, ahead of everybody else. */
  async backwards(ethers: bigint, symbol = "USDC"): Promise<object> {
    const { book } = this.market;
    const path = [symbol, "WETH"].map((name) => book.tokens.find((token) => token.symbol === name)!.address);
    const amount = ethers * 2_000n * 10n ** 6n;
    const data = encodeFunctionData({ abi: ABI, functionName: "swapExactTokensForTokens", args: [amount, 0n, path, book.accounts.trader, 2n ** 64n] });
    return { from: book.accounts.trader, to: book.uniswapV2[0]!.router, data, gas: "0xf4240", maxFeePerGas: "0x174876e800", maxPriorityFeePerGas: "0xba43b7400" };
  }

  /** A way to the chain's WebSocket that can be cut, as a network is: it stays cut. */
  async proxy(): Promise<{ url: string; cut(): void; close(): void }> {
    const target = Number(new URL(this.market.url).port);
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(target, "127.0.0.1");
      for (const socket of [near, far]) sockets.add(socket.on("error", () => undefined));
      near.pipe(far).pipe(near);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const cut = (): void => {
      server.close();
      for (const socket of sockets) socket.destroy();
    };
    return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, cut, close: cut };
  }

  async balance(holder: Address, block = "latest"): Promise<bigint> {
    return BigInt(await this.ask<Hex>("eth_call", { to: this.market.book.tokens[0]!.address, data: encodeFunctionData({ abi: ABI, functionName: "balanceOf", args: [holder] }) }, block));
  }

  /** A block, and the trader's round at it. */
  async round({ trader }: Running): Promise<void> {
    await this.mine();
    await trader.onHead(await this.head());
  }

  /** How many transactions the owner has on the chain. */
  async sentCount(): Promise<number> {
    return Number(await this.ask<Hex>("eth_getTransactionCount", this.market.book.accounts.executorOwner, "latest"));
  }

  async pending(): Promise<number> {
    const { pending } = await this.ask<{ pending: Record<string, Record<string, unknown>> }>("txpool_content");
    const own = Object.entries(pending).find(([account]) => account.toLowerCase() === this.market.book.accounts.executorOwner.toLowerCase());
    return Object.keys(own?.[1] ?? {}).length;
  }

  trades(): Promise<Trade[]> {
    return this.books.list({ limit: 100 });
  }
}
