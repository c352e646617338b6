import type * as Socket from "@effect/platform/Socket"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type { BookSnapshot, Level } from "../domain/Book.ts"
import type { InvalidInput } from "../domain/Failure.ts"
import { labelOf } from "../domain/Label.ts"
import type { Market } from "../domain/Market.ts"
import { MarketData } from "../layers/MarketData.ts"
import { ASK, BID, type Block, GAP, push, TICK } from "./Block.ts"
import * as Feed from "./Feed.ts"
import type { Counts, FeedCore } from "./FeedCore.ts"
import * as FeedMarket from "./FeedMarket.ts"
import { enterKnown } from "./FeedMarkets.ts"
import { listen, StreamEnded } from "./MarketStream.ts"
import { fromMarket, type TapeMarket } from "./TapeMarket.ts"
import * as TapeWriter from "./TapeWriter.ts"

/** How long the recorder waits, for what. */
export interface Patience {
  readonly pingEvery: Duration.DurationInput
  /** Without data for so long, the books are compared with those of the REST API. */
  readonly silence: Duration.DurationInput
  /** A crash loses at most the rows of so long. */
  readonly flushEvery: Duration.DurationInput
  readonly firstRetry: Duration.DurationInput
  readonly lastRetry: Duration.DurationInput
}

export const PATIENCE: Patience = {
  pingEvery: "10 seconds",
  silence: "30 seconds",
  flushEvery: "5 seconds",
  firstRetry: "500 millis",
  lastRetry: "30 seconds"
}

export interface Options {
  /** The address of the market channel. */
  readonly url: string
  readonly markets: ReadonlyArray<Market>
  /** A new tape, or one that is written further. */
  readonly out: string
  readonly patience?: Patience
  /** Hears of everything that interrupts the recording. */
  readonly tell?: (what: string) => Effect.Effect<void>
  /** Hears of rows as they are told: those from `from` on, by the markets of the tape's table. */
  readonly onRows?: (rows: Block, from: number, markets: ReadonlyArray<TapeMarket>) => void
}

/** What a recording has come to so far. */
export interface Progress {
  readonly counts: Counts
  /** Rows and bytes of the whole tape, with what was there before. */
  rows: number
  bytes: number
  connections: number
  /** Connections that ended, but for the last. */
  drops: number
  /** Times that silence was looked into, and times that it turned out to be nothing but a quiet market. */
  silences: number
  quiet: number
  /** Frames that are no JSON, and messages that cannot be read. */
  garbage: number
  unreadable: number
}

export const noProgress = (counts: Counts): Progress => ({
  counts,
  rows: 0,
  bytes: 0,
  connections: 0,
  drops: 0,
  silences: 0,
  quiet: 0,
  garbage: 0,
  unreadable: 0
})

const showsAll = (market: FeedMarket.FeedMarket, side: number, levels: ReadonlyArray<Level>): boolean =>
  levels.every(({ price, size }) => {
    const step = FeedMarket.stepOf(market, Number(price) / 100)
    return step > 0 && FeedMarket.shown(market, side, step) === Number(size)
  })

const isSame = (market: FeedMarket.FeedMarket, { asks, bids }: BookSnapshot): boolean =>
  market.known &&
  market.levels === bids.length + asks.length &&
  showsAll(market, BID, bids) &&
  showsAll(market, ASK, asks)

/** Whether the REST API shows the books as they are known here; not so where it gives no answer. */
const isConfirmed = Effect.fn("Recorder.isConfirmed")(function* (feed: FeedCore, markets: ReadonlyArray<Market>) {
  const data = yield* MarketData
  const books = yield* Effect.option(data.books(markets))
  if (books._tag === "None") return false
  return markets.every(({ conditionId }) => {
    const [known, told] = [feed.markets.get(conditionId), books.value.get(conditionId)]
    if (known === undefined || known === "unwanted" || told === undefined) return false
    // An empty book is a fault to whoever would trade on it, and yet the same book.
    return Either.isRight(told) ? isSame(known, told.right) : known.known && known.levels === 0
  })
})

/**
 * Records the market channel into a tape, until it is interrupted. A connection that ends is opened again after a while that grows
 * with each attempt; one that says nothing for long is checked against the REST API, and given up unless that shows the
 * very same books. Whenever something may have been missed, the tape has a gap until the fresh books come.
 */
