import type { ConditionId, FeeSchedule, OutcomeIndex, Payouts } from "../domain/Market.ts"
import type { Price, Shares } from "../domain/Money.ts"
import type { Exchange } from "../polymarket/Contracts.ts"
import type { Ladder } from "./Ladder.ts"

/** What is fixed about one market of the sandbox. */
export interface Terms {
  /** Gamma's numeric id. */
  readonly gammaId: string
  readonly slug: string
  readonly question: string
  /** 64 hex digits; Gamma tells a v2 condition by its first 62. */
  readonly conditionId: ConditionId
  readonly outcomes: readonly [string, string]
  readonly tokens: readonly [string, string]
  readonly version: "v1" | "v2"
  readonly negRisk: boolean
  readonly tick: Price
  readonly minSize: Shares
  readonly fees: FeeSchedule
  /** How long a marketable order waits before it meets the book. */
  readonly takerDelayMillis: number
}

/** One market as it stands now. */
export interface Listing extends Terms {
  /** The exchange that its orders are signed for. */
  readonly exchange: Exchange
  /** Both outcomes' book, in prices of the first one. */
  ladder: Ladder
  accepting: boolean
  /** Set once it is resolved. */
  payouts: Payouts | undefined
  resolvedMillis: number | undefined
  lastTrade: { readonly price: Price; readonly side: "BUY" | "SELL"; readonly outcome: OutcomeIndex } | undefined
  /** When the book last changed. */
  bookMillis: number
}

/** One outcome of a market: what a token id names. */
export interface Instrument {
  readonly listing: Listing
  readonly outcome: OutcomeIndex
}

export const tokenOf = ({ listing, outcome }: Instrument): string => listing.tokens[outcome]
export const other = (outcome: OutcomeIndex): OutcomeIndex => (outcome === 0 ? 1 : 0)

/** A v2 condition as Gamma writes it: 62 digits. */
export const gammaCondition = ({ conditionId, version }: Terms): string =>
  version === "v2" ? conditionId.slice(0, 64) : conditionId
