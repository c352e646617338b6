import * as SqlClient from "@effect/sql/SqlClient"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { BookSnapshot } from "../../src/domain/Book.ts"
import { Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
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
      const states = yield* journalled("one", [order("one", 0, { timeInForce: "FAK" }), order("one", 1)])
      const [taken, rests] = states
      if (taken === undefined || rests === undefined) return assert.fail("nothing was journalled")
      const half = { ...fill(taken.order, shares(50), price(0.45), Usd(600_000n)), atMillis: AT + 250 }
      yield* answered(states, [answer(taken.order, "cancelled", { fills: [half] }), answer(rests.order, "open")])
      const sql = yield* SqlClient.SqlClient
      yield* sql`update orders set sent_at = placed_at`
      const { tried, watched, trials: told } = yield* Ledger
      const trial = { ...bands, rests: true, ahead: shares(500), seen: shares(500) }
      const keep = (id: string, said: typeof trial) =>
        tried([{ orderId: id, decidedBook: book, sentBook: book, trial: said, atMillis: AT }])
      for (const { id } of [taken.order, rests.order]) yield* keep(id, trial)
      yield* keep(taken.order.id, { ...trial, neutral: came(1) })
      const mids = { "10s": price(0.46), "1m": price(0.475) }
      yield* watched([{ orderId: taken.order.id, trial, mids, sinceMillis: AT + 250, watched: false }])
      // Whoever only marks the market leaves the trial to who went on with it, and the marks that others made.
      const filled = { ...trial, neutral: came(70) }
      const at = { orderId: rests.order.id, sinceMillis: AT, watched: true }
      yield* watched([{ ...at, trial: filled, mids: { "10s": price(0.46) } }])
      yield* watched([{ ...at, trial: undefined, mids: { "1m": price(0.47) } }])
      const marked = (yield* told({})).find(({ order }) => order.order.id === rests.order.id)
      assert.deepStrictEqual([marked?.bands, marked?.mids], [filled, { "10s": price(0.46), "1m": price(0.47) }])
      // Counted from something else, they are others.
      yield* watched([{ ...at, trial: undefined, mids: {}, sinceMillis: AT + 5 }])
      const anew = (yield* told({})).find(({ order }) => order.order.id === rests.order.id)
      assert.deepStrictEqual([anew?.mids, anew?.sinceMillis], [{}, AT + 5])

      const rest = yield* told({ watched: true })
      assert.deepStrictEqual(
        rest.map((each) => each.order.order.id),
        [rests.order.id]
      )

      const records = yield* told({})
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
          bands: trial,
          mids: { "10s": price(0.46), "1m": price(0.475), "10m": undefined }
        }
      ])
      const { all } = Calibration.calibrate(trials, 1)
      assert.strictEqual(all.inside, 1)
      assert.strictEqual(all.markout["1m"].real, "0.025")
    })
  )
})
