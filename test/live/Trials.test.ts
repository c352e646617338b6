import { describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { format, Price } from "../../src/domain/Money.ts"
import { isTerminal } from "../../src/domain/Order.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { HORIZONS } from "../../src/report/BacktestTally.ts"
import * as Calibration from "../../src/report/Calibration.ts"
import { calibrationText } from "../../src/report/CalibrationTables.ts"
import { PLAIN } from "../../src/report/Table.ts"
import * as Trials from "../../src/trials.ts"
import { answered, assert, cancel, Exchange, instruction, later, plan, reckon, scenario, show, trade } from "./world.ts"

const RAIN = "sandbox-rain"
const MILLION = 1_000_000n

const records = Effect.flatMap(Ledger, (ledger) => ledger.trials({}))

/** Each order's real shares, and those of the three bands. */
const laid = Effect.map(records, (found) =>
  found.map(({ bands, order }) =>
    [order.filled, bands.pessimistic.qty, bands.neutral.qty, bands.optimistic.qty].map(format).join(" ")
  )
)

const marks = Effect.map(records, (found) =>
  found.map(({ mids }) => HORIZONS.map(({ name }) => (mids[name] === undefined ? "-" : format(mids[name]))).join(" "))
)

const calibrated = Effect.map(records, (found) =>
  Calibration.calibrate(Calibration.trialsOf(found), found.filter(({ order }) => !isTerminal(order.status)).length)
)

/** Somebody else sells into the book. */
const sells = (shares: bigint, at: bigint) =>
  Effect.gen(function* () {
    const exchange = yield* Exchange
    const seller = yield* exchange.another("seller")
    const { tokens } = yield* Effect.orDie(exchange.market(RAIN))
    yield* exchange.credit(1_000n * MILLION, tokens[0], seller.wallet)
    const sale = { outcome: 0, side: "SELL", price: Price(at), amount: shares * MILLION, type: "FAK" } as const
    yield* Effect.orDie(exchange.place(seller, RAIN, sale))
  })

const BOOK = [{ "0.45": "500" }, { "0.47": "60", "0.48": "100" }] as const
const TAKES = instruction({ price: 0.48, size: 100 })
const RESTS = instruction({ price: 0.45, size: 80 })

describe("what happened to live orders beside what was simulated of them", () => {
  scenario("is kept of every order that left, and told by calibrate", () =>
    Effect.gen(function* () {
      yield* show(RAIN, ...BOOK)
      yield* trade(plan("one", [TAKES, RESTS]))
      assert.deepStrictEqual(yield* laid, ["100 100 100 100", "0 0 0 0"])
      yield* sells(550n, 450_000n)
      yield* reckon()
      // Nothing that a snapshot shows tells of the fill: within the bands all the same.
      assert.deepStrictEqual(yield* laid, ["100 100 100 100", "50 0 0 80"])
      yield* cancel()
      const found = yield* calibrated
      assert.deepStrictEqual([found.open, found.all.orders, found.all.inside], [0, 2, 2])
      const taking = found.groups.find(({ category }) => category === "taking")
      // 60 at 0.47 and 40 at 0.48, where the mid was 0.46: 0.014 a share worse.
      assert.deepStrictEqual([taking?.slippage.real, taking?.slippage.neutral], ["0.014", "0.014"])
      assert.strictEqual(taking?.fee.real, taking?.fee.neutral)
      const resting = found.groups.find(({ category }) => category === "resting")
      assert.deepStrictEqual(
        [resting?.fillRate.real, resting?.fillRate.pessimistic, resting?.fillRate.optimistic],
        ["0.625", "0", "1"]
      )
      assert.include(calibrationText(found, PLAIN), "62.5%")
    })
  )

  scenario("marks where the market stands 10 s, 1 min and 10 min after the first fill", () =>
    Effect.gen(function* () {
      yield* show(RAIN, ...BOOK)
      yield* trade(plan("one", [TAKES]))
      yield* reckon()
      assert.deepStrictEqual(yield* marks, ["- - -"])
      yield* later(11_000)(reckon())
      yield* show(RAIN, { "0.5": "9" }, { "0.52": "9" })
      // Too late for the first one, which stays, and in time for the second.
      yield* later(70_000)(reckon())
      yield* show(RAIN, { "0.3": "9" }, { "0.4": "9" })
      yield* later(610_000)(reckon())
      const [seen] = yield* marks
      assert.strictEqual(seen, "0.465 0.51 0.35")
      const { all } = yield* calibrated
      // Bought at 0.474 on average.
      assert.deepStrictEqual([all.markout["1m"].real, all.markout["10m"].neutral], ["0.036", "-0.124"])
      const watched = yield* later(1_000_000)(
        Effect.zipRight(
          reckon(),
          Effect.flatMap(Ledger, (ledger) => ledger.trials({ watched: true }))
        )
      )
      assert.deepStrictEqual(watched, [])
    })
  )

  scenario("counts marks anew from the first fill, however long the order rested before", () =>
    Effect.gen(function* () {
      yield* show(RAIN, ...BOOK)
      yield* trade(plan("one", [RESTS]))
      yield* later(11_000)(reckon())
      assert.deepStrictEqual(yield* marks, ["0.46 - -"])
      yield* later(700_000)(
        Effect.gen(function* () {
          yield* sells(580n, 450_000n)
          yield* reckon()
        })
      )
      assert.deepStrictEqual(yield* marks, ["- - -"])
    })
  )

  scenario("is marked in time by whoever watches", () =>
    Effect.gen(function* () {
      yield* show(RAIN, ...BOOK)
      yield* trade(plan("one", [TAKES]))
      const watching = yield* Effect.fork(later(10_500)(Trials.watch))
      yield* Effect.repeat(marks, { until: ([seen]) => seen !== "- - -" })
      yield* Fiber.interrupt(watching)
      assert.deepStrictEqual(yield* marks, ["0.465 - -"])
    })
  )

  scenario("is unsaid of an order that the venue refused or that never left", () =>
    Effect.gen(function* () {
      yield* show(RAIN, ...BOOK)
      yield* answered(400, "Price (0.48), breaks minimum tick size rule: 0.1")
      yield* trade(plan("one", [TAKES, RESTS]))
      const found = yield* calibrated
      // The second one waits for the next run.
      assert.deepStrictEqual([found.open, found.all.orders], [1, 0])
    })
  )
})
