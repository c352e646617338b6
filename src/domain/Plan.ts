import type { Price, Usd } from "./Money.ts"
import type { Mode, Side, SizeUnit, TimeInForce } from "./Order.ts"

/** One line of a plan: a limit order to place, in the plan's own words made exact. */
export interface Instruction {
  /** Slug, numeric id or condition id. */
  readonly marketId: string
  /** YES, NO or the outcome's own name. */
  readonly outcome: string
  readonly side: Side
  readonly price: Price
  /** Micro-units of `sizeUnit`. */
  readonly size: bigint
  readonly sizeUnit: SizeUnit
  /** The fee is paid out of `size`, not on top. */
  readonly feesInclusive: boolean
  readonly timeInForce: TimeInForce
  readonly postOnly: boolean
  readonly lifetimeSeconds: number | undefined
  readonly notes: string | undefined
}

/** How the simulated venue is to be made harder than the displayed book. */
export interface Simulation {
  /** Ticks by which every taker fill is worse than the level it meets. */
  readonly slippageTicks: number
  /** How far beyond the opposing price a limit must reach before it fills. */
  readonly spreadCushion: Price
  /** The share of displayed size that is really there, in micro-units: 1_000_000n is all of it. */
  readonly liquidityFraction: bigint
}

/** Limits of one run. */
export interface PlanLimits {
  /** Notional of all its orders together. */
  readonly maxNotional: Usd | undefined
  /** Notional of any single order. */
  readonly maxOrderNotional: Usd | undefined
  readonly maxOrders: number | undefined
  /** Distance from bid to ask beyond which a market is left alone. */
  readonly maxSpread: Price | undefined
}

export interface Plan {
  readonly planId: string
  readonly mode: Mode
  /** What a refused instruction does: stops the run, or is left out of it. */
  readonly onReject: "stop" | "skip"
  readonly simulation: Simulation
  readonly limits: PlanLimits
  readonly instructions: ReadonlyArray<Instruction>
  /** SHA-256 of the decoded plan, hex: comments, spacing and `$schema` do not count. */
  readonly hash: string
}
