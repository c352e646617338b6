import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Decode from "./decode/Decode.ts"
import { InvalidInput } from "./domain/Failure.ts"
import type { Market } from "./domain/Market.ts"
import type { Usd } from "./domain/Money.ts"
import { EXPOSED, type Mode } from "./domain/Order.ts"
import type { Plan } from "./domain/Plan.ts"
import type { Refused } from "./domain/Report.ts"
import type { Delay } from "./exchange/Latency.ts"
import type { Share } from "./exchange/Queue.ts"
import { Ledger } from "./persist/Ledger.ts"
import * as MemoryLedger from "./persist/memory/MemoryLedger.ts"
import * as Pipeline from "./pipeline.ts"
import * as EventVenue from "./replay/backtest/EventVenue.ts"
import * as Feed from "./replay/backtest/Feed.ts"
import type { Observer } from "./replay/backtest/Observer.ts"
import * as Replay from "./replay/backtest/Replay.ts"
import * as ReplayedData from "./replay/backtest/ReplayedData.ts"
import { World } from "./replay/backtest/World.ts"
import { isNamed, toMarket } from "./replay/TapeMarket.ts"
import { open, type Tape } from "./replay/TapeReader.ts"
import { type BacktestRun, runRow, type TapeRow } from "./report/BacktestReport.ts"
import * as Tally from "./report/BacktestTally.ts"
import { iso } from "./report/Moment.ts"
import { codeOf } from "./report/RunReport.ts"
import { upkeep } from "./upkeep.ts"

/** One run of one plan over tapes. Plain data: it travels to workers. */
export interface Job {
  readonly file: string
  readonly bytes: Uint8Array
  readonly variant: ReadonlyArray<readonly [string, string]>
  readonly tapes: ReadonlyArray<string>
  readonly seed: string
  /** How long orders and cancels take, and how long answers do. */
  readonly latency: Delay
  readonly answerLatency: Delay
  readonly cancellations: Share
  /** The plan runs at this time, epoch milliseconds, or as soon after as its books are known. */
  readonly notBefore: number | undefined
  /** Dollars the account begins with. */
  readonly balance: Usd
}

const MODE: Mode = "paper"

const isWanted = (plan: Plan, market: Tape["markets"][number]): boolean =>
  plan.instructions.some(({ marketId }) => isNamed(market, marketId))

/** The markets of the plan that the tapes hold, each once. */
const marketsOf = (plan: Plan, tapes: ReadonlyArray<Tape>): ReadonlyArray<Market> => {
  const found = new Map<string, Market>()
  for (const tape of tapes)
    for (const market of tape.markets)
      if (!found.has(market.conditionId) && isWanted(plan, market)) found.set(market.conditionId, toMarket(market))
  return [...found.values()]
}

const firstMillis = ({ index }: Tape): number => index.blocks[0]?.first ?? Number.POSITIVE_INFINITY

/** What tapes hold, out of their indexes. */
export const describe = Effect.fn("Backtest.describe")(function* (paths: ReadonlyArray<string>) {
  return yield* Effect.forEach(paths, (path) =>
    Effect.scoped(
      Effect.map(open(path), ({ index, markets }): TapeRow => {
        const [first, last] = [index.blocks[0]?.first, index.blocks.at(-1)?.last]
        return {
          path,
          from: first === undefined ? null : iso(first),
          to: last === undefined ? null : iso(last),
          rows: index.blocks.reduce((rows, block) => rows + block.rows, 0),
          markets: markets.length
        }
      })
    )
  )
})

/** A tally that counts as the replay goes. */
const counting = (balance: Usd, markets: ReadonlyArray<Market>) => {
  let tally = Tally.make(0, balance, markets)
  const observer: Observer = {
    horizons: Tally.HORIZONS.map(({ millis }) => millis),
    sampleMillis: Tally.SAMPLE_MILLIS,
    begun: (atMillis, known) => {
      tally = Tally.make(atMillis, balance, markets)
      for (const conditionId of known) Tally.known(tally, conditionId, atMillis)
    },
    fill: (band, order, fill) => Tally.filled(tally, band, order, fill),
    settled: (conditionId, payouts, atMillis) => Tally.settled(tally, conditionId, payouts, atMillis),
    known: (conditionId, atMillis) => Tally.known(tally, conditionId, atMillis),
    gap: (conditionId, atMillis, last) => Tally.gap(tally, conditionId, atMillis, last),
    look: (atMillis, quoteOf) => Tally.look(tally, atMillis, quoteOf),
    sample: (atMillis, quoteOf) => Tally.sample(tally, atMillis, quoteOf),
    markedOut: (horizon, order, fill, quote) => Tally.markedOut(tally, horizon, order, fill, quote)
  }
  return { observer, tally: () => tally }
}

