-- Live trading: signed orders, trades that are final only later or fail, the account at the venue, and what stops it.

alter table orders
  -- The signed order as it goes over the wire, and when its signature was made: the same bytes are all that is ever sent.
  add column signed_order text,
  add column signed_at timestamptz,
  -- The taker fee of the market it was decided on, {rate, exponent}: what its fills are booked with.
  add column fee_schedule jsonb,
  -- Set in the commit before an order leaves: from then on it may be at the venue, whatever becomes of this process.
  add column sent_at timestamptz;
create unique index idx_orders_external on orders (external_order_id) where external_order_id is not null;

alter table executions
  -- A match that the venue gave up: it stays as a record and counts for nothing.
  add column failed boolean not null default false;
create unique index idx_executions_external on executions (order_id, external_execution_id)
  where external_execution_id is not null;
drop index idx_executions_unfinal;
create index idx_executions_unfinal on executions (mode, condition_id) where not final and not failed;

-- `transfer` moves shares in or out without an order: qty is signed, the amount is what they are booked at.
alter table cash_ledger drop constraint cash_ledger_kind_check;
alter table cash_ledger add constraint cash_ledger_kind_check
  check (kind in ('opening', 'adjustment', 'payout', 'external', 'transfer'));

-- The account at the venue that the live books are about: one database, one wallet.
create table live_account (
  only_row boolean primary key default true check (only_row),
  wallet varchar(42) not null,
  last_trade_at timestamptz,                  -- trades up to here have been seen
  reconciled_at timestamptz not null
);

-- What could not be explained. It stops trading in its instrument, or in all of them, until the operator accepts it.
create table stops (
  id uuid primary key,
  mode varchar(10) not null check (mode in ('paper', 'live')),
  condition_id varchar(255),                  -- null: the account's cash, so every instrument
  outcome_index smallint check (outcome_index in (0, 1)),
  reason text not null,
  stopped_at timestamptz not null,
  accepted_at timestamptz
);
create index idx_stops_standing on stops (mode) where accepted_at is null;

-- What the simulator said of a real order, beside which what happened can be laid.
create table simulated_verdicts (
  order_id uuid primary key references orders (id),
  decided_book jsonb not null,                -- the book that was decided on
  sent_book jsonb,                            -- the book the verdicts were taken on
  bands jsonb not null,                       -- {pessimistic, neutral, optimistic: {qty, notional, fees}}
  markouts jsonb not null default '{}',       -- price of the order's outcome by horizon: {"10s", "1m", "10m"}
  created_at timestamptz not null
);
