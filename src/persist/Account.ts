import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { uuidOf } from "../domain/Identity.ts"
import { type ConditionId, instrumentKey } from "../domain/Market.ts"
import { Shares, Usd } from "../domain/Money.ts"
import type { Mode } from "../domain/Order.ts"
import { ACTOR, canonical, type Event } from "./Audit.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { exposed, holdings } from "./Reading.ts"
import type { AccountFacts, Cash } from "./Records.ts"
import { outcomeIndexOf } from "./Rows.ts"

type Sql = SqlClient.SqlClient

/** What `cash_ledger` and `positions` come to, in one mode. */
interface Sums {
  /** Opening balance and its adjustments. */
  readonly balance: bigint
  readonly external: bigint
  readonly payouts: bigint
  readonly cashFlow: bigint
  readonly fees: bigint
  /** Rows of opening balance and adjustments. */
  readonly settings: number
}

const sums = Effect.fn("Ledger.sums")(function* (sql: Sql, mode: Mode) {
  const rows = yield* sql<Row>`select ledger.*, held.* from
    (select coalesce(sum(amount) filter (where kind in ('opening', 'adjustment')), 0)::text as balance,
            coalesce(sum(amount) filter (where kind = 'external'), 0)::text as external,
            coalesce(sum(amount) filter (where kind = 'payout'), 0)::text as payouts,
            count(*) filter (where kind in ('opening', 'adjustment')) as settings
     from cash_ledger where mode = ${mode}) ledger,
    (select coalesce(sum(cash_flow), 0)::text as cash_flow, coalesce(sum(fees), 0)::text as fees
     from positions where mode = ${mode}) held`
  const [read] = yield* decode(
    rows,
    "cash_ledger",
    (cells): Sums => ({
      balance: cells.micro("balance"),
      external: cells.micro("external"),
      payouts: cells.micro("payouts"),
      cashFlow: cells.micro("cash_flow"),
      fees: cells.micro("fees"),
      settings: Number(cells.big("settings"))
    })
  )
  return read ?? (yield* Effect.dieMessage("sums without groups are one row"))
})

/**
 * The cash of an account: opening balance, adjustments and external flows out of `cash_ledger`, and the cash flow of
 * every position less its fees. A position's cash flow already holds its payouts; the payout rows of `cash_ledger` are
 * their record, which `verify` folds into positions, and are told apart here but never added a second time. Both tables
 * grow with markets, not with orders or fills.
 */
const total = (read: Sums): Cash => ({
  flows: Usd(read.balance + read.external),
  trading: Usd(read.cashFlow - read.payouts),
  payouts: Usd(read.payouts),
  fees: Usd(read.fees),
  cash: Usd(read.balance + read.external + read.cashFlow - read.fees)
})

export const cash = Effect.fn("Ledger.cash")(function* (sql: Sql, mode: Mode) {
  return total(yield* sums(sql, mode))
})

const unfinalShares = Effect.fn("Ledger.unfinalShares")(function* (
  sql: Sql,
  mode: Mode,
  conditionIds: ReadonlyArray<ConditionId>
) {
  const rows = yield* sql<Row>`select condition_id, outcome_index, sum(qty)::text as shares from executions
    where not final and not failed and side = 'BUY' and mode = ${mode}
      and condition_id = any(${Columns.texts(conditionIds, (id) => id)}::text[])
    group by condition_id, outcome_index`
  const shares = yield* decode(
    rows,
    "executions",
    (cells) =>
      [
        instrumentKey({ conditionId: cells.text("condition_id"), outcomeIndex: outcomeIndexOf(cells) }),
        Shares(cells.micro("shares"))
      ] as const
  )
  return new Map(shares)
})

/**
 * What risk must know of an account. The cash is what it will be once the configured paper balance is booked, so that a
 * dry run, which books nothing, decides on the same figure as the run.
 */
export const facts = Effect.fn("Ledger.facts")(function* (
  sql: Sql,
  mode: Mode,
  conditionIds: ReadonlyArray<ConditionId>,
  paperBalance: Usd | undefined
) {
  const read = yield* sums(sql, mode)
  return {
    cash: total(paperBalance === undefined ? read : { ...read, balance: paperBalance }).cash,
    positions: yield* holdings(sql, mode, conditionIds),
    exposed: yield* exposed(sql, mode),
    unfinalShares: yield* unfinalShares(sql, mode, conditionIds)
  } satisfies AccountFacts
})

/**
 * Books the configured balance of the paper account: once as its opening, later as adjustments by the difference. Needs
 * the account's lock. Returns what is to be told of it.
 */
export const bookBalance = Effect.fn("Ledger.bookBalance")(function* (
  sql: Sql,
  mode: Mode,
  paperBalance: Usd,
  atMillis: number
) {
  const { balance, settings } = yield* sums(sql, mode)
  const amount = paperBalance - balance
  if (settings > 0 && amount === 0n) return []
  const kind = settings === 0 ? "opening" : "adjustment"
  const id = uuidOf("balance", mode, `${settings}`)
  yield* sql`insert into cash_ledger (id, mode, kind, amount, reason, created_at) values (
    ${id}::uuid, ${mode}, ${kind}, ${`${amount}e-6`}::numeric, 'configured balance', ${Columns.iso(atMillis)}::timestamptz)`
  const event: Event = {
    type: kind === "opening" ? "balance_opened" : "balance_adjusted",
    entityType: "account",
    entityId: mode,
    data: canonical({ amount, balance: paperBalance }),
    actor: ACTOR,
    atMillis
  }
  return [event]
})
