import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { Price, UNIT } from "../../src/domain/Money.ts"
import {
  agrees,
  answered,
  brief,
  Exchange,
  instruction,
  plan,
  posts,
  scenario,
  show,
  standing,
  struck,
  trade
} from "./world.ts"

const rain = show("sandbox-rain", { "0.44": "500" }, { "0.46": "500" })
const one = (planId: string, parts: Readonly<Record<string, unknown>> = {}) =>
  plan(planId, [instruction({ price: 0.46, ...parts })])
const reasons = ({ orders }: { readonly orders: ReadonlyArray<{ readonly reasons: ReadonlyArray<string> }> }) =>
  orders.flatMap((order) => order.reasons).join("\n")

/** The posted bodies that the exchange took. */
const bodies = Effect.map(Exchange, (exchange) =>
  exchange
    .journal()
    .flatMap((each): ReadonlyArray<unknown> => (each.kind === "accepted" ? [JSON.parse(each.body)] : []))
)

/** What stands at a place of a posted body. */
const at = (body: unknown, ...names: ReadonlyArray<string>): unknown =>
  names.reduce<unknown>((found, name) => (Predicate.isRecord(found) ? found[name] : undefined), body)

describe("a tick that changes", () => {
  scenario("P-30: is the venue's of this minute: nothing of the old one is remembered", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* show("sandbox-rain", { "0.03": "500" }, { "0.05": "500" })
      const fine = one("fine", { price: 0.035, size: 100 })
      assert.match(reasons((yield* trade(fine)).report), /PRICE_OFF_TICK/)
      yield* Effect.orDie(exchange.setTick("sandbox-rain", "0.001"))
      assert.isUndefined((yield* trade(fine)).failure)
      assert.deepStrictEqual(yield* standing("fine"), ["open 0"])
      yield* Effect.orDie(exchange.setTick("sandbox-rain", "0.01"))
      assert.match(reasons((yield* trade(one("coarse", { price: 0.035, size: 100 }))).report), /PRICE_OFF_TICK/)
    })
  )

  scenario("P-30: between decision and post refuses the order, and a new attempt is another one", () =>
    Effect.gen(function* () {
      yield* rain
      yield* answered(400, "order 0xab is invalid. Price (0.46) breaks minimum tick size rule: 0.1")
      const refused = yield* trade(one("late"))
      assert.strictEqual(refused.failure?._tag, "VenueUnavailable")
      assert.deepStrictEqual(yield* standing("late"), ["rejected 0"])
      const left = yield* trade(one("late"))
      assert.deepStrictEqual(left.report.orders.map(brief), ["rejected 0"])
      assert.include(left.report.warnings.join(), "--retry-refused tries it again")
      const retried = yield* Effect.either(trade(one("late"), { retryRefused: true }))
      assert.strictEqual(retried._tag, "Right")
      assert.deepStrictEqual(yield* standing("late"), ["rejected 0", "filled 20"])
      yield* agrees
    })
  )
})

