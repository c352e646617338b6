import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import type { OrderState } from "../../src/domain/Order.ts"
import * as Snapshot from "../../src/exchange/Snapshot.ts"
import { shared } from "../shared.ts"
import {
  book,
  floorOn,
  kept,
  MARKET,
  NOTHING,
  ofBudget,
  ofShares,
  order,
  placed,
  price,
  shares,
  shown,
  told,
  usd
} from "./floor.ts"

const recorded = shared("data/vectors/fill_simulation.json")

const Side = Schema.Array(Schema.Struct({ price: Schema.String, size: Schema.String }))
const Vectors = Schema.parseJson(
  Schema.Struct({
    books: Schema.Record({ key: Schema.String, value: Schema.Struct({ bids: Side, asks: Side }) }),
    vectors: Schema.Array(
      Schema.Struct({
        name: Schema.String,
        book: Schema.String,
        side: Schema.Literal("BUY", "SELL"),
        amount: Schema.String,
        order_type: Schema.Literal("FOK", "FAK"),
        state: Schema.String,
        fills: Schema.Array(Schema.Struct({ price: Schema.String, shares: Schema.String, cost: Schema.String }))
      })
    )
  })
)

const outcome = (state: OrderState) => [state.status, state.filled, state.notional, state.fees]

describe("a new order", () => {
  it("below the best ask rests unfilled", () => {
    const { answer, state } = placed(order({ price: price("0.40") }), book([["0.38", "10"]], [["0.50", "1000"]]))
    assert.deepStrictEqual(outcome(state), ["open", 0n, 0n, 0n])
    assert.isUndefined(answer.reason)
  })

  it("above the best ask fills at the ask, not at its limit", () => {
    const { answer, state } = placed(order({ price: price("0.50") }), book([], [["0.45", "1000"]]))
    assert.deepStrictEqual(told(answer), ["100 at 0.45"])
    assert.deepStrictEqual(outcome(state), ["filled", shares("100"), usd("45"), usd("1.7325")])
  })

  it("of 200 shares at 0.45 costs 90", () => {
    const { state } = placed(order({ quantity: ofShares("200") }), book([], [["0.45", "1000"]]))
    assert.strictEqual(state.notional, usd("90"))
  })

  it("walks level by level up to its limit, one fill each, and rests with what is left", () => {
    const ladder = book(
      [["0.40", "1"]],
      [
        ["0.45", "30"],
        ["0.47", "20"],
        ["0.51", "1000"]
      ]
    )
    const { answer, state } = placed(order({}), ladder)
    assert.deepStrictEqual(told(answer), ["30 at 0.45", "20 at 0.47"])
    assert.strictEqual(state.status, "open")
    assert.deepStrictEqual(
      answer.fills.map((fill) => [fill.notional, fill.fee, fill.liquidity]),
      [
        [usd("13.5"), usd("0.51975"), "taker"],
        [usd("9.4"), usd("0.34874"), "taker"]
      ]
    )
  })

  it("pays a fraction of a micro-dollar too much as a buyer, and receives as much less as a seller", () => {
    const odd = { quantity: ofShares("33.333333"), price: price("0.45") }
    assert.strictEqual(placed(order(odd), book([], [["0.45", "1000"]])).state.notional, usd("15"))
    const sold = placed(order({ ...odd, side: "SELL" }), book([["0.45", "1000"]], []))
    assert.strictEqual(sold.state.notional, usd("14.999999"))
  })

  it("of the second outcome meets the first one's bids from the other side", () => {
    const bids = book(
      [
        ["0.55", "30"],
        ["0.53", "90"]
      ],
      []
    )
    const { answer } = placed(order({ outcomeIndex: 1, outcome: "No" }), bids)
    assert.deepStrictEqual(told(answer), ["30 at 0.45", "70 at 0.47"])
  })

  it("finds nothing of what another order of the same call has taken", () => {
    const floor = floorOn(book([], [["0.45", "150"]]))
    const { answers } = Snapshot.place(floor, [order({ id: "a" }), order({ id: "b" })], NOTHING, 2000)
    assert.deepStrictEqual(answers.map(told), [["100 at 0.45"], ["50 at 0.45"]])
  })

  it("finds nothing of what an earlier session has taken, until new shares are shown", () => {
    const first = placed(order({}), book([], [["0.45", "150"]], 1000))
    const second = placed(order({}), book([], [["0.45", "150"]], 2000), {}, first.memory)
    const third = placed(order({}), book([], [["0.45", "180"]], 3000), {}, second.memory)
    assert.deepStrictEqual(
      [first, second, third].map((each) => told(each.answer)),
      [["100 at 0.45"], ["50 at 0.45"], ["30 at 0.45"]]
    )
  })

  it("is the same whether orders come in one call or in two with the memory between", () => {
    const floor = floorOn(
      book(
        [["0.44", "80"]],
        [
          ["0.45", "150"],
          ["0.46", "40"]
        ]
      ),
      {
        decidedOn: book(
          [["0.44", "80"]],
          [
            ["0.45", "400"],
            ["0.47", "400"]
          ]
        )
      }
    )
    const orders = ["a", "b", "c"].map((id) => order({ id, quantity: ofShares("70") }))
    const whole = Snapshot.place(floor, orders, NOTHING, 2000)
    const first = Snapshot.place(floor, orders.slice(0, 1), NOTHING, 2000)
    const rest = Snapshot.place(floor, orders.slice(1), kept(NOTHING, first.memory), 2000)
    assert.deepStrictEqual([...first.answers, ...rest.answers], whole.answers)
    assert.deepStrictEqual(
      rest.memory.map((each) => each.levels),
      whole.memory.map((each) => each.levels)
    )
  })
})

