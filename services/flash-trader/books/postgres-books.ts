/** The books in PostgreSQL. Its schema is in migrations/. */
import type { Pool } from "pg";
import type { Hex } from "viem";
import { FINAL_STATUSES, type Books, type Outcome, type Signature, type Status, type Trade } from "./books.ts";

/** Integers beyond 2^53 come as text. */
interface Row {
  key: string; chain_id: string; block: string; block_hash: Hex; account: string; token: string; pools: string[]; lender: Trade["lender"]; lender_address: string;
  amount: string; predicted_profit: string; predicted_gas_cost: string; mode: Trade["mode"]; plan_id: string; status: Status; reason: string | null;
  hash: Hex | null; mined_block: string; mined_block_hash: Hex; gas_used: string; gas_cost: string; profit: string; found_at: Date; changed_at: Date;
  signatures: SignatureRow[] | null;
}
/** As json, in which large integers are text by the query's doing. */
interface SignatureRow {
  hash: Hex; kind: Signature["kind"]; nonce: number; raw: Hex; sent_at_block: number; deadline_block: number;
  max_fee_per_gas: string; max_priority_fee_per_gas: string; most_fee_per_gas: string;
}

/** 60 bits of the ledger's before 64 of the trade's number. */
const PLAN_ID = "(('x' || substr(replace(ledger.id::text, '-', ''), 1, 15))::bit(60)::bigint::numeric * 18446744073709551616 + t.number)::numeric(78)";
const TRADES = `select t.*, ${PLAN_ID}::text as plan_id, (
    select json_agg(json_build_object('hash', s.hash, 'kind', s.kind, 'nonce', s.nonce, 'raw', s.raw, 'sent_at_block', s.sent_at_block,
      'deadline_block', s.deadline_block, 'max_fee_per_gas', s.max_fee_per_gas::text, 'max_priority_fee_per_gas', s.max_priority_fee_per_gas::text,
      'most_fee_per_gas', s.most_fee_per_gas::text) order by s.number) from trading.signatures s where s.key = t.key) as signatures
  from trading.trades t cross join trading.ledger`;

