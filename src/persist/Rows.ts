import * as Option from "effect/Option"
import type { FeeSchedule, OutcomeIndex } from "../domain/Market.ts"
import { Price, parse, Shares, Usd } from "../domain/Money.ts"
import type { Mode, OrderStatus, Quantity, Side, SizeUnit, TimeInForce } from "../domain/Order.ts"
import type { Position } from "../domain/Position.ts"
import type { Cells } from "./Cells.ts"
import type { FillRecord, FlowRecord, OrderRecord, RunRecord, RunRecordStatus } from "./Records.ts"

const MODES: ReadonlyArray<Mode> = ["paper", "live"]
const SIDES: ReadonlyArray<Side> = ["BUY", "SELL"]
const OUTCOMES: ReadonlyArray<OutcomeIndex> = [0, 1]
const UNITS: ReadonlyArray<SizeUnit> = ["USDC", "SHARES"]
const LIFETIMES: ReadonlyArray<TimeInForce> = ["GTC", "GTD", "FOK", "FAK"]
const RUN_STATUSES: ReadonlyArray<RunRecordStatus> = ["running", "completed", "failed", "rejected"]
const KINDS: ReadonlyArray<FlowRecord["kind"]> = ["opening", "adjustment", "payout", "external", "transfer"]
const STATUSES: ReadonlyArray<OrderStatus> = [
  "pending",
  "open",
  "filled",
  "cancelled",
  "expired",
  "rejected",
  "unknown",
  "delayed",
  "cancelling",
  "blocked"
]

export const modeOf = (cells: Cells): Mode => cells.word("mode", MODES, "paper")
export const sideOf = (cells: Cells): Side => cells.word("side", SIDES, "BUY")
export const outcomeIndexOf = (cells: Cells): OutcomeIndex => cells.word("outcome_index", OUTCOMES, 0)

/** The outcome of what may be about a whole market, or account. */
export const maybeOutcomeIndexOf = (cells: Cells): OutcomeIndex | undefined =>
  maybe(cells.json("outcome_index"), () => outcomeIndexOf(cells))

const maybe = <A, B>(value: A | undefined, make: (value: A) => B): B | undefined =>
  value === undefined ? undefined : make(value)

const quantityOf = (cells: Cells): Quantity => {
  const budget = cells.maybeMicro("budget")
  return budget === undefined
    ? { _tag: "Shares", shares: Shares(cells.micro("qty")) }
    : { _tag: "Budget", usd: Usd(budget) }
}

export const runOf = (cells: Cells): RunRecord => ({
  planId: cells.text("plan_id"),
  mode: modeOf(cells),
  status: cells.word("status", RUN_STATUSES, "running"),
  planHash: cells.text("plan_hash"),
  planFile: cells.maybeText("plan_file"),
  startedMillis: cells.millis("started_at"),
  completedMillis: cells.maybeMillis("completed_at"),
  error: cells.maybeText("error_message"),
  summary: cells.json("summary_json")
})

const feesOf = (json: unknown): FeeSchedule | undefined => {
  if (typeof json !== "object" || json === null) return undefined
  const [rate, exponent]: [unknown, unknown] = [Reflect.get(json, "rate"), Reflect.get(json, "exponent")]
  const micro = typeof rate === "string" ? Option.getOrUndefined(parse(rate)) : undefined
  return micro === undefined || typeof exponent !== "number" ? undefined : { rate: micro, exponent }
}

const sealedOf = (cells: Cells) => {
  const signed = cells.maybeText("signed_order")
  return signed === undefined
    ? {}
    : {
        sealed: {
          signed,
          externalOrderId: cells.text("external_order_id"),
          signedMillis: cells.millis("signed_at"),
          fees: feesOf(cells.json("fee_schedule"))
        }
      }
}

export const orderOf = (cells: Cells): OrderRecord => ({
  order: {
    id: cells.text("id"),
    planId: cells.text("plan_id"),
    instruction: cells.integer("instruction"),
    attempt: cells.integer("attempt"),
    mode: modeOf(cells),
    marketId: cells.text("market_id"),
    conditionId: cells.text("condition_id"),
    tokenId: cells.text("token_id"),
    outcomeIndex: outcomeIndexOf(cells),
    outcome: cells.text("outcome"),
    side: sideOf(cells),
    price: Price(cells.micro("price")),
    quantity: quantityOf(cells),
    size: cells.micro("size"),
    sizeUnit: cells.word("size_unit", UNITS, "USDC"),
    feesInclusive: cells.boolean("fees_inclusive"),
    timeInForce: cells.word("time_in_force", LIFETIMES, "GTC"),
    postOnly: cells.boolean("post_only"),
    worstFee: Usd(cells.micro("worst_fee")),
    placedMillis: cells.millis("placed_at"),
    cancelAfterMillis: cells.maybeMillis("cancel_after"),
    notes: cells.maybeText("notes"),
    ...sealedOf(cells)
  },
  status: cells.word("status", STATUSES, "unknown"),
  filled: Shares(cells.micro("filled_qty")),
  notional: Usd(cells.micro("notional")),
  fees: Usd(cells.micro("fees")),
  bands: {
    pessimistic: Shares(cells.micro("band_pessimistic")),
    optimistic: Shares(cells.micro("band_optimistic")),
    queueAhead: Shares(cells.micro("queue_ahead"))
  },
  reasons: cells.texts("reasons"),
  externalOrderId: cells.maybeText("external_order_id"),
  sentMillis: cells.maybeMillis("sent_at"),
  updatedMillis: cells.millis("updated_at")
})

/** An execution joined with its order's plan, market and outcome. */
export const fillOf = (cells: Cells): FillRecord => ({
  id: cells.text("id"),
  orderId: cells.text("order_id"),
  planId: cells.text("plan_id"),
  mode: modeOf(cells),
  marketId: cells.text("market_id"),
  conditionId: cells.text("condition_id"),
  outcomeIndex: outcomeIndexOf(cells),
  outcome: cells.text("outcome"),
  side: sideOf(cells),
  shares: Shares(cells.micro("qty")),
  price: Price(cells.micro("price")),
  notional: Usd(cells.micro("notional")),
  fee: Usd(cells.micro("fee")),
  liquidity: cells.word("liquidity", ["maker", "taker"], "taker"),
  atMillis: cells.millis("executed_at"),
  final: cells.boolean("final"),
  failed: cells.boolean("failed"),
  externalId: cells.maybeText("external_execution_id")
})

export const positionOf = (cells: Cells): Position => ({
  marketId: cells.text("market_id"),
  conditionId: cells.text("condition_id"),
  outcomeIndex: outcomeIndexOf(cells),
  outcome: cells.text("outcome"),
  mode: modeOf(cells),
  qty: Shares(cells.micro("qty")),
  costBasis: Usd(cells.micro("cost_basis")),
  realizedPnl: Usd(cells.micro("realized_pnl")),
  cashFlow: Usd(cells.micro("cash_flow")),
  fees: Usd(cells.micro("fees"))
})

export const flowOf = (cells: Cells): FlowRecord => ({
  id: cells.text("id"),
  mode: modeOf(cells),
  kind: cells.word("kind", KINDS, "external"),
  amount: Usd(cells.micro("amount")),
  conditionId: cells.maybeText("condition_id"),
  outcomeIndex: maybeOutcomeIndexOf(cells),
  shares: maybe(cells.maybeMicro("qty"), Shares),
  reason: cells.maybeText("reason"),
  atMillis: cells.millis("created_at")
})
