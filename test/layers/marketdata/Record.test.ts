import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import type { Market } from "../../../src/domain/Market.ts"
import { format } from "../../../src/domain/Money.ts"
import * as Clob from "../../../src/layers/marketdata/ClobMarket.ts"
import * as Gamma from "../../../src/layers/marketdata/GammaMarket.ts"
import { record } from "../../../src/layers/marketdata/Record.ts"
import { shared } from "../../shared.ts"
import { clobMarket, gammaMarket, right, TOKENS } from "./fakeVenue.ts"

type Fields = { readonly [key: string]: unknown }

const merged = (gamma: Fields, clob: Fields | undefined): Either.Either<Market, string> =>
  Either.flatMap(Gamma.read({ ...gammaMarket, ...gamma }), (read) =>
    clob === undefined
      ? record(read, undefined, "live")
      : Either.flatMap(Clob.read({ ...clobMarket, ...clob }), (traded) => record(read, traded, "live"))
  )
const market = (gamma: Fields = {}, clob: Fields | undefined = {}): Market => Either.getOrThrow(merged(gamma, clob))
const refusal = (gamma: Fields, clob: Fields | undefined = {}): string =>
  Either.getOrThrow(Either.flip(merged(gamma, clob)))

const POSITIONS = ["6511", "6512"]
const V2 = { version: "v2", clobTokenIds: null, positionIds: POSITIONS }
const V2_CLOB = {
  v: "v2",
  t: [
    { t: "6511", o: "Up" },
    { t: "6512", o: "Down" }
  ]
}

