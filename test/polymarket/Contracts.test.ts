import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { CHAIN_ID, CONTRACTS, EXCHANGES, exchangeOf, isPositionId } from "../../src/polymarket/Contracts.ts"
import { FILES, read, Signing } from "./vectors.ts"

/** Hashes: of v1 markets. */
const HASH = "25070934348813416902477876984955073880416401960631253331845590271167412497744"
/** Module 1, and a name that leaves bits 40 to 103 empty: of v2 markets. */
const POSITION = `${(1n << 248n) | (0xabcdefn << 104n) | 7n}`

const nameOf = (version: string | undefined, negRisk: boolean | undefined, tokenId: string) =>
  Either.map(exchangeOf({ version, negRisk }, tokenId), ({ name }) => name)

describe("the exchange of a market", () => {
  it("follows from its version, and for v1 from whether it is neg-risk", () => {
    assert.deepStrictEqual(nameOf("v1", false, HASH), Either.right("ctfExchangeV2"))
    assert.deepStrictEqual(nameOf("v1", true, HASH), Either.right("negRiskExchangeV2"))
    for (const negRisk of [false, true, undefined])
      assert.deepStrictEqual(nameOf("v2", negRisk, POSITION), Either.right("exchangeV3"))
  })

  it.each([
    ["of no known version", "v3", false, HASH, /unknown market version "v3"/],
    ["of no version", undefined, false, HASH, /no version/],
    [
      "of version v1 that does not say whether it is neg-risk",
      "v1",
      undefined,
      HASH,
      /does not say whether it is neg-risk/
    ],
    ["of version v2 with the token of a v1 market", "v2", false, HASH, /not a position id/],
    ["of version v1 with the token of a v2 market", "v1", false, POSITION, /is a position id/],
    ["of version v1, neg-risk, with the token of a v2 market", "v1", true, POSITION, /is a position id/],
    ["whose token is empty", "v1", false, "", /not a token id/],
    ["whose token is zero", "v1", false, "0", /not a token id/],
    ["whose token is negative", "v1", false, "-1", /not a token id/],
    ["whose token is in hexadecimal", "v1", false, "0xabc", /not a token id/],
    ["whose token has a blank", "v1", false, `${HASH} `, /not a token id/],
    ["whose token has a leading zero", "v1", false, `0${HASH}`, /not a token id/],
    ["whose token is a fraction", "v1", false, "1.5", /not a token id/],
    ["whose token does not fit 256 bits", "v1", false, `${1n << 256n}`, /not a token id/]
  ])("is refused for a market %s, in words", (_, version, negRisk, tokenId, words) => {
    const found = exchangeOf({ version, negRisk }, tokenId)
    assert.match(Either.match(found, { onLeft: (why) => why, onRight: (name) => `signed for ${name}` }), words)
  })

  it("is never that of the other version, whatever the token", () => {
    const layout = fc.record({
      module: fc.bigInt(0n, 255n),
      high: fc.bigInt(0n, (1n << 144n) - 1n),
      empty: fc.oneof(fc.constant(0n), fc.bigInt(0n, (1n << 64n) - 1n)),
      low: fc.bigInt(1n, (1n << 40n) - 1n)
    })
    fc.assert(
      fc.property(layout, fc.constantFrom("v1", "v2"), ({ empty, high, low, module }, version) => {
        const id = (module << 248n) | (high << 104n) | (empty << 40n) | low
        const isPosition = empty === 0n && module >= 1n && module <= 3n
        assert.strictEqual(isPositionId(id), isPosition)
        assert.strictEqual(
          Either.isRight(exchangeOf({ version, negRisk: false }, `${id}`)),
          isPosition === (version === "v2")
        )
      }),
      { numRuns: 500, examples: [[{ module: 0n, high: 1n, empty: 0n, low: 1n }, "v1"]] }
    )
  })

  it.skipIf(FILES.signing === undefined)("is the one that recorded orders were signed for", () => {
    const { orders } = read(Signing, FILES.signing)
    for (const { domain, message, name } of orders) {
      const version = domain.version === "3" ? "v2" : "v1"
      const negRisk = name.startsWith("neg-risk")
      const found = Either.map(exchangeOf({ version, negRisk }, `${message.tokenId}`), ({ address }) => address)
      assert.deepStrictEqual(found, Either.right(domain.verifyingContract), name)
    }
  })
})

const Listed = Schema.Struct({
  "137": Schema.Struct({
    collateral: Schema.Struct({ pUSD: Schema.String, "USDC.e": Schema.String }),
    v1: Schema.Record({ key: Schema.String, value: Schema.String }),
    v2: Schema.Record({ key: Schema.String, value: Schema.String }),
    shared: Schema.Record({ key: Schema.String, value: Schema.String })
  }),
  dispatch: Schema.Array(
    Schema.Struct({
      marketVersion: Schema.String,
      negRisk: Schema.Union(Schema.Boolean, Schema.Literal("any")),
      exchange: Schema.String,
      domainVersion: Schema.String,
      assetType: Schema.String
    })
  )
})

describe("the contracts", () => {
  it.skipIf(FILES.contracts === undefined)("are those the venue lists for Polygon", () => {
    const listed = read(Listed, FILES.contracts)
    const { collateral, shared, v1, v2 } = listed[CHAIN_ID]
    const all = { ...v1, ...v2, ...shared, pusd: collateral.pUSD, usdce: collateral["USDC.e"] }
    for (const [name, address] of Object.entries({
      ...CONTRACTS,
      ...Object.fromEntries(Object.values(EXCHANGES).map(({ address, name }) => [name, address]))
    }))
      assert.propertyVal(all, name, address)
  })

  it.skipIf(FILES.contracts === undefined)("are chosen as the venue lists it", () => {
    const { dispatch } = read(Listed, FILES.contracts)
    assert.strictEqual(dispatch.length, 3)
    for (const { assetType, domainVersion, exchange: name, marketVersion, negRisk } of dispatch)
      for (const each of negRisk === "any" ? [false, true] : [negRisk]) {
        const found = exchangeOf({ version: marketVersion, negRisk: each }, marketVersion === "v2" ? POSITION : HASH)
        const chosen = Either.map(found, (at) => [at.name, at.domainVersion, at.assetType])
        assert.deepStrictEqual<unknown>(chosen, Either.right([name, domainVersion, assetType]))
      }
  })
})
