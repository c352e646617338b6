import type { FeeSchedule } from "../domain/Market.ts"
import { min, type Price, UNIT, Usd } from "../domain/Money.ts"
import type { Quantity } from "../domain/Order.ts"

/** The venue charges in steps of 0.00001 dollars. */
const STEP = 10n
const HALF = UNIT / 2n
const SQUARE = UNIT * UNIT

/** What a market charges from a date on; undefined where that is not known. */
export interface DatedFees {
  readonly fromMillis: number
  readonly fees: FeeSchedule | undefined
}

/** The schedule in force at a time, of schedules in order of their dates; undefined before the first one. */
export const feesAt = (dated: ReadonlyArray<DatedFees>, atMillis: number): FeeSchedule | undefined =>
  dated.findLast((each) => each.fromMillis <= atMillis)?.fees

// A fractional exponent has no exact power. The base is below 1, so the whole exponent below it never charges less.
const powerOf = (schedule: FeeSchedule): bigint => BigInt(Math.max(0, Math.floor(schedule.exponent)))

const floorToStep = (numerator: bigint, denominator: bigint): Usd => Usd((numerator / (denominator * STEP)) * STEP)

/**
 * The fee a taker pays for one fill, in micro-dollars: shares x rate x (price x (1 - price)) ^ exponent, floored to 5
 * decimals per fill. Source: the venue's fee page; the floor is what every fee recorded on chain shows.
 */
export const takerFee = (schedule: FeeSchedule, price: Price, shares: bigint): Usd => {
  const power = powerOf(schedule)
  return floorToStep(shares * schedule.rate * (price * (UNIT - price)) ** power, UNIT * SQUARE ** power)
}

/**
 * The most a BUY can pay in fees, however it is filled at `limit` or below, in micro-dollars.
 *
 * For shares this is the fee at the dearest price, 0.5 or the limit below it. A budget buys more shares the cheaper they
 * are: spent at p it pays budget x rate x (1 - p) x (p (1 - p)) ^ (exponent - 1), of which each factor is taken at its
 * highest, the first one at the lowest price, one tick. Many floored fees never exceed one floored bound.
 */
export const worstFee = (schedule: FeeSchedule, limit: Price, quantity: Quantity, tick: Price): Usd => {
  const dearest = min(limit, HALF)
  const power = powerOf(schedule)
  const steepest = dearest * (UNIT - dearest)
  if (quantity._tag === "Shares") {
    return floorToStep(quantity.shares * schedule.rate * steepest ** power, UNIT * SQUARE ** power)
  }
  if (power === 0n) return floorToStep(quantity.usd * schedule.rate, tick)
  return floorToStep(
    quantity.usd * schedule.rate * (UNIT - tick) * steepest ** (power - 1n),
    SQUARE * SQUARE ** (power - 1n)
  )
}
