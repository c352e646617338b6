import type { Price, Shares, Usd } from "./Money.ts"

/** A market's condition id: `0x` and 64 hex digits on the venue, `sim-...` on the simulated one. The key of a market. */
export type ConditionId = string

/** A condition id in the one form we key by: lower case, and the 62 digits of a v2 condition padded to 64. */
export const conditionIdOf = (id: string): ConditionId => {
  const lower = id.trim().toLowerCase()
  return /^0x[0-9a-f]{62}$/.test(lower) ? `${lower}00` : lower
}

/** Which of the market's two outcomes: 0 is the first named one ("Yes", "Up"). */
export type OutcomeIndex = 0 | 1

/** The taker fee of a market: shares x rate x (price x (1 - price)) ^ exponent. */
export interface FeeSchedule {
  /** Micro-units: 0.07 is 70_000n. */
  readonly rate: bigint
  readonly exponent: number
}

/** What a market pays per share of each outcome once it is resolved, in micro-dollars: (1, 0), (0, 1) or (0.5, 0.5). */
export type Payouts = readonly [Usd, Usd]

/** One binary market, as its sources describe it, with everything a decision needs. */
export interface Market {
  /** The id the source knows it by: Gamma's numeric id, or `sim-...`. */
  readonly marketId: string
  readonly slug: string
  readonly conditionId: ConditionId
  readonly question: string
  readonly outcomes: readonly [string, string]
  readonly tokenIds: readonly [string, string]
  readonly tick: Price
  readonly minSize: Shares
  /** Absent when the source does not say: then nothing may fill in it. */
  readonly fees: FeeSchedule | undefined
  readonly negRisk: boolean
  /** Which exchange protocol the market's tokens belong to (venue: Gamma `version`). */
  readonly version: "v1" | "v2"
  /** Why new orders are not taken, or absent when they are. */
  readonly closedBecause: string | undefined
  /** Delay of a marketable order before it meets the book, in milliseconds. */
  readonly takerDelayMillis: number
  readonly payouts: Payouts | undefined
  /** Where the record came from: `live`, `sim` or `file:PATH`. */
  readonly source: string
}

export const isSimulated = (market: { readonly conditionId: ConditionId }): boolean =>
  market.conditionId.startsWith("sim-")

/** One outcome of one market: what a position is held in. */
export interface Instrument {
  readonly conditionId: ConditionId
  readonly outcomeIndex: OutcomeIndex
}

export const instrumentKey = (at: Instrument): string => `${at.conditionId}#${at.outcomeIndex}`

/**
 * The outcome a plan names: the outcome's own name, or YES and NO for the first and the second one whatever they are
 * called ("Up" and "Down", two teams). Own names win, so a market whose second outcome is "Yes" is not misread.
 */
export const outcomeIndex = (outcomes: readonly [string, string], name: string): OutcomeIndex | undefined => {
  const wanted = name.trim().toLowerCase()
  const [first, second] = [outcomes[0].toLowerCase(), outcomes[1].toLowerCase()]
  if (wanted === first) return 0
  if (wanted === second) return 1
  if (first === "no" || second === "yes") return undefined
  return wanted === "yes" ? 0 : wanted === "no" ? 1 : undefined
}
