import type { Fill } from "../../domain/Answer.ts"
import type { ConditionId, Payouts } from "../../domain/Market.ts"
import type { Price } from "../../domain/Money.ts"
import type { Order } from "../../domain/Order.ts"
import type { Band } from "../../exchange/Deficit.ts"

/** Best prices of a known book, in prices of the first outcome. */
export interface Quote {
  readonly bid: Price | undefined
  readonly ask: Price | undefined
}

/** Who counts while a run is replayed. Called in order of simulated time; it must only count. */
export interface Observer {
  /** Milliseconds from a fill to each look at where the market went after it. */
  readonly horizons: ReadonlyArray<number>
  readonly sampleMillis: number
  /** The run begins; the books of these markets are known. */
  readonly begun: (atMillis: number, known: ReadonlyArray<ConditionId>) => void
  readonly fill: (band: Band, order: Order, fill: Fill) => void
  readonly settled: (conditionId: ConditionId, payouts: Payouts, atMillis: number) => void
  /** A market's book is known from now on. */
  readonly known: (conditionId: ConditionId, atMillis: number) => void
  /** A market's stream broke at these best prices: its book is not known until the next full one. */
  readonly gap: (conditionId: ConditionId, atMillis: number, last: Quote | undefined) => void
  /** A look at the prices between samples, for their path; returns the milliseconds until the next one. */
  readonly look: (atMillis: number, quoteOf: (conditionId: ConditionId) => Quote | undefined) => number
  readonly sample: (atMillis: number, quoteOf: (conditionId: ConditionId) => Quote | undefined) => void
  /** One horizon (its index) after a fill of the neutral band. */
  readonly markedOut: (horizon: number, order: Order, fill: Fill, quote: Quote | undefined) => void
}