describe("what goes over the wire", () => {
  scenario("P-34: carries the plan's own limit, whatever the book shows", () =>
    Effect.gen(function* () {
      const amounts: Array<unknown> = []
      for (const [planId, asks] of [
        ["near", { "0.46": "500" }],
        ["far", { "0.2": "10", "0.5": "500" }]
      ] as const) {
        yield* show("sandbox-rain", { "0.1": "500" }, asks)
        yield* trade(one(planId, { price: 0.5, size: 10, timeInForce: "FAK" }))
      }
      for (const body of yield* bodies)
        amounts.push([at(body, "order", "makerAmount"), at(body, "order", "takerAmount")])
      assert.deepStrictEqual(amounts, [
        ["10000000", "20000000"],
        ["10000000", "20000000"]
      ])
    })
  )

  scenario("P-64: asks the venue to answer at once, and not to wait for a transaction", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(one("defer"))
      assert.deepStrictEqual(
        (yield* bodies).map((body) => at(body, "deferExec")),
        [true]
      )
    })
  )

  scenario(
    "carries lifetimes as GTD where the venue can keep them, a minute early, and post-only where asked for",
    () =>
      Effect.gen(function* () {
        yield* rain
        const parts: ReadonlyArray<Readonly<Record<string, unknown>>> = [
          { timeInForce: "GTD", cancelAfterSec: 3_600 },
          { cancelAfterSec: 300, postOnly: true },
          {},
          { timeInForce: "FAK", size: 10 },
          { timeInForce: "FOK", size: 10 }
        ]
        const { failure } = yield* trade(
          plan(
            "types",
            parts.map((more) => instruction({ price: more.size === undefined ? 0.45 : 0.46, ...more }))
          )
        )
        assert.isUndefined(failure)
        const sent = (yield* bodies).map((body) => ({
          type: at(body, "orderType"),
          postOnly: at(body, "postOnly"),
          lives: Number(at(body, "order", "expiration")) - Number(at(body, "order", "timestamp")) / 1000
        }))
        assert.deepStrictEqual(
          sent.map(({ postOnly, type }) => [type, postOnly]),
          [
            ["GTD", false],
            ["GTD", true],
            ["GTC", false],
            ["FAK", false],
            ["FOK", false]
          ]
        )
        const [hour, minutes, ...none] = sent.map(({ lives }) => lives)
        assert.isTrue(hour !== undefined && hour >= 3_660 && hour < 3_662, `${hour}`)
        assert.isTrue(minutes !== undefined && minutes >= 360 && minutes < 362, `${minutes}`)
        assert.isTrue(none.every((lives) => lives < 0))
      })
  )

  scenario("is no lifetime that only this process could keep: those are refused by risk", () =>
    Effect.gen(function* () {
      yield* rain
      const { report } = yield* trade(one("short", { price: 0.45, cancelAfterSec: 119 }))
      assert.match(reasons(report), /LIFETIME_TOO_SHORT/)
      assert.isUndefined((yield* trade(one("long", { price: 0.45, cancelAfterSec: 120 }))).failure)
      assert.deepStrictEqual(yield* posts, ["accepted"])
    })
  )
})

describe("a post-only order", () => {
  scenario("P-35: that would cross when it arrives is refused, which stops no plan that skips refusals", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      // The book moves between decision and post.
      yield* answered(400, "invalid post-only order: order crosses book")
      const two = plan(
        "quotes",
        [instruction({ price: 0.45, postOnly: true }), instruction({ price: 0.44, postOnly: true })],
        { onReject: "skip" }
      )
      const { failure, report } = yield* trade(two)
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["rejected 0", "open 0"])
      assert.match(reasons(report), /order crosses book/)
      assert.deepStrictEqual(yield* struck, [1])
      assert.strictEqual(exchange.state().trades.length, 0)
    })
  )
})

describe("an order below the market's least", () => {
  scenario("P-33: may be what is left of one that was large enough: it rests on and fills", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* trade(one("part", { price: 0.45, size: 6 }))
      const other = yield* exchange.another("mallory")
      const take = (shares: bigint) =>
        Effect.orDie(
          exchange.place(other, "sandbox-rain", {
            outcome: 1,
            side: "BUY",
            price: Price(550_000n),
            amount: shares * UNIT,
            type: "GTC"
          })
        )
      yield* take(5n)
      yield* agrees
      assert.deepStrictEqual(yield* standing("part"), ["open 5"])
      yield* show("sandbox-rain", { "0.44": "500" }, { "0.45": "1" })
      yield* agrees
      assert.deepStrictEqual(yield* standing("part"), ["filled 6"])
      assert.match(reasons((yield* trade(one("dust", { size: 4 }))).report), /SIZE_BELOW_MINIMUM/)
    })
  )
})

describe("own orders", () => {
  scenario("P-36: of both outcomes that would meet each other at the venue are refused here", () =>
    Effect.gen(function* () {
      yield* show("sandbox-rain", { "0.4": "500" }, { "0.6": "500" })
      yield* trade(one("yes", { price: 0.55 }))
      const no = yield* trade(one("no", { outcome: "NO", price: 0.5 }))
      assert.match(reasons(no.report), /SELF_CROSS/)
      assert.isUndefined((yield* trade(one("below", { outcome: "NO", price: 0.44 }))).failure)
      assert.deepStrictEqual(yield* posts, ["accepted", "accepted"])
    })
  )
})
