import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import type { BookSnapshot } from "../../src/domain/Book.ts"
import type { Market } from "../../src/domain/Market.ts"
import { floorTo, Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import type { Order } from "../../src/domain/Order.ts"
import * as Snapshot from "../../src/exchange/Snapshot.ts"
import * as Controls from "../../src/sandbox/Controls.ts"
import type { Wanted } from "../../src/sandbox/Placing.ts"
import { balance, CASH } from "../../src/sandbox/Wallet.ts"
import { floorOn, MARKET, NOTHING, order as paperOrder } from "../exchange/floor.ts"
import { floorOf, must, NOW, post, show } from "./house.ts"

const FEES = [0n, 40_000n, 50_000n, 70_000n]
const TICKS = [10_000n, 1_000n]

/** Gaps and sizes of the levels of one side, from the best one outward. Sizes have up to six decimals. */
const side = fc.array(
  fc.record({ gap: fc.integer({ min: 1, max: 4 }), size: fc.bigInt({ min: 1n, max: 300_000_000n }) }),
  { maxLength: 8 }
)

const scene = fc.record({
  tick: fc.constantFrom(...TICKS),
  rate: fc.constantFrom(...FEES),
  /** Where the middle is, in hundredths. */
  middle: fc.integer({ min: 5, max: 95 }),
  bids: side,
  asks: side,
  outcome: fc.constantFrom(0 as const, 1 as const),
  buys: fc.boolean(),
  type: fc.constantFrom("GTC" as const, "FOK" as const, "FAK" as const),
  /** How far the limit is from the middle, in ticks. */
  reach: fc.integer({ min: -10, max: 30 }),
  /** Shares or dollars, in hundredths. */
  hundredths: fc.integer({ min: 500, max: 120_000 })
})
type Scene = typeof scene extends fc.Arbitrary<infer A> ? A : never

const levelsOf = (rows: Scene["bids"], from: bigint, step: bigint) => {
  let at = from
  return rows.flatMap(({ gap, size }) => {
    at += step * BigInt(gap)
    return at > 0n && at < UNIT ? [{ price: Price(at), size: Shares(size) }] : []
  })
}

const limitOf = ({ buys, middle, outcome, reach, tick }: Scene): bigint => {
  const own = outcome === 0 ? BigInt(middle) * 10_000n : UNIT - BigInt(middle) * 10_000n
  const limit = own + (buys ? tick : -tick) * BigInt(reach)
  return limit < tick ? tick : limit > UNIT - tick ? UNIT - tick : floorTo(limit, tick)
}

describe("the sandbox and paper trading", () => {
  it("fill the same order on the same book alike: shares, prices, notional, fees, cash and holdings to the micro-unit", () => {
    let filled = 0
    fc.assert(
      fc.property(scene, (given) => {
        const { buys, hundredths, middle, outcome, rate, tick, type } = given
        const mid = BigInt(middle) * 10_000n
        const [bids, asks] = [levelsOf(given.bids, mid, -tick), levelsOf(given.asks, mid, tick)]
        const limit = Price(limitOf(given))
        const amount = BigInt(hundredths) * 10_000n
        const budget = buys && type !== "GTC"
        fc.pre(!budget || amount >= UNIT)
        fc.pre(budget || !buys || (amount * limit) / UNIT >= UNIT)

        const market: Market = { ...MARKET, tick: Price(tick), fees: { rate, exponent: 1 } }
        const book: BookSnapshot = {
          conditionId: market.conditionId,
          bids,
          asks,
          tick: Price(tick),
          venueMillis: undefined,
          fetchedMillis: 1_000
        }
        const order: Order = paperOrder({
          outcomeIndex: outcome,
          side: buys ? "BUY" : "SELL",
          price: limit,
          timeInForce: type,
          quantity: budget ? { _tag: "Budget", usd: Usd(amount) } : { _tag: "Shares", shares: Shares(amount) }
        })
        const [answer] = Snapshot.place(floorOn(book, { market }), [order], NOTHING, 2_000).answers
        const paper = must(answer)

        const floor = floorOf({ wish: { tick: Price(tick), feeRate: rate } })
        const { wallet } = must(floor.operators[0])
        const token = floor.listing.tokens[outcome]
        Controls.credit(floor.house, wallet, token, 10_000n * UNIT, NOW)
        show(
          floor,
          bids.map(({ price, size }) => [price, size]),
          asks.map(({ price, size }) => [price, size])
        )
        const cash = balance(wallet, CASH)
        const wanted: Wanted = { outcome, side: buys ? "BUY" : "SELL", price: limit, amount, type }
        const { error, id, trades } = post(floor, wanted)
        const levels = trades.flatMap((trade) =>
          trade.levels.map(({ fee, notional, price, shares }) => [shares, price, notional, fee])
        )
        assert.deepStrictEqual(
          levels,
          paper.fills.map(({ fee, notional, price, shares }) => [shares, price, notional, fee])
        )
        const sum = (pick: (fill: (typeof paper.fills)[number]) => bigint) =>
          paper.fills.reduce((total, fill) => total + pick(fill), 0n)
        const [shares, notional, fee] = [
          sum((fill) => fill.shares),
          sum((fill) => fill.notional),
          sum((fill) => fill.fee)
        ]
        assert.strictEqual(balance(wallet, token), 10_000n * UNIT + (buys ? shares : -shares))
        assert.strictEqual(balance(wallet, CASH), cash + (buys ? -notional : notional) - fee)

        const status = id === undefined ? undefined : floor.house.orders.get(id)?.status
        const word = { filled: "MATCHED", open: "LIVE", cancelled: "CANCELED" }
        if (error === undefined)
          assert.strictEqual(
            status,
            word[paper.status === "filled" || paper.status === "open" ? paper.status : "cancelled"]
          )
        else assert.strictEqual(paper.status, "cancelled", error)
        filled += paper.fills.length
      }),
      { numRuns: 1_500 }
    )
    assert.isAbove(filled, 500)
  })

  it("leave the same book behind: a second order finds what the first one left", () => {
    fc.assert(
      fc.property(scene, fc.integer({ min: 500, max: 50_000 }), (given, second) => {
        const { buys, hundredths, middle, outcome, tick } = given
        const mid = BigInt(middle) * 10_000n
        const [bids, asks] = [levelsOf(given.bids, mid, -tick), levelsOf(given.asks, mid, tick)]
        const limit = Price(limitOf(given))
        const amounts = [BigInt(hundredths) * 10_000n, BigInt(second) * 10_000n]
        fc.pre(!buys || amounts.every((amount) => (amount * limit) / UNIT >= UNIT))
        const market: Market = { ...MARKET, tick: Price(tick), fees: { rate: 0n, exponent: 1 } }
        const book: BookSnapshot = {
          conditionId: market.conditionId,
          bids,
          asks,
          tick: Price(tick),
          venueMillis: undefined,
          fetchedMillis: 1_000
        }
        const orders = amounts.map((amount, n) =>
          paperOrder({
            id: `${n}`,
            outcomeIndex: outcome,
            side: buys ? "BUY" : "SELL",
            price: limit,
            timeInForce: "GTC",
            quantity: { _tag: "Shares", shares: Shares(amount) }
          })
        )
        const paper = Snapshot.place(floorOn(book, { market }), orders, NOTHING, 2_000).answers
        const floor = floorOf({ wish: { tick: Price(tick), feeRate: 0n } })
        const { wallet } = must(floor.operators[0])
        Controls.credit(floor.house, wallet, floor.listing.tokens[outcome], 10_000n * UNIT, NOW)
        show(
          floor,
          bids.map(({ price, size }) => [price, size]),
          asks.map(({ price, size }) => [price, size])
        )
        const found = amounts.map((amount) =>
          post(floor, { outcome, side: buys ? "BUY" : "SELL", price: limit, amount, type: "GTC" }).trades.flatMap(
            (trade) => trade.levels.map(({ price, shares }) => [price, shares])
          )
        )
        assert.deepStrictEqual(
          found,
          paper.map(({ fills }) => fills.map(({ price, shares }) => [price, shares]))
        )
      }),
      { numRuns: 300 }
    )
  })
})