describe("FOK and FAK", () => {
  const thin = book(
    [],
    [
      ["0.45", "30"],
      ["0.47", "20"]
    ]
  )

  it.skipIf(recorded === undefined)("fill as the hand-computed walks do, with shares of a budget to 4 decimals", () => {
    const { books, vectors } = Schema.decodeUnknownSync(Vectors)(readFileSync(recorded ?? "", "utf8"))
    assert.isAbove(vectors.length, 5)
    for (const each of vectors) {
      const levels = books[each.book] ?? { bids: [], asks: [] }
      const rows = (side: typeof Side.Type) => side.map((level) => [level.price, level.size] as const).reverse()
      const { answer } = placed(
        order({
          side: each.side,
          price: price(each.side === "BUY" ? "0.99" : "0.01"),
          quantity: each.side === "BUY" ? ofBudget(each.amount) : ofShares(each.amount),
          timeInForce: each.order_type
        }),
        book(rows(levels.bids), rows(levels.asks))
      )
      assert.strictEqual(answer.status, each.state === "filled" ? "filled" : "cancelled", each.name)
      assert.strictEqual(answer.fills.length, each.fills.length, each.name)
      answer.fills.forEach((fill, at) => {
        const expected = each.fills[at]
        assert.strictEqual(fill.price, price(expected?.price ?? ""), each.name)
        const missing = shares(expected?.shares ?? "") - fill.shares
        assert.isTrue(missing >= 0n && missing < 100n, `${each.name}: ${missing}`)
        assert.isTrue(usd(expected?.cost ?? "") - fill.notional < 100n, each.name)
      })
    }
  })

  it("FOK fills whole, over several levels", () => {
    const { state } = placed(order({ timeInForce: "FOK", quantity: ofShares("50") }), thin)
    assert.deepStrictEqual(outcome(state).slice(0, 2), ["filled", shares("50")])
  })

  it("FOK that cannot fill whole takes nothing and leaves everything to others", () => {
    const floor = floorOn(thin)
    const orders = [order({ timeInForce: "FOK" }), order({ timeInForce: "FAK", quantity: ofShares("50") })]
    const { answers } = Snapshot.place(floor, orders, NOTHING, 2000)
    assert.deepStrictEqual(
      answers.map((answer) => [answer.status, told(answer).length, answer.reason]),
      [
        ["cancelled", 0, "killed: the book does not offer 100 shares within the limit"],
        ["filled", 2, undefined]
      ]
    )
  })

  it("FAK keeps what it filled and ends", () => {
    const { answer, state } = placed(order({ timeInForce: "FAK" }), thin)
    assert.deepStrictEqual(outcome(state).slice(0, 2), ["cancelled", shares("50")])
    assert.strictEqual(answer.reason, "killed: the rest of 100 shares after 50 shares found nothing within the limit")
  })

  it("FAK with nothing to meet is killed", () => {
    const { answer } = placed(order({ timeInForce: "FAK", price: price("0.44") }), thin)
    assert.deepStrictEqual([answer.status, answer.fills.length], ["cancelled", 0])
    assert.strictEqual(answer.reason, "killed: the book offers nothing within the limit")
  })

  it("of a budget spend no more than it, and shares of the last level are floored to 4 decimals", () => {
    const { answer, state } = placed(order({ timeInForce: "FOK", quantity: ofBudget("20") }), thin)
    assert.deepStrictEqual(told(answer), ["30 at 0.45", "13.8297 at 0.47"])
    assert.strictEqual(state.status, "filled")
    assert.strictEqual(state.notional, usd("19.999959"))
  })

  it("of a budget that the book cannot take end with the rest unspent, or killed", () => {
    const fak = placed(order({ timeInForce: "FAK", quantity: ofBudget("50") }), thin)
    assert.deepStrictEqual(outcome(fak.state).slice(0, 3), ["cancelled", shares("50"), usd("22.9")])
    const fok = placed(order({ timeInForce: "FOK", quantity: ofBudget("50") }), thin)
    assert.deepStrictEqual(outcome(fok.state), ["cancelled", 0n, 0n, 0n])
    const exact = placed(order({ timeInForce: "FOK", quantity: ofBudget("22.9") }), thin)
    assert.strictEqual(exact.state.status, "filled")
  })
})

