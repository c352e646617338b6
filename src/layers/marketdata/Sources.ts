import { resolve } from "node:path"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { BookSnapshot, DataFault } from "../../domain/Book.ts"
import type { MarketDataUnavailable } from "../../domain/Failure.ts"
import type { ConditionId, Market } from "../../domain/Market.ts"
import { MarketData, type Source, source as sourceOf, type UnknownMarket } from "../MarketData.ts"

type Service = Context.Tag.Service<typeof MarketData>
type Answer = Either.Either<Market, UnknownMarket>

export interface Options {
  /** What the operator named; absent, every market comes from where it came from before, and new ones from the venue. */
  readonly chosen: Option.Option<Source>
  /** Opens a source; asked once for each. */
  readonly open: (source: Source) => Effect.Effect<Service, MarketDataUnavailable>
  /** Which source (`Market.source`) markets on record came from, by condition id. */
  readonly remembered: (
    ids: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<ConditionId, string>, MarketDataUnavailable>
}

const LIVE: Source = { _tag: "Live" }
const SIM: Source = { _tag: "Sim" }

/** As markets name their source: a path from the root, so that a file is one source whatever it was called by. */
const nameOf = (source: Source): string =>
  source._tag === "File" ? `file:${resolve(source.path)}` : source._tag === "Sim" ? "sim" : "live"

const grouped = <A>(items: ReadonlyArray<A>, key: (item: A) => string): ReadonlyMap<string, Array<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}

/**
 * One MarketData out of several sources. The chosen one is asked first; what it does not know comes from the source on
 * record for it, and ids that begin with `sim-` from the simulation. Books follow the source their market came from; when
 * a source that was not chosen fails, its markets have faulty books and the others go on.
 */
export const make = Effect.fn("MarketData.Sources")(function* (options: Options) {
  const opened = yield* Effect.cachedFunction((name: string) =>
    options.open(Option.getOrElse(sourceOf(name), () => LIVE))
  )
  const first = Option.getOrElse(options.chosen, () => LIVE)
  const asks = (name: string, ids: ReadonlyArray<string>) =>
    Effect.flatMap(opened(name), (source) => source.markets(ids))

  const markets: Service["markets"] = Effect.fn("MarketData.Sources.markets")(function* (ids) {
    const answers = new Map<string, Answer>()
    const unanswered = () =>
      ids.filter((id) => {
        const answer = answers.get(id)
        return answer === undefined || Either.isLeft(answer)
      })
    const absorb = (found: ReadonlyMap<string, Answer>) => {
      for (const [id, answer] of found) if (Either.isRight(answer) || !answers.has(id)) answers.set(id, answer)
    }
    // The venue knows no simulated market, so it is not asked for one; a recorded file may hold one.
    const asked = first._tag === "Live" ? ids.filter((id) => !id.startsWith("sim-")) : ids
    if (Option.isSome(options.chosen) && asked.length > 0) absorb(yield* asks(nameOf(first), asked))
    const onRecord = yield* options.remembered(unanswered())
    const elsewhere = unanswered().filter((id) => onRecord.has(id) || id.startsWith("sim-"))
    for (const [name, group] of grouped(elsewhere, (id) => onRecord.get(id) ?? nameOf(SIM))) {
      if (name !== nameOf(first) || Option.isNone(options.chosen)) absorb(yield* asks(name, group))
    }
    const fresh = unanswered().filter((id) => !answers.has(id))
    if (fresh.length > 0) absorb(yield* asks(nameOf(first), fresh))
    return answers
  })

  const books: Service["books"] = Effect.fn("MarketData.Sources.books")(function* (wanted) {
    const found = new Map<ConditionId, Either.Either<BookSnapshot, DataFault>>()
    for (const [name, group] of grouped(wanted, (market) => market.source)) {
      const answer = yield* Effect.either(Effect.flatMap(opened(name), (source) => source.books(group)))
      if (Either.isRight(answer)) for (const [id, book] of answer.right) found.set(id, book)
      else if (name === nameOf(first)) return yield* Effect.fail(answer.left)
      else {
        for (const { conditionId } of group)
          found.set(conditionId, Either.left({ conditionId, reason: answer.left.message }))
      }
    }
    return found
  })

  return MarketData.of({ markets, books })
})
