import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { instrumentKey } from "../domain/Market.ts"
import { format, Shares, Usd } from "../domain/Money.ts"
import * as Position from "../domain/Position.ts"
import { type Cells, decode, type Row } from "./Cells.ts"
import { finding } from "./Check.ts"
import { modeOf, outcomeIndexOf, positionOf, sideOf } from "./Rows.ts"

type Sql = SqlClient.SqlClient

/** Rows read at a time: memory stays the same however long the history is. */
export const PAGE = 5_000

/** One position of one account. */
type Only = Pick<Position.Position, "conditionId" | "outcomeIndex" | "mode">

/** One step of the fold over positions. */
interface Step {
  readonly seq: bigint
  readonly at: Pick<Position.Position, "conditionId" | "outcomeIndex" | "mode">
  readonly side: "BUY" | "SELL"
  readonly shares: Shares
  readonly notional: Usd
  readonly fee: Usd
}

const stepOf = (cells: Cells): Step => ({
  seq: cells.big("seq"),
  at: {
    conditionId: cells.text("condition_id"),
    outcomeIndex: outcomeIndexOf(cells),
    mode: modeOf(cells)
  },
  side: sideOf(cells),
  shares: Shares(cells.micro("qty")),
  notional: Usd(cells.micro("notional")),
  fee: Usd(cells.micro("fee"))
})

/**
 * The steps after a given point: executions in their order, but for failed ones, and each payout or transfer right behind
 * the execution it names. A payout retires shares for an amount and costs nothing, which is what a sale without a fee
 * does; shares that came from elsewhere were bought for what they were worth, and those that went were sold for it.
 */
const page = Effect.fn("Ledger.verify.page")(function* (sql: Sql, after: bigint, payoutAfter: bigint, only?: Only) {
  const [mine, its] = [
    only === undefined
      ? sql`true`
      : sql`e.mode = ${only.mode} and e.condition_id = ${only.conditionId} and e.outcome_index = ${only.outcomeIndex}`,
    only === undefined
      ? sql`true`
      : sql`c.mode = ${only.mode} and c.condition_id = ${only.conditionId} and c.outcome_index = ${only.outcomeIndex}`
  ]
  const rows = yield* sql<Row>`select * from (
      (select e.seq, 0 as rank, 0::bigint as payout, e.condition_id, e.outcome_index, e.mode, e.side, e.qty,
          e.notional, e.fee
        from executions e where not e.failed and ${mine} and e.seq > ${`${after}`}::bigint order by e.seq limit ${PAGE})
      union all
      (select c.after_execution, 1, c.seq, c.condition_id, c.outcome_index, c.mode,
          case when c.kind = 'transfer' and c.qty > 0 then 'BUY' else 'SELL' end, abs(c.qty), abs(c.amount), 0
        from cash_ledger c
        where c.kind in ('payout', 'transfer') and ${its} and (c.after_execution, c.seq) > (${`${after}`}::bigint, ${`${payoutAfter}`}::bigint)
        order by c.after_execution, c.seq limit ${PAGE})
    ) steps order by seq, rank, payout limit ${PAGE}`
  return yield* decode(rows, "executions", (cells) => ({ step: stepOf(cells), payout: cells.big("payout") }))
})

/** One position as its executions, payouts and transfers make it, from the first. */
export const refoldOne = Effect.fn("Ledger.refoldOne")(function* (sql: Sql, empty: Position.Position) {
  let position = empty
  let at = { seq: 0n, payout: 0n }
  while (true) {
    const steps = yield* page(sql, at.seq, at.payout, empty)
    for (const { payout, step } of steps) {
      position = Position.fill(position, step.side, step)
      at = { seq: step.seq, payout }
    }
    if (steps.length < PAGE) return position
  }
})

const keyOf = (at: Step["at"]): string => `${at.mode} ${instrumentKey(at)}`

const figures = (position: Position.Position): Readonly<Record<string, string>> => ({
  qty: format(position.qty),
  cost_basis: format(position.costBasis),
  realized_pnl: format(position.realizedPnl),
  cash_flow: format(position.cashFlow),
  fees: format(position.fees),
  avg_price: format(Position.averagePrice(position))
})

/** Folds every execution and payout again, from the first, and compares with `positions`, field by field. */
export const refold = Effect.fn("Ledger.verify.positions")(function* (sql: Sql) {
  const found = finding("positions are the fold of executions and payouts")
  const folded = new Map<string, Position.Position>()
  let at = { seq: 0n, payout: 0n }
  while (true) {
    const steps = yield* page(sql, at.seq, at.payout)
    for (const { payout, step } of steps) {
      const key = keyOf(step.at)
      const before = folded.get(key) ?? Position.empty({ ...step.at, marketId: "", outcome: "" })
      if (step.side === "SELL" && step.shares > before.qty)
        found.differs(`${key}: ${format(step.shares)} shares left it when it held ${format(before.qty)}`)
      folded.set(key, Position.fill(before, step.side, step))
      at = { seq: step.seq, payout }
    }
    found.saw(steps.length)
    if (steps.length < PAGE) break
  }
  const rows = yield* sql<Row>`select * from positions order by mode, condition_id, outcome_index`
  const kept = yield* decode(rows, "positions", (cells) => ({
    position: positionOf(cells),
    averagePrice: format(cells.micro("avg_price"))
  }))
  for (const { averagePrice, position } of kept) {
    const key = keyOf(position)
    // Where every trade of it has failed, nothing is left to fold: then it is flat, and has come to nothing.
    const expected = folded.get(key) ?? Position.empty(position)
    folded.delete(key)
    const stands: Readonly<Record<string, string>> = { ...figures(position), avg_price: averagePrice }
    for (const [field, value] of Object.entries(figures(expected)))
      if (stands[field] !== value)
        found.differs(`${key}: ${field} is ${stands[field]}, the executions come to ${value}`)
  }
  for (const key of folded.keys()) found.differs(`${key}: executions without a position`)
  return found.check()
})
