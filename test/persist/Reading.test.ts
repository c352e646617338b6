import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { UNIT } from "../../src/domain/Money.ts"
import { EXPOSED } from "../../src/domain/Order.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import {
  AT,
  answer,
  answered,
  bought,
  fill,
  journalled,
  ledger,
  OPENING,
  order,
  price,
  request,
  shares
} from "./scene.ts"

describe("orders", () => {
  it.effect(
    "are found by mode, plan, market, status, id and the end of their lifetime, and by all of these at once",
    () =>
      Effect.gen(function* () {
        const { orders } = yield* Ledger
        yield* bought("old", { placedMillis: AT - 10 })
        yield* journalled("b", [
          order("b", 1, { cancelAfterMillis: AT + 100 }),
          order("b", 0, { conditionId: "0xother", marketId: "7", cancelAfterMillis: AT + 200 })
        ])
        yield* journalled("a", [order("a", 0, { mode: "live" })], { mode: "live", paperBalance: undefined })
        const found = (filter: Parameters<typeof orders>[0]) =>
          Effect.map(orders(filter), (all) => all.map(({ order }) => `${order.planId}${order.instruction}`))

        assert.deepStrictEqual(yield* found({}), ["old0", "a0", "b0", "b1"])
        assert.deepStrictEqual(yield* found({ mode: "live" }), ["a0"])
        assert.deepStrictEqual(yield* found({ planId: "b" }), ["b0", "b1"])
        assert.deepStrictEqual(yield* found({ conditionId: "0xother" }), ["b0"])
        assert.deepStrictEqual(yield* found({ marketId: "7" }), ["b0"])
        assert.deepStrictEqual(yield* found({ statuses: EXPOSED, mode: "paper" }), ["b0", "b1"])
        assert.deepStrictEqual(yield* found({ statuses: [] }), [])
        assert.deepStrictEqual(yield* found({ dueBefore: AT + 99 }), [])
        assert.deepStrictEqual(yield* found({ dueBefore: AT + 100 }), ["b1"])
        assert.deepStrictEqual(yield* found({ ids: [order("b", 0).id, order("old", 0).id] }), ["old0", "b0"])
        assert.deepStrictEqual(yield* found({ ids: [order("b", 0).id], planId: "b", mode: "live" }), [])
      }).pipe(Effect.provide(ledger))
  )

  it.effect("are not found by what is no id, and no text of an operator is an error to the database", () =>
    Effect.gen(function* () {
      const { fills, orders, run, snapshots } = yield* Ledger
      for (const odd of ["'; drop table orders --", "a\u0000b", "{}", '"', "\\", "\ud800", ""]) {
        assert.deepStrictEqual(yield* orders({ ids: [odd] }), [])
        assert.deepStrictEqual(yield* orders({ planId: odd, marketId: odd, conditionId: odd }), [])
        assert.deepStrictEqual(yield* fills({ orderId: odd, planId: odd }), [])
        assert.deepStrictEqual(yield* snapshots([odd]), [])
        assert.strictEqual((yield* run(odd))._tag, "None")
      }
    }).pipe(Effect.provide(ledger))
  )
})

describe("facts", () => {
  it.effect("hold cash, holdings, every exposed order of the account, and shares whose trade may still fail", () =>
    Effect.gen(function* () {
      const { facts } = yield* Ledger
      yield* bought("one")
      yield* bought("two", { conditionId: "0xother", outcomeIndex: 1, outcome: "No" })
      const states = yield* journalled("three", [order("three", 0)])
      const of = order("three", 0)
      yield* answered(states, [answer(of, "open", { fills: [{ ...fill(of, shares(25), price(0.4)), final: false }] })])
      yield* journalled("sold", [
        order("sold", 0, { side: "SELL", conditionId: "0xother", outcomeIndex: 1, outcome: "No" })
      ])
      const account = yield* facts("paper", ["0xmarket"], OPENING)

      assert.strictEqual(account.cash, OPENING - 2n * 44_500_000n - 10n * UNIT)
      assert.deepStrictEqual(
        account.positions.map(({ conditionId, qty }) => [conditionId, qty]),
        [
          ["0xmarket", shares(125)],
          ["0xother", shares(100)]
        ]
      )
      assert.deepStrictEqual(
        account.exposed.map(({ filled, order, status }) => [order.planId, status, filled]),
        [
          ["sold", "pending", 0n],
          ["three", "open", shares(25)]
        ]
      )
      assert.deepStrictEqual([...account.unfinalShares], [["0xmarket#0", shares(25)]])
      assert.deepStrictEqual([...(yield* facts("paper", ["0xother"], OPENING)).unfinalShares], [])

      const live = yield* facts("live", ["0xmarket"], undefined)
      assert.deepStrictEqual(live, { cash: live.cash, positions: [], exposed: [], unfinalShares: new Map() })
      assert.strictEqual(live.cash, 0n)
    }).pipe(Effect.provide(ledger))
  )

  it.effect("are the same to a dry run as to the run that books the balance", () =>
    Effect.gen(function* () {
      const { facts, journal } = yield* Ledger
      yield* bought("one")
      const balance = OPENING
      const dry = yield* facts("paper", ["0xmarket"], balance)
      const wet = yield* journal(request("two"), (seen) => ({ orders: [], value: seen }))
      assert.deepStrictEqual(wet, dry)
    }).pipe(Effect.provide(ledger))
  )
})
