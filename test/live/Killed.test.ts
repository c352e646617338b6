import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@effect/sql/Statement"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Db from "../../src/layers/Db.ts"
import * as Http from "../../src/layers/Http.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { proven } from "../pipeline/world.ts"
import { recycledDatabase } from "../recycled.ts"
import { agrees, cash, Exchange, instruction, plan, posts, show, standing, trade, trader } from "./world.ts"

/** So many things a process does to the world before it is killed: requests and statements. */
interface Life {
  left: number
  done: number
  readonly over: Deferred.Deferred<void>
}
const aLife = (steps: number) => Effect.map(Deferred.make<void>(), (over): Life => ({ left: steps, done: 0, over }))

/** One thing more, unless the process is dead by then: nothing it does arrives any more. */
const step = (life: Life) =>
  Effect.suspend(() => {
    life.done += 1
    if (life.left <= 0) return Effect.zipRight(Deferred.succeed(life.over, undefined), Effect.never)
    life.left -= 1
    return Effect.void
  })

const databaseAt = (url: string) =>
  Layer.orDie(Db.layerUnmigrated({ databaseUrl: Option.some(Redacted.make(url)), home: "" }))

const network = (before: (request: HttpClientRequest.HttpClientRequest) => Effect.Effect<unknown>) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(
      HttpClient.HttpClient,
      HttpClient.mapRequestEffect((request) => Effect.as(before(request), request))
    )
  ).pipe(Layer.provide(Http.layer))

const healthy = (url: string) => trader(Http.layer, databaseAt(url))

/** The same database, by connections that are told from all others. */
const doomed = (url: string): string => {
  const named = new URL(url)
  named.searchParams.set("application_name", "doomed")
  return named.toString()
}

/** A process that trades until it is done or dead; then every connection is gone that it has, or still tries to make. */
const process = Effect.fn("process")(function* (life: Life, url: string, written: unknown) {
  const work = Effect.scoped(Effect.ignore(trade(written))).pipe(
    Statement.withTransformer((statement) => Effect.as(step(life), statement)),
    Effect.provide(
      trader(
        network(() => step(life)),
        databaseAt(doomed(url))
      )
    )
  )
  const running = yield* Effect.forkDaemon(work)
  const ended = yield* Effect.raceFirst(
    Effect.as(Fiber.await(running), true),
    Effect.as(Deferred.await(life.over), false)
  )
  if (ended) return true
  const buried = Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'doomed'`
  )
  const context = yield* Layer.build(databaseAt(url))
  yield* Effect.provide(buried, context)
  yield* Effect.forkScoped(Effect.provide(Effect.repeat(buried, Schedule.spaced("20 millis")), context))
  return false
})

const two = plan("two", [instruction({ price: 0.46 }), instruction({ price: 0.45, size: 10 })])

/** Somebody's exchange and database, with a book of ours. */
const place = Effect.gen(function* () {
  const url = yield* recycledDatabase
  const exchange = yield* Effect.orDie(Sandbox.make({ minedMillis: 0, confirmedMillis: 0, seed: "killed" }))
  yield* Effect.provideService(show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" }), Exchange, exchange)
  return { url, exchange }
})

/** What both sides have in the end. */
const leftBehind = Effect.gen(function* () {
  yield* agrees
  yield* proven
  return { orders: yield* standing("two"), cash: yield* cash, posts: new Set(yield* posts) }
})

describe("a live run that is killed before anything it does to the world, and run again", () => {
  it.live(
    "leaves what a run without a kill leaves, at every one of those moments",
    () =>
      Effect.gen(function* () {
        const whole = yield* aLife(Number.POSITIVE_INFINITY)
        const expected = yield* Effect.scoped(
          Effect.gen(function* () {
            const { exchange, url } = yield* place
            const here = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.provideService(work, Exchange, exchange)
            assert.isTrue(yield* here(process(whole, url, two)))
            return yield* here(Effect.provide(leftBehind, healthy(url)))
          })
        )
        assert.deepStrictEqual(expected.orders, ["filled 20", "open 0"])
        assert.isAbove(whole.done, 30)
        let survived = 0
        yield* Effect.forEach(
          Array.from({ length: whole.done }, (_, steps) => steps),
          (steps) =>
            Effect.scoped(
              Effect.gen(function* () {
                const { exchange, url } = yield* place
                const here = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.provideService(work, Exchange, exchange)
                const life = yield* aLife(steps)
                // Not every run takes the same number of steps: a look more or less at what is on its way.
                if (yield* here(process(life, url, two))) survived += 1
                const again = Effect.gen(function* () {
                  yield* Effect.catchTag(trade(two), "PlanExists", () => Effect.void)
                  const found = yield* leftBehind
                  const taken = (yield* posts).filter((each) => each === "accepted")
                  assert.strictEqual(taken.length, 2, `killed after ${steps} steps`)
                  assert.deepStrictEqual(
                    { orders: found.orders, cash: found.cash },
                    { orders: expected.orders, cash: expected.cash },
                    `killed after ${steps} steps`
                  )
                })
                const ended = yield* Effect.timeoutOption(here(Effect.provide(again, healthy(url))), "20 seconds")
                assert.isTrue(Option.isSome(ended), `killed after ${steps} steps, it never ends`)
              })
            ),
          { concurrency: 4 }
        )
        assert.isAtMost(survived, whole.done / 10)
      }),
    300_000
  )
})

describe("an order", () => {
  it.scopedLive("is on record with its signature and its id, and past the gate, before a byte of it leaves", () =>
    Effect.gen(function* () {
      const { exchange, url } = yield* place
      const seen: Array<unknown> = []
      const look = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`select external_order_id as id, sent_at is not null as sent from orders order by instruction`
      ).pipe(Effect.provide(databaseAt(url)), Effect.orDie)
      const looking = network((request) =>
        request.method === "POST" && request.url.endsWith("/order")
          ? Effect.map(look, (rows) => seen.push(rows))
          : Effect.void
      )
      yield* trade(two).pipe(
        Effect.provide(trader(looking, databaseAt(url))),
        Effect.provideService(Exchange, exchange)
      )
      const [first, second] = exchange.state().orders.map(({ id }) => id)
      assert.deepStrictEqual(seen, [
        [
          { id: first, sent: true },
          { id: second, sent: false }
        ],
        [
          { id: first, sent: true },
          { id: second, sent: true }
        ]
      ])
    })
  )
})
