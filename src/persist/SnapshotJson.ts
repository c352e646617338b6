import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { MarketMemory, RememberedLevel } from "../domain/Answer.ts"
import type { BookSnapshot } from "../domain/Book.ts"
import type { Market } from "../domain/Market.ts"
import { Micro, PriceText, SharesText, UsdText } from "../domain/Money.ts"
import { canonical } from "./Audit.ts"

/** What JSON leaves out is undefined in the domain. */
const orAbsent = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.optionalToRequired(schema, Schema.UndefinedOr(Schema.typeSchema(schema)), {
    decode: Option.getOrUndefined,
    encode: Option.fromNullable
  })

const MarketJson = Schema.Struct({
  marketId: Schema.String,
  slug: Schema.String,
  conditionId: Schema.String,
  question: Schema.String,
  outcomes: Schema.Tuple(Schema.String, Schema.String),
  tokenIds: Schema.Tuple(Schema.String, Schema.String),
  tick: PriceText,
  minSize: SharesText,
  fees: orAbsent(Schema.Struct({ rate: Micro, exponent: Schema.Number })),
  negRisk: Schema.Boolean,
  version: Schema.Literal("v1", "v2"),
  closedBecause: orAbsent(Schema.String),
  takerDelayMillis: Schema.Number,
  payouts: orAbsent(Schema.Tuple(UsdText, UsdText)),
  source: Schema.String
})

const Levels = Schema.Array(Schema.Struct({ price: PriceText, size: SharesText }))

const BookJson = Schema.Struct({
  conditionId: Schema.String,
  bids: Levels,
  asks: Levels,
  tick: PriceText,
  venueMillis: orAbsent(Schema.Number),
  fetchedMillis: Schema.Number
})

/** Side, price, size, and the deficit of the pessimistic, neutral and optimistic band: a list, for its size. */
const LevelJson = Schema.Tuple(Schema.Literal("bid", "ask"), PriceText, SharesText, SharesText, SharesText, SharesText)

const MemoryJson = Schema.Struct({ tick: PriceText, seenMillis: Schema.Number, levels: Schema.Array(LevelJson) })

const decodeMemoryJson = Schema.decodeUnknown(MemoryJson)

/** Decimals are strings; what is undefined is left out. */
export const encodeMarket = (market: Market): string => canonical(market)
export const encodeBook = (book: BookSnapshot): string => canonical(book)

export const decodeMarket = Schema.decodeUnknown(MarketJson)
export const decodeBook = Schema.decodeUnknown(BookJson)

/** A market's memory without its key and version, which have columns of their own. */
export const encodeMemory = (memory: MarketMemory): string =>
  canonical({
    tick: memory.tick,
    seenMillis: memory.seenMillis,
    levels: memory.levels.map(({ deficit, price, side, size }) => [
      side,
      price,
      size,
      deficit.pessimistic,
      deficit.neutral,
      deficit.optimistic
    ])
  })

const level = ([side, price, size, pessimistic, neutral, optimistic]: typeof LevelJson.Type): RememberedLevel => ({
  side,
  price,
  size,
  deficit: { pessimistic, neutral, optimistic }
})

export const decodeMemory = (json: unknown) =>
  Effect.map(decodeMemoryJson(json), ({ levels, ...memory }) => ({ ...memory, levels: levels.map(level) }))
