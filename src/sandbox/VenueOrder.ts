import type { OutcomeIndex } from "../domain/Market.ts"
import type { Price } from "../domain/Money.ts"
import type { ApiKey } from "./Keys.ts"
import type { Listing } from "./Listing.ts"
import type { Wallet } from "./Wallet.ts"

export type OrderType = "GTC" | "GTD" | "FOK" | "FAK"
export type OrderStatus = "LIVE" | "MATCHED" | "CANCELED" | "CANCELED_MARKET_RESOLVED"

/** An order of an account, as the venue holds it. Amounts in micro-units. */
export interface VenueOrder {
  /** Its EIP-712 hash, 0x and 64 digits. */
  readonly id: string
  readonly key: ApiKey
  readonly wallet: Wallet
  readonly listing: Listing
  readonly outcome: OutcomeIndex
  readonly side: "BUY" | "SELL"
  /** Limit price of its own outcome. */
  readonly price: Price
  /** What it is for: shares, or, where it is sized in dollars, at least so many. */
  readonly shares: bigint
  /** Dollars to spend, for FOK and FAK buys. */
  readonly budget: bigint | undefined
  readonly type: OrderType
  readonly postOnly: boolean
  /** Unix seconds as it was posted; "0" without. */
  readonly expiration: bigint
  readonly createdMillis: number
  status: OrderStatus
  /** Waits for the end of its taker delay. */
  delayed: boolean
  matched: bigint
  /** What is held of its wallet while it rests: dollars of a BUY, shares of a SELL. */
  held: bigint
  readonly trades: Array<string>
}

/** Shares that it may still fill by resting. */
export const remaining = (order: VenueOrder): bigint =>
  order.budget === undefined && order.matched < order.shares ? order.shares - order.matched : 0n

export const isResting = (order: VenueOrder): boolean => order.status === "LIVE" && !order.delayed
