import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Decode from "./decode/Decode.ts"
import { InvalidInput } from "./domain/Failure.ts"
import type { Market } from "./domain/Market.ts"
import { EXPOSED } from "./domain/Order.ts"
import type { Plan } from "./domain/Plan.ts"
import type { Delay } from "./exchange/Latency.ts"
import { MarketData } from "./layers/MarketData.ts"
import { Ledger } from "./persist/Ledger.ts"
import * as Pipeline from "./pipeline.ts"
import * as EventVenue from "./replay/backtest/EventVenue.ts"
import * as RealTime from "./replay/backtest/RealTime.ts"
import * as ReplayedData from "./replay/backtest/ReplayedData.ts"
import { World } from "./replay/backtest/World.ts"
import { noCounts } from "./replay/FeedCore.ts"
import * as Recorder from "./replay/Recorder.ts"
import { upkeep } from "./upkeep.ts"

/** A plan on paper over the venue's live stream. */
export interface Session extends Pick<Pipeline.Request, "bytes" | "file" | "paperBalance" | "progress"> {
  /** The address of the market channel. */
  readonly url: string
  /** The tape of the session: what it was decided and filled on. */
  readonly tape: string
  /** It ends after so long, or when nothing rests any more. */
  readonly millis: number | undefined
  readonly latency: Delay
  readonly tell: (what: string) => Effect.Effect<void>
  readonly streamPatience?: Recorder.Patience
}

const MODE = "paper"

const worldOf = (plan: Plan, markets: ReadonlyArray<Market>, { latency }: Session): World =>
  new World(
    markets,
    {
      simulation: plan.simulation,
      latency: { entry: latency, cancel: latency, response: latency, seed: plan.planId },
      cancellations: "proportional",
      notBefore: Number.NEGATIVE_INFINITY
    },
    RealTime.UNOBSERVED
  )

/** Trades the plan as any plan is, then looks after it whenever the stream has news of it, until all of it has ended. */
const live = (world: World, session: Session) =>
  Effect.gen(function* () {
    const ledger = yield* Ledger
    yield* world.begun
    const traded = yield* Pipeline.trade({ ...session, dryRun: false, retryRefused: false })
    const { planId, status } = traded.run
    const rests = Effect.map(ledger.orders({ planId, statuses: EXPOSED }), (orders) => orders.length > 0)
    while (status === "completed" && (yield* rests)) {
      const news = yield* world.news
      yield* upkeep(MODE, news === undefined || news.isResolved ? { held: true } : { held: false, ids: news.orders })
      if (news === undefined) break
    }
    // Of the orders what the session made of them, and not only the placing.
    const states = yield* ledger.orders({ planId })
    const orders = states.map((state) => ({ placed: true, state, externalOrderId: undefined }))
    return { ...traded, run: { ...traded.run, orders } } satisfies Pipeline.Outcome
  })

/**
 * A plan on paper over the live stream: the event engine of backtests, with queue positions, latency and the races of cancels,
 * on what the market channel tells now. Orders and fills stand in the ledger as those of any paper run; what rests when the session ends
 * goes on resting there. Everything that was heard is on a tape, over which a backtest of the plan can be held beside it.
 */
export const run = Effect.fn("Paper.run")(function* (session: Session) {
  const plan = yield* Decode.plan(session.bytes)
  if (plan.mode !== MODE) {
    return yield* new InvalidInput({
      code: "not_paper",
      message: `${session.file}: a session over the stream is on paper, and the plan's mode is ${plan.mode}`,
      issues: []
    })
  }
  const data = yield* MarketData
  const found = yield* data.markets([...new Set(plan.instructions.map((instruction) => instruction.marketId))])
  const markets = [
    ...new Map(
      [...found.values()].flatMap((each) =>
        Either.match(each, {
          onLeft: () => [],
          onRight: (market) => [[market.conditionId, market] as const]
        })
      )
    ).values()
  ]
  if (markets.length === 0) {
    return yield* new InvalidInput({
      code: "unknown_market",
      message: `${session.file}: none of its markets is known`,
      issues: []
    })
  }
  const world = worldOf(plan, markets, session)
  const { millis, streamPatience: patience, tape, tell, url } = session
  const recording = Recorder.run(
    {
      url,
      markets,
      out: tape,
      tell,
      onRows: (rows, from, table) => RealTime.hear(world, rows, from, table),
      ...(patience === undefined ? {} : { patience })
    },
    Recorder.noProgress(noCounts())
  )
  const ending =
    millis === undefined
      ? Effect.never
      : Effect.zipRight(
          Effect.sleep(millis),
          Effect.sync(() => {
            world.end()
            world.close()
          })
        )
  const ledger = yield* Ledger
  const replayed = Layer.mergeAll(
    ReplayedData.layer(world),
    EventVenue.layer(world),
    Layer.succeedContext(Context.make(Ledger, ledger))
  )
  const stream = Effect.all([recording, RealTime.passing(world), Effect.zipRight(ending, Effect.never)], {
    concurrency: "unbounded",
    discard: true
  })
  return yield* Effect.raceFirst(Effect.provide(live(world, session), replayed), Effect.zipRight(stream, Effect.never))
})
