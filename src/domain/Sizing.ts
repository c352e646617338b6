import * as Either from "effect/Either"
import { cost, floorTo, max, type Price, Shares, UNIT, Usd, ZERO_USD } from "./Money.ts"
import type { Quantity } from "./Order.ts"
import type { Instruction } from "./Plan.ts"
import { notionalAt } from "./Reserve.ts"

/** Share counts are whole hundredths, whatever the tick (Polymarket's client rounds every size to 2 decimals). */
export const SHARE_STEP = 10_000n
/** Amounts of market buys are whole cents: the venue refuses a third decimal. */
export const CENT = 10_000n
/** Least notional of a BUY that meets the book at once, by the venue's rule: "min size: $1". */
export const MIN_TAKER_NOTIONAL = Usd(UNIT)

/** What of an instruction decides how much is ordered. */
export type Sizable = Pick<
  Instruction,
  "side" | "price" | "size" | "sizeUnit" | "feesInclusive" | "timeInForce" | "postOnly"
>

/** Most that the taker fees of an order can come to, by what it orders: never less for more. */
export type FeeBound = (quantity: Quantity) => Usd

export interface Sized {
  readonly quantity: Quantity
  /** Zero for a post-only order: it never takes. */
  readonly worstFee: Usd
}

/** Why no order can be made of a size. */
export interface Unsizable {
  readonly code: "SIZE_ROUNDS_TO_ZERO" | "SIZE_UNIT_UNSUPPORTED"
  readonly message: string
}

/** FOK and FAK: filled at once as far as possible, never resting. */
export const isImmediate = (instruction: Pick<Sizable, "timeInForce">): boolean =>
  instruction.timeInForce === "FOK" || instruction.timeInForce === "FAK"

/** Whether what is ordered is an amount of dollars to spend instead of a number of shares. */
const isBudget = (instruction: Pick<Sizable, "timeInForce" | "side">): boolean =>
  isImmediate(instruction) && instruction.side === "BUY"

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/**
 * Smallest number of micro-shares, a multiple of 0.01, whose notional at `price` is whole cents. With n hundredths of a
 * share at P micro-dollars the notional is n x P x 10^4 / 10^6 micro-dollars; it is a multiple of 10^4 exactly when 10^6
 * divides n x P, that is when n is a multiple of 10^6 / gcd(P, 10^6). At 0.57 that is 1 share, at 0.50 it is 0.02.
 *
 * The venue refuses marketable buys with finer amounts: "the market buy orders maker amount supports a max accuracy of 2
 * decimals" (Polymarket/py-clob-client issues 121 and 253).
 */
export const wholeCentStep = (price: Price): Shares =>
  Shares((UNIT / BigInt(gcd(Number(price), Number(UNIT)))) * SHARE_STEP)

const stepOf = (instruction: Sizable, marketable: boolean): bigint =>
  instruction.side === "BUY" && marketable && !instruction.postOnly ? wholeCentStep(instruction.price) : SHARE_STEP

/** Largest count of steps, at most `most`, that fits: `fits` holds up to some count and never after it. */
const largest = (most: bigint, fits: (steps: bigint) => boolean): bigint => {
  if (fits(most)) return most
  let [low, high] = [0n, most]
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}

const shareCount = (shares: bigint): Quantity => ({ _tag: "Shares", shares: Shares(shares) })
const budgetOf = (usd: bigint): Quantity => ({ _tag: "Budget", usd: Usd(usd) })

// A post-only order never takes.
const worstFeeOf = (instruction: Sizable, bound: FeeBound, quantity: Quantity): Usd =>
  instruction.postOnly ? ZERO_USD : bound(quantity)

/** Whether fees come out of `size`; a size in shares has no room for them. */
const paysInside = (instruction: Sizable): boolean =>
  instruction.feesInclusive && instruction.sizeUnit === "USDC" && instruction.side === "BUY"

