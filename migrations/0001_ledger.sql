-- Times are UTC and given by the program, never by the server. Quantities and money are NUMERIC with 6 digits, read as
-- integers of micro-units; prices have 4 digits, the finest tick of the venue.

create table plans (
  plan_id varchar(255) primary key,
  content_hash char(64) not null,
  body jsonb not null,                        -- the decoded plan
  active boolean not null default true,
  priority integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table runs (
  plan_id varchar(255) primary key,           -- one run per plan, over both modes: the idempotency key
  mode varchar(10) not null check (mode in ('paper', 'live')),
  status varchar(20) not null check (status in ('running', 'completed', 'failed', 'rejected')),
  plan_hash char(64) not null,
  plan_file varchar(500),
  started_at timestamptz not null,
  completed_at timestamptz,
  summary_json jsonb,
  error_message text,
  created_at timestamptz not null
);
create index idx_runs_status on runs (status);
create index idx_runs_started_at on runs (started_at);

create table orders (
  id uuid primary key,
  plan_id varchar(255) not null references runs (plan_id),
  instruction integer not null,               -- place in the plan, from 0
  attempt integer not null default 1,
  mode varchar(10) not null check (mode in ('paper', 'live')),
  market_id varchar(255) not null,
  condition_id varchar(255) not null,
  token_id varchar(255) not null,
  outcome_index smallint not null check (outcome_index in (0, 1)),
  outcome varchar(255) not null,
  side varchar(10) not null check (side in ('BUY', 'SELL')),
  price numeric(10, 4) not null check (price > 0 and price < 1),
  size numeric(18, 6) not null check (size > 0),  -- as the plan says it, in size_unit
  size_unit varchar(10) not null check (size_unit in ('USDC', 'SHARES')),
  qty numeric(18, 6),                         -- ordered shares; null where a budget is ordered
  budget numeric(18, 6),                      -- dollars to spend (FOK and FAK buys), fees apart
  fees_inclusive boolean not null default false,
  time_in_force varchar(10) not null,
  post_only boolean not null default false,
  worst_fee numeric(18, 6) not null default 0,
  status varchar(20) not null check (status in
    ('pending', 'open', 'filled', 'cancelled', 'expired', 'rejected', 'unknown', 'delayed', 'cancelling', 'blocked')),
  filled_qty numeric(18, 6) not null default 0,
  notional numeric(20, 6) not null default 0, -- of its fills
  fees numeric(18, 6) not null default 0,
  band_pessimistic numeric(18, 6) not null default 0,
  band_optimistic numeric(18, 6) not null default 0,
  queue_ahead numeric(18, 6) not null default 0,
  reasons jsonb not null default '[]',
  price_ceil numeric(10, 4),
  price_floor numeric(10, 4),
  notes text,
  external_order_id varchar(255),
  placed_at timestamptz not null,
  cancel_after timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((qty is null) <> (budget is null)),
  unique (plan_id, instruction, attempt)
);
create index idx_orders_market_status on orders (market_id, status);
create index idx_orders_cancel_after on orders (cancel_after) where cancel_after is not null;
create index idx_orders_exposed on orders (mode, condition_id)
  where status in ('pending', 'open', 'unknown', 'delayed', 'cancelling');

create table executions (
  id uuid primary key,
  seq bigint generated always as identity unique,  -- the order in which positions fold
  order_id uuid not null references orders (id),
  mode varchar(10) not null check (mode in ('paper', 'live')),
  condition_id varchar(255) not null,
  outcome_index smallint not null check (outcome_index in (0, 1)),
  side varchar(10) not null check (side in ('BUY', 'SELL')),
  qty numeric(18, 6) not null check (qty > 0),
  price numeric(10, 4) not null,
  notional numeric(20, 6) not null,           -- unsigned: what a buyer paid, what a seller received, fee apart
  fee numeric(18, 6) not null default 0,
  liquidity varchar(10) not null check (liquidity in ('maker', 'taker')),
  final boolean not null,
  external_execution_id varchar(255),
  executed_at timestamptz not null,
  created_at timestamptz not null
);
create index idx_executions_order_id on executions (order_id);
create index idx_executions_executed_at on executions (executed_at);
create index idx_executions_unfinal on executions (mode, condition_id) where not final;

-- A cache of the fold over executions and payouts; `verify` folds again and compares.
create table positions (
  id uuid primary key,
  market_id varchar(255) not null,
  condition_id varchar(255) not null,
  outcome_index smallint not null check (outcome_index in (0, 1)),
  outcome varchar(255) not null,
  mode varchar(10) not null check (mode in ('paper', 'live')),
  qty numeric(18, 6) not null,
  avg_price numeric(10, 4) not null,          -- for display; cost_basis is what counts
  cost_basis numeric(20, 6) not null,
  realized_pnl numeric(20, 6) not null default 0,
  cash_flow numeric(20, 6) not null default 0,
  fees numeric(18, 6) not null default 0,
  updated_at timestamptz not null,
  created_at timestamptz not null,
  unique (condition_id, outcome_index, mode)
);
create index idx_positions_market on positions (market_id);

-- Cash that moves without a fill: the paper account's opening balance and its changes, payouts, external flows.
create table cash_ledger (
  id uuid primary key,
  seq bigint generated always as identity unique,
  mode varchar(10) not null check (mode in ('paper', 'live')),
  kind varchar(20) not null check (kind in ('opening', 'adjustment', 'payout', 'external')),
  amount numeric(20, 6) not null,             -- signed
  condition_id varchar(255),                  -- of a payout
  outcome_index smallint check (outcome_index in (0, 1)),
  qty numeric(18, 6),                         -- shares a payout retired
  after_execution bigint,                     -- seq of the last execution before a payout: where it stands in the fold
  reason text,
  created_at timestamptz not null
);
create unique index one_opening_per_account on cash_ledger (mode) where kind = 'opening';

create table audit_logs (
  id uuid primary key,
  seq bigint not null unique,                 -- 1, 2, 3 ... without a gap
  event_type varchar(50) not null,
  entity_type varchar(50) not null,
  entity_id varchar(255) not null,
  event_data jsonb,
  actor varchar(100) not null,
  created_at timestamptz not null,
  prev_hash char(64) not null,
  hash char(64) not null                      -- SHA-256 over prev_hash and the row
);
create index idx_audit_logs_entity on audit_logs (entity_type, entity_id);
create index idx_audit_logs_event_type on audit_logs (event_type);
create index idx_audit_logs_created_at on audit_logs (created_at);

-- The end of the chain: without it nobody could tell that its last rows are gone.
create table audit_head (
  only_row boolean primary key default true check (only_row),
  seq bigint not null,
  hash char(64) not null
);

-- The last book seen of each market, and what a simulated venue remembers of it; either may come first.
create table market_snapshots (
  condition_id varchar(255) primary key,
  market_id varchar(255),
  source text,                                -- live, sim or file:PATH
  market jsonb,
  book jsonb,
  memory jsonb,
  version bigint not null default 0,          -- grows with every write of memory: a writer names the one it read
  taken_at timestamptz
);

create table alerts_outbox (
  id uuid primary key,
  kind varchar(50) not null,
  body jsonb not null,
  created_at timestamptz not null,
  sent_at timestamptz,
  attempts integer not null default 0,
  last_error text
);
create index idx_alerts_unsent on alerts_outbox (created_at) where sent_at is null;

create table scheduler_lease (
  name varchar(100) primary key,
  holder uuid,
  fence bigint not null default 0,            -- grows with every change of holder
  expires_at timestamptz not null,
  last_slot timestamptz                       -- the last tick that ran to its end
);

create table halts (
  id uuid primary key,
  mode varchar(10) not null check (mode in ('paper', 'live')),
  reason text,
  halted_at timestamptz not null,
  resumed_at timestamptz
);
create unique index one_halt_at_a_time on halts (mode) where resumed_at is null;
