import * as Either from "effect/Either"
import type { BookSnapshot, DataFault, Level } from "../domain/Book.ts"
import { format, UNIT } from "../domain/Money.ts"
import { LARGEST } from "./Book.ts"

const MOST = BigInt(LARGEST)

const faultOfLevel = (side: string, { price, size }: Level, tick: bigint): string | undefined => {
  if (price <= 0n || price >= UNIT) return `${side} price ${format(price)} is not between 0 and 1`
  if (price % tick !== 0n) return `${side} price ${format(price)} is off the grid of ${format(tick)}`
  if (size <= 0n) return `${side} of ${format(price)} has size ${format(size)}`
  if (size > MOST) return `${side} of ${format(price)} has the impossible size ${format(size)}`
  return undefined
}

/** `outward` is -1n for bids, which fall from the best one on, and 1n for asks, which rise. */
const faultOfSide = (side: string, levels: ReadonlyArray<Level>, tick: bigint, outward: bigint): string | undefined => {
  let previous: bigint | undefined
  for (const level of levels) {
    const fault = faultOfLevel(side, level, tick)
    if (fault !== undefined) return fault
    if (previous === level.price) return `${side} price ${format(level.price)} is there twice`
    if (previous !== undefined && (level.price - previous) * outward < 0n) {
      return `${side} price ${format(level.price)} is out of order`
    }
    previous = level.price
  }
  return undefined
}

const faultOf = ({ asks, bids, tick }: BookSnapshot): string | undefined => {
  if (tick <= 0n || UNIT % tick !== 0n) return `tick ${format(tick)} does not divide 1`
  const fault = faultOfSide("bid", bids, tick, -1n) ?? faultOfSide("ask", asks, tick, 1n)
  if (fault !== undefined) return fault
  const [bid, ask] = [bids[0], asks[0]]
  if (bid === undefined && ask === undefined) return "the book is empty"
  if (bid !== undefined && ask !== undefined && bid.price >= ask.price) {
    const word = bid.price === ask.price ? "locked" : "crossed"
    return `the book is ${word}: best bid ${format(bid.price)}, best ask ${format(ask.price)}`
  }
  return undefined
}

/**
 * A snapshot that can be traded on, or what is wrong with it: a best bid at or above the best ask, nothing on either
 * side, a price off the grid, outside (0, 1), out of order or there twice, a size that is not positive. One empty side
 * is no fault: outcomes near certainty have none.
 */
export const check = (snapshot: BookSnapshot): Either.Either<BookSnapshot, DataFault> => {
  const reason = faultOf(snapshot)
  return reason === undefined
    ? Either.right(snapshot)
    : Either.left({ conditionId: snapshot.conditionId, reason } satisfies DataFault)
}
