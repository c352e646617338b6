import * as SqlClient from "@effect/sql/SqlClient"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { BookSnapshot } from "../../src/domain/Book.ts"
import { Usd } from "../../src/domain/Money.ts"
import * as Trials from "../../src/persist/Trials.ts"
import * as Calibration from "../../src/report/Calibration.ts"
import { AT, answer, answered, fill, journalled, ledger, order, price, shares } from "./scene.ts"

const book: BookSnapshot = {
  conditionId: "0xmarket",
  bids: [{ price: price(0.43), size: shares(500) }],
  asks: [{ price: price(0.45), size: shares(60) }],
  tick: price(0.01),
  venueMillis: AT,
  fetchedMillis: AT
}
const came = (count: number) => ({ qty: shares(count), notional: Usd(BigInt(count) * 450_000n), fees: Usd(0n) })
const bands = { pessimistic: came(40), neutral: came(60), optimistic: came(60) }

it.layer(ledger)("what was simulated of an order", (it) => {
  it.effect("is kept beside it once, with the marks as they come, and laid beside what became of it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const states = yield* journalled("one", [order("one", 0, { timeInForce: "FAK" }), order("one", 1)])
      const [taken, rests] = states
      if (taken === undefined || rests === undefined) return assert.fail("nothing was journalled")
      const half = { ...fill(taken.order, shares(50), price(0.45), Usd(600_000n)), atMillis: AT + 250 }
      yield* answered(states, [answer(taken.order, "cancelled", { fills: [half] }), answer(rests.order, "open")])
      for (const { id } of [taken.order, rests.order]) {
        yield* Trials.keep(sql, { orderId: id, decidedBook: book, sentBook: undefined, bands, atMillis: AT })
      }
      const later = { ...bands, neutral: came(1) }
      yield* Trials.keep(sql, {
        orderId: taken.order.id,
        decidedBook: book,
        sentBook: book,
        bands: later,
        atMillis: AT
      })
      yield* Trials.mark(sql, taken.order.id, "10s", price(0.46))
      yield* Trials.mark(sql, taken.order.id, "1m", price(0.475))

      const records = yield* Trials.all
      assert.deepStrictEqual(records[0]?.decidedBook, book)
      const trials = Calibration.trialsOf(records)
      // The one that rests may still fill.
      assert.strictEqual(records.length, 2)
      assert.deepStrictEqual(trials, [
        {
          orderId: taken.order.id,
          category: "taking",
          side: "BUY",
          limit: price(0.45),
          tick: price(0.01),
          ordered: shares(100),
          mid: price(0.44),
          real: { qty: shares(50), notional: Usd(22_500_000n), fees: Usd(600_000n) },
          fillMillis: 250,
          bands,
          mids: { "10s": price(0.46), "1m": price(0.475), "10m": undefined }
        }
      ])
      const { all } = Calibration.calibrate(trials, 1)
      assert.strictEqual(all.inside, 1)
      assert.strictEqual(all.markout["1m"].real, "0.025")
    })
  )
})
