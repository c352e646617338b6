import type { ConditionId, FeeSchedule, OutcomeIndex } from "./Market.ts"
import { type Price, Shares, UNIT, type Usd } from "./Money.ts"

export type Mode = "paper" | "live"
export type Side = "BUY" | "SELL"
export type SizeUnit = "USDC" | "SHARES"
/** GTC and GTD rest; FOK fills whole or not at all; FAK fills what it can at once and the rest is cancelled. */
export type TimeInForce = "GTC" | "GTD" | "FOK" | "FAK"

/** What is ordered: a number of shares, or (FOK and FAK buys) an amount of dollars to spend, fees apart. */
export type Quantity =
  | { readonly _tag: "Shares"; readonly shares: Shares }
  | { readonly _tag: "Budget"; readonly usd: Usd }

/**
 * `pending` is journalled but not sent; `unknown` was sent and nobody has answered; `delayed` is accepted and not yet
 * matched; `cancelling` is still exposed; `blocked` was refused by our own rules after the journal and never sent.
 */
export type OrderStatus =
  | "pending"
  | "open"
  | "filled"
  | "cancelled"
  | "expired"
  | "rejected"
  | "unknown"
  | "delayed"
  | "cancelling"
  | "blocked"

/** The one table of allowed transitions. Terminal states stay, except that a late fill or a failed trade refolds them. */
const TRANSITIONS: Readonly<Record<OrderStatus, ReadonlyArray<OrderStatus>>> = {
  pending: ["open", "filled", "cancelled", "expired", "rejected", "unknown", "delayed", "blocked"],
  open: ["open", "filled", "cancelled", "expired", "cancelling", "unknown"],
  delayed: ["open", "filled", "cancelled", "expired", "rejected", "cancelling", "unknown"],
  unknown: ["open", "filled", "cancelled", "expired", "rejected", "delayed", "cancelling"],
  cancelling: ["open", "filled", "cancelled", "expired", "unknown"],
  filled: [],
  cancelled: [],
  expired: [],
  rejected: [],
  blocked: []
}

export const mayBecome = (from: OrderStatus, to: OrderStatus): boolean => TRANSITIONS[from].includes(to)

export const isTerminal = (status: OrderStatus): boolean => TRANSITIONS[status].length === 0

/** Statuses that hold cash or shares: whatever may still fill. */
export const EXPOSED: ReadonlyArray<OrderStatus> = ["pending", "open", "delayed", "unknown", "cancelling"]

/** How old a signature may be when its order leaves: what is older was decided on another market. */
export const SIGNATURE_LIFE_MILLIS = 60_000

/** An order made ready for the wire before anything is sent: its id at the venue is known from then on. */
export interface Sealed {
  /** The id at the venue: the hash of what was signed. */
  readonly externalOrderId: string
  /** The signed order as the venue takes it, JSON. Only these bytes are ever sent. */
  readonly signed: string
  readonly signedMillis: number
  /** The taker fee of the market that was decided on: fills at once are booked with it, whoever finds them. */
  readonly fees: FeeSchedule | undefined
}

/** An order as it was decided. Nothing in it changes afterwards; what became of it is its `OrderState`. */
export interface Order {
  readonly id: string
  readonly planId: string
  /** Its place in the plan, from 0. */
  readonly instruction: number
  /** 1, and one more for each retry of a refused instruction. */
  readonly attempt: number
  readonly mode: Mode
  readonly marketId: string
  readonly conditionId: ConditionId
  readonly tokenId: string
  readonly outcomeIndex: OutcomeIndex
  readonly outcome: string
  readonly side: Side
  /** Limit price of the order's own outcome. */
  readonly price: Price
  readonly quantity: Quantity
  /** The plan's words, kept for the report. */
  readonly size: bigint
  readonly sizeUnit: SizeUnit
  readonly feesInclusive: boolean
  readonly timeInForce: TimeInForce
  readonly postOnly: boolean
  /** Most that fees can come to, in micro-dollars: part of what a BUY reserves. */
  readonly worstFee: Usd
  readonly placedMillis: number
  /** When it expires, epoch milliseconds, where it has a lifetime. */
  readonly cancelAfterMillis: number | undefined
  readonly notes: string | undefined
  /** Where the order goes to a real venue. */
  readonly sealed?: Sealed | undefined
}

/** How far an order has come in the two bands that stand beside the neutral (headline) one, in filled shares. */
export interface Bands {
  readonly pessimistic: Shares
  readonly optimistic: Shares
  /** Shares displayed ahead of the resting order when it came to rest, as the optimistic band still counts them. */
  readonly queueAhead: Shares
}

/** An order and what has become of it. */
export interface OrderState {
  readonly order: Order
  readonly status: OrderStatus
  readonly filled: Shares
  /** Notional of its fills, unsigned. */
  readonly notional: Usd
  readonly fees: Usd
  readonly bands: Bands
  readonly reasons: ReadonlyArray<string>
  /** When it was about to leave, epoch milliseconds, where it has gone that far: from then on it may be at the venue. */
  readonly sentMillis?: number | undefined
}

/** Shares an order can still fill, at most. For a budget: what the unspent rest buys at the limit. */
export const remaining = (state: OrderState): Shares => {
  const { price, quantity } = state.order
  const left =
    quantity._tag === "Shares" ? quantity.shares - state.filled : ((quantity.usd - state.notional) * UNIT) / price
  return Shares(left > 0n ? left : 0n)
}

/** Whether an order's lifetime has ended. */
export const isDue = ({ order }: Pick<OrderState, "order">, nowMillis: number): boolean =>
  order.cancelAfterMillis !== undefined && order.cancelAfterMillis <= nowMillis
