import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type { InvalidInput } from "../../domain/Failure.ts"
import { labelOf } from "../../domain/Label.ts"
import { BLOCK_ROWS } from "../Block.ts"
import { micro } from "../Decimal.ts"
import * as Feed from "../Feed.ts"
import { type Counts, type FeedCore, noCounts, type ReadMarkets } from "../FeedCore.ts"
import { learn } from "../FeedMarkets.ts"
import { fault } from "../TapeFault.ts"
import { isNamed } from "../TapeMarket.ts"
import { type Made, output } from "../TapeOutput.ts"
import type { TapeWriter } from "../TapeWriter.ts"
import * as Csv from "./Csv.ts"
import * as JsonLines from "./JsonLines.ts"
import * as Parquet from "./Parquet.ts"
import { BROKEN, HUNGRY, READY, type Source, timeAt } from "./Source.ts"

export interface Options {
  readonly files: ReadonlyArray<string>
  readonly out: string
  /** Files of market records: Gamma's, or those of `/clob-markets`. */
  readonly marketInfo: ReadonlyArray<string>
  /** Only these markets, by condition id, slug, id or token; all where there are none. */
  readonly markets: ReadonlyArray<string>
  /**
   * Shares assumed at best prices that come without a size. Where nothing is told, messages of best prices are left out, and
   * `USUAL_SHARES` are assumed for files that hold nothing else.
   */
  readonly quoteShares: string | undefined
  /** Takes the place of a tape that is there. */
  readonly replace: boolean
  readonly readMarkets: ReadMarkets
}

/** What an import did. */
export interface Imported extends Made {
  readonly counts: Counts
}

/** The venue's usual minimum. */
const USUAL_SHARES = "5"

/** A file whose messages go back by more than this is not in order of time. */
const MOST_BACKWARDS = 60_000

const openSource = (
  path: string,
  quoteShares: string = USUAL_SHARES
): Effect.Effect<Source, InvalidInput, Scope.Scope> =>
  /\.parquet$/i.test(path)
    ? Parquet.open(path)
    : /\.csv(\.gz)?$/i.test(path)
      ? Csv.open(path, quoteShares)
      : /\.json(\.gz)?$/i.test(path)
        ? JsonLines.openDocument(path)
        : JsonLines.open(path)

interface Head {
  readonly source: Source
  /** When its message at hand came; only kept while there are several files. */
  time: number
}

const malformed = (source: Source, what: string) => fault("malformed_recording", source.place(), what)

/** Goes on to the next message of a file; false after its last. */
const advance = Effect.fnUntraced(function* (head: Head) {
  const { source } = head
  for (;;) {
    const found = source.advance()
    if (found === BROKEN) return yield* malformed(source, source.fault())
    if (found === READY) {
      head.time = timeAt(source)
      return true
    }
    if (!(yield* source.more)) return false
  }
})

const earliest = (heads: ReadonlyArray<Head>): Head | undefined => {
  let [first] = heads
  for (const head of heads) if (first !== undefined && head.time < first.time) first = head
  return first
}

/** Takes messages by plain calls until a file must be read further, something is wrong or a block is full. */
const drain = (
  feed: FeedCore,
  heads: ReadonlyArray<Head>
): { readonly hungry?: Head; readonly wrong?: InvalidInput } => {
  const several = heads.length > 1
  for (;;) {
    const head = several ? earliest(heads) : heads[0]
    if (head === undefined) return {}
    const { source } = head
    feed.label = source.label()
    feed.source = source.path
    const hot = source.hot?.()
    const taken = hot !== undefined && Feed.takeHot(feed, hot)
    const wrong = taken ? undefined : Feed.take(feed, source.value(), Number.NaN)
    if (wrong !== undefined) return { wrong: malformed(source, wrong) }
    if (feed.counts.latest > MOST_BACKWARDS) {
      const seconds = Math.round(feed.counts.latest / 1000)
      return {
        wrong: malformed(source, `it is ${seconds} s older than a message before it: the file is not in order of time`)
      }
    }
    const next = source.advance()
    if (next === BROKEN) return { wrong: malformed(source, source.fault()) }
    if (next === HUNGRY) return { hungry: head }
    if (several) head.time = timeAt(source)
    if (feed.rows.rows >= BLOCK_ROWS) return {}
  }
}

const feedAll = Effect.fnUntraced(function* (feed: FeedCore, writer: TapeWriter, sources: ReadonlyArray<Source>) {
  const heads: Array<Head> = []
  for (const source of sources) {
    const head = { source, time: 0 }
    if (yield* advance(head)) heads.push(head)
  }
  while (heads.length > 0) {
    const { hungry, wrong } = drain(feed, heads)
    if (wrong !== undefined) return yield* wrong
    yield* writer.flushFull
    if (hungry === undefined) continue
    if ((yield* hungry.source.more) && (yield* advance(hungry))) continue
    heads.splice(heads.indexOf(hungry), 1)
  }
})

const records = Effect.fnUntraced(function* (paths: ReadonlyArray<string>, readMarkets: ReadMarkets) {
  const entries: Array<{ readonly value: unknown; readonly place: string }> = []
  for (const path of paths) {
    const source = /\.(jsonl|ndjson)(\.gz)?$/i.test(path)
      ? yield* JsonLines.open(path)
      : yield* JsonLines.openDocument(path)
    const head = { source, time: 0 }
    while (yield* advance(head)) entries.push({ value: source.value(), place: source.place() })
  }
  const found = readMarkets(entries, `file:${paths.join(",")}`)
  if (Either.isLeft(found)) return yield* fault("malformed_recording", "market info", found.left)
  return found.right
})

/**
 * Makes a tape of recorded files, merged in order of receipt. Reads JSON lines and documents of the market channel's
 * messages, of REST books, of public trades and of market records (gzip or not), best quotes as CSV, and Parquet archives.
 * Fails with the file, the line and what is wrong with it at the first that cannot be read, and then leaves no tape.
 */
export const run = Effect.fn("Import.run")(function* (options: Options) {
  const { files, marketInfo, markets, out, quoteShares, readMarkets, replace } = options
  const counts = noCounts()
  const made = yield* output(out, replace, (writer) =>
    Effect.gen(function* () {
      const feed = Feed.make({
        writer,
        label: labelOf(out),
        source: "file",
        readMarkets,
        counts,
        quoteShares: quoteShares === undefined ? 0 : micro(quoteShares),
        wants: (market) => markets.length === 0 || markets.some((name) => isNamed(market, name))
      })
      for (const market of yield* records(marketInfo, readMarkets)) learn(feed, market)
      yield* feedAll(feed, writer, yield* Effect.forEach(files, (path) => openSource(path, quoteShares)))
    })
  )
  return { ...made, counts } satisfies Imported
}, Effect.scoped)
