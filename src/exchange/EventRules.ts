import type { Answer, Fill } from "../domain/Answer.ts"
import type { ConditionId } from "../domain/Market.ts"
import { Price, UNIT } from "../domain/Money.ts"
import type { Order } from "../domain/Order.ts"
import type { Simulation } from "../domain/Plan.ts"
import type { Band } from "./Deficit.ts"
import type { DatedFees } from "./Fees.ts"
import type { Latency } from "./Latency.ts"
import type { Share } from "./Queue.ts"

/** How one market is simulated. */
export interface Rules {
  readonly conditionId: ConditionId
  readonly tick: Price
  /** By date, earliest first. While the fee is not known nothing fills. */
  readonly fees: ReadonlyArray<DatedFees>
  /** How long a marketable order waits before it meets the book. */
  readonly takerDelayMillis: number
  readonly simulation: Simulation
  readonly latency: Latency
  /** What part of a cancellation the neutral band gives to the shares ahead; pessimistic is none, optimistic all. */
  readonly cancellations: Share
  /**
   * How far a print and the fall of the book that it explains may lie apart, in either order, to be one match. The
   * venue's prints come some 30 ms after the book's change, nearly all within 100 ms.
   */
  readonly pairMillis: number
}

/** Who hears of own orders. Called while the engine works: it may submit and cancel, and must not feed events. */
export interface Listener {
  /** An answer of the exchange, at its `atMillis`; the strategy may know of it from `knownMillis` on. */
  readonly answer: (answer: Answer, order: Order, knownMillis: number) => void
  /** A fill in one of the three bands. Those of the neutral one are in the answers, too. */
  readonly fill: (order: Order, band: Band, fill: Fill) => void
}

/** Rules of a market that nothing more is known of than its fee: no latency, no delay, all that is displayed is there. */
export const rulesOf = (
  conditionId: ConditionId,
  tick: Price,
  fees: ReadonlyArray<DatedFees>
): Omit<Rules, "latency"> => ({
  conditionId,
  tick,
  fees,
  takerDelayMillis: 0,
  simulation: { slippageTicks: 0, spreadCushion: Price(0n), liquidityFraction: UNIT },
  cancellations: "proportional",
  pairMillis: 100
})

/** The same rules in one fixed shape, whatever they were put together from: the hot path reads them by place. */
export const settled = (rules: Rules): Rules => ({
  conditionId: rules.conditionId,
  tick: rules.tick,
  fees: rules.fees,
  takerDelayMillis: rules.takerDelayMillis,
  simulation: rules.simulation,
  latency: rules.latency,
  cancellations: rules.cancellations,
  pairMillis: rules.pairMillis
})
