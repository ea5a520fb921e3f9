/** What anvil can do beside being a chain: go back, and go on. */
import { failed, misused } from "../system/failure.ts";

const TIMEOUT_MS = 15_000;
const MOST_BLOCKS = 100_000;

/** @throws {Failure} with exit code 1 when the chain does not answer, or refuses */
async function call<T>(url: string, method: string, params: readonly unknown[]): Promise<T> {
  let answer: { result?: T; error?: { message: string } };
  try {
    const response = await fetch(url, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    answer = await response.json() as typeof answer;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw failed(`the devnet at ${url} does not answer (${cause instanceof Error ? cause.message : String(cause)}): "./mcp status" shows what runs.`, { cause: error });
  }
  if (answer.error) throw failed(`the devnet refused ${method}: ${answer.error.message}`);
  return answer.result as T;
}

export const blockNumber = async (url: string): Promise<number> => Number(await call<string>(url, "eth_blockNumber", []));

/** @returns the snapshot's id, as in `0x0` */
export const takeSnapshot = (url: string): Promise<string> => call<string>(url, "evm_snapshot", []);

/**
 * Goes back to a snapshot. Going back uses it up, and every later one: so the same state is kept under a new id at once.
 *
 * @returns that id
 * @throws {Failure} with exit code 2 when there is no such snapshot
 */
export async function revertTo(url: string, id: string): Promise<string> {
  if (!/^0x[0-9a-f]{1,64}$/.test(id)) throw misused(`"${id}" is no snapshot: give the id that "./mcp devnet snapshot" printed, as in 0x0.`);
  if (!await call<boolean>(url, "evm_revert", [id])) {
    throw misused(`there is no snapshot ${id}: it was used, or a restart of the chain forgot it. "./mcp devnet snapshot" takes one.`);
  }
  return takeSnapshot(url);
}

/** Mines empty blocks, and what waits in the first. @returns the newest block */
export async function mine(url: string, blocks: number): Promise<number> {
  await call(url, "anvil_mine", [`0x${blocks.toString(16)}`]);
  return blockNumber(url);
}

/** @throws {Failure} with exit code 2 unless it is a number of blocks */
export function parseBlocks(word: string | undefined): number {
  const blocks = Number(word ?? 1);
  if (!Number.isInteger(blocks) || blocks < 1 || blocks > MOST_BLOCKS || word === "") {
    throw misused(`"${word}" is no number of blocks: give 1 to ${MOST_BLOCKS}, as in "./mcp devnet mine 10".`);
  }
  return blocks;
}
