import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Ledger } from "../../src/persist/Ledger.ts"
import { EXCHANGES } from "../../src/polymarket/Contracts.ts"
import {
  agrees,
  answered,
  brief,
  cancel,
  Exchange,
  fault,
  instruction,
  plan,
  posts,
  scenario,
  show,
  struck,
  trade
} from "./world.ts"

const rain = show("sandbox-rain", { "0.44": "5000" }, { "0.46": "50000" })
const one = (planId: string, parts: Readonly<Record<string, unknown>> = {}) =>
  plan(planId, [instruction({ price: 0.46, ...parts })])
const reasons = ({ orders }: { readonly orders: ReadonlyArray<{ readonly reasons: ReadonlyArray<string> }> }) =>
  orders.flatMap((order) => order.reasons).join("\n")

/** Orders that were journalled at all. */
const journalled = Effect.flatMap(Ledger, (ledger) => ledger.orders({ mode: "live" }))

const LACKING = "not enough balance / allowance: the balance is not enough -> balance: 0, order amount: 9200000"

describe("money that the venue does not see", () => {
  scenario("P-20: is looked for again once, and the same bytes are posted a second time", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(one("before"))
      yield* answered(400, LACKING)
      yield* fault({ op: "GET /balance-allowance/update", kind: "delayAnswer", ms: 1 })
      const { report } = yield* trade(one("second"))
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46"])
      assert.deepStrictEqual(yield* struck, [1, 1])
      assert.deepStrictEqual(yield* posts, ["accepted", "accepted"])
      yield* agrees
    })
  )

  scenario("P-20: and is not there is refused after the second look, and not tried a third time", () =>
    Effect.gen(function* () {
      yield* rain
      yield* answered(400, LACKING, { count: 5 })
      const { failure, report } = yield* trade(one("lacking"))
      assert.strictEqual(failure?._tag, "VenueUnavailable")
      assert.deepStrictEqual(report.orders.map(brief), ["rejected 0"])
      assert.match(reasons(report), /not enough balance/)
      assert.deepStrictEqual(yield* struck, [2])
    })
  )

  scenario("P-20: at all, for want of the right wallet, is warned of with the settings that name it", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* exchange.credit(-(exchange.operator.wallet.chain.get("pUSD") ?? 0n))
      const { warnings } = (yield* trade(one("empty"))).report
      assert.match(warnings.join(), /sees no pUSD in 0x.*POLYMARKET_SIGNATURE_TYPE or POLYMARKET_FUNDER is wrong/)
    })
  )

  scenario("P-20: is not booked as lost where only the venue's view of it is old", () =>
    Effect.gen(function* () {
      yield* rain
      yield* fault({ op: "balance", kind: "staleBalance" })
      yield* trade(one("stale"))
      yield* agrees
    })
  )
})

describe("money that is spoken for", () => {
  scenario("P-21: by what rests is not there for another order, until its cancel is done", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(one("rests", { price: 0.45, size: 20_000 }))
      const other = yield* trade(one("other", { price: 0.45, size: 4_000 }))
      assert.match(reasons(other.report), /INSUFFICIENT_CASH/)
      yield* cancel("rests")
      assert.isUndefined((yield* trade(one("other", { price: 0.45, size: 4_000 }))).failure)
    })
  )
})

describe("shares that were bought", () => {
  scenario("P-22: and are final, but not in the venue's cache, are sold once it has looked again", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* fault({ op: "balance", kind: "staleBalance" })
      yield* trade(one("buy"))
      const { report } = yield* trade(plan("sell", [instruction({ side: "SELL", price: 0.44, size: 20 })]))
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.44"])
      assert.deepStrictEqual(yield* posts, ["accepted", "accepted"])
      yield* exchange.clearFaults
      yield* agrees
    })
  )

  scenario("P-22: are sold at the second try where the first is refused for want of them", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(one("buy"))
      yield* answered(400, LACKING)
      const { failure, report } = yield* trade(plan("sell", [instruction({ side: "SELL", price: 0.44, size: 20 })]))
      assert.isUndefined(failure)
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.44"])
      assert.deepStrictEqual(yield* posts, ["accepted", "accepted"])
      yield* agrees
    })
  )
})

