-- Every opportunity that was taken, once: the key is taken before anything is signed.
create table trading.trades (
  key text primary key,
  chain_id bigint not null,
  block bigint not null,
  block_hash text not null,
  account text not null,
  token text not null,
  pools text[] not null,
  lender text not null,
  lender_address text not null,
  amount numeric(78) not null,
  predicted_profit numeric(78) not null,
  predicted_gas_cost numeric(78) not null,
  mode text not null check (mode in ('dry-run', 'live')),
  -- Consecutive, because the executor keeps its ids by 256 in a word: 5 000 gas where a random one takes 22 100.
  number bigint not null generated always as identity unique,
  status text not null default 'claimed' check (status in
    ('claimed', 'refused', 'rehearsed', 'abandoned', 'signed', 'sent', 'mined', 'succeeded', 'failed', 'cancelled', 'dropped', 'displaced')),
  reason text,
  -- What the chain has made of it; all or nothing, and void again while its block is gone.
  hash text,
  mined_block bigint,
  mined_block_hash text,
  gas_used numeric(78),
  gas_cost numeric(78),
  profit numeric(78),
  found_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  check (num_nulls(hash, mined_block, mined_block_hash, gas_used, gas_cost, profit) in (0, 6))
);
create index trades_open on trading.trades (chain_id, account, number)
  where status in ('claimed', 'signed', 'sent', 'mined');
create index trades_spendings on trading.trades (chain_id, account, changed_at) where hash is not null;

-- A new database counts from 1 again, and the chain remembers: the upper half of a plan's id tells the books apart.
create table trading.ledger (id uuid not null);
insert into trading.ledger values (gen_random_uuid());

-- Every transaction that was ever signed, before it was sent. Its bytes can do nothing after the deadline block.
create table trading.signatures (
  hash text primary key,
  key text not null references trading.trades,
  -- In the order of signing.
  number bigint not null generated always as identity,
  nonce bigint not null,
  kind text not null check (kind in ('trade', 'cancel')),
  raw text not null,
  max_fee_per_gas numeric(78) not null,
  max_priority_fee_per_gas numeric(78) not null,
  sent_at_block bigint not null,
  deadline_block bigint not null,
  most_fee_per_gas numeric(78) not null,
  signed_at timestamptz not null default now()
);
create index signatures_of_trade on trading.signatures (key, number);

-- What sent nothing is forgotten after a while: a rehearsal leaves a line a block.
create index trades_unsent on trading.trades (changed_at) where status in ('refused', 'rehearsed', 'abandoned');