export class PostgresBooks implements Books {
  readonly #pool: Pool;
  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async claim(found: Parameters<Books["claim"]>[0]): Promise<bigint | null> {
    const { rows } = await this.#pool.query<{ plan_id: string }>(`
      with t as (
        insert into trading.trades (key, chain_id, block, block_hash, account, token, pools, lender, lender_address, amount, predicted_profit, predicted_gas_cost, mode)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (key) do nothing returning number
      ) select ${PLAN_ID}::text as plan_id from t cross join trading.ledger`, [
      found.key, found.chainId, found.block, found.blockHash, found.account, found.token, found.pools, found.lender, found.lenderAddress,
      found.amount, found.predictedProfit, found.predictedGasCost, found.mode,
    ]);
    return rows[0] ? BigInt(rows[0].plan_id) : null;
  }

  async sign(key: string, { hash, nonce, kind, raw, fees, sentAt, deadlineBlock, mostFeePerGas }: Signature): Promise<void> {
    await this.#pool.query(`
      with signed as (
        insert into trading.signatures (hash, key, nonce, kind, raw, max_fee_per_gas, max_priority_fee_per_gas, sent_at_block, deadline_block, most_fee_per_gas)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      ) update trading.trades set status = 'signed', changed_at = now() where key = $2 and status = 'claimed'`,
    [hash, key, nonce, kind, raw, fees.maxFeePerGas, fees.maxPriorityFeePerGas, sentAt, deadlineBlock, mostFeePerGas]);
  }

  async record(key: string, status: Status, { reason, outcome }: { reason?: string; outcome?: Outcome | null } = {}): Promise<boolean> {
    const { rowCount } = await this.#pool.query(`
      update trading.trades set status = $2, reason = coalesce($3, reason), changed_at = now(),
        hash = case when $4 then $5 else hash end, mined_block = case when $4 then $6 else mined_block end,
        mined_block_hash = case when $4 then $7 else mined_block_hash end, gas_used = case when $4 then $8 else gas_used end,
        gas_cost = case when $4 then $9 else gas_cost end, profit = case when $4 then $10 else profit end
      where key = $1 and status <> all ($11::text[])`, [
      key, status, reason ?? null, outcome !== undefined, outcome?.hash ?? null, outcome?.blockNumber ?? null, outcome?.blockHash ?? null,
      outcome?.gasUsed ?? null, outcome?.gasCost ?? null, outcome?.profit ?? null, FINAL_STATUSES,
    ]);
    return rowCount === 1;
  }

  async open(chainId: number, account: string): Promise<Trade[]> {
    const { rows } = await this.#pool.query<Row>(`${TRADES} where t.chain_id = $1 and t.account = $2 and t.status in ('claimed', 'signed', 'sent', 'mined') order by t.number`, [chainId, account]);
    return rows.map(tradeOf);
  }

  async get(key: string): Promise<Trade | null> {
    const { rows } = await this.#pool.query<Row>(`${TRADES} where t.key = $1`, [key]);
    return rows[0] ? tradeOf(rows[0]) : null;
  }

  async list({ limit, before }: { limit: number; before?: bigint }): Promise<Trade[]> {
    const { rows } = await this.#pool.query<Row>(`${TRADES} where $2::bigint is null or t.number < $2 order by t.number desc limit $1`, [limit, before === undefined ? null : before & 0xffffffffffffffffn]);
    return rows.map(tradeOf);
  }

  async spendings(chainId: number, account: string, since: Date): ReturnType<Books["spendings"]> {
    const { rows } = await this.#pool.query<{ changed_at: Date; gas_cost: string; profit: string }>(
      "select changed_at, gas_cost, profit from trading.trades where chain_id = $1 and account = $2 and hash is not null and changed_at > $3 order by changed_at", [chainId, account, since]);
    return rows.map(({ changed_at, gas_cost, profit }) => ({
      atMs: changed_at.getTime(), gas: BigInt(gas_cost), net: BigInt(profit) - BigInt(gas_cost), reverted: BigInt(profit) === 0n,
    }));
  }

  async forgetUnsent(before: Date): Promise<number> {
    const { rowCount } = await this.#pool.query("delete from trading.trades where status in ('refused', 'rehearsed', 'abandoned') and changed_at < $1", [before]);
    return rowCount ?? 0;
  }
}

function tradeOf(row: Row): Trade {
  return {
    key: row.key, chainId: Number(row.chain_id), block: Number(row.block), blockHash: row.block_hash, account: row.account, token: row.token, pools: row.pools,
    lender: row.lender, lenderAddress: row.lender_address, amount: BigInt(row.amount), predictedProfit: BigInt(row.predicted_profit),
    predictedGasCost: BigInt(row.predicted_gas_cost), mode: row.mode, planId: BigInt(row.plan_id), status: row.status, reason: row.reason,
    signatures: (row.signatures ?? []).map(({ hash, kind, nonce, raw, sent_at_block, deadline_block, max_fee_per_gas, max_priority_fee_per_gas, most_fee_per_gas }) => ({
      hash, kind, nonce, raw, sentAt: sent_at_block, deadlineBlock: deadline_block, mostFeePerGas: BigInt(most_fee_per_gas),
      fees: { maxFeePerGas: BigInt(max_fee_per_gas), maxPriorityFeePerGas: BigInt(max_priority_fee_per_gas) },
    })),
    outcome: row.hash === null ? null : {
      hash: row.hash, blockNumber: Number(row.mined_block), blockHash: row.mined_block_hash,
      gasUsed: BigInt(row.gas_used), gasCost: BigInt(row.gas_cost), profit: BigInt(row.profit),
    },
    foundAt: row.found_at, changedAt: row.changed_at,
  };
}