describe("a market record", () => {
  it("P-44: is read with exact numbers out of texts and JSON numbers", () => {
    const { closedBecause, fees, marketId, minSize, outcomes, payouts, tick, tokenIds, version } = market()
    assert.deepEqual(
      {
        closedBecause,
        fees,
        marketId,
        minSize: format(minSize),
        outcomes,
        payouts,
        tick: format(tick),
        tokenIds,
        version
      },
      {
        marketId: "5308512",
        outcomes: ["Up", "Down"],
        tokenIds: [TOKENS[0], TOKENS[1]],
        tick: "0.01",
        minSize: "5",
        fees: { rate: 70_000n, exponent: 1 },
        version: "v1",
        closedBecause: undefined,
        payouts: undefined
      }
    )
    assert.strictEqual(market({}, { mts: 0.0001 }).tick, 100n)
    assert.strictEqual(market({ orderPriceMinTickSize: "0.0025" }, { mts: undefined }).tick, 2_500n)
  })

  it("P-44: takes no price from a source that lags: those are the book's alone", () => {
    const prices = { bestBid: 0.12, bestAsk: 0.93, lastTradePrice: 0.77, spread: 0.81, outcomePrices: '["0.9", "0.1"]' }
    assert.deepStrictEqual(market(prices), market())
  })

  it("P-46: takes the token ids of its protocol, not those that happen to be there", () => {
    assert.deepStrictEqual(market({ positionIds: POSITIONS }).tokenIds, [TOKENS[0], TOKENS[1]])
    assert.deepStrictEqual(market(V2, V2_CLOB).tokenIds, ["6511", "6512"])
    assert.strictEqual(market(V2, V2_CLOB).closedBecause, undefined)
    assert.include(refusal({ ...V2, positionIds: null }, V2_CLOB), "no two ids in positionIds")
    assert.include(refusal({ clobTokenIds: null, positionIds: POSITIONS }), "no two ids in clobTokenIds")
  })

  it("learns a missing protocol from the CLOB and never guesses one", () => {
    assert.strictEqual(market({ version: null }, { v: "v1" }).version, "v1")
    assert.include(refusal({ version: undefined }, { v: undefined }), "no source tells which exchange protocol")
    assert.include(refusal({ version: "v3" }), "unknown exchange protocol (v3)")
    assert.include(market({}, { v: "v2" }).closedBecause, "different exchange protocols")
  })

  it("pads a v2 condition to the 64 digits of the CLOB", () => {
    const short = `0x${"01".repeat(31)}`
    assert.strictEqual(market({ ...V2, conditionId: short }, V2_CLOB).conditionId, `${short}00`)
  })

  it("is refused unless it has two outcomes", () => {
    assert.include(refusal({ outcomes: '["A", "B", "C"]' }), "it has 3 outcomes")
  })

  const closings: ReadonlyArray<readonly [Fields, Fields, string]> = [
    [{ closed: true }, {}, "closed"],
    [{ archived: true }, {}, "archived"],
    [{ active: false }, {}, "not active"],
    [{ active: undefined }, {}, "not active"],
    [{ enableOrderBook: false }, {}, "no order book"],
    [{ acceptingOrders: false }, {}, "not accepting orders"],
    [{}, { ao: false }, "not accepting orders"],
    [{}, { ao: undefined }, "not accepting orders"],
    [{ negRisk: true }, {}, "disagree on neg-risk"],
    [{ negRisk: false }, { nr: true }, "disagree on neg-risk"],
    [{}, { t: [{ t: "1" }, { t: "2" }] }, "name different tokens"],
    [{ outcomes: '["Down", "Up"]' }, {}, "name different tokens"]
  ]
  for (const [gamma, clob, reason] of closings) {
    const pitfall = reason.includes("neg-risk") ? "P-47: " : ""
    it(`${pitfall}takes no orders where it says ${JSON.stringify({ ...gamma, ...clob })}`, () => {
      assert.strictEqual(market(gamma, clob).closedBecause?.includes(reason), true)
    })
  }

  it("is neg-risk where both sources say so", () => {
    assert.deepInclude(market({ negRisk: true }, { nr: true }), { negRisk: true, closedBecause: undefined })
  })

  it("pays out only when it is closed and resolved", () => {
    const resolved = { closed: true, umaResolutionStatus: "resolved" }
    assert.deepStrictEqual(market({ ...resolved, outcomePrices: '["1", "0"]' }).payouts?.map(format), ["1", "0"])
    assert.deepStrictEqual(market({ ...resolved, outcomePrices: '["0", "1"]' }).payouts?.map(format), ["0", "1"])
    assert.deepStrictEqual(market({ ...resolved, outcomePrices: '["0.5", "0.50"]' }).payouts?.map(format), [
      "0.5",
      "0.5"
    ])
    for (const doubtful of [
      { ...resolved, outcomePrices: '["0.9995", "0.0005"]' },
      { ...resolved, outcomePrices: 7 },
      { ...resolved, umaResolutionStatus: "disputed", outcomePrices: '["1", "0"]' },
      { closed: true, umaResolutionStatus: undefined, outcomePrices: '["1", "0"]' },
      { ...resolved, closed: false, outcomePrices: '["1", "0"]' }
    ]) {
      assert.strictEqual(market(doubtful).payouts, undefined)
    }
  })

  it("has the longest delay that a source tells", () => {
    assert.strictEqual(market({}, { sd: 3 }).takerDelayMillis, 3_000)
    assert.strictEqual(market({}, { itode: true }).takerDelayMillis, 250)
    assert.strictEqual(market({ secondsDelay: 1 }).takerDelayMillis, 1_000)
    assert.strictEqual(market().takerDelayMillis, 0)
  })
})