describe("what makes the simulation harder", () => {
  const asks = book(
    [["0.40", "10"]],
    [
      ["0.45", "30"],
      ["0.47", "20"],
      ["0.50", "500"]
    ]
  )

  it("slippage fills each level that many ticks worse, and never beyond the limit", () => {
    const { answer } = placed(order({}), asks, { simulation: { slippageTicks: 2 } })
    assert.deepStrictEqual(told(answer), ["30 at 0.47", "20 at 0.49"])
    const sold = placed(
      order({ side: "SELL", price: price("0.01") }),
      book(
        [
          ["0.02", "60"],
          ["0.01", "90"]
        ],
        []
      ),
      {
        simulation: { slippageTicks: 1 }
      }
    )
    assert.deepStrictEqual(told(sold.answer), ["60 at 0.01"])
    const no = placed(
      order({ outcomeIndex: 1 }),
      book(
        [
          ["0.55", "30"],
          ["0.51", "90"]
        ],
        []
      ),
      {
        simulation: { slippageTicks: 2 }
      }
    )
    assert.deepStrictEqual(told(no.answer), ["30 at 0.47"])
  })

  it("a spread cushion hides levels that the limit does not reach beyond by it", () => {
    const { answer } = placed(order({}), asks, { simulation: { spreadCushion: price("0.03") } })
    assert.deepStrictEqual(told(answer), ["30 at 0.45", "20 at 0.47"])
    const wide = placed(order({}), asks, { simulation: { spreadCushion: price("0.031") } })
    assert.deepStrictEqual(told(wide.answer), ["30 at 0.45"])
  })

  it("a liquidity fraction offers that share of each level, once", () => {
    const half = { simulation: { liquidityFraction: 500_000n } }
    const first = placed(order({}), asks, half)
    assert.deepStrictEqual(told(first.answer), ["15 at 0.45", "10 at 0.47", "75 at 0.5"])
    const second = placed(order({ price: price("0.47") }), asks, half, first.memory)
    assert.deepStrictEqual(told(second.answer), [])
  })

  it("an unknown fee fills nothing: what can rest rests, the others are killed", () => {
    const unknown = { market: { ...MARKET, fees: undefined } }
    const resting = placed(order({}), asks, unknown)
    assert.deepStrictEqual([resting.answer.status, resting.answer.fills.length], ["open", 0])
    assert.strictEqual(resting.answer.reason, "nothing fills: the fee of the market is unknown")
    const fok = placed(order({ timeInForce: "FOK" }), asks, unknown)
    assert.deepStrictEqual(
      [fok.answer.status, fok.answer.reason],
      ["cancelled", "killed: the fee of the market is unknown"]
    )
    const later = shown(resting.state, resting.memory, { ...asks, fetchedMillis: 9000 }, unknown)
    assert.isUndefined(later.answer)
  })
})