export const run = Effect.fn("Recorder.run")(function* (options: Options, progress: Progress) {
  const { markets, onRows = () => undefined, out, patience = PATIENCE, tell = () => Effect.void, url } = options
  const clock = yield* Effect.clock
  const writer = yield* TapeWriter.make(out, { append: true, durable: true })
  const { counts } = progress
  const feed = Feed.make({
    writer,
    label: labelOf(out),
    source: "live",
    readMarkets: () => Either.right([]),
    closed: true,
    counts
  })
  for (const market of markets) enterKnown(feed, fromMarket(market))
  // What was recorded before ended some time ago.
  if (writer.last() > 0) {
    for (const [index] of writer.table.all.entries())
      push(writer.rows, GAP, index, 0, 0, 0, writer.last(), writer.last())
  }
  const note = () => {
    const { bytes, rows } = writer.written()
    progress.rows = rows + writer.rows.rows
    progress.bytes = bytes
  }
  let heard = clock.unsafeCurrentTimeMillis()
  let heardAnything = false

  const onFrame = (text: string): string | undefined => {
    const trimmed = text.trim()
    if (trimmed === "PONG" || trimmed === "") return undefined
    let value: unknown
    try {
      value = JSON.parse(trimmed)
    } catch {
      progress.garbage++
      return undefined
    }
    const now = clock.unsafeCurrentTimeMillis()
    const before = writer.rows.rows
    const wrong = Feed.take(feed, value, now)
    if (wrong === undefined) {
      heard = now
      heardAnything = true
      onRows(writer.rows, before, writer.table.all)
      return undefined
    }
    // What it would have changed is not known, so no book is.
    writer.rows.rows = before
    progress.unreadable++
    return `a message cannot be read: ${wrong}`
  }

  const watch = Effect.gen(function* () {
    const most = Duration.toMillis(patience.silence)
    let looked = yield* Clock.currentTimeMillis
    heard = looked
    for (;;) {
      const now = yield* Clock.currentTimeMillis
      const quiet = now - Math.max(heard, looked)
      if (quiet < most) {
        yield* Effect.sleep(most - quiet)
        continue
      }
      progress.silences++
      const since = heard
      const confirmed = yield* isConfirmed(feed, markets)
      // Data that came meanwhile explains a difference, and ends the silence anyway.
      if (heard > since) continue
      if (!confirmed) return yield* new StreamEnded({ reason: "it fell silent, and the books have moved on", since })
      progress.quiet++
      looked = yield* Clock.currentTimeMillis
    }
  })

  const tokens = markets.flatMap((market) => market.tokenIds)
  const connection = Effect.raceFirst(listen({ url, tokens, pingEvery: patience.pingEvery, onFrame }), watch)

  const connections = Effect.gen(function* () {
    const [first, most] = [Duration.toMillis(patience.firstRetry), Duration.toMillis(patience.lastRetry)]
    let attempt = 0
    for (;;) {
      heardAnything = false
      progress.connections++
      const ended = yield* Effect.flip(connection)
      progress.drops++
      const before = writer.rows.rows
      Feed.loseAll(feed, ended.since ?? (yield* Clock.currentTimeMillis))
      onRows(writer.rows, before, writer.table.all)
      attempt = heardAnything ? 0 : attempt + 1
      const wait = Math.min(most, first * 2 ** attempt) * (0.5 + (yield* Random.next) / 2)
      yield* tell(`the market channel at ${url} has ended: ${ended.reason}; again in ${Math.ceil(wait / 100) / 10} s`)
      yield* Effect.sleep(wait)
    }
  })

  // A market that was quiet to the end was so until now: its tick, told once more, says how far the tape reaches.
  const ending = Effect.map(Clock.currentTimeMillis, (now) => {
    const at = Math.max(now, writer.last())
    for (const market of new Set(feed.markets.values())) {
      if (market === "unwanted" || !market.known) continue
      push(writer.rows, TICK, market.index, 0, 0, market.tick, at, at)
    }
  })

  const flushing = Effect.repeat(Effect.zipRight(writer.flush, Effect.sync(note)), Schedule.spaced(patience.flushEvery))
  yield* Effect.addFinalizer(() => Effect.sync(note))
  return yield* Effect.raceFirst(connections, Effect.zipRight(flushing, Effect.never)).pipe(
    Effect.ensuring(Effect.ignore(Effect.zipRight(Effect.zipRight(ending, writer.finish), Effect.sync(note))))
  )
}, Effect.scoped) satisfies (
  options: Options,
  progress: Progress
) => Effect.Effect<never, InvalidInput, MarketData | Socket.WebSocketConstructor>
