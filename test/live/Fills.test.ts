import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { format, Price, UNIT } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import {
  agrees,
  brief,
  cancel,
  cash,
  chain,
  Exchange,
  fault,
  instruction,
  later,
  plan,
  posts,
  reckon,
  scenario,
  show,
  standing,
  trade
} from "./world.ts"

const rain = show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
const one = (planId: string, parts: Readonly<Record<string, unknown>> = {}) =>
  plan(planId, [instruction({ price: 0.46, ...parts })])

const fillsOf = (planId: string) =>
  Effect.flatMap(Ledger, (ledger) =>
    Effect.map(ledger.fills({ planId }), (fills) =>
      fills.map(
        ({ failed, fee, final, liquidity, price, shares }) =>
          `${format(shares)} at ${format(price)}, fee ${format(fee)}, ${liquidity}, ${failed ? "failed" : final ? "final" : "provisional"}`
      )
    )
  )

/** Somebody else buys in "sandbox-rain", and meets what rests there. */
const somebody = Effect.fn("somebody")(function* (outcome: 0 | 1, price: bigint, shares: bigint) {
  const exchange = yield* Exchange
  const other = yield* exchange.another("mallory")
  const order = { outcome, side: "BUY", price: Price(price), amount: shares * UNIT, type: "GTC" } as const
  assert.propertyVal(yield* Effect.orDie(exchange.place(other, "sandbox-rain", order)), "status", "matched")
})

describe("a trade that is not final", () => {
  scenario(
    "P-10: counts in the position, and what it bought may not be sold until it is",
    () =>
      Effect.gen(function* () {
        const exchange = yield* Exchange
        const ledger = yield* Ledger
        yield* rain
        yield* trade(one("buy"))
        assert.deepStrictEqual(yield* fillsOf("buy"), ["20 at 0.46, fee 0.2484, taker, provisional"])
        const [position] = yield* ledger.positions("live")
        assert.strictEqual(position?.qty, 20n * UNIT)
        const sell = plan("sell", [instruction({ side: "SELL", price: 0.44, size: 20 })])
        const early = yield* trade(sell)
        assert.match(early.report.orders[0]?.reasons.join() ?? "", /INSUFFICIENT_SHARES/)
        yield* exchange.settle
        assert.isUndefined((yield* trade(sell)).failure)
        yield* exchange.settle
        yield* agrees
      }),
    { minedMillis: 3_600_000, confirmedMillis: 3_600_000 }
  )

  scenario("P-16: is one trade by its id, though its transaction is tried again under another hash", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* fault({ op: "trade", kind: "stuck", count: 1 })
      yield* trade(one("stuck"))
      const now = () => [...exchange.house.trades.values()].map(({ hash, id, status }) => ({ hash, id, status }))
      const [before] = now()
      assert.strictEqual(before?.status, "RETRYING")
      yield* reckon()
      assert.strictEqual((yield* fillsOf("stuck")).length, 1)
      yield* Effect.orDie(exchange.finish(before?.id ?? "", "CONFIRMED"))
      assert.notStrictEqual(now()[0]?.hash, before?.hash)
      yield* agrees
      assert.match((yield* fillsOf("stuck")).join(), /^20 at 0.46, .*final$/)
    })
  )

  scenario("P-10: and is tried again for minutes is warned of", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "trade", kind: "stuck", count: 1 })
      yield* trade(one("stuck"))
      assert.notInclude((yield* reckon()).warnings.join(), "tried again")
      const { warnings } = yield* later(301_000)(reckon())
      assert.include(warnings.join(), "1 trades have been tried again by the venue for over 5 minutes")
    })
  )

  scenario("P-11: that fails is taken back in one step: nobody ever sees a part of it", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      const sql = yield* SqlClient.SqlClient
      yield* rain
      yield* trade(one("before", { size: 10 }))
      yield* fault({ op: "trade", kind: "stuck", count: 1 })
      yield* trade(one("ghost"))
      const exchange = yield* Exchange
      const [trade_] = [...exchange.house.trades.values()].filter(({ status }) => status === "RETRYING")
      yield* Effect.orDie(exchange.finish(trade_?.id ?? "", "FAILED"))
      const look = sql<Record<string, string>>`select o.status, o.filled_qty as filled,
        (select sum(qty) from positions where mode = 'live') as held,
        (select sum(amount) from cash_ledger where mode = 'live') as cash,
        (select count(*) from audit_logs where event_type = 'order_fill_failed') as told
        from orders o where plan_id = 'ghost'`.pipe(Effect.map((rows) => JSON.stringify(rows)))
      const before = yield* look
      const seen = new Set([before])
      const watching = yield* Effect.fork(
        Effect.repeat(
          Effect.tap(look, (found) => Effect.sync(() => seen.add(found))),
          { until: (found) => found !== before && !found.includes('"told":"0"') }
        )
      )
      const proving = yield* Effect.fork(
        Effect.repeat(
          Effect.tap(ledger.verify(), ({ checks }) =>
            assert.deepStrictEqual(
              checks.filter(({ ok }) => !ok),
              []
            )
          ),
          { until: () => seen.size > 1 }
        )
      )
      yield* reckon()
      yield* Fiber.join(watching)
      yield* Fiber.join(proving)
      seen.add(yield* look)
      assert.strictEqual(seen.size, 2, [...seen].join("\n"))
      const events = yield* sql<{ readonly type: string }>`select event_type as type from audit_logs
        where entity_type = 'order' and event_type like '%fail%'`
      assert.deepStrictEqual(events, [{ type: "order_fill_failed" }])
      assert.deepStrictEqual(yield* standing("ghost"), ["cancelled 0"])
      assert.strictEqual(yield* cash, yield* chain("pUSD"))
    })
  )
})

