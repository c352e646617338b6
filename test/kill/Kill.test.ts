import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Recorded from "../../src/layers/marketdata/Recorded.ts"
import * as Paper from "../../src/layers/venue/Paper.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { anOperator, type Operator, proven } from "../cli/betteroms.ts"
import { trade } from "../pipeline/world.ts"
import { holdings, leftBehind, plan, recording } from "./scene.ts"

/** Kills of a run whose answers are one commit, and of one whose answers are two. */
const RUNS = [
  { orders: 600, kills: 160 },
  { orders: 3200, kills: 40 }
]
const WORKERS = 2
const TRADE = ["trade", "plan.json", "--market-data", "file:book.json", "--json"]

const prepared = Effect.fn("prepared")(function* (orders: number) {
  const operator = yield* anOperator
  const file = yield* operator.writes("book.json", recording)
  yield* operator.writes("plan.json", yield* plan("killed", orders))
  const market = Paper.layer.pipe(Layer.provideMerge(Recorded.layer(file)))
  yield* Effect.provide(trade(holdings), Layer.merge(market, Layer.succeed(Ledger, operator.ledger)))
  return operator
})

/** Where the run stood when it was killed. */
const momentOf = Effect.fn("momentOf")(function* ({ sql }: Operator) {
  const [row] = yield* sql<{ readonly status: string | null; readonly orders: number; readonly pending: number }>`select
    (select status from runs where plan_id = 'killed') as status,
    (select count(*)::int from orders where plan_id = 'killed') as orders,
    (select count(*)::int from orders where plan_id = 'killed' and status = 'pending') as pending`
  if (row === undefined || row.orders === 0) return "before the journal"
  if (row.pending === row.orders) return "before the first block"
  if (row.pending > 0) return "between two blocks"
  return row.status === "completed" ? "after the end" : "before the end"
})

type Moments = Map<string, number>

/** Kills runs of one plan until there have been so many kills; each is run again until it is done, and then compared. */
const killed = Effect.fn("killed")(function* (orders: number, kills: number, moments: Moments) {
  // Milliseconds that a run takes from its start, and one that goes on.
  const pace = { fresh: 0, resumed: 0 }
  let done = 0
  const measured = Effect.gen(function* () {
    const operator = yield* prepared(orders)
    const began = yield* Clock.currentTimeMillis
    const ended = yield* operator.types(TRADE)
    pace.fresh = Math.max(pace.fresh, (yield* Clock.currentTimeMillis) - began)
    pace.resumed = pace.fresh
    assert.strictEqual(ended.code, 0, ended.stderr)
    yield* proven(operator)
    return JSON.stringify(yield* leftBehind(operator.sql))
  })
  // As many at once as later, so that the time they take is the time that the killed ones will take.
  const [expected, other] = yield* Effect.all([Effect.scoped(measured), Effect.scoped(measured)], {
    concurrency: WORKERS
  })
  assert.strictEqual(other, expected)

  const trial = Effect.gen(function* () {
    const operator = yield* prepared(orders)
    let from: keyof typeof pace = "fresh"
    while (true) {
      const running = yield* operator.starts(TRADE)
      const share = yield* Random.nextRange(0.35, (yield* Random.nextBoolean) ? 0.75 : 1.05)
      const wait = done < kills ? Effect.sleep(Math.round(pace[from] * share)) : Effect.never
      yield* Effect.raceFirst(running.ended, wait)
      running.child.kill("SIGKILL")
      const ended = yield* running.ended
      if (ended.signal === undefined) {
        // The end may have been committed before it could be told.
        assert.include([0, 3], ended.code, ended.stdout)
        // What else runs on this machine decides how fast a run is, and changes.
        if (done < kills) pace[from] *= 0.9
        break
      }
      done += 1
      const moment = yield* momentOf(operator)
      moments.set(moment, (moments.get(moment) ?? 0) + 1)
      if (moment === "before the journal") pace[from] *= 1.05
      else from = "resumed"
    }
    yield* proven(operator)
    assert.strictEqual(JSON.stringify(yield* leftBehind(operator.sql)), expected)
  })
  yield* Effect.forEach(
    Array.from({ length: WORKERS }, (_, worker) => `worker ${worker}`),
    (seed) =>
      Effect.repeat(Effect.scoped(trial), { until: () => done >= kills }).pipe(Effect.withRandom(Random.make(seed))),
    { concurrency: "unbounded" }
  )
})

describe("a run that is killed at any moment, and run again until it is done", () => {
  it.live(
    "leaves what a run without a kill leaves",
    () =>
      Effect.gen(function* () {
        const moments: Moments = new Map()
        for (const { kills, orders } of RUNS) yield* killed(orders, kills, moments)
        const seen = JSON.stringify(Object.fromEntries(moments))
        for (const moment of ["before the journal", "before the first block", "between two blocks"]) {
          assert.isAbove(moments.get(moment) ?? 0, 0, `killed ${moment}: ${seen}`)
        }
      }),
    600_000
  )
})
