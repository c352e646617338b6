import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { transactAccount } from "../../src/persist/Database.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { instruction, plan } from "../live/world.ts"
import { anOperator, at, type Operator, proven, until } from "./betteroms.ts"

/** An operator before an exchange, with a plan of eight orders that rest, on the schedule. */
const onSchedule = (options: Parameters<typeof Sandbox.make>[0] = {}) =>
  Effect.gen(function* () {
    const exchange = yield* Effect.orDie(Sandbox.make({ seed: "hung", minedMillis: 0, confirmedMillis: 0, ...options }))
    yield* Effect.orDie(exchange.setBook("sandbox-rain", { bids: [["0.3", "500"]], asks: [["0.46", "500"]] }))
    const operator = yield* anOperator
    const eight = Array.from({ length: 8 }, (_, n) => instruction({ price: (45 - n) / 100, size: 5 }))
    yield* operator.writes("plans/eight.json", plan("eight", eight))
    const of = (status: string) => exchange.state().orders.filter((order) => order.status === status).length
    return { exchange, operator, env: exchange.env, placed: () => exchange.state().orders.length, of }
  })

/** Advisory locks that are held in the operator's database. */
const locks = ({ sql }: Operator) =>
  Effect.map(
    sql<{ readonly count: number }>`select count(*)::int as count from pg_locks join pg_database d on d.oid = database
      where locktype = 'advisory' and granted and d.datname = current_database()`,
    ([row]) => row?.count ?? 0
  )

const SCHEDULE = ["schedule", "--once", "--plans", "plans", "--json"]

describe("a scheduler that hangs in the middle of a live plan", () => {
  it.scopedLive("does not keep halt from taking its orders back; when it wakes up, nothing more leaves", () =>
    Effect.gen(function* () {
      for (const orders of [1, 3, 6]) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const { env, exchange, of, operator, placed } = yield* onSchedule()
            yield* exchange.fault({ op: "POST /order", kind: "delayRequest", ms: 150 })
            const hung = yield* operator.starts(SCHEDULE, env)
            yield* until(() => placed() >= orders)
            hung.child.kill("SIGSTOP")
            const halted = yield* operator.asks(["halt", "--reason", "it hangs"], 0, env)
            assert.deepStrictEqual(at(halted, "modes.*.proofs"), [2, 0])
            assert.strictEqual(of("LIVE"), 0)
            const arrived = placed()
            hung.child.kill("SIGCONT")
            const ended = yield* hung.ended
            // Halted, or, where it stood still inside a transaction, without the database that halt has taken from it.
            assert.include([6, 7], ended.code, ended.stderr)
            // One may have been on its way when everything stood still; it is taken back, too.
            assert.isAtMost(placed(), arrived + 1)
            yield* operator.asks(["halt"], 0, env)
            assert.strictEqual(of("LIVE"), 0)
            yield* proven(operator)
          })
        )
      }
    })
  )

  it.scopedLive("with the account in its hand loses it, and halt goes on", () =>
    Effect.gen(function* () {
      const { env, of, operator, placed } = yield* onSchedule()
      yield* operator.types(SCHEDULE, env)
      assert.deepStrictEqual([placed(), of("LIVE")], [8, 8])
      // What a process holds that stands still in the middle of a commit.
      const frozen = yield* Effect.fork(
        transactAccount(operator.sql, "live", Effect.zipRight(operator.sql`select 1`, Effect.never))
      )
      yield* Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), locks(operator)), { until: (count) => count > 0 })
      const halted = yield* operator.asks(["halt"], 0, env)
      assert.deepStrictEqual(at(halted, "modes.*.proofs"), [2, 0])
      assert.strictEqual(of("LIVE"), 0)
      yield* Fiber.interruptFork(frozen)
    })
  )
})

describe("a scheduler that is killed", () => {
  it.scopedLive("with --heartbeat has its orders taken back by the venue, and the next tick finds them so", () =>
    Effect.gen(function* () {
      const { env, exchange, of, operator, placed } = yield* onSchedule({ heartbeatMillis: 1_500 })
      yield* exchange.fault({ op: "POST /order", kind: "delayAnswer", ms: 100 })
      const killed = yield* operator.starts([...SCHEDULE, "--heartbeat"], env)
      yield* until(() => placed() >= 3)
      killed.child.kill("SIGKILL")
      yield* killed.ended
      assert.isAbove(of("LIVE"), 0)
      yield* Effect.sleep("2 seconds")
      assert.strictEqual(of("LIVE"), 0)
      assert.isTrue(exchange.journal().some((each) => each.kind === "cancelled" && each.why === "heartbeat"))
      yield* exchange.clearFaults
      const found = yield* operator.asks(["reconcile"], 0, env)
      assert.include(JSON.stringify(found), "cancelled at the venue")
      const orders = yield* operator.ledger.orders({ planId: "eight" })
      assert.deepStrictEqual(
        orders.filter(({ sentMillis }) => sentMillis !== undefined).map(({ status }) => status),
        orders.slice(0, placed()).map(() => "cancelled")
      )
      yield* proven(operator)
    })
  )

  it.scopedLive("without it leaves them resting, and the next tick adopts them and goes on with the plan", () =>
    Effect.gen(function* () {
      const { env, exchange, of, operator, placed } = yield* onSchedule()
      yield* exchange.fault({ op: "POST /order", kind: "delayAnswer", ms: 100 })
      const killed = yield* operator.starts(SCHEDULE, env)
      yield* until(() => placed() >= 3)
      killed.child.kill("SIGKILL")
      yield* killed.ended
      yield* exchange.clearFaults
      yield* operator.sql`update scheduler_lease set expires_at = now() - interval '1 second'`
      yield* operator.asks(SCHEDULE.slice(0, -1), 0, env)
      assert.deepStrictEqual([placed(), of("LIVE")], [8, 8])
      const orders = yield* operator.ledger.orders({ planId: "eight" })
      assert.deepStrictEqual([...new Set(orders.map(({ status }) => status))], ["open"])
      yield* proven(operator)
    })
  )
})
