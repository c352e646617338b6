import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { UNIT, Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import * as OrderRows from "../../src/report/OrderRows.ts"
import * as Rows from "../../src/report/Rows.ts"
import { cancel, upkeep } from "../../src/upkeep.ts"
import { brief, instruction, plan, Stage, scenario, show, trade } from "./world.ts"

const pocket = (dollars: number) => Usd(BigInt(dollars) * UNIT)
const reconcile = upkeep("paper", { held: true })
const orders = Effect.map(
  Effect.flatMap(Ledger, (ledger) => ledger.orders({})),
  (found) => OrderRows.ordersJson(found).orders
)
const fillsOf = (planId: string) =>
  Effect.map(
    Effect.flatMap(Ledger, (ledger) => ledger.fills({ planId })),
    (found) => Rows.fillsJson(found).fills.map((fill) => `${fill.qty} at ${fill.price} ${fill.liquidity} ${fill.fee}`)
  )
const charging = Effect.flatMap(Stage, (stage) => stage.change("m", { fees: { rate: UNIT / 20n, exponent: 1 } }))
const resting = (planId: string, parts: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    yield* show("m", { bids: { 0.3: 100 }, asks: { 0.6: 1000 } })
    return yield* trade(plan(planId, [instruction({ price: 0.5, ...parts })]))
  })

describe("an order that rests", () => {
  scenario("is filled by another plan's run, at its own limit and without a fee", () =>
    Effect.gen(function* () {
      yield* charging
      yield* resting("patient")
      yield* TestClock.adjust("1 hour")
      yield* show("m", { asks: { 0.47: 1000 } })
      yield* trade(plan("other", [instruction({ price: 0.1, size: 10 })]))
      assert.deepStrictEqual(yield* fillsOf("patient"), ["100 at 0.5 maker 0"])
    })
  )

  scenario("is filled by reconcile, and once", () =>
    Effect.gen(function* () {
      yield* charging
      yield* resting("patient")
      yield* show("m", { asks: { "0.50": 1000 } })
      assert.lengthOf((yield* reconcile).changed, 1)
      assert.lengthOf((yield* reconcile).changed, 0)
      assert.deepStrictEqual(yield* fillsOf("patient"), ["100 at 0.5 maker 0"])
    })
  )

  scenario("stays as it is while the book stays away", () =>
    Effect.gen(function* () {
      yield* resting("patient")
      yield* show("m", { bids: { 0.49: 1000 }, asks: { 0.51: 1000 } })
      yield* TestClock.adjust("1 day")
      yield* reconcile
      assert.deepStrictEqual((yield* orders).map(brief), ["open 0"])
    })
  )

  scenario("takes at once what is there, and the rest as it comes", () =>
    Effect.gen(function* () {
      yield* charging
      yield* show("m", { asks: { 0.48: 30 } })
      const { report } = yield* trade(plan("partial", [instruction({ price: 0.5 })]))
      assert.deepStrictEqual(report.orders.map(brief), ["open 30 at 0.48"])
      yield* show("m", { asks: { "0.50": 25 } })
      yield* reconcile
      yield* show("m", { asks: { "0.50": 70 } })
      yield* reconcile
      // 30 x 0.05 x 0.48 x 0.52 = 0.37440
      assert.deepStrictEqual(yield* fillsOf("partial"), [
        "30 at 0.48 taker 0.3744",
        "25 at 0.5 maker 0",
        "45 at 0.5 maker 0"
      ])
      assert.deepStrictEqual((yield* orders).map(brief), ["filled 100 at 0.494"])
    })
  )

  scenario("holds back the cash it may cost", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.9: 1000 } })
      yield* trade(plan("reserves", [instruction({ price: 0.5, size: 100 })]), { paperBalance: pocket(80) })
      const refused = yield* trade(plan("too-much", [instruction({ price: 0.5, size: 80 })]), {
        paperBalance: pocket(80)
      })
      assert.strictEqual(refused.report.status, "rejected")
      assert.include(refused.report.orders[0]?.reasons[0], "INSUFFICIENT_CASH")
      const granted = yield* trade(plan("just", [instruction({ price: 0.5, size: 60 })]), { paperBalance: pocket(80) })
      assert.strictEqual(granted.report.status, "completed")
    })
  )
})