describe("the fee of a market", () => {
  it("is nothing where fees are off, or nobody mentions them", () => {
    const none = { fd: undefined }
    assert.deepStrictEqual(market({ feesEnabled: false, feeSchedule: undefined }, none).fees, { rate: 0n, exponent: 1 })
    assert.deepStrictEqual(market({ feesEnabled: undefined, feeSchedule: undefined }, none).fees, {
      rate: 0n,
      exponent: 1
    })
  })

  it("is the one rate that is told", () => {
    assert.strictEqual(market({ feeSchedule: undefined }, { fd: { r: 0.05, e: 1, to: true } }).fees?.rate, 50_000n)
    assert.strictEqual(market({ feeSchedule: { rate: 0.04, exponent: 1 } }, { fd: null }).fees?.rate, 40_000n)
  })

  const unknown: ReadonlyArray<readonly [string, Fields, Fields, string]> = [
    ["enabled at a rate nobody tells", { feeSchedule: undefined }, { fd: undefined }, "no source tells the rate"],
    ["two rates", {}, { fd: { r: 0.05, e: 1, to: true } }, "different fees"],
    ["off in one source and a rate in the other", { feesEnabled: false }, {}, "different fees"],
    ["paid by makers too", { feeSchedule: { rate: 0.07, takerOnly: false } }, { fd: null }, "makers pay"],
    ["a rate beyond 1", { feeSchedule: { rate: 7 } }, { fd: null }, "makes no sense"]
  ]
  for (const [what, gamma, clob, reason] of unknown) {
    it(`is unknown where it is ${what}, and then no order is taken`, () => {
      const found = market(gamma, clob)
      assert.strictEqual(found.fees, undefined)
      assert.include(found.closedBecause ?? "", reason)
    })
  }
})

describe("a record that cannot be read", () => {
  const faults: ReadonlyArray<readonly [Fields, string]> = [
    [{ outcomes: 5 }, "outcomes: expected a list of texts (or its JSON text), found 5"],
    [{ orderMinSize: "five" }, 'orderMinSize: expected a decimal, found "five"'],
    [{ conditionId: undefined }, "conditionId"],
    [{ closed: "no" }, 'closed: Expected boolean, actual "no"'],
    [{ clobTokenIds: 7 }, "clobTokenIds: expected a list of texts (or its JSON text), found 7"]
  ]
  for (const [fields, message] of faults) {
    it(`names the field: ${message}`, () => {
      assert.include(refusal(fields), message)
    })
  }

  it("names all of its fields at once", () => {
    const told = refusal({ closed: 1, orderMinSize: "x" })
    assert.include(told, "closed")
    assert.include(told, "orderMinSize")
  })

  it("P-45: takes an empty text for an absent decimal", () => {
    assert.strictEqual(market({ orderMinSize: "" }).minSize, 5_000_000n)
    assert.include(refusal({ orderMinSize: "" }, { mos: "" }), "minimum size")
  })
})

describe("records as the venue gave them", () => {
  const lists = shared("data/rest/gamma_markets_active_2026-02-13.jsonl.gz")
  it.skipIf(lists === undefined)("of fifty open markets are read", () => {
    const lines = gunzipSync(readFileSync(lists ?? ""))
      .toString("utf8")
      .trim()
      .split("\n")
    assert.strictEqual(lines.length, 50)
    for (const line of lines) {
      // They are older than the field that tells the protocol.
      const gamma = { ...right(Gamma.read(JSON.parse(line))), version: "v1" }
      assert.deepInclude(right(record(gamma, undefined, "live")), { closedBecause: undefined, payouts: undefined })
    }
  })

  const sports = shared("data/rest/peer/gamma_market_sports_market_money_line.json")
  it.skipIf(sports === undefined)("of a resolved match pay out", () => {
    const gamma = { ...right(Gamma.read(JSON.parse(readFileSync(sports ?? "", "utf8")))), version: "v1" }
    const found = right(record(gamma, undefined, "live"))
    assert.deepEqual(found.payouts?.map(format), ["1", "0"])
    assert.deepEqual([found.fees?.rate, found.takerDelayMillis, found.outcomes], [30_000n, 3_000, ["FaZe", "illwill"]])
  })

  for (const version of ["v1", "v2"]) {
    const file = shared(`venue/fixtures/clob-market-${version}.json`)
    it.skipIf(file === undefined)(`of a ${version} market of the CLOB are read`, () => {
      const { payload } = JSON.parse(readFileSync(file ?? "", "utf8")).examples[0]
      assert.deepInclude(right(Clob.read(payload)), { mts: 10_000n, mos: 5_000_000n, ao: true, v: version })
    })
  }
})
