import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Match } from "../../domain/Match.ts"
import { Price, Shares } from "../../domain/Money.ts"
import type { Stage } from "../../domain/News.ts"
import type { Side } from "../../domain/Order.ts"
import type { ClobOrder } from "../Clob.ts"
import { absentable, conditionId, Decimal, millis, reading } from "../marketdata/Wire.ts"

/** Shapes of the CLOB's answers: the fields that decide something. Unknown ones are ignored. */

const SideText = Schema.Literal("BUY", "SELL")
const Moment = Schema.Unknown

const sideOf = (side: "BUY" | "SELL"): Side => side
const momentOf = (value: unknown): number | undefined => Option.getOrUndefined(millis(value))
const lower = (text: string) => text.toLowerCase()

/** "TRADE_STATUS_MATCHED" and "ORDER_STATUS_LIVE" are the same words with their family before them. */
const bare = (status: string): string => status.toUpperCase().replace(/^(TRADE|ORDER)_STATUS_/, "")

const OrderShape = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  market: Schema.String,
  asset_id: Schema.String,
  side: SideText,
  original_size: Decimal,
  size_matched: Decimal,
  price: Decimal,
  outcome: absentable(Schema.String),
  associate_trades: absentable(Schema.Array(Schema.String)),
  created_at: Schema.optional(Moment)
})

const orderOf = (order: typeof OrderShape.Type): ClobOrder => ({
  id: lower(order.id),
  status: bare(order.status),
  conditionId: conditionId(order.market),
  tokenId: order.asset_id,
  outcome: order.outcome ?? "",
  side: sideOf(order.side),
  price: Price(order.price ?? 0n),
  size: Shares(order.original_size ?? 0n),
  matched: Shares(order.size_matched ?? 0n),
  tradeIds: order.associate_trades ?? [],
  createdMillis: momentOf(order.created_at)
})

const TradeShape = Schema.Struct({
  id: Schema.String,
  taker_order_id: Schema.String,
  market: Schema.String,
  asset_id: Schema.String,
  side: SideText,
  size: Decimal,
  price: Decimal,
  status: Schema.String,
  match_time: Schema.optional(Moment),
  matchtime: Schema.optional(Moment),
  match_time_nano: Schema.optional(Schema.Unknown),
  maker_orders: absentable(
    Schema.Array(
      Schema.Struct({
        order_id: Schema.String,
        asset_id: Schema.String,
        side: absentable(SideText),
        price: Decimal,
        matched_amount: Decimal
      })
    )
  )
})

const STAGES: Readonly<Record<string, Stage>> = { CONFIRMED: "final", FAILED: "failed" }

const opposite = (side: Side): Side => (side === "BUY" ? "SELL" : "BUY")

/** The finest time a trade tells: nanoseconds as digits, or seconds. */
const matchedAt = (trade: typeof TradeShape.Type): number => {
  const nano = trade.match_time_nano
  if (typeof nano === "string" && /^\d{16,20}$/.test(nano)) return Number(BigInt(nano) / 1_000_000n)
  return momentOf(trade.match_time) ?? momentOf(trade.matchtime) ?? 0
}

const matchOf = (trade: typeof TradeShape.Type): Match => {
  const status = bare(trade.status)
  return {
    tradeId: trade.id,
    conditionId: conditionId(trade.market),
    takerOrderId: lower(trade.taker_order_id),
    tokenId: trade.asset_id,
    side: sideOf(trade.side),
    price: Price(trade.price ?? 0n),
    shares: Shares(trade.size ?? 0n),
    makers: (trade.maker_orders ?? []).map((maker) => ({
      externalOrderId: lower(maker.order_id),
      tokenId: maker.asset_id,
      // A maker of the same token stands on the other side, one of the other token on the same.
      side: maker.side ?? (maker.asset_id === trade.asset_id ? opposite(trade.side) : trade.side),
      price: Price(maker.price ?? 0n),
      shares: Shares(maker.matched_amount ?? 0n)
    })),
    stage: STAGES[status] ?? "provisional",
    retrying: status === "RETRYING",
    matchedMillis: matchedAt(trade)
  }
}

/** A page without its list is no page: that nothing is on it must be said. */
const page = <A, I>(element: Schema.Schema<A, I>) =>
  Schema.Struct({ next_cursor: absentable(Schema.String), data: Schema.NullOr(Schema.Array(element)) })

const readOrder = reading(OrderShape)
const readOrders = reading(page(OrderShape))
const readTrades = reading(page(TradeShape))
const readTrade = reading(TradeShape)

export { matchOf, orderOf, readOrder, readOrders, readTrade, readTrades }

/** Answer to one post. `makingAmount` and `takingAmount` come in two units and are never read. */
export const readPosted = reading(
  Schema.Struct({
    success: absentable(Schema.Boolean),
    errorMsg: absentable(Schema.String),
    error: absentable(Schema.String),
    orderID: absentable(Schema.String),
    status: absentable(Schema.String),
    tradeIDs: absentable(Schema.Array(Schema.String))
  })
)

export const readCancelled = reading(
  Schema.Struct({
    canceled: absentable(Schema.Array(Schema.String)),
    not_canceled: absentable(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
  })
)

/** Balances are base units, whole numbers: micro-units without a point. */
export const readBalance = reading(
  Schema.Struct({
    balance: Schema.String.pipe(Schema.pattern(/^\d{1,78}$/)),
    allowances: absentable(
      Schema.Record({ key: Schema.String, value: Schema.String.pipe(Schema.pattern(/^\d{1,78}$/)) })
    )
  })
)

export const readVersion = reading(Schema.Struct({ version: Schema.Number }))
export const readClosedOnly = reading(Schema.Struct({ closed_only: Schema.Boolean }))
export const readApiKeys = reading(Schema.Struct({ apiKeys: Schema.Array(Schema.Unknown) }))
export const readBeat = reading(Schema.Struct({ heartbeat_id: absentable(Schema.String) }))

/** The words of an answer that was no success: `error`, `errorMsg` or `error_msg`, or the text as it came. */
export const wordsOf = (body: unknown, text: string): string => {
  if (typeof body === "object" && body !== null) {
    for (const key of ["error", "errorMsg", "error_msg"]) {
      const value: unknown = Reflect.get(body, key)
      if (typeof value === "string" && value !== "") return value
    }
  }
  return text
}

/** How long an answer asks to wait, in milliseconds, where its body says so. */
export const patienceOf = (body: unknown): number | undefined => {
  if (typeof body !== "object" || body === null) return undefined
  const seconds: unknown = Reflect.get(body, "retry_after_seconds")
  return typeof seconds === "number" && seconds >= 0 && seconds < 86_400 ? seconds * 1000 : undefined
}
