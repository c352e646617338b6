import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as fc from "fast-check"
import type { MakerPart, Match } from "../../src/domain/Match.ts"
import { complement, format, Price, Shares, UNIT, ZERO_USD } from "../../src/domain/Money.ts"
import type { TradeFill } from "../../src/domain/News.ts"
import type { Side } from "../../src/domain/Order.ts"
import { fillsOf, type Party, takesPart } from "../../src/exchange/Attribution.ts"
import * as Shapes from "../../src/layers/clob/Shapes.ts"
import { shared } from "../shared.ts"

const FEES = { rate: 50_000n, exponent: 1 }
const other = (side: Side): Side => (side === "BUY" ? "SELL" : "BUY")

/** Everybody who takes part in a match, each as its own order has it. */
const partiesOf = (match: Match): ReadonlyArray<Party> => [
  { externalOrderId: match.takerOrderId, tokenId: match.tokenId, side: match.side },
  ...new Map(
    match.makers.map(({ externalOrderId, side, tokenId }) => [externalOrderId, { externalOrderId, side, tokenId }])
  ).values()
]

/** What a match changes for everybody together: shares of each token, and dollars, fees apart. */
const changesOf = (match: Match) => {
  const shares = new Map<string, bigint>()
  let cash = 0n
  for (const party of partiesOf(match)) {
    const sign = party.side === "BUY" ? 1n : -1n
    for (const fill of fillsOf(match, party, FEES)) {
      shares.set(party.tokenId, (shares.get(party.tokenId) ?? 0n) + sign * fill.shares)
      cash -= sign * fill.notional
    }
  }
  return { shares, cash }
}

const inWords = (fills: ReadonlyArray<TradeFill>) =>
  fills.map(({ fee, liquidity, price, shares }) => `${liquidity} ${format(shares)} at ${format(price)}, fee ${fee}`)

const cents = fc.integer({ min: 1, max: 99 }).map((cent) => Price(BigInt(cent) * 10_000n))
const amount = fc.bigInt({ min: 1n, max: 10_000n * UNIT }).map((micros) => Shares(micros))

/** A match of a taker with makers of both tokens, all within the taker's limit, as only a venue can put them together. */
const aMatch: fc.Arbitrary<Match> = fc
  .record({
    side: fc.constantFrom<Side>("BUY", "SELL"),
    taken: fc.constantFrom("yes", "no"),
    made: fc.array(fc.tuple(fc.boolean(), cents, amount, fc.nat({ max: 5 })), { minLength: 1, maxLength: 8 })
  })
  .map(({ made, side, taken }) => {
    const makers = made.map(([crosses, price, shares, id]): MakerPart => {
      const tokenId = crosses === (taken === "yes") ? "no" : "yes"
      const of = tokenId === taken
      return { externalOrderId: `0x${id}${tokenId}`, tokenId, side: of ? other(side) : side, price, shares }
    })
    return {
      tradeId: "trade",
      conditionId: "0xc",
      takerOrderId: "0xtaker",
      tokenId: taken,
      side,
      price: Price(500_000n),
      shares: Shares(makers.reduce((sum, maker) => sum + maker.shares, 0n)),
      makers,
      stage: "final",
      retrying: false,
      matchedMillis: 0
    }
  })

describe("a match", () => {
  it("moves as many shares of one outcome as of the other, and a dollar for each pair, whoever met whom", () => {
    fc.assert(
      fc.property(aMatch, (match) => {
        const { cash, shares } = changesOf(match)
        const [yes, no] = [shares.get("yes") ?? 0n, shares.get("no") ?? 0n]
        assert.strictEqual(yes, no)
        // Each fill is rounded by itself, by less than a micro-dollar.
        const rounding = cash + yes
        assert.isAtMost(Number(rounding < 0n ? -rounding : rounding), 2 * match.makers.length)
      }),
      { numRuns: 2_000 }
    )
  })

  it("gives each of its orders its own side, outcome, price and fill ids: no two fills of an order share one", () => {
    fc.assert(
      fc.property(aMatch, (match) => {
        for (const party of partiesOf(match)) {
          assert.isTrue(takesPart(match, party.externalOrderId))
          const fills = fillsOf(match, party, FEES)
          assert.strictEqual(new Set(fills.map(({ externalId }) => externalId)).size, fills.length)
          if (party.externalOrderId === match.takerOrderId) continue
          const own = match.makers.filter((maker) => maker.externalOrderId === party.externalOrderId)
          assert.deepStrictEqual(new Set(fills.map(({ price }) => price)), new Set(own.map(({ price }) => price)))
          for (const fill of fills) assert.deepStrictEqual([fill.fee, fill.liquidity], [ZERO_USD, "maker"])
        }
        assert.deepStrictEqual(fillsOf(match, { externalOrderId: "0xnobody", tokenId: "yes", side: "BUY" }, FEES), [])
      }),
      { numRuns: 1_000 }
    )
  })

  const recorded = shared("data/user_ws/py_user_trade1.json")
  it.skipIf(recorded === undefined)(
    "that was recorded, with makers of both outcomes, adds up and names each price",
    () => {
      const match = Shapes.matchOf(
        Either.getOrThrow(Shapes.readTrade(JSON.parse(readFileSync(recorded ?? "", "utf8"))))
      )
      const crossed = match.makers.filter(({ tokenId }) => tokenId !== match.tokenId)
      assert.isNotEmpty(crossed)
      assert.isBelow(crossed.length, match.makers.length)
      for (const maker of crossed) {
        assert.strictEqual(maker.side, match.side)
        const [fill, ...more] = fillsOf(match, maker, FEES)
        assert.deepStrictEqual([fill?.price, fill?.shares, more], [maker.price, maker.shares, []])
      }
      const [taker] = partiesOf(match)
      const prices = fillsOf(match, taker ?? { externalOrderId: "", tokenId: "", side: "BUY" }, FEES)
      assert.strictEqual(
        prices.reduce((sum, { shares }) => sum + shares, 0n),
        match.shares
      )
      assert.includeMembers(
        prices.map(({ price }) => price),
        crossed.map(({ price }) => complement(price))
      )
      const { cash, shares } = changesOf(match)
      const minted = crossed.reduce((sum, maker) => sum + maker.shares, 0n) * (match.side === "BUY" ? 1n : -1n)
      assert.deepStrictEqual(new Set(shares.values()), new Set([minted]))
      assert.isAtMost(Math.abs(Number(cash + minted)), 2 * match.makers.length)
    }
  )

  const fixture = shared("venue/fixtures/trades.json")
  it.skipIf(fixture === undefined)(
    "of two buyers is a fill of the maker's outcome at the maker's price, not of the top line",
    () => {
      const { examples } = JSON.parse(readFileSync(fixture ?? "", "utf8"))
      const match = Shapes.matchOf(Either.getOrThrow(Shapes.readTrade(examples[0].payload.data[0])))
      const [ours] = match.makers
      assert.deepStrictEqual(inWords(fillsOf(match, ours ?? { externalOrderId: "", tokenId: "", side: "BUY" }, FEES)), [
        "maker 4 at 0.33, fee 0"
      ])
      assert.deepStrictEqual([match.tokenId === ours?.tokenId, ours?.side], [false, "BUY"])
    }
  )
})
