import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { BookSnapshot, DataFault, Level } from "../../domain/Book.ts"
import { complement, Price, Shares, UNIT } from "../../domain/Money.ts"
import { isAbsent, micro, millis, shown } from "./Wire.ts"

/** A book as the venue sends it, over REST and in the stream: levels in the order of the wire, in its own token's prices. */
export interface WireBook {
  readonly market: string | undefined
  readonly assetId: string | undefined
  readonly millis: number | undefined
  readonly bids: ReadonlyArray<Level>
  readonly asks: ReadonlyArray<Level>
  readonly tick: Price | undefined
  readonly minSize: Shares | undefined
  readonly negRisk: boolean | undefined
}

type Fields = { readonly [key: string]: unknown }

/** An optional text field. */
export const textAt = (fields: Fields, key: string): Either.Either<string | undefined, string> => {
  const value = fields[key]
  return isAbsent(value)
    ? Either.right(undefined)
    : typeof value === "string"
      ? Either.right(value)
      : Either.left(`${key}: expected a text, found ${shown(value)}`)
}

/** An optional time field, as epoch milliseconds. */
export const millisAt = (fields: Fields, key: string): Either.Either<number | undefined, string> =>
  isAbsent(fields[key])
    ? Either.right(undefined)
    : Either.fromOption(millis(fields[key]), () => `${key}: expected a time in digits, found ${shown(fields[key])}`)

/** An optional decimal field, in micro-units. */
export const microAt = (fields: Fields, key: string): Either.Either<bigint | undefined, string> =>
  isAbsent(fields[key])
    ? Either.right(undefined)
    : Either.fromOption(micro(fields[key]), () => `${key}: expected a decimal, found ${shown(fields[key])}`)

/** A price and a size out of what stands at a level or a change. */
export const level = (price: unknown, size: unknown): Either.Either<Level, string> => {
  const [at, shares] = [Option.getOrUndefined(micro(price)), Option.getOrUndefined(micro(size))]
  if (at === undefined) return Either.left(`price: expected a decimal, found ${shown(price)}`)
  if (at < 0n || at > UNIT) return Either.left(`price: expected 0 to 1, found ${shown(price)}`)
  if (shares === undefined) return Either.left(`size: expected a decimal, found ${shown(size)}`)
  if (shares < 0n) return Either.left(`size: expected 0 or more, found ${shown(size)}`)
  return Either.right({ price: Price(at), size: Shares(shares) })
}

/** One side of a book: `{price, size}` or `[price, size]`, each as text or number. */
const levelsAt = (fields: Fields, key: string): Either.Either<ReadonlyArray<Level>, string> => {
  const list = fields[key]
  if (!Array.isArray(list)) return Either.left(`${key}: expected a list of levels, found ${shown(list)}`)
  const levels: Array<Level> = []
  for (const [index, entry] of list.entries()) {
    const found = Array.isArray(entry)
      ? level(entry[0], entry[1])
      : Predicate.isRecord(entry)
        ? level(entry.price, entry.size)
        : Either.left(`expected a price and a size, found ${shown(entry)}`)
    if (Either.isLeft(found)) return Either.left(`${key}[${index}].${found.left}`)
    levels.push(found.right)
  }
  return Either.right(levels)
}

/** Reads a book, or names the field that it cannot read. Fields that only describe the book may be missing. */
export const read = (value: unknown): Either.Either<WireBook, string> =>
  Either.gen(function* () {
    if (!Predicate.isRecord(value)) return yield* Either.left(`expected a book, found ${shown(value)}`)
    const [bids, asks] = [yield* levelsAt(value, "bids"), yield* levelsAt(value, "asks")]
    const [tick, minSize] = [yield* microAt(value, "tick_size"), yield* microAt(value, "min_order_size")]
    const negRisk = value.neg_risk
    return {
      market: yield* textAt(value, "market"),
      assetId: yield* textAt(value, "asset_id"),
      millis: yield* millisAt(value, "timestamp"),
      bids,
      asks,
      tick: tick === undefined ? undefined : Price(tick),
      minSize: minSize === undefined ? undefined : Shares(minSize),
      negRisk: typeof negRisk === "boolean" ? negRisk : undefined
    }
  })

/** One side seen from the other outcome: an offer at p is a bid for the complement at 1 - p. */
export const mirror = (levels: ReadonlyArray<Level>): ReadonlyArray<Level> =>
  levels.map(({ price, size }) => ({ price: complement(price), size }))

const byPrice = (a: Level, b: Level) => (a.price < b.price ? -1 : a.price > b.price ? 1 : 0)

/** The two sides of a book with the best level first; the wire has it last, and promises no order. */
export const sorted = (book: Pick<BookSnapshot, "bids" | "asks">): Pick<BookSnapshot, "bids" | "asks"> => ({
  bids: book.bids.toSorted((a, b) => byPrice(b, a)),
  asks: book.asks.toSorted(byPrice)
})

/** A fault of one market's book. */
export const fault = (conditionId: string, reason: string): Either.Either<never, DataFault> =>
  Either.left({ conditionId, reason })
