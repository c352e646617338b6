import type { OutcomeIndex } from "../domain/Market.ts"
import type { Price } from "../domain/Money.ts"
import type { Account } from "./Keys.ts"
import type { Listing } from "./Listing.ts"
import type { VenueOrder } from "./VenueOrder.ts"
import type { Wallet } from "./Wallet.ts"

export type TradeStatus = "MATCHED" | "MINED" | "CONFIRMED" | "RETRYING" | "FAILED"

/** One side's part in a trade that belongs to nobody in particular: what a stranger's order would show. */
export interface Stranger {
  readonly orderId: string
  readonly owner: string
  readonly address: string
}

/** What one resting order gave, in its own outcome and price. */
export interface Made {
  readonly order: VenueOrder | undefined
  readonly stranger: Stranger | undefined
  readonly outcome: OutcomeIndex
  readonly side: "BUY" | "SELL"
  readonly price: Price
  readonly shares: bigint
}

/** What the taker got at one price: notional and fee are reckoned once for all makers at that price. */
export interface TradeLevel {
  /** In prices of the taker's outcome. */
  readonly price: Price
  readonly shares: bigint
  readonly notional: bigint
  readonly fee: bigint
  readonly made: ReadonlyArray<Made>
}

/** Funds that a trade moves once it is mined; without a wallet they are nobody's in particular. */
export interface Leg {
  readonly wallet: Wallet | undefined
  readonly asset: string
  /** Signed, in micro-units. */
  readonly amount: bigint
}

/** A match, and how far its settlement has come. */
export interface Trade {
  readonly id: string
  readonly listing: Listing
  readonly taker: VenueOrder | undefined
  readonly stranger: Stranger | undefined
  readonly outcome: OutcomeIndex
  readonly side: "BUY" | "SELL"
  readonly levels: ReadonlyArray<TradeLevel>
  readonly legs: ReadonlyArray<Leg>
  /** Accounts that have a part in it. */
  readonly parties: ReadonlySet<Account>
  readonly matchedMillis: number
  readonly bucket: number
  /** What a fault makes of its settlement. */
  readonly fate: Fate
  status: TradeStatus
  mined: boolean
  updatedMillis: number
  hash: string
  error: string | undefined
}

/** How a trade settles: as it should, not at all before somebody says so, or by failing. */
export type Fate =
  | { readonly _tag: "Settles" }
  | { readonly _tag: "Stuck" }
  | { readonly _tag: "Fails"; readonly after: "MATCHED" | "MINED" }

export const SETTLES: Fate = { _tag: "Settles" }

export const isOver = ({ status }: Trade): boolean => status === "CONFIRMED" || status === "FAILED"

export const sharesOf = ({ levels }: Pick<Trade, "levels">): bigint =>
  levels.reduce((sum, { shares }) => sum + shares, 0n)
export const notionalOf = ({ levels }: Pick<Trade, "levels">): bigint =>
  levels.reduce((sum, { notional }) => sum + notional, 0n)
export const feesOf = ({ levels }: Pick<Trade, "levels">): bigint => levels.reduce((sum, { fee }) => sum + fee, 0n)
