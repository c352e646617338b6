import type { ConditionId } from "./Market.ts"
import type { Price, Shares, Usd } from "./Money.ts"
import type { News } from "./News.ts"
import type { Bands, OrderStatus } from "./Order.ts"

/** Who moved: the maker's order rested, the taker's met it. Only the taker pays a fee. */
export type Liquidity = "maker" | "taker"

/** One fill of an order, at one price. */
export interface Fill {
  readonly shares: Shares
  readonly price: Price
  /** Notional in micro-dollars, unsigned: what a buyer pays, what a seller receives, fee apart. */
  readonly notional: Usd
  readonly fee: Usd
  readonly liquidity: Liquidity
  readonly atMillis: number
  /** A match that may still fail is not final; simulated fills are. */
  readonly final: boolean
  readonly externalId: string | undefined
}

/** What a venue says of one order at one time: its fills since the last answer, and where it stands now. */
export interface Answer {
  readonly orderId: string
  readonly status: OrderStatus
  readonly fills: ReadonlyArray<Fill>
  readonly bands: Bands
  /** Why it was refused, killed, cancelled or expired, in words. */
  readonly reason: string | undefined
  readonly atMillis: number
  readonly externalOrderId: string | undefined
}

/** Shares of one displayed level that are ours already, in one band. */
export interface Deficit {
  readonly pessimistic: Shares
  readonly neutral: Shares
  readonly optimistic: Shares
}

/** What is remembered of one displayed level: its size when last seen, and what we have taken of it. */
export interface RememberedLevel {
  readonly side: "bid" | "ask"
  /** In prices of the first outcome. */
  readonly price: Price
  readonly size: Shares
  readonly deficit: Deficit
}

/**
 * What a simulated venue must remember of a market between two runs, so that the same displayed shares are never filled
 * twice. It is committed with the fills that changed it.
 */
export interface MarketMemory {
  readonly conditionId: ConditionId
  /** The version that was read, 0 where nothing was remembered: the commit refuses a memory that has moved on since. */
  readonly version: number
  readonly tick: Price
  readonly seenMillis: number
  readonly levels: ReadonlyArray<RememberedLevel>
}

/**
 * What a venue says: one commit. A simulated venue answers, and each answer is what is new since the last one; a real one
 * has news, which may come late, twice and out of order.
 */
export interface Reply {
  readonly answers: ReadonlyArray<Answer>
  readonly memory: ReadonlyArray<MarketMemory>
  readonly news?: ReadonlyArray<News>
}
