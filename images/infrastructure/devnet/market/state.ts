/** A dump of anvil's, made small and the same each time. Pure. */

interface Dump {
  blocks: { header: { number: string } }[];
  transactions: { block_number: number; info: { transaction_index: number; traces: unknown[]; out: unknown } }[];
}

/**
 * Anvil writes blocks and transactions in no order. Call traces and the code that deployments answered are most of a dump and
 * serve nobody here; receipts and their logs stay, so that pools can be found by the events of their making.
 *
 * @param dump JSON text; its numbers are small, whatever may be large is hexadecimal text
 */
export function tidyState(dump: string): string {
  const state = JSON.parse(dump) as Dump;
  const blocks = state.blocks.toSorted((a, b) => Number(a.header.number) - Number(b.header.number));
  const transactions = state.transactions
    .map((transaction) => ({ ...transaction, info: { ...transaction.info, traces: [], out: null } }))
    .toSorted((a, b) => a.block_number - b.block_number || a.info.transaction_index - b.info.transaction_index);
  return JSON.stringify({ ...state, blocks, transactions });
}