/** What the run itself came to. */
interface Lived {
  readonly status: string
  readonly error: string | undefined
  readonly refused: ReadonlyArray<Refused>
  readonly warnings: ReadonlyArray<string>
}

/**
 * A plan's life in simulated time: traded as any plan is, then looked after whenever something has happened, until the data
 * end or nothing more can happen.
 */
const live = (world: World, job: Job) =>
  Effect.gen(function* () {
    const ledger = yield* Ledger
    yield* world.begun
    const { bytes, file, balance } = job
    const traded = yield* Effect.either(
      Pipeline.trade({
        bytes,
        file,
        dryRun: false,
        retryRefused: false,
        paperBalance: balance,
        progress: () => Effect.void
      })
    )
    if (Either.isLeft(traded)) {
      const error = `${codeOf(traded.left)}: ${traded.left.message}`
      return { status: "failed", error, refused: [], warnings: [] } satisfies Lived
    }
    const { failure, run } = traded.right
    while (run.status !== "rejected") {
      const news = yield* world.news
      // Of a thousand orders one has filled: only when a market ends, and at the end of all, every one is looked at.
      yield* upkeep(MODE, news === undefined || news.isResolved ? { held: true } : { held: false, ids: news.orders })
      const isSettled = world.places.every((place) => place.market.payouts !== undefined)
      if (news === undefined || (isSettled && (yield* ledger.orders({ mode: MODE, statuses: EXPOSED })).length === 0))
        break
    }
    return {
      status: run.status,
      error: failure?.message,
      refused: run.refused,
      warnings: run.warnings
    } satisfies Lived
    // Nothing here is out of reach: maps in memory and a tape that is read elsewhere.
  }).pipe(Effect.orDie)

/** The ledger and the tally are two folds of the same fills: they must agree to the micro-dollar. */
const reconciled = Effect.fn("Backtest.reconciled")(function* (ledger: typeof Ledger.Service, tally: Tally.Tally) {
  const proof = yield* ledger.verify()
  const { cash, flows } = yield* ledger.cash(MODE)
  const counted = tally.accounts.neutral.cash
  if (!proof.ok || cash - flows !== counted)
    return yield* Effect.dieMessage(`the ledger has ${cash - flows} micro-dollars, its fills come to ${counted}`)
})

/**
 * What a plan would have done over recorded books: the same pipeline that trades, in simulated time, over an exchange that
 * is replayed. Fails where the plan or a tape cannot be used; a plan that risk refuses is a run that was rejected. The same job
 * gives the same answer, byte for byte.
 */
export const run = Effect.fn("Backtest.run")(function* (job: Job, onRows: (rows: number) => Effect.Effect<void>) {
  const plan = yield* Decode.plan(job.bytes)
  const opened = yield* Effect.forEach(job.tapes, open)
  const markets = marketsOf(plan, opened)
  const named = new Set(markets.map((market) => market.conditionId))
  const tapes = opened
    .filter((tape) => tape.markets.some((market) => named.has(market.conditionId)))
    .sort((a, b) => firstMillis(a) - firstMillis(b))
  if (markets.length === 0) {
    const known = opened.flatMap((tape) => tape.markets.map((market) => market.slug)).slice(0, 5)
    return yield* new InvalidInput({
      code: "markets_not_on_tape",
      message: `${job.file}: no tape holds any market of this plan; the tapes hold ${known.join(", ")}`,
      issues: []
    })
  }
  const { observer, tally } = counting(job.balance, markets)
  const settings = {
    simulation: plan.simulation,
    latency: {
      entry: job.latency,
      cancel: job.latency,
      response: job.answerLatency,
      seed: `${job.seed}|${plan.planId}`
    },
    cancellations: job.cancellations,
    notBefore: job.notBefore ?? Number.NEGATIVE_INFINITY
  }
  const world = new World(markets, settings, observer)
  return yield* Effect.gen(function* () {
    const ledger = yield* Ledger
    const context = yield* Effect.context<Pipeline.Needs>()
    const lived = yield* Replay.run(world, Feed.make(tapes, world), Effect.provide(live(world, job), context), onRows)
    return yield* Effect.orDie(
      Effect.gen(function* () {
        yield* reconciled(ledger, tally())
        return runRow({
          ...lived,
          file: job.file,
          planId: plan.planId,
          variant: job.variant,
          tally: tally(),
          endMillis: world.nowMillis,
          rows: world.rows,
          orders: yield* ledger.orders({ mode: MODE }),
          fills: yield* ledger.fills({ mode: MODE })
        })
      })
    )
  }).pipe(Effect.provide(Layer.mergeAll(MemoryLedger.layer, ReplayedData.layer(world), EventVenue.layer(world))))
}, Effect.scoped) satisfies (
  job: Job,
  onRows: (rows: number) => Effect.Effect<void>
) => Effect.Effect<BacktestRun, InvalidInput>
