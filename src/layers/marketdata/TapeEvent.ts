import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { Level } from "../../domain/Book.ts"
import type { Price } from "../../domain/Money.ts"
import { Price as toPrice } from "../../domain/Money.ts"
import * as Clob from "./ClobMarket.ts"
import * as Gamma from "./GammaMarket.ts"
import { absentable, conditionId, Decimal, reading, shown, TextList } from "./Wire.ts"
import * as WireBook from "./WireBook.ts"

/** One thing a recording tells. `market` and `asset` are absent where only the file's name tells them. */
export type TapeEvent =
  | { readonly _tag: "Book"; readonly book: WireBook.WireBook }
  | {
      readonly _tag: "Changes"
      readonly market: string
      readonly millis: number | undefined
      readonly changes: ReadonlyArray<Change>
    }
  | {
      readonly _tag: "Tick"
      readonly market: string
      readonly asset: string
      readonly millis: number | undefined
      readonly tick: Price
    }
  | {
      readonly _tag: "Resolved"
      readonly market: string
      readonly millis: number | undefined
      readonly assets: ReadonlyArray<string>
      readonly winner: string
    }
  /** Trades and best quotes: no book comes of them, but a market is named. */
  | {
      readonly _tag: "Named"
      readonly market: string
      readonly asset: string
      readonly millis: number | undefined
    }
  | { readonly _tag: "Gamma"; readonly gamma: Gamma.GammaMarket }
  | { readonly _tag: "Clob"; readonly clob: Clob.ClobMarket; readonly market: string }
  /** A message of a type we do not know: passed over, and told. */
  | { readonly _tag: "Strange"; readonly type: string }

/** A level's new size, in prices of the asset. */
export interface Change {
  readonly asset: string
  readonly side: "bid" | "ask"
  readonly level: Level
}

type Fields = { readonly [key: string]: unknown }
type Read = Either.Either<ReadonlyArray<TapeEvent>, string>

const required = (fields: Fields, key: string): Either.Either<string, string> =>
  Either.filterOrLeft(
    WireBook.textAt(fields, key),
    Predicate.isNotUndefined,
    () => `${key}: expected a text, found ${shown(fields[key])}`
  )

const changes = (fields: Fields): Read =>
  Either.gen(function* () {
    const list = fields.price_changes
    if (!Array.isArray(list)) {
      return yield* Either.left(`price_changes: expected a list of changes, found ${shown(list)}`)
    }
    const found: Array<Change> = []
    for (const [index, entry] of list.entries()) {
      const at = `price_changes[${index}]`
      const nested = <A>(part: Either.Either<A, string>) => Either.mapLeft(part, (fault) => `${at}.${fault}`)
      if (!Predicate.isRecord(entry)) return yield* Either.left(`${at}: expected a change, found ${shown(entry)}`)
      const side = entry.side === "BUY" ? "bid" : entry.side === "SELL" ? "ask" : undefined
      if (side === undefined) return yield* Either.left(`${at}.side: expected BUY or SELL, found ${shown(entry.side)}`)
      const asset = yield* nested(required(entry, "asset_id"))
      found.push({ asset, side, level: yield* nested(WireBook.level(entry.price, entry.size)) })
    }
    const market = yield* required(fields, "market")
    return [{ _tag: "Changes" as const, market, millis: yield* WireBook.millisAt(fields, "timestamp"), changes: found }]
  })

const named = (fields: Fields): Read =>
  Either.gen(function* () {
    const [market, asset] = [yield* required(fields, "market"), yield* required(fields, "asset_id")]
    return [{ _tag: "Named" as const, market, asset, millis: yield* WireBook.millisAt(fields, "timestamp") }]
  })

const tickSize = (fields: Fields): Read =>
  Either.gen(function* () {
    const [market, asset] = [yield* required(fields, "market"), yield* required(fields, "asset_id")]
    const tick = yield* WireBook.microAt(fields, "new_tick_size")
    if (tick === undefined) return yield* Either.left("new_tick_size: expected a decimal, found nothing")
    const millis = yield* WireBook.millisAt(fields, "timestamp")
    return [{ _tag: "Tick" as const, market, asset, millis, tick: toPrice(tick) }]
  })

const Resolution = reading(
  Schema.Struct({ market: Schema.String, assets_ids: absentable(TextList), winning_asset_id: Schema.String })
)