describe("refusals", () => {
  it("post-only that would cross is refused, that would not rests", () => {
    const asks = book([["0.40", "10"]], [["0.45", "30"]])
    const crossing = placed(order({ postOnly: true, price: price("0.45") }), asks)
    assert.deepStrictEqual(
      [crossing.answer.status, crossing.answer.reason],
      ["rejected", "post-only order crosses the book"]
    )
    assert.strictEqual(placed(order({ postOnly: true, price: price("0.44") }), asks).answer.status, "open")
  })

  it("post-only does not cross what we have taken ourselves", () => {
    const asks = book([["0.40", "10"]], [["0.45", "30"]])
    const { memory } = placed(order({ quantity: ofShares("30") }), asks)
    const maker = placed(order({ postOnly: true, price: price("0.45") }), asks, {}, memory)
    assert.strictEqual(maker.answer.status, "open")
  })

  it("a closed market refuses with its reason", () => {
    const closed = { market: { ...MARKET, closedBecause: "the market is closed" } }
    const { answer, memory } = placed(order({}), book([], [["0.45", "30"]]), closed)
    assert.deepStrictEqual([answer.status, answer.reason], ["rejected", "the market is closed"])
    assert.strictEqual(memory.size, 0)
  })

  it("orders behind a refusal have no answer where the floor stops there, and one each where it does not", () => {
    const orders = [order({ id: "a" }), order({ id: "b", postOnly: true, price: price("0.60") }), order({ id: "c" })]
    const asks = book(
      [["0.40", "10"]],
      [
        ["0.45", "30"],
        ["0.60", "900"]
      ]
    )
    const answered = (stopAtRefusal: boolean) =>
      Snapshot.place(floorOn(asks, { stopAtRefusal }), orders, NOTHING, 2000).answers.map((each) => each.orderId)
    assert.deepStrictEqual(answered(true), ["a", "b"])
    assert.deepStrictEqual(answered(false), ["a", "b", "c"])
  })
})

describe("the bands of a taker", () => {
  it("pessimistic takes the smaller size of the two books at each price, optimistic the better book", () => {
    const decidedOn = book(
      [],
      [
        ["0.44", "60"],
        ["0.45", "20"],
        ["0.47", "90"]
      ]
    )
    const present = book(
      [],
      [
        ["0.45", "50"],
        ["0.47", "30"]
      ],
      2000
    )
    const { answer, state } = placed(order({}), present, { decidedOn })
    assert.strictEqual(state.filled, shares("80"))
    assert.strictEqual(answer.bands.pessimistic, shares("50"))
    assert.strictEqual(answer.bands.optimistic, shares("100"))
  })

  it("of a budget hold through the flooring of its last level", () => {
    const present = book([], [["0.30", "1000"]], 2000)
    const budget = order({ timeInForce: "FAK", quantity: ofBudget("1") })
    const { answer, state } = placed(budget, present, { decidedOn: book([], [["0.30", "3.33331"]]) })
    assert.deepStrictEqual([answer.bands.pessimistic, state.filled], [shares("3.3333"), shares("3.3333")])
  })

  it("are all the same where no book of the decision is told", () => {
    const { answer } = placed(order({}), book([], [["0.45", "50"]]))
    assert.deepStrictEqual([answer.bands.pessimistic, answer.bands.optimistic], [shares("50"), shares("50")])
  })
})
