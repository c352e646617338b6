import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { isSimulated } from "../domain/Market.ts"
import { average, format } from "../domain/Money.ts"
import type { OrderState } from "../domain/Order.ts"
import type { Refused } from "../domain/Report.ts"
import { sharesAt } from "../domain/Sizing.ts"
import { iso } from "./Moment.ts"

/** An order as the ledger keeps it, or as an answer has just left it: then it has no time of its own. */
export interface OrderRecord extends OrderState {
  readonly externalOrderId?: string | undefined
  readonly updatedMillis?: number | undefined
}

/** An element of `orders`: decimals are text; what does not apply or is not known is null. */
export const OrderRow = Schema.Struct({
  id: Schema.NullOr(Schema.String),
  /** Its place in the plan, from 0. */
  instruction: Schema.Number,
  marketId: Schema.String,
  conditionId: Schema.NullOr(Schema.String),
  tokenId: Schema.NullOr(Schema.String),
  outcome: Schema.String,
  side: Schema.String,
  price: Schema.String,
  size: Schema.String,
  sizeUnit: Schema.String,
  /** Ordered shares; for a budget what it buys at the limit, floored to 0.0001. */
  qty: Schema.NullOr(Schema.String),
  timeInForce: Schema.String,
  status: Schema.String,
  filledQty: Schema.String,
  avgFillPrice: Schema.NullOr(Schema.String),
  notional: Schema.String,
  fees: Schema.String,
  /** What of a size in USDC was not spent so far: size less notional, less fees too where they come out of the size. */
  unspent: Schema.String,
  /** Filled shares under each set of assumptions; neutral is the headline. */
  bands: Schema.Struct({ pessimistic: Schema.String, neutral: Schema.String, optimistic: Schema.String }),
  externalOrderId: Schema.NullOr(Schema.String),
  reasons: Schema.Array(Schema.String)
})
export interface OrderRow extends Schema.Schema.Type<typeof OrderRow> {}

const unspentOf = ({ fees, notional, order }: OrderState): bigint => {
  if (order.sizeUnit === "SHARES") return 0n
  const left = order.size - notional - (order.feesInclusive ? fees : 0n)
  return left > 0n ? left : 0n
}

export const orderRow = (state: OrderState, externalOrderId: string | undefined): OrderRow => {
  const { filled, order } = state
  // Nothing is assumed of what really happened.
  const bands = order.mode === "live" ? { pessimistic: filled, optimistic: filled } : state.bands
  return {
    id: order.id,
    instruction: order.instruction,
    marketId: order.marketId,
    conditionId: order.conditionId,
    tokenId: order.tokenId,
    outcome: order.outcome,
    side: order.side,
    price: format(order.price),
    size: format(order.size),
    sizeUnit: order.sizeUnit,
    qty: format(sharesAt(order.price, order.quantity)),
    timeInForce: order.timeInForce,
    status: state.status,
    filledQty: format(filled),
    avgFillPrice: Option.getOrNull(Option.map(average(state.notional, filled), format)),
    notional: format(state.notional),
    fees: format(state.fees),
    unspent: format(unspentOf(state)),
    bands: {
      pessimistic: format(bands.pessimistic),
      neutral: format(filled),
      optimistic: format(bands.optimistic)
    },
    externalOrderId: externalOrderId ?? null,
    reasons: state.reasons
  }
}

/** An instruction that risk refused, in the shape of an order: it has no id, and nothing of it was spent. */
export const refusedRow = (refused: Refused): OrderRow => ({
  id: null,
  instruction: refused.instruction,
  marketId: refused.marketId,
  conditionId: refused.conditionId ?? null,
  tokenId: null,
  outcome: refused.outcome,
  side: refused.side,
  price: format(refused.price),
  size: format(refused.size),
  sizeUnit: refused.sizeUnit,
  qty: null,
  timeInForce: refused.timeInForce,
  status: "rejected",
  filledQty: "0",
  avgFillPrice: null,
  notional: "0",
  fees: "0",
  unspent: refused.sizeUnit === "USDC" ? format(refused.size) : "0",
  bands: { pessimistic: "0", neutral: "0", optimistic: "0" },
  externalOrderId: null,
  reasons: refused.reasons
})

/** An element of `orders --json`: the order, and what sets it apart from those of other plans. */
export interface ListedOrderRow extends OrderRow {
  readonly planId: string
  readonly mode: string
  readonly attempt: number
  readonly simulated: boolean
  readonly placedAt: string
  readonly updatedAt: string | null
  readonly expiresAt: string | null
  readonly notes: string | null
}

const listedOrderRow = (record: OrderRecord): ListedOrderRow => {
  const { order } = record
  return {
    ...orderRow(record, record.externalOrderId),
    planId: order.planId,
    mode: order.mode,
    attempt: order.attempt,
    simulated: isSimulated(order),
    placedAt: iso(order.placedMillis),
    updatedAt: record.updatedMillis === undefined ? null : iso(record.updatedMillis),
    expiresAt: order.cancelAfterMillis === undefined ? null : iso(order.cancelAfterMillis),
    notes: order.notes ?? null
  }
}

/** What `orders --json` prints. */
export const ordersJson = (
  records: ReadonlyArray<OrderRecord>
): { readonly orders: ReadonlyArray<ListedOrderRow> } => ({ orders: records.map(listedOrderRow) })