describe("an exit", () => {
  scenario(
    "P-22: sells what is settled of what was bought, is told how much that is, and sells the rest once it is",
    () =>
      Effect.gen(function* () {
        const exchange = yield* Exchange
        yield* rain
        const sale = (planId: string, size: number) =>
          trade(plan(planId, [instruction({ side: "SELL", price: 0.44, size })]))
        yield* trade(one("first", { size: 12 }))
        yield* exchange.settle
        yield* trade(one("second", { size: 8 }))
        assert.match(reasons((yield* sale("all", 20)).report), /INSUFFICIENT_SHARES: .*\b12\b/)
        assert.deepStrictEqual((yield* sale("settled", 12)).report.orders.map(brief), ["filled 12 at 0.44"])
        yield* exchange.settle
        assert.deepStrictEqual((yield* sale("rest", 8)).report.orders.map(brief), ["filled 8 at 0.44"])
        yield* exchange.settle
        yield* agrees
      }),
    { minedMillis: 3_600_000, confirmedMillis: 3_600_000 }
  )

  scenario("P-22: that is refused for any other reason is not tried again, and says so", () =>
    Effect.gen(function* () {
      yield* rain
      yield* trade(one("buy"))
      yield* answered(400, "invalid expiration", { count: 5 })
      const { failure, report } = yield* trade(plan("sell", [instruction({ side: "SELL", price: 0.44, size: 20 })]))
      assert.strictEqual(failure?._tag, "VenueUnavailable")
      assert.match(reasons(report), /invalid expiration/)
      assert.deepStrictEqual(yield* struck, [1])
    })
  )
})

describe("a permission that is missing", () => {
  const cases = [
    ["sandbox-rain", EXCHANGES.ctfExchangeV2],
    ["sandbox-election", EXCHANGES.negRiskExchangeV2],
    ["sandbox-v2", EXCHANGES.exchangeV3]
  ] as const
  for (const [market, exchangeOf] of cases) {
    scenario(`P-23: of ${exchangeOf.name} is told before anything is journalled, with what to run`, () =>
      Effect.gen(function* () {
        const exchange = yield* Exchange
        yield* show(market, { "0.44": "500" }, { "0.46": "500" })
        const missing = (kind: "pUSD" | "outcomes", amount: string) =>
          Effect.orDie(exchange.act({ do: "allow", who: "operator", exchange: exchangeOf.address, kind, amount }))
        yield* missing("pUSD", "0")
        const buy = yield* Effect.flip(trade(one("buy", { marketId: market })))
        assert.propertyVal(buy, "code", "allowance_missing")
        assert.include(buy.message, exchangeOf.address)
        assert.deepStrictEqual(yield* journalled, [])
        yield* missing("pUSD", "1000000")
        assert.isUndefined((yield* trade(one("buy", { marketId: market }))).failure)
        yield* missing("outcomes", "0")
        const sell = instruction({ marketId: market, side: "SELL", price: 0.44, size: 20 })
        assert.propertyVal(yield* Effect.flip(trade(plan("sell", [sell]))), "code", "allowance_missing")
        assert.strictEqual((yield* journalled).length, 1)
      })
    )
  }
})

describe("an account", () => {
  scenario("P-24: that the venue wants another wallet of stops everything at its first refusal", () =>
    Effect.gen(function* () {
      yield* rain
      yield* answered(400, "maker address not allowed, please use the deposit wallet flow", { count: 5 })
      const twice = plan("type", [instruction({ price: 0.46 }), instruction({ price: 0.45 })], { onReject: "skip" })
      const { failure, report } = yield* trade(twice)
      assert.match(failure?.message ?? "", /POLYMARKET_SIGNATURE_TYPE=3/)
      assert.deepStrictEqual(report.orders.map(brief), ["rejected 0", "pending 0"])
      assert.deepStrictEqual(yield* struck, [1])
    })
  )

  for (const signatureType of [1, 2, 3] as const) {
    scenario(
      `P-24: of type ${signatureType} trades from the wallet that holds its funds`,
      () =>
        Effect.gen(function* () {
          yield* rain
          const { failure, report } = yield* trade(one("type"))
          assert.isUndefined(failure)
          assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.46"])
          yield* agrees
        }),
      { signatureType }
    )
  }

  scenario("that may only close its positions may not BUY, and may SELL", () =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* rain
      yield* trade(one("buy"))
      yield* Effect.orDie(exchange.act({ do: "account", who: "operator", closedOnly: true }))
      const refused = yield* Effect.flip(trade(one("more")))
      assert.match(refused.message, /only close positions/)
      const { report } = yield* trade(plan("sell", [instruction({ side: "SELL", price: 0.44, size: 20 })]))
      assert.deepStrictEqual(report.orders.map(brief), ["filled 20 at 0.44"])
    })
  )

  scenario("that is banned in the middle of a plan sends nothing more", () =>
    Effect.gen(function* () {
      yield* rain
      yield* answered(400, "'0xab' address banned", { nth: 2, count: 1 })
      const three = plan(
        "banned",
        [0.45, 0.44, 0.43].map((price) => instruction({ price })),
        { onReject: "skip" }
      )
      const { failure, report } = yield* trade(three)
      assert.strictEqual(failure?._tag, "VenueUnavailable")
      assert.deepStrictEqual(report.orders.map(brief), ["open 0", "rejected 0", "pending 0"])
    })
  )
})