describe("displayed shares", () => {
  scenario("fill once across plans", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.45: 150 } })
      const told = yield* Effect.forEach(["one", "two", "three"], (planId) =>
        trade(plan(planId, [instruction({ price: 0.45 })]))
      )
      assert.deepStrictEqual(
        told.map(({ report }) => report.orders.map(brief).join()),
        ["filled 100 at 0.45", "open 50 at 0.45", "open 0"]
      )
    })
  )

  scenario("fill once within a plan", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.45: 150 } })
      const { report } = yield* trade(plan("both", [instruction(), instruction()]))
      assert.deepStrictEqual(report.orders.map(brief), ["filled 100 at 0.45", "open 50 at 0.45"])
    })
  )

  scenario("are new only as far as more of them are shown", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.45: 100 } })
      yield* trade(plan("all", [instruction({ price: 0.45 })]))
      yield* trade(plan("next", [instruction({ price: 0.45 })]))
      yield* show("m", { asks: { 0.45: 130 } })
      yield* reconcile
      assert.deepStrictEqual(yield* fillsOf("next"), ["30 at 0.45 maker 0"])
    })
  )

  scenario("are the same ones for a BUY of NO and a SELL of YES", () =>
    Effect.gen(function* () {
      yield* show("m", { bids: { 0.44: 100 }, asks: { 0.45: 100 } })
      yield* trade(plan("yes", [instruction({ price: 0.45 })]))
      // A bid for YES at 0.44 is an offer of NO at 0.56.
      const no = yield* trade(plan("no", [instruction({ outcome: "NO", price: 0.56, size: 70 })]))
      assert.deepStrictEqual(no.report.orders.map(brief), ["filled 70 at 0.56"])
      const sold = yield* trade(plan("sold", [instruction({ side: "SELL", price: 0.44, size: 100 })]))
      assert.deepStrictEqual(sold.report.orders.map(brief), ["open 30 at 0.44"])
    })
  )
})

describe("an order with a lifetime", () => {
  for (const [words, parts, plans] of [
    ["cancelAfterSec", { cancelAfterSec: 60 }, {}],
    ["goodForSeconds", {}, { defaults: { goodForSeconds: 60 } }]
  ] as const) {
    scenario(`expires by ${words}, before the book of the same moment can fill it`, () =>
      Effect.gen(function* () {
        yield* show("m", { asks: { 0.6: 1000 } })
        yield* trade(plan("brief", [instruction({ ...parts })], plans))
        yield* show("m", { asks: { 0.4: 1000 } })
        yield* TestClock.adjust("60 seconds")
        const { changed } = yield* reconcile
        assert.deepStrictEqual(
          changed.map((state) => state.status),
          ["expired"]
        )
        assert.deepStrictEqual(yield* fillsOf("brief"), [])
      })
    )
  }

  scenario("fills until then", () =>
    Effect.gen(function* () {
      yield* resting("brief", { cancelAfterSec: 60 })
      yield* show("m", { asks: { 0.4: 1000 } })
      yield* TestClock.adjust("59 seconds")
      yield* reconcile
      assert.deepStrictEqual((yield* orders).map(brief), ["filled 100 at 0.5"])
    })
  )

  scenario("expires in another plan's run, and frees its cash for that plan", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.9: 1000 } })
      yield* trade(plan("short", [instruction({ cancelAfterSec: 60 })]), { paperBalance: pocket(50) })
      yield* TestClock.adjust("2 minutes")
      const { report } = yield* trade(plan("after", [instruction()]), { paperBalance: pocket(50) })
      assert.strictEqual(report.status, "completed")
      assert.deepStrictEqual((yield* orders).map(brief), ["expired 0", "open 0"])
    })
  )
})

