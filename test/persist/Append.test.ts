import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { MarketMemory } from "../../src/domain/Answer.ts"
import { Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import {
  AT,
  answer,
  answered,
  BANDS,
  bought,
  byId,
  fill,
  history,
  journalled,
  ledger,
  order,
  price,
  rows,
  shares
} from "./scene.ts"

const memory = (version: number): MarketMemory => ({
  conditionId: "0xmarket",
  version,
  tick: price(0.01),
  seenMillis: AT,
  levels: [
    {
      side: "ask",
      price: price(0.44),
      size: shares(250),
      deficit: { pessimistic: shares(100), neutral: shares(40.5), optimistic: shares(0) }
    }
  ]
})

describe("append", () => {
  it.effect("carries an order from placed to open, in parts, to filled, with its fills, position, cash and audit", () =>
    Effect.gen(function* () {
      const { cash, fills, orders, positions, verify } = yield* Ledger
      const placed = yield* journalled("demo", [order("demo", 0)])
      const { order: of } = placed[0] ?? (yield* Effect.dieMessage("no order"))
      const open = yield* answered(placed, [
        answer(of, "open", {
          fills: [fill(of, shares(30), price(0.43), Usd(100_000n)), fill(of, shares(10), price(0.44), Usd(40_000n))],
          bands: { pessimistic: shares(20), optimistic: shares(60), queueAhead: shares(500) },
          externalOrderId: "0xhash"
        })
      ])
      const [done] = yield* answered(open, [
        answer(of, "filled", { fills: [{ ...fill(of, shares(60), price(0.45)), externalId: "t-1" }], atMillis: AT + 7 })
      ])

      const [found] = yield* orders({ planId: "demo" })
      assert.deepStrictEqual(
        found,
        done && { ...done, externalOrderId: "0xhash", sentMillis: undefined, updatedMillis: AT + 7 }
      )
      assert.strictEqual(found?.filled, shares(100))
      assert.strictEqual(found?.notional, Usd(12_900_000n + 4_400_000n + 27_000_000n))
      assert.strictEqual(found?.fees, Usd(140_000n))
      assert.deepStrictEqual(found?.bands, BANDS)

      const executed = yield* fills({ orderId: of.id })
      assert.deepStrictEqual(
        executed.map(({ externalId, fee, liquidity, planId, price, shares, side }) => ({
          externalId,
          fee,
          liquidity,
          planId,
          price,
          shares,
          side
        })),
        [
          {
            externalId: undefined,
            fee: Usd(100_000n),
            liquidity: "taker",
            planId: "demo",
            price: price(0.43),
            shares: shares(30),
            side: "BUY"
          },
          {
            externalId: undefined,
            fee: Usd(40_000n),
            liquidity: "taker",
            planId: "demo",
            price: price(0.44),
            shares: shares(10),
            side: "BUY"
          },
          {
            externalId: "t-1",
            fee: Usd(0n),
            liquidity: "maker",
            planId: "demo",
            price: price(0.45),
            shares: shares(60),
            side: "BUY"
          }
        ]
      )
      const held = yield* positions("paper")
      assert.deepStrictEqual(held, [
        {
          marketId: "500123",
          conditionId: "0xmarket",
          outcomeIndex: 0,
          outcome: "Yes",
          mode: "paper",
          qty: shares(100),
          costBasis: Usd(44_300_000n),
          realizedPnl: Usd(0n),
          cashFlow: Usd(-44_300_000n),
          fees: Usd(140_000n)
        }
      ])
      assert.deepStrictEqual(yield* cash("paper"), {
        flows: Usd(100_000_000_000n),
        trading: Usd(-44_300_000n),
        payouts: Usd(0n),
        fees: Usd(140_000n),
        cash: Usd(99_955_560_000n)
      })
      assert.deepStrictEqual((yield* history).slice(2), ["order_placed", "order_partially_filled", "order_filled"])
      assert.isTrue((yield* verify()).ok)
    }).pipe(Effect.provide(ledger))
  )

  it.effect("gives every other end its own word on the audit log", () =>
    Effect.gen(function* () {
      const { orders, verify } = yield* Ledger
      const ends = ["open", "cancelled", "expired", "rejected", "unknown", "delayed", "blocked"] as const
      const states = yield* journalled(
        "demo",
        ends.map((_, instruction) => order("demo", instruction))
      )
      yield* answered(
        states,
        ends.map((end, at) => answer(states[at]?.order ?? order("demo", at), end, { reason: `${end}, it said` }))
      )
      const found = yield* orders({ planId: "demo" })
      assert.deepStrictEqual(
        found.map((state) => [state.status, state.reasons]),
        ends.map((end) => [end, [`${end}, it said`]])
      )
      assert.deepStrictEqual((yield* history).slice(-ends.length), [
        "order_opened",
        ...ends.slice(1).map((end) => `order_${end}`)
      ])
      assert.isTrue((yield* verify()).ok)
    }).pipe(Effect.provide(ledger))
  )

  it.effect("remembers what the venue asked to have kept, each time as the next version", () =>
    Effect.gen(function* () {
      const { append, memory: recall } = yield* Ledger
      yield* append({ answers: [], memory: [memory(0)] }, new Map(), "paper")
      assert.deepStrictEqual([...(yield* recall(["0xmarket", "0xother"]))], [["0xmarket", memory(1)]])
      yield* append({ answers: [], memory: [memory(1)] }, new Map(), "paper")
      assert.deepStrictEqual([...(yield* recall(["0xmarket"]))], [["0xmarket", memory(2)]])
    }).pipe(Effect.provide(ledger))
  )

  it.effect("writes nothing of a reply whose order or memory has moved on", () =>
    Effect.gen(function* () {
      const { append } = yield* Ledger
      const states = yield* journalled("demo", [order("demo", 0), order("demo", 1)])
      const [first, second] = [order("demo", 0), order("demo", 1)]
      yield* append({ answers: [answer(first, "open")], memory: [memory(0)] }, byId(states), "paper")
      const opened = byId(yield* Effect.flatMap(Ledger, (ledger) => ledger.orders({ planId: "demo" })))
      const before = yield* rows

      const filledTwo = [first, second].map((of) =>
        answer(of, "filled", { fills: [fill(of, shares(100), price(0.44))] })
      )
      const stale = [
        { reply: { answers: filledTwo, memory: [memory(1)] }, known: byId(states) },
        { reply: { answers: filledTwo, memory: [memory(0)] }, known: opened },
        { reply: { answers: filledTwo, memory: [memory(2)] }, known: opened },
        { reply: { answers: [], memory: [memory(1), memory(1)] }, known: opened }
      ]
      for (const { known, reply } of stale) {
        assert.strictEqual((yield* Effect.flip(append(reply, known, "paper")))._tag, "Conflict")
        assert.deepStrictEqual(yield* rows, before)
      }
      yield* append({ answers: filledTwo, memory: [memory(1)] }, opened, "paper")
    }).pipe(Effect.provide(ledger))
  )

  it.effect("keeps one of many answers to the same question", () =>
    Effect.gen(function* () {
      const { append, fills, verify } = yield* Ledger
      const states = yield* journalled("demo", [order("demo", 0)])
      const of = order("demo", 0)
      const reply = {
        answers: [answer(of, "open", { fills: [fill(of, shares(40), price(0.44))] })],
        memory: [memory(0)]
      }
      const kept = yield* Effect.forEach([1, 2, 3, 4], () => Effect.either(append(reply, byId(states), "paper")), {
        concurrency: "unbounded"
      })
      assert.strictEqual(kept.filter(Either.isRight).length, 1)
      assert.strictEqual((yield* fills({})).length, 1)
      assert.isTrue((yield* verify()).ok)
    }).pipe(Effect.provide(ledger))
  )

  it.effect("dies of an answer that its order could not have had, tells both sides, and writes nothing", () =>
    Effect.gen(function* () {
      const { append } = yield* Ledger
      const filled = yield* bought("demo")
      const placed = yield* journalled("next", [order("next", 0)])
      const before = yield* rows
      const [done, next] = [order("demo", 0), order("next", 0)]
      const elsewhere = placed.map((state) => ({
        ...state,
        order: { ...state.order, id: "live", mode: "live" as const }
      }))
      const known = byId([...filled, ...placed, ...elsewhere])
      const impossible = [
        { answers: [answer(done, "open")], told: /filled \(100 filled\) may not become open/ },
        { answers: [answer(done, "filled", { fills: [fill(done, shares(1), price(0.4))] })], told: /filled/ },
        { answers: [answer(next, "cancelling")], told: /pending \(0 filled\) may not become cancelling/ },
        { answers: [answer(next, "pending", { fills: [fill(next, shares(1), price(0.4))] })], told: /pending/ },
        { answers: [answer({ ...next, id: "live" }, "open")], told: /not of the paper account/ },
        {
          answers: [answer(next, "open", { fills: [fill(next, shares(100.000001), price(0.4))] })],
          told: /may not become open \(100.000001 filled/
        },
        { answers: [answer(next, "open", { fills: [fill(next, shares(0), price(0.4))] })], told: /no shares/ },
        { answers: [answer(next, "open"), answer(order("else", 0), "open")], told: /nobody asked/ }
      ]
      for (const { answers, told } of impossible) {
        const exit = yield* Effect.exit(append({ answers, memory: [memory(0)] }, known, "paper"))
        const defect = Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""
        assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
        assert.match(defect, told)
        assert.deepStrictEqual(yield* rows, before)
      }
    }).pipe(Effect.provide(ledger))
  )

  it.effect("leaves nothing behind when it is cut off, and the same reply may come again", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { append } = yield* Ledger
      const states = yield* journalled("demo", [order("demo", 0)])
      const of = order("demo", 0)
      const reply = {
        answers: [answer(of, "filled", { fills: [fill(of, shares(100), price(0.44))] })],
        memory: [memory(0)]
      }
      const before = yield* rows
      yield* sql`create table hindrance (at text)`
      yield* sql`create function hinder() returns trigger language plpgsql as $$ begin
        case (select at from hindrance)
          when 'refuse' then raise exception 'no';
          when 'vanish' then perform pg_terminate_backend(pg_backend_pid());
          when 'stall' then perform pg_sleep(60);
          else null;
        end case;
        return new;
      end $$`
      yield* sql`create trigger hinder after insert on audit_logs for each row execute function hinder()`

      for (const at of ["refuse", "vanish"]) {
        yield* sql`insert into hindrance values (${at})`
        const failed = yield* Effect.flip(append(reply, byId(states), "paper"))
        assert.strictEqual(failed._tag, "DatabaseUnavailable")
        yield* sql`truncate hindrance`
        assert.deepStrictEqual(yield* rows, before)
      }

      yield* sql`insert into hindrance values ('stall')`
      const stalled = yield* Effect.fork(append(reply, byId(states), "paper"))
      const isStalled = Effect.map(
        sql`select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`,
        (found) => found.length === 1
      )
      yield* Effect.repeat(isStalled, { until: (yes) => yes })
      yield* Fiber.interrupt(stalled)
      yield* sql`truncate hindrance`
      assert.deepStrictEqual(yield* rows, before)

      yield* append(reply, byId(states), "paper")
      assert.strictEqual((yield* rows)?.executions, 1)
    }).pipe(Effect.provide(ledger))
  )
})