/** The most of a unit, in whole steps, that the size pays for, with its fees where they come out of it. */
const most = (
  instruction: Sizable,
  bound: FeeBound,
  step: bigint,
  quantity: (amount: bigint) => Quantity
): Quantity => {
  const { price, size } = instruction
  const asked = quantity(0n)._tag === "Budget" || instruction.sizeUnit === "SHARES" ? size : (size * UNIT) / price
  const steps = asked / step
  if (!paysInside(instruction)) return quantity(steps * step)
  return quantity(
    step *
      largest(steps, (count) => {
        const ordered = quantity(count * step)
        return notionalAt(price, ordered) + worstFeeOf(instruction, bound, ordered) <= size
      })
  )
}

/**
 * What an instruction orders, and the most its fees can come to. The notional at the limit never exceeds a size in USDC;
 * with `feesInclusive` notional and worst-case fee together do not.
 *
 * - GTC, GTD: the most shares, in hundredths, that the size pays for at the limit; where a BUY would meet the book at
 *   once (`marketable`), the most whose notional is whole cents.
 * - FOK, FAK: a BUY spends the size, floored to whole cents; a SELL is in shares.
 *
 * The price must lie inside (0, 1).
 */
export const size = (instruction: Sizable, marketable: boolean, bound: FeeBound): Either.Either<Sized, Unsizable> => {
  if (instruction.side === "SELL" && instruction.sizeUnit === "USDC")
    return Either.left({ code: "SIZE_UNIT_UNSUPPORTED", message: "a SELL is sized in SHARES" })
  if (isBudget(instruction) && instruction.sizeUnit === "SHARES")
    return Either.left({
      code: "SIZE_UNIT_UNSUPPORTED",
      message: `a ${instruction.timeInForce} BUY spends an amount: size it in USDC`
    })
  const quantity = isBudget(instruction)
    ? most(instruction, bound, CENT, budgetOf)
    : most(instruction, bound, stepOf(instruction, marketable), shareCount)
  return notionalAt(instruction.price, quantity) <= 0n
    ? Either.left({ code: "SIZE_ROUNDS_TO_ZERO", message: "nothing is left of the size after rounding" })
    : Either.right({ quantity, worstFee: worstFeeOf(instruction, bound, quantity) })
}

/** Whole shares that a quantity comes to at its limit price, floored to 0.0001 for a budget: fewer than it may really buy. */
export const sharesAt = (price: Price, quantity: Quantity): Shares =>
  quantity._tag === "Shares" ? quantity.shares : Shares(floorTo((quantity.usd * UNIT) / price, 100n))

const ceilTo = (value: bigint, step: bigint): bigint => ((value + step - 1n) / step) * step

/** Whether the venue's least notional for buys that take applies. */
export const hasLeastNotional = (instruction: Sizable, marketable: boolean): boolean =>
  instruction.side === "BUY" && (isImmediate(instruction) || (marketable && !instruction.postOnly))

/**
 * The smallest `size`, in the instruction's own unit, of which an order can be made that reaches the market's least number
 * of shares and, where it applies, the least notional.
 */
export const smallestSize = (instruction: Sizable, marketable: boolean, bound: FeeBound, minSize: Shares): bigint => {
  const { price, sizeUnit } = instruction
  const leastNotional = hasLeastNotional(instruction, marketable) ? MIN_TAKER_NOTIONAL : 0n
  const inside = (quantity: Quantity) =>
    notionalAt(price, quantity) + (paysInside(instruction) ? worstFeeOf(instruction, bound, quantity) : 0n)
  if (isBudget(instruction)) {
    const least = max<bigint>(max<bigint>(cost(price, minSize), leastNotional), CENT)
    return inside(budgetOf(ceilTo(least, CENT)))
  }
  const step = stepOf(instruction, marketable)
  const forNotional = ceilTo(leastNotional * UNIT, price) / price
  const shares = ceilTo(max<bigint>(max<bigint>(minSize, forNotional), step), step)
  return sizeUnit === "SHARES" ? shares : inside(shareCount(shares))
}
