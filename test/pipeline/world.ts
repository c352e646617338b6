import * as SqlClient from "@effect/sql/SqlClient"
import { assert, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import type { BookSnapshot, DataFault, Level } from "../../src/domain/Book.ts"
import { type Failure, MarketDataUnavailable } from "../../src/domain/Failure.ts"
import type { Market, Payouts } from "../../src/domain/Market.ts"
import { Price, parse, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import * as Db from "../../src/layers/Db.ts"
import { MarketData, type UnknownMarket } from "../../src/layers/MarketData.ts"
import * as Paper from "../../src/layers/venue/Paper.ts"
import { Lease } from "../../src/persist/Lease.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import * as Pipeline from "../../src/pipeline.ts"
import * as RunReport from "../../src/report/RunReport.ts"
import { recycledDatabase } from "../recycled.ts"

/** A side of a book as a test writes it: sizes by price. */
export type Side = Readonly<Record<string, number | string>>
export interface Shown {
  readonly bids?: Side
  readonly asks?: Side
}

/** The markets of a test, and what they show. */
export interface Stage {
  /** What a market shows from now on: each book to one look at it, the last one to all that follow. */
  readonly show: (marketId: string, ...books: ReadonlyArray<Shown>) => Effect.Effect<void>
  /** Changes a market's record, which is otherwise open, on a tick of 0.01, of 5 shares at least and without fees. */
  readonly change: (marketId: string, parts: Partial<Market>) => Effect.Effect<void>
  readonly resolve: (marketId: string, payouts: Payouts) => Effect.Effect<void>
  /** Looks at books that are still answered before the source goes down. */
  readonly breakAfter: (looks: number) => Effect.Effect<void>
}
export const Stage = Context.GenericTag<Stage>("betteroms/test/pipeline/Stage")

const exact = (text: number | string): bigint => {
  const found = parse(String(text))
  return found._tag === "Some" ? found.value : -1n
}

const levels = (side: Side | undefined, sign: bigint): ReadonlyArray<Level> =>
  Object.entries(side ?? {})
    .map(([price, size]) => ({ price: Price(exact(price)), size: Shares(exact(size)) }))
    .sort((a, b) => Number(sign * (a.price - b.price)))

/** A market of the usual kind. */
export const market = (marketId: string, parts: Partial<Market> = {}): Market => ({
  marketId,
  slug: marketId,
  conditionId: `0x${marketId}`,
  question: `Will ${marketId} come to pass?`,
  outcomes: ["Yes", "No"],
  tokenIds: [`${marketId}-yes`, `${marketId}-no`],
  tick: Price(10_000n),
  minSize: Shares(5n * UNIT),
  fees: { rate: 0n, exponent: 1 },
  negRisk: false,
  version: "v1",
  closedBecause: undefined,
  takerDelayMillis: 0,
  payouts: undefined,
  source: "stage",
  ...parts
})

interface Act {
  market: Market
  readonly books: Array<Shown>
}

const staged = Layer.effectContext(
  Effect.sync(() => {
    const acts = new Map<string, Act>()
    let looksLeft = Number.POSITIVE_INFINITY
    const act = (marketId: string): Act => {
      const found = acts.get(marketId) ?? { market: market(marketId), books: [] }
      acts.set(marketId, found)
      return found
    }
    const look = (of: Market, fetchedMillis: number): Either.Either<BookSnapshot, DataFault> => {
      const [book, ...later] = acts.get(of.marketId)?.books ?? []
      if (book === undefined) return Either.left({ conditionId: of.conditionId, reason: "nothing is shown" })
      if (later.length > 0) act(of.marketId).books.shift()
      return Either.right({
        conditionId: of.conditionId,
        bids: levels(book.bids, -1n),
        asks: levels(book.asks, 1n),
        tick: of.tick,
        venueMillis: fetchedMillis,
        fetchedMillis
      })
    }
    const change: Stage["change"] = (marketId, parts) =>
      Effect.sync(() => {
        act(marketId).market = { ...act(marketId).market, ...parts }
      })
    const stage: Stage = {
      show: (marketId, ...books) =>
        Effect.sync(() => act(marketId).books.splice(0, Number.POSITIVE_INFINITY, ...books)),
      change,
      resolve: (marketId, payouts) => change(marketId, { payouts, closedBecause: "resolved" }),
      breakAfter: (looks) =>
        Effect.sync(() => {
          looksLeft = looks
        })
    }
    const data = MarketData.of({
      markets: (ids) =>
        Effect.sync(() => {
          const known = (id: string) =>
            [...acts.values()].find((each) => [each.market.marketId, each.market.conditionId].includes(id))
          return new Map(
            ids.map((id): readonly [string, Either.Either<Market, UnknownMarket>] => [
              id,
              Either.fromNullable(known(id)?.market, () => ({ id, reason: "no such market" }))
            ])
          )
        }),
      books: (wanted) =>
        Effect.gen(function* () {
          looksLeft -= 1
          if (looksLeft < 0) return yield* new MarketDataUnavailable({ source: "stage", message: "the lights are out" })
          const now = yield* Clock.currentTimeMillis
          return new Map(wanted.map((each) => [each.conditionId, look(each, now)]))
        })
    })
    return Context.make(Stage, stage).pipe(Context.add(MarketData, data))
  })
)

/** A database of a test's own. */
export const database = Layer.unwrapScoped(
  Effect.map(recycledDatabase, (url) =>
    Layer.orDie(Db.layerUnmigrated({ databaseUrl: Option.some(Redacted.make(url)), home: "" }))
  )
)

/** Ledger, paper venue and staged markets on a database of their own. */
export const world = Paper.layer.pipe(
  Layer.provideMerge(Layer.mergeAll(staged, Ledger.layer, Lease.layer)),
  Layer.provideMerge(database)
)
export type World = Layer.Layer.Success<typeof world>

/** Shows on the stage. */
export const show = (marketId: string, ...books: ReadonlyArray<Shown>) =>
  Effect.flatMap(Stage, (stage) => stage.show(marketId, ...books))

export const BALANCE = Usd(100_000n * UNIT)

/** One instruction: BUY 100 SHARES of YES in market "m" at 0.50, but for what is said. */
export const instruction = (parts: Readonly<Record<string, unknown>> = {}) => ({
  marketId: "m",
  outcome: "YES",
  side: "BUY",
  price: 0.5,
  size: 100,
  ...(parts.side === "SELL" ? {} : { sizeUnit: "SHARES" }),
  ...parts
})

/** A paper plan as its file would read. */
export const plan = (
  planId: string,
  instructions: ReadonlyArray<Readonly<Record<string, unknown>>>,
  parts: Readonly<Record<string, unknown>> = {}
) => ({ planId, mode: "paper", ...parts, tradeInstructions: instructions })

/** Takes a plan down the corridor and tells its report and failure. */
export const trade = Effect.fn("trade")(function* (
  written: unknown,
  options: { readonly dryRun?: boolean; readonly retryRefused?: boolean; readonly paperBalance?: Usd } = {}
) {
  const { failure, run } = yield* Pipeline.trade({
    bytes: new TextEncoder().encode(JSON.stringify(written)),
    file: "plans/test.json",
    dryRun: false,
    retryRefused: false,
    paperBalance: BALANCE,
    progress: () => Effect.void,
    ...options
  })
  return { report: RunReport.toJson(run), failure }
})

/** The number of rows of every table. */
export const rowsOf = Effect.fn("rowsOf")(function* (sql: SqlClient.SqlClient) {
  const tables = yield* sql<{ readonly name: string }>`select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name <> 'schema_migrations' order by 1`
  const counted = yield* Effect.forEach(tables, ({ name }) =>
    Effect.map(
      sql<{ readonly n: number }>`select count(*)::int as n from ${sql(name)}`,
      ([row]) => [name, row?.n] as const
    )
  )
  return Object.fromEntries(counted)
})
export const rows = Effect.flatMap(SqlClient.SqlClient, rowsOf)

/** What an order came to, in few words. */
export const brief = (order: {
  readonly status: string
  readonly filledQty: string
  readonly avgFillPrice: string | null
}) => `${order.status} ${order.filledQty}${order.avgFillPrice === null ? "" : ` at ${order.avgFillPrice}`}`

/** Finds no difference between what the ledger tells and what it can be folded from. */
export const proven = Effect.gen(function* () {
  const verdict = yield* Effect.flatMap(Ledger, (ledger) => ledger.verify())
  assert.deepStrictEqual(
    verdict.checks.filter((check) => !check.ok),
    []
  )
})

/** When every test begins: 2026-09-21T15:06:40Z. */
export const START = 1_790_003_200_000

/** A test in a world of its own, whose ledger must be proven at its end. */
export const scenario = <E>(name: string, story: () => Effect.Effect<unknown, E, World>) =>
  it.effect(name, () =>
    TestClock.setTime(START).pipe(Effect.zipRight(story()), Effect.zipRight(proven), Effect.provide(world))
  )

/** The failure that must come. */
export const failure = <A, R>(work: Effect.Effect<A, Failure, R>) =>
  Effect.catchAll(Effect.flip(work), () => Effect.dieMessage("it did not fail"))