const resolved = (fields: Fields): Read =>
  Either.gen(function* () {
    const { assets_ids, market, winning_asset_id } = yield* Resolution(fields)
    const millis = yield* WireBook.millisAt(fields, "timestamp")
    return [{ _tag: "Resolved" as const, market, millis, assets: assets_ids ?? [], winner: winning_asset_id }]
  })

const Announced = reading(
  Schema.Struct({
    id: Schema.Unknown,
    market: Schema.String,
    slug: Schema.optional(Schema.Unknown),
    question: Schema.optional(Schema.Unknown),
    outcomes: TextList,
    assets_ids: TextList,
    order_price_min_tick_size: Schema.optional(Decimal),
    fees_enabled: absentable(Schema.Boolean),
    fee_schedule: Schema.optional(Schema.Unknown)
  })
)

// A new market is announced in other words than Gamma's, but says the same.
const announced = (fields: Fields): Read =>
  Either.flatMap(Announced(fields), (found) =>
    Either.map(
      Gamma.read({
        ...found,
        conditionId: found.market,
        clobTokenIds: found.assets_ids,
        active: true,
        enableOrderBook: true,
        acceptingOrders: true,
        orderPriceMinTickSize: fields.order_price_min_tick_size,
        feesEnabled: found.fees_enabled,
        feeSchedule: found.fee_schedule
      }),
      (gamma) => [{ _tag: "Gamma" as const, gamma }]
    )
  )

const book = (fields: Fields): Read =>
  Either.map(WireBook.read(fields), (found) => [{ _tag: "Book" as const, book: found }])

const gamma = (fields: Fields): Read =>
  Either.map(Gamma.read(fields), (found) => [{ _tag: "Gamma" as const, gamma: found }])

const clob = (fields: Fields): Read =>
  Either.gen(function* () {
    return [{ _tag: "Clob" as const, clob: yield* Clob.read(fields), market: yield* required(fields, "c") }]
  })

const EVENTS: Readonly<Record<string, (fields: Fields) => Read>> = {
  book,
  price_change: changes,
  last_trade_price: named,
  best_bid_ask: named,
  tick_size_change: tickSize,
  new_market: announced,
  market_resolved: resolved
}

const listed = (key: string, list: ReadonlyArray<unknown>): Read => {
  const events: Array<TapeEvent> = []
  for (const [index, entry] of list.entries()) {
    const found = read(entry)
    if (Either.isLeft(found)) return Either.left(`${key}[${index}]: ${found.left}`)
    for (const event of found.right) events.push(event)
  }
  return Either.right(events)
}

/**
 * What one JSON value of a recording tells: a message of the market channel, a book of the REST API, a market record of
 * Gamma or of `/clob-markets`, a list of those, or `{books, markets}`. A value of none of these shapes is a fault.
 */
export const read = (value: unknown): Read => {
  if (Array.isArray(value)) return listed("", value)
  if (!Predicate.isRecord(value))
    return Either.left(`expected a book, an event or a market record, found ${shown(value)}`)
  if (typeof value.event_type === "string") {
    const known = EVENTS[value.event_type]
    return known === undefined ? Either.right([{ _tag: "Strange", type: value.event_type }]) : known(value)
  }
  if ("bids" in value || "asks" in value) return book(value)
  if ("price_changes" in value) return changes(value)
  if ("conditionId" in value) return gamma(value)
  if ("c" in value && "t" in value) return clob(value)
  if (Array.isArray(value.books) || Array.isArray(value.markets)) {
    const [markets, books] = [value.markets ?? [], value.books ?? []]
    if (!Array.isArray(markets)) return Either.left(`markets: expected a list, found ${shown(markets)}`)
    if (!Array.isArray(books)) return Either.left(`books: expected a list, found ${shown(books)}`)
    return Either.flatMap(listed("markets", markets), (first) =>
      Either.map(listed("books", books), (second) => [...first, ...second])
    )
  }
  return Either.left("neither a book, an event of the market channel nor a market record")
}

/** The market an event belongs to, in the form we key by. */
export const marketOf = (event: TapeEvent): string | undefined => {
  switch (event._tag) {
    case "Book":
      return event.book.market === undefined ? undefined : conditionId(event.book.market)
    case "Gamma":
      return conditionId(event.gamma.conditionId)
    case "Strange":
      return undefined
    default:
      return conditionId(event.market)
  }
}