describe("a cancel", () => {
  const three = Effect.gen(function* () {
    yield* show("m", { asks: { 0.6: 1000 } })
    yield* show("n", { asks: { 0.6: 1000 } })
    yield* trade(plan("p", [instruction(), instruction({ marketId: "n" })]))
    yield* trade(plan("q", [instruction({ price: 0.49 })]))
    return yield* orders
  })
  const left = Effect.map(orders, (found) =>
    found.filter((order) => order.status === "open").map((order) => `${order.planId} ${order.marketId}`)
  )

  scenario("by id takes back that order alone", () =>
    Effect.gen(function* () {
      const [first] = yield* three
      const ended = yield* cancel("paper", { ids: [first?.id ?? ""] })
      assert.deepStrictEqual(
        ended.map((state) => state.status),
        ["cancelled"]
      )
      assert.deepStrictEqual(yield* left, ["p n", "q m"])
    })
  )
  scenario("by plan takes back what the plan left", () =>
    Effect.gen(function* () {
      yield* three
      yield* cancel("paper", { planId: "p" })
      assert.deepStrictEqual(yield* left, ["q m"])
    })
  )
  scenario("by market, under any of its ids, takes back what rests in it", () =>
    Effect.gen(function* () {
      yield* three
      yield* cancel("paper", { market: "0xm" })
      assert.deepStrictEqual(yield* left, ["p n"])
      yield* cancel("paper", { market: "n" })
      assert.deepStrictEqual(yield* left, [])
    })
  )
  scenario("of all takes back everything, and what is cancelled fills no more", () =>
    Effect.gen(function* () {
      yield* three
      assert.lengthOf(yield* cancel("paper", {}), 3)
      assert.lengthOf(yield* cancel("paper", {}), 0)
      yield* show("m", { asks: { 0.1: 1000 } })
      yield* reconcile
      assert.deepStrictEqual((yield* orders).map(brief), ["cancelled 0", "cancelled 0", "cancelled 0"])
    })
  )
  scenario("keeps what had filled", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.5: 30 } })
      yield* trade(plan("partial", [instruction()]))
      yield* cancel("paper", { planId: "partial" })
      assert.deepStrictEqual((yield* orders).map(brief), ["cancelled 30 at 0.5"])
    })
  )
})

describe("a SELL", () => {
  scenario("sells what is held, and what it made is realized", () =>
    Effect.gen(function* () {
      yield* show("m", { bids: { 0.44: 1000 }, asks: { 0.45: 1000 } })
      yield* trade(plan("in", [instruction()]))
      yield* show("m", { bids: { 0.55: 1000 }, asks: { 0.56: 1000 } })
      const { report } = yield* trade(plan("out", [instruction({ side: "SELL", price: 0.5, size: 40 })]))
      assert.deepStrictEqual(report.orders.map(brief), ["filled 40 at 0.55"])
      assert.deepInclude(report.positions[0], { qty: "60", costBasis: "27", realizedPnl: "4", unrealizedPnl: "6" })
    })
  )
  scenario("of more than is held and free is refused", () =>
    Effect.gen(function* () {
      yield* show("m", { bids: { 0.44: 1000 }, asks: { 0.45: 1000 } })
      yield* trade(plan("in", [instruction()]))
      yield* trade(plan("rests", [instruction({ side: "SELL", price: 0.9, size: 60 })]))
      const { report } = yield* trade(plan("out", [instruction({ side: "SELL", price: 0.5, size: 41 })]))
      assert.strictEqual(report.status, "rejected")
      assert.include(report.orders[0]?.reasons[0], "INSUFFICIENT_SHARES")
    })
  )
  scenario("cannot use what a BUY of the same plan is to bring", () =>
    Effect.gen(function* () {
      yield* show("m", { bids: { 0.44: 1000 }, asks: { 0.45: 1000 } })
      const { report } = yield* trade(plan("turn", [instruction(), instruction({ side: "SELL", price: 0.9 })]))
      assert.strictEqual(report.status, "rejected")
      assert.strictEqual(report.orders[0]?.instruction, 1)
      assert.include(report.orders[0]?.reasons[0], "INSUFFICIENT_SHARES")
    })
  )
})

describe("FOK and FAK", () => {
  scenario("end at once; a kill is a cancel and the run completes", () =>
    Effect.gen(function* () {
      yield* show("m", { asks: { 0.45: 100 } })
      const { failure, report } = yield* trade(
        plan("kills", [
          instruction({ timeInForce: "FOK", sizeUnit: "USDC", size: 60 }),
          instruction({ timeInForce: "FAK", sizeUnit: "USDC", size: 60 }),
          instruction({ timeInForce: "FOK", sizeUnit: "USDC", size: 5 })
        ])
      )
      assert.isUndefined(failure)
      assert.strictEqual(report.status, "completed")
      assert.deepStrictEqual(report.orders.map(brief), ["cancelled 0", "cancelled 100 at 0.45", "cancelled 0"])
    })
  )
})
