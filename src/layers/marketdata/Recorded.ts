import { resolve } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import { MarketDataUnavailable } from "../../domain/Failure.ts"
import type { Market } from "../../domain/Market.ts"
import { MarketData, type UnknownMarket } from "../MarketData.ts"
import { bookAt, marketAt, type RecordedMarket } from "./RecordedMarket.ts"
import { collector, type Recording } from "./Recording.ts"
import { files } from "./TapeFile.ts"
import { conditionId, isCondition } from "./Wire.ts"
import { fault } from "./WireBook.ts"

const load = Effect.fn("MarketData.Recorded.load")(function* (path: string) {
  const source = `file:${path}`
  const tape = collector(source)
  const unreadable = (message: string) => new MarketDataUnavailable({ source, message })
  for (const file of yield* files(path)) yield* Effect.mapError(tape.add(yield* file), unreadable)
  const recording = yield* Effect.mapError(tape.finish(), unreadable)
  if (recording.markets.length + recording.unusable.size === 0)
    return yield* unreadable(`${path}: no market is recorded in it`)
  if (recording.strange.size > 0) {
    yield* Effect.logWarning(
      `${path}: messages of unknown types were passed over: ${[...recording.strange].join(", ")}`
    )
  }
  return recording
})

const MOST_LISTED = 5

const held = ({ markets }: Recording): string => {
  const names = markets.slice(0, MOST_LISTED).map(({ record }) => record.slug)
  return `${names.join(", ")}${markets.length > MOST_LISTED ? ` and ${markets.length - MOST_LISTED} more` : ""}`
}

/** The markets that the ids mean, with the name each of them was asked for by where it is not one of its own. */
const find = (recording: Recording, ids: ReadonlyArray<string>) => {
  const byName = new Map<string, RecordedMarket>()
  for (const market of recording.markets) for (const name of market.names) byName.set(name, market)
  const known = (id: string) => byName.get(id) ?? byName.get(conditionId(id))
  const [only] = recording.markets
  const [asked, ...others] = new Set(ids)
  const alone = recording.markets.length === 1 && others.length === 0 && asked !== undefined
  // A simulated market and another market's condition id are never meant by a file that names its own market.
  const excluded = (id: string) =>
    id.startsWith("sim-") || recording.unusable.has(id) || (isCondition(id) && only?.nameless === false)
  return (id: string): { readonly market: RecordedMarket; readonly marketId: string } | undefined => {
    const market = known(id)
    if (market !== undefined) return { market, marketId: market.record.marketId }
    return alone && only !== undefined && !excluded(id) ? { market: only, marketId: id } : undefined
  }
}

/**
 * Recorded books: a file, or all files of a directory, `.json` or `.jsonl`, `.gz` or not. They may hold books of the REST
 * API, messages of the market channel (a tape), rows of books without ids (then the file is named
 * `<slug>.<up|down>.books.jsonl`), and market records of Gamma and `/clob-markets`, from which fees, tick, minimum size
 * and outcomes are taken; without one a market has no fees, a minimum of 5 shares, and the tick that its prices need.
 *
 * The book served is the one as of Effect's Clock: of a recording of the past, its last state. Both tokens of a market
 * make one book; the token that is met first is the first outcome, unless a market record or the file's name says
 * otherwise. A market is found by condition id, token id, slug, numeric id or file name; and where the file holds one
 * market and a single id is asked for that matches nothing, that market is meant all the same: the operator named the
 * file. Only the condition id of another market is refused, since it can mean nothing else.
 *
 * The file is read when something is first asked for.
 */
export const layer = (given: string): Layer.Layer<MarketData> =>
  Layer.effect(
    MarketData,
    Effect.gen(function* () {
      const path = resolve(given)
      const recording = yield* Effect.cached(load(path))

      const markets = Effect.fn("MarketData.Recorded.markets")(function* (ids: ReadonlyArray<string>) {
        const all = yield* recording
        const now = yield* Clock.currentTimeMillis
        const found = find(all, ids)
        return new Map(
          ids.map((id): readonly [string, Either.Either<Market, UnknownMarket>] => {
            const meant = found(id)
            return [
              id,
              meant === undefined
                ? Either.left({
                    id,
                    reason: all.unusable.get(id) ?? `${path} does not hold it; it holds ${held(all)}`
                  })
                : Either.right({ ...marketAt(meant.market, now), marketId: meant.marketId })
            ]
          })
        )
      })

      const books = Effect.fn("MarketData.Recorded.books")(function* (wanted: ReadonlyArray<Market>) {
        const all = yield* recording
        const now = yield* Clock.currentTimeMillis
        const byCondition = new Map(all.markets.map((market) => [market.record.conditionId, market]))
        return new Map(
          wanted.map((market) => {
            const recorded = byCondition.get(market.conditionId)
            const book =
              recorded === undefined ? fault(market.conditionId, "not in this recording") : bookAt(recorded, now)
            return [market.conditionId, book] as const
          })
        )
      })

      return MarketData.of({ markets, books })
    })
  )