describe("an order that rests", () => {
  scenario("P-12: and is met by a buyer of the other outcome fills at its own price, as maker, without a fee", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", { "0.01": "5" }, { "0.99": "5" })
      yield* trade(plan("maker", [instruction({ outcome: "NO", price: 0.55 })]))
      yield* somebody(0, 450_000n, 20n)
      yield* agrees
      assert.deepStrictEqual(yield* standing("maker"), ["filled 20"])
      assert.deepStrictEqual(yield* fillsOf("maker"), ["20 at 0.55, fee 0, maker, final"])
      const ledger = yield* Ledger
      const held = yield* ledger.positions("live")
      assert.deepStrictEqual(
        held
          .filter(({ qty }) => qty > 0n)
          .map(({ costBasis, outcome, qty }) => [outcome, format(qty), format(costBasis)]),
        [["No", "20", "11"]]
      )
    })
  )

  scenario("P-12: and is met in its own outcome fills by its own entry, whatever the taker's price was", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", { "0.01": "5" }, { "0.99": "5" })
      yield* trade(plan("maker", [instruction({ price: 0.45 }), instruction({ price: 0.44 })]))
      yield* somebody(1, 600_000n, 30n)
      yield* agrees
      assert.sameMembers(yield* fillsOf("maker"), [
        "20 at 0.45, fee 0, maker, final",
        "10 at 0.44, fee 0, maker, final"
      ])
      assert.deepStrictEqual(yield* standing("maker"), ["filled 20", "open 10"])
    })
  )

  scenario("P-12: and has traded every way there is leaves as many shares of each outcome as the wallet has", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      const ledger = yield* Ledger
      yield* show("sandbox-rain", { "0.4": "500" }, { "0.6": "500" })
      const both = Effect.fn("both")(function* (name: string, parts: Readonly<Record<string, unknown>>) {
        for (const outcome of ["YES", "NO"]) {
          const { report } = yield* trade(plan(`${name} ${outcome}`, [instruction({ ...parts, outcome })]))
          assert.deepStrictEqual(
            report.orders.map(({ status }) => status),
            ["filled"]
          )
        }
      })
      yield* both("taken", { price: 0.6, size: 50 })
      yield* trade(plan("made", [instruction({ price: 0.45 }), instruction({ outcome: "NO", price: 0.5 })]))
      // A buyer of NO meets our YES, and a buyer of YES our NO.
      yield* somebody(1, 550_000n, 12n)
      yield* somebody(0, 500_000n, 7n)
      yield* agrees
      yield* cancel("made")
      yield* both("sold", { side: "SELL", price: 0.4, size: 10 })
      yield* agrees
      const { tokens } = yield* Effect.orDie(exchange.market("sandbox-rain"))
      const held = new Map(
        (yield* ledger.positions("live")).map(({ outcomeIndex, qty }) => [outcomeIndex, format(qty)])
      )
      assert.deepStrictEqual([held.get(0), held.get(1)], ["52", "47"])
      assert.deepStrictEqual([yield* chain(tokens[0]), yield* chain(tokens[1])], ["52", "47"])
    })
  )

  scenario("P-14: is looked up where its cancel is said to be impossible: cancelled after all, or filled before", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(one("gone", { price: 0.45 }))
      yield* fault({ op: "DELETE /order", kind: "notCanceled", booked: true, count: 1 })
      yield* cancel("gone")
      assert.deepStrictEqual(yield* standing("gone"), ["cancelled 0"])
      yield* trade(one("filled", { price: 0.45 }))
      yield* somebody(1, 550_000n, 20n)
      yield* cancel("filled")
      assert.deepStrictEqual(yield* standing("filled"), ["filled 20"])
      yield* agrees
    })
  )

  scenario("P-14: whose cancel got no answer stays exposed, and is asked for again until the venue tells", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* trade(one("asked", { price: 0.45 }))
      yield* fault({ op: "DELETE /order", kind: "dropBefore" })
      assert.strictEqual((yield* Effect.flip(cancel("asked")))._tag, "VenueUnavailable")
      assert.deepStrictEqual(yield* standing("asked"), ["cancelling 0"])
      yield* exchange.clearFaults
      yield* reckon()
      assert.deepStrictEqual(yield* standing("asked"), ["cancelled 0"])
    })
  )

  scenario("P-55: and whose cancel has no effect rests on in the ledger, too, and says why", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(one("stays", { price: 0.45 }))
      const exchange = yield* Exchange
      yield* fault({ op: "DELETE /order", kind: "notCanceled" })
      const [kept] = yield* cancel("stays")
      assert.deepStrictEqual(
        [kept?.status, kept?.reasons.at(-1)],
        ["open", "its cancel had no effect: order can't be found - already canceled or matched"]
      )
      yield* exchange.clearFaults
      yield* cancel("stays")
      assert.deepStrictEqual(yield* standing("stays"), ["cancelled 0"])
    })
  )

  scenario("P-57: fills between its cancel and the answer, and that is booked", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* rain
      yield* trade(one("race", { price: 0.45 }))
      yield* fault({ op: "DELETE /order", kind: "delayRequest", ms: 400, count: 1 })
      const asked = yield* Effect.fork(cancel("race"))
      yield* Effect.repeat(Effect.zipRight(Effect.sleep("5 millis"), standing("race")), {
        until: ([order]) => order === "cancelling 0"
      })
      assert.deepStrictEqual((yield* ledger.orders({ mode: "live", statuses: ["cancelling"] })).length, 1)
      yield* somebody(1, 550_000n, 8n)
      yield* asked
      assert.deepStrictEqual(yield* standing("race"), ["cancelled 8"])
      yield* agrees
    })
  )

  scenario(
    "P-53: and is cancelled by the venue itself, as at the start of a game, is cancelled here with its reason",
    () =>
      Effect.gen(function* () {
        const exchange = yield* Exchange
        yield* rain
        yield* trade(one("game", { price: 0.45 }))
        const [order] = exchange.state().orders
        yield* Effect.orDie(exchange.act({ do: "cancel", order: order?.id ?? "" }))
        const { changed } = yield* reckon()
        assert.deepStrictEqual(
          changed.map(({ reasons, status }) => [status, reasons.at(-1)]),
          [["cancelled", "cancelled at the venue"]]
        )
      })
  )
})

describe("an amount that is spent at once", () => {
  scenario("P-13: may buy more shares than its limit comes to, and never costs more than the amount", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", { "0.1": "500" }, { "0.2": "30", "0.4": "500" })
      for (const timeInForce of ["FAK", "FOK"]) {
        const { failure, report } = yield* trade(one(timeInForce, { price: 0.5, size: 10, timeInForce }))
        assert.isUndefined(failure)
        const [order] = report.orders
        assert.strictEqual(order?.status, "filled", order?.reasons.join())
        assert.isAbove(Number(order?.filledQty), 20)
        assert.isAtMost(Number(order?.notional), 10)
      }
      yield* agrees
    })
  )
})

describe("the amounts in the answer to a post", () => {
  for (const kind of ["baseUnits", "humanDecimals", "noTradeIds"] as const) {
    scenario(`P-15: are no fills, in whichever unit they come (${kind})`, () =>
      Effect.gen(function* () {
        yield* rain
        yield* fault({ op: "POST /order", kind })
        const { report } = yield* trade(one("units"))
        assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46"])
        assert.deepStrictEqual(yield* posts, ["accepted"])
        yield* agrees
      })
    )
  }
})
