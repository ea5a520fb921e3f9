/** The node's answers as the hot path needs them, checked against what was asked. */
import type { Address, Hex } from "viem";
import { headOf, hexOf, logsOf, quantity, receiptOf, type Head, type Log, type Receipt } from "./answers.ts";
import { demandAllLogs } from "./bloom.ts";
import { ChainFault } from "./fault.ts";
import type { Rpc } from "./rpc.ts";

/** A block by its hash, so that an answer is about this block or none (EIP-1898). */
export const atBlock = (hash: Hex): { blockHash: Hex } => ({ blockHash: hash });

export interface Transaction { from: Address; to: Address; data: Hex }
export interface Simulated { output: Hex | null; reason: ChainFault | null; gas: bigint }
export interface Account { nonce: number; attempts: Map<Hex, { known: boolean; receipt: Receipt | null }> }

export class Chain {
  readonly #rpc: Rpc;
  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  /** @throws {ChainFault} `wrong_chain` */
  async demandChain(chainId: number): Promise<void> {
    const found = Number(quantity(await this.#rpc.request("eth_chainId"), "A chain id"));
    if (found !== chainId) throw new ChainFault("wrong_chain", `The node is on chain ${found}, and the market's address book is for ${chainId}: set MCP_RPC_URL to a node of chain ${chainId}.`);
  }

  async latest(): Promise<Head> {
    return headOf(await this.#rpc.request("eth_getBlockByNumber", "latest", false));
  }

  /** @throws {ChainFault} `block_gone` where the node knows none, `malformed_answer` where it tells another */
  async head(hash: Hex): Promise<Head> {
    const answer = await this.#rpc.request("eth_getBlockByHash", hash, false);
    if (answer === null) throw new ChainFault("block_gone", `The node does not know block ${hash}.`);
    const head = headOf(answer);
    if (head.hash !== hash) throw new ChainFault("malformed_answer", `Asked for block ${hash}, the node tells ${head.hash}.`);
    return head;
  }

  /**
   * The blocks from just above the nearest one that is known up to this, oldest first.
   *
   * @throws {ChainFault} `gap_too_wide` where none of the last `most` is known, `malformed_answer` where numbers do not count up
   */
  async branch(head: Head, knows: (hash: Hex) => boolean, most: number): Promise<Head[]> {
    const heads = [head];
    while (!knows(heads[0]!.parentHash)) {
      if (heads.length >= most) throw new ChainFault("gap_too_wide", `None of the ${most} blocks up to ${head.number} (${head.hash}) is a child of one that is known.`);
      const parent = await this.head(heads[0]!.parentHash);
      if (parent.number !== heads[0]!.number - 1) throw new ChainFault("malformed_answer", `Block ${heads[0]!.number} has a parent with the number ${parent.number}.`);
      heads.unshift(parent);
    }
    return heads;
  }

  /** All logs of some blocks, by block. @throws {ChainFault} `missing_logs`, `foreign_log`, and what a request throws */
  async logs(heads: readonly Head[]): Promise<Log[][]> {
    const answers = await this.#rpc.together(heads.map(({ hash }) => ({ method: "eth_getLogs", params: [atBlock(hash)] })));
    return heads.map((head, at) => {
      const logs = logsOf(value(answers[at]));
      demandAllLogs(head, logs);
      return logs;
    });
  }

  /** What a view function answers at a block. */
  async read(hash: Hex, call: { to: Address; data: Hex }): Promise<Hex> {
    return hexOf(await this.#rpc.request("eth_call", call, atBlock(hash)), "What a call answers");
  }

  /** The very transaction on the state of a block: what it answers, or why it reverts, and the gas it takes. */
  async simulate(transaction: Transaction, hash: Hex): Promise<Simulated> {
    const [output, gas] = await this.#rpc.together([
      { method: "eth_call", params: [transaction, atBlock(hash)] }, { method: "eth_estimateGas", params: [transaction, atBlock(hash)] },
    ]);
    for (const answer of [output, gas]) {
      if (!(answer instanceof ChainFault)) continue;
      if (answer.reason !== "refused") throw answer;
      return { output: null, reason: answer, gas: 0n };
    }
    return { output: hexOf(output, "What a call answers"), reason: null, gas: quantity(gas, "An estimate of gas") };
  }

  /** How many transactions of an account are mined, and what has become of some. */
  async account(address: Address, hashes: readonly Hex[]): Promise<Account> {
    const [nonce, ...answers] = await this.#rpc.together([
      { method: "eth_getTransactionCount", params: [address, "latest"] },
      ...hashes.flatMap((hash) => [{ method: "eth_getTransactionByHash", params: [hash] }, { method: "eth_getTransactionReceipt", params: [hash] }]),
    ]);
    const attempts = hashes.map((hash, at) => {
      const receipt = receiptOf(value(answers[2 * at + 1]));
      if (receipt && receipt.hash !== hash) throw new ChainFault("malformed_answer", `Asked for the receipt of ${hash}, the node tells that of ${receipt.hash}.`);
      return [hash, { known: value(answers[2 * at]) !== null, receipt }] as const;
    });
    return { nonce: Number(quantity(value(nonce), "A count of transactions")), attempts: new Map(attempts) };
  }

  /** @returns its hash @throws {ChainFault} `refused` with the node's words */
  async send(raw: Hex): Promise<Hex> {
    return hexOf(await this.#rpc.request("eth_sendRawTransaction", raw), "A transaction's hash", 32);
  }
}

function value(answer: unknown): unknown {
  if (answer instanceof ChainFault) throw answer;
  return answer;
}
