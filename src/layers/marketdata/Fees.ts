import type { FeeSchedule } from "../../domain/Market.ts"
import { UNIT } from "../../domain/Money.ts"
import type { ClobMarket } from "./ClobMarket.ts"
import type { GammaMarket } from "./GammaMarket.ts"

/** The taker fee as the sources tell it together, or why it cannot be known. */
export interface Fees {
  readonly schedule: FeeSchedule | undefined
  readonly problem: string | undefined
}

interface Claim extends FeeSchedule {
  readonly takerOnly: boolean
}

const FREE: Claim = { rate: 0n, exponent: 1, takerOnly: true }

const claim = (rate: bigint, exponent: bigint | undefined, takerOnly: boolean | null | undefined): Claim => ({
  rate,
  // Every schedule seen says 1; a record with a rate and no exponent means the usual one.
  exponent: Number(exponent ?? UNIT) / Number(UNIT),
  takerOnly: takerOnly !== false
})

const gammaClaim = (gamma: GammaMarket | undefined): Claim | "enabled" | undefined => {
  if (gamma === undefined || isUnsaid(gamma.feesEnabled)) return undefined
  if (!gamma.feesEnabled) return FREE
  const schedule = gamma.feeSchedule
  return schedule?.rate === undefined ? "enabled" : claim(schedule.rate, schedule.exponent, schedule.takerOnly)
}

const isUnsaid = (value: boolean | null | undefined): value is null | undefined => value === null || value === undefined

const clobClaim = (clob: ClobMarket | undefined): Claim | undefined => {
  const fees = clob?.fd
  return fees?.r === undefined ? undefined : claim(fees.r, fees.e, fees.to)
}

const agree = (a: Claim, b: Claim) =>
  a.rate === b.rate && (a.rate === 0n || (a.exponent === b.exponent && a.takerOnly === b.takerOnly))

const unknown = (problem: string): Fees => ({ schedule: undefined, problem })

/**
 * The fee of a market. A source that tells a rate is believed; where neither mentions fees there are none. It fails
 * closed: two rates that differ, a rate that makers would pay too, one outside 0..1, and fees that are enabled at a rate
 * nobody tells are unknown, and nothing may fill there. (`makerBaseFee`, `takerBaseFee`, `mbf`, `tbf` are upper bounds,
 * not the effective rate.)
 */
export const fees = (gamma: GammaMarket | undefined, clob: ClobMarket | undefined): Fees => {
  const [said, traded] = [gammaClaim(gamma), clobClaim(clob)]
  if (said === "enabled" && traded === undefined) return unknown("fees are enabled but no source tells the rate")
  if (typeof said === "object" && traded !== undefined && !agree(said, traded)) {
    return unknown("Gamma and the CLOB tell different fees")
  }
  const { exponent, rate, takerOnly } = traded ?? (typeof said === "object" ? said : FREE)
  if (rate < 0n || rate > UNIT || !(exponent >= 0 && exponent <= 10)) return unknown("the fee schedule makes no sense")
  if (!takerOnly && rate > 0n) return unknown("makers pay fees here, which is not supported")
  return { schedule: { rate, exponent }, problem: undefined }
}
