import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import type { MarketMemory } from "../../src/domain/Answer.ts"
import { uuidOf } from "../../src/domain/Identity.ts"
import { Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { decide } from "../../src/risk/Risk.ts"
import { state } from "../domain/orders.ts"
import { book, codes, facts, holding, instruction, market, micro, plan, said, verdicts } from "./world.ts"

const onlyMarket = (more: Parameters<typeof market>[1]) => ({
  markets: new Map([["sim-coin", Either.right(market("sim-coin", more))]])
})

describe("an approved order", () => {
  it("is the instruction made exact: shares, token, lifetime and an id that follows from its place in the plan", () => {
    const [first] = verdicts(
      plan([instruction("BUY", "100", "no", "0.50", { lifetimeSeconds: 60, timeInForce: "GTD" })])
    )
    assert.deepInclude(first, {
      id: uuidOf("order", "paper", "demo", "0", "1"),
      planId: "demo",
      outcome: "No",
      tokenId: "sim-coin-1",
      quantity: { _tag: "Shares", shares: Shares(200n * UNIT) },
      placedMillis: 1_000,
      cancelAfterMillis: 61_000
    })
  })

  it("to SELL carries the most its fees can be at its limit or better", () => {
    const of = plan([instruction("SELL", "100", "YES", "0.90"), instruction("SELL", "100", "YES", "0.30")])
    const fees = onlyMarket({ fees: { rate: 72_000n, exponent: 1 } })
    const [high, low] = verdicts(of, { ...fees, positions: [holding("200")] })
    assert.deepInclude(high, { worstFee: Usd(micro("0.648")) })
    assert.deepInclude(low, { worstFee: Usd(micro("1.8")) })
  })

  it("of a retry is another order than the one before", () => {
    const of = plan([instruction("BUY", "100", "YES", "0.40")])
    const [again] = verdicts(of, { attempts: new Map([[0, 2]]) })
    assert.deepInclude(again, { attempt: 2, id: uuidOf("order", "paper", "demo", "0", "2") })
  })

  it("takes the most whole-cent shares when it would meet the book at once", () => {
    const [crossing, resting] = verdicts(
      plan([instruction("BUY", "100", "YES", "0.57"), instruction("BUY", "100", "YES", "0.43")])
    )
    assert.deepInclude(crossing, { quantity: { _tag: "Shares", shares: Shares(175n * UNIT) } })
    assert.deepInclude(resting, { quantity: { _tag: "Shares", shares: Shares(micro("232.55")) } })
  })
})

describe("shares of the book that are ours already", () => {
  const memory = (side: "bid" | "ask", price: string, size: string): MarketMemory => ({
    conditionId: "sim-coin",
    version: 1,
    tick: Price(10_000n),
    seenMillis: 0,
    levels: [
      {
        side,
        price: Price(micro(price)),
        size: Shares(1000n * UNIT),
        deficit: { pessimistic: Shares(0n), neutral: Shares(micro(size)), optimistic: Shares(micro(size)) }
      }
    ]
  })
  const ordered = (side: "bid" | "ask", price: string, size: string, outcome: string, limit: string) =>
    verdicts(plan([instruction("BUY", "10", outcome, limit)]), {
      ours: new Map([["sim-coin", memory(side, price, size)]])
    }).map((order) => ("id" in order && order.quantity._tag === "Shares" ? order.quantity.shares : undefined))

  it("are nothing that an order could meet: it rests, and may be sized to the hundredth of a share", () => {
    assert.deepStrictEqual(ordered("ask", "0.46", "1000", "Yes", "0.47"), [Shares(micro("21.27"))])
    assert.deepStrictEqual(ordered("bid", "0.44", "1000", "No", "0.57"), [Shares(micro("17.54"))])
  })

  it("leave what is more of them, on other levels and on the other side, to be met", () => {
    assert.deepStrictEqual(ordered("ask", "0.46", "999.99", "Yes", "0.47"), [Shares(micro("21"))])
    assert.deepStrictEqual(ordered("ask", "0.45", "1000", "Yes", "0.47"), [Shares(micro("21"))])
    assert.deepStrictEqual(ordered("bid", "0.46", "1000", "Yes", "0.47"), [Shares(micro("21"))])
    assert.deepStrictEqual(ordered("bid", "0.44", "10", "No", "0.57"), [Shares(micro("17"))])
  })
})

describe("which instructions are decided", () => {
  it("only those whose turn it is; all others are finished or journalled", () => {
    const of = plan([0, 1, 2].map(() => instruction("BUY", "10", "YES", "0.40")))
    const decided = decide(of, facts(of, { attempts: new Map([[1, 1]]) })).map((decision) => decision.instruction)
    assert.deepStrictEqual(decided, [1])
  })
})

describe("markets", () => {
  it("that no source knows are refused by name", () => {
    assert.strictEqual(
      said(instruction("BUY", "10", "YES", "0.40", { marketId: "nowhere" })),
      "MARKET_NOT_FOUND: nowhere: no source knows it"
    )
    const gone = new Map([["sim-coin", Either.left({ id: "sim-coin", reason: "no such slug" })]])
    assert.strictEqual(
      said(instruction("BUY", "10", "YES", "0.40"), { markets: gone }),
      "MARKET_NOT_FOUND: sim-coin: no such slug"
    )
  })

  it("that are closed or resolved take no orders, and their missing book is not blamed as well", () => {
    const one = [instruction("BUY", "10", "YES", "0.40")]
    assert.deepStrictEqual(codes(one, { ...onlyMarket({ closedBecause: "paused" }), books: new Map() }), [
      ["MARKET_NOT_TRADEABLE"]
    ])
    const payouts = [Usd(UNIT), Usd(0n)] as const
    assert.deepStrictEqual(codes(one, onlyMarket({ payouts })), [["MARKET_NOT_TRADEABLE"]])
  })

  it("that are simulated are not traded by a live plan", () => {
    const one = [instruction("BUY", "10", "YES", "0.40")]
    assert.deepStrictEqual(codes(one, {}, { mode: "live" }), [["MARKET_NOT_TRADEABLE"]])
    assert.deepStrictEqual(codes(one, onlyMarket({ source: "live" }), { mode: "live" }), [[]])
  })

  it("whose fee nobody tells are refused, and so are books that cannot be used", () => {
    const one = [instruction("BUY", "10", "YES", "0.40")]
    assert.deepStrictEqual(codes(one, onlyMarket({ fees: undefined })), [["FEE_UNKNOWN"]])
    const faulty = new Map([["sim-coin", Either.left({ conditionId: "sim-coin", reason: "crossed" })]])
    assert.deepStrictEqual(codes(one, { books: faulty }), [["BOOK_UNUSABLE"]])
    assert.deepStrictEqual(codes(one, { books: new Map() }), [["BOOK_UNUSABLE"]])
  })

  it("without such an outcome say which they have", () => {
    assert.strictEqual(
      said(instruction("BUY", "10", "Maybe", "0.40")),
      'OUTCOME_UNKNOWN: no outcome "Maybe"; the market has "Yes" and "No"'
    )
  })
})

describe("prices", () => {
  it("off the tick are refused with the nearest valid ones", () => {
    assert.strictEqual(
      said(instruction("BUY", "100", "YES", "0.405")),
      "PRICE_OFF_TICK: 0.405 is not a multiple of the market's tick 0.01; the nearest valid prices are 0.4 and 0.41"
    )
  })

  it("outside the grid are refused with the nearest valid one", () => {
    assert.match(
      said(instruction("BUY", "100", "YES", "0.005")),
      /^PRICE_OUT_OF_RANGE: .* nearest valid price is 0\.01$/
    )
    assert.match(
      said(instruction("BUY", "100", "YES", "0.995")),
      /^PRICE_OUT_OF_RANGE: .* nearest valid price is 0\.99$/
    )
  })

  it("P-30: are measured by the book's tick, which is newer than the market record's", () => {
    const finer = book("sim-coin", "0.964", "0.966", { tick: Price(1_000n) })
    assert.deepStrictEqual(
      codes([instruction("BUY", "100", "YES", "0.961")], { books: new Map([["sim-coin", Either.right(finer)]]) }),
      [[]]
    )
  })
})

describe("sizes", () => {
  it("P-33: below the market's minimum are refused with the smallest valid size", () => {
    assert.strictEqual(
      said(instruction("BUY", "1.5", "YES", "0.40")),
      "SIZE_BELOW_MINIMUM: 3.75 shares, the market takes 5 or more; the smallest valid size is 2 USDC"
    )
    assert.match(
      said(instruction("BUY", "4.99", "YES", "0.40", { sizeUnit: "SHARES" })),
      /smallest valid size is 5 SHARES$/
    )
  })

  it("P-32: of a BUY that meets the book at once must come to a dollar; of one that rests they need not", () => {
    const cheap = { books: new Map([["sim-coin", Either.right(book("sim-coin", "0.04", "0.05"))]]) }
    assert.deepStrictEqual(codes([instruction("BUY", "0.9", "YES", "0.05")], cheap), [["NOTIONAL_BELOW_MINIMUM"]])
    assert.deepStrictEqual(codes([instruction("BUY", "0.9", "YES", "0.05", { timeInForce: "FOK" })], cheap), [
      ["NOTIONAL_BELOW_MINIMUM"]
    ])
    assert.deepStrictEqual(codes([instruction("BUY", "0.9", "YES", "0.05", { postOnly: true })], cheap), [[]])
    assert.deepStrictEqual(codes([instruction("BUY", "0.9", "YES", "0.04")], cheap), [[]])
    assert.deepStrictEqual(codes([instruction("BUY", "1", "YES", "0.05")], cheap), [[]])
  })

  it("P-32: of a dollar that rounding would bring below it are refused with the smallest that does not", () => {
    const thirds = { books: new Map([["sim-coin", Either.right(book("sim-coin", "0.29", "0.3"))]]) }
    const market = onlyMarket({ minSize: Shares(UNIT) })
    const told = said(instruction("BUY", "1", "YES", "0.3"), { ...market, ...thirds })
    const [, least = ""] = /^NOTIONAL_BELOW_MINIMUM: .* ([0-9.]+) USDC$/.exec(told) ?? []
    assert.isAbove(Number(least), 1, told)
    assert.deepStrictEqual(codes([instruction("BUY", least, "YES", "0.3")], { ...market, ...thirds }), [[]])
  })

  it("that round to nothing are refused with the smallest valid size", () => {
    assert.match(
      said(instruction("BUY", "0.001", "YES", "0.40")),
      /^SIZE_ROUNDS_TO_ZERO: .* smallest valid size is 2 USDC$/
    )
  })

  it("that cannot be counted exactly are refused", () => {
    const rich = { cash: Usd(10n ** 18n) }
    assert.deepStrictEqual(codes([instruction("BUY", "1000000000", "YES", "0.01")], rich), [["SIZE_TOO_LARGE"]])
  })
})

describe("cash", () => {
  it("is shared by the instructions of a plan: what the first ones can cost is not there for the next", () => {
    const each = instruction("BUY", "400", "YES", "0.40")
    assert.deepStrictEqual(codes([each, each, each]), [[], [], ["INSUFFICIENT_CASH"]])
  })

  it("that is missing is told: what is needed, what is free, what is reserved", () => {
    const exposed = [state({ price: Price(400_000n) }, {})]
    assert.strictEqual(
      said(instruction("BUY", "1000", "YES", "0.40"), { exposed }),
      "INSUFFICIENT_CASH: needs 1000 USDC (1000 and up to 0 of fees), 960 are free: 1000 in cash, 40 reserved"
    )
  })

  it("reserves the worst fee too, for shares and for budgets", () => {
    const fees = onlyMarket({ fees: { rate: 72_000n, exponent: 1 } })
    const whole = instruction("BUY", "1000", "YES", "0.40")
    assert.deepStrictEqual(codes([whole], fees), [["INSUFFICIENT_CASH"]])
    assert.deepStrictEqual(codes([{ ...whole, timeInForce: "FAK" }], fees), [["INSUFFICIENT_CASH"]])
    assert.deepStrictEqual(codes([{ ...whole, feesInclusive: true }], fees), [[]])
    assert.deepStrictEqual(codes([{ ...whole, feesInclusive: true, timeInForce: "FAK" }], fees), [[]])
    assert.deepStrictEqual(codes([{ ...whole, postOnly: true }], fees), [[]])
  })

  it("reserved for the fees of one order is not there for the next", () => {
    // Each costs 50 and at most 1.8 of fees: 100 shares x 0.072 x 0.5 x 0.5.
    const each = instruction("BUY", "50", "YES", "0.50", { timeInForce: "GTC" })
    const fees = onlyMarket({ fees: { rate: 72_000n, exponent: 1 } })
    assert.deepStrictEqual(codes([each, each], { ...fees, cash: Usd(micro("103.6")) }), [[], []])
    assert.deepStrictEqual(codes([each, each], { ...fees, cash: Usd(micro("103.599999")) }), [
      [],
      ["INSUFFICIENT_CASH"]
    ])
  })

  it("is not taken by a refused instruction", () => {
    const refused = instruction("BUY", "900", "YES", "0.405")
    assert.deepStrictEqual(codes([refused, instruction("BUY", "900", "YES", "0.40")]), [["PRICE_OFF_TICK"], []])
  })
})

describe("shares to sell", () => {
  const sell = (count: string, price = "0.60") => instruction("SELL", count, "YES", price)

  it("must be held, and are shared by the instructions of a plan", () => {
    assert.deepStrictEqual(codes([sell("60"), sell("60")], { positions: [holding("100")] }), [
      [],
      ["INSUFFICIENT_SHARES"]
    ])
  })

  it("may not come from a BUY of the same plan", () => {
    assert.deepStrictEqual(codes([instruction("BUY", "100", "YES", "0.50"), sell("100")]), [
      [],
      ["INSUFFICIENT_SHARES"]
    ])
  })

  it("may not be those of the other outcome", () => {
    assert.deepStrictEqual(codes([sell("50")], { positions: [holding("100", 1)] }), [["INSUFFICIENT_SHARES"]])
  })

  it("may not be promised to an open order already, nor be of a trade that may still fail", () => {
    const exposed = [
      state({ side: "SELL", price: Price(700_000n), quantity: { _tag: "Shares", shares: Shares(70n * UNIT) } })
    ]
    const positions = [holding("100")]
    assert.deepStrictEqual(codes([sell("40")], { positions, exposed }), [["INSUFFICIENT_SHARES"]])
    assert.deepStrictEqual(codes([sell("30")], { positions, exposed }), [[]])
    const unfinalShares = new Map([["sim-coin#0", Shares(70n * UNIT)]])
    assert.deepStrictEqual(codes([sell("40")], { positions, unfinalShares }), [["INSUFFICIENT_SHARES"]])
    assert.deepStrictEqual(codes([sell("30")], { positions, unfinalShares }), [[]])
  })

  it("that are missing are told: what is needed, free, held and reserved", () => {
    assert.strictEqual(
      said(sell("100"), { positions: [holding("40")] }),
      "INSUFFICIENT_SHARES: needs 100 Yes, 40 are free: 40 held, 0 reserved"
    )
  })
})

describe("limits of a plan", () => {
  const limits = {
    maxNotional: Usd(250n * UNIT),
    maxOrderNotional: Usd(150n * UNIT),
    maxOrders: 3,
    maxSpread: undefined
  }
  const of = (size: string) => instruction("BUY", size, "YES", "0.40")

  it("bound one order, all orders together and their number, and only approved ones count", () => {
    assert.deepStrictEqual(codes([of("200"), of("150"), of("150"), of("60"), of("40"), of("5")], {}, { limits }), [
      ["MAX_ORDER_NOTIONAL"],
      [],
      ["MAX_NOTIONAL"],
      [],
      [],
      ["MAX_NOTIONAL", "MAX_ORDERS"]
    ])
  })

  it("P-37: keep out of a book that is dead, however good its spread looks to who wants to earn it", () => {
    const limits = { ...plan([]).limits, maxSpread: Price(100_000n) }
    const shown = (bid: string, ask: string, more = {}) => ({
      books: new Map([["sim-coin", Either.right(book("sim-coin", bid, ask, more))]])
    })
    const quotes = [of("50"), instruction("BUY", "50", "NO", "0.40")]
    assert.deepStrictEqual(codes(quotes, shown("0.02", "0.98"), { limits }), [["MAX_SPREAD"], ["MAX_SPREAD"]])
    assert.deepStrictEqual(codes(quotes, shown("0.45", "0.55"), { limits }), [[], []])
    assert.deepStrictEqual(codes(quotes, shown("0.45", "0.56"), { limits }), [["MAX_SPREAD"], ["MAX_SPREAD"]])
    assert.deepStrictEqual(codes([of("50")], shown("0.45", "0.46", { asks: [] }), { limits }), [["MAX_SPREAD"]])
    assert.deepStrictEqual(codes(quotes, shown("0.02", "0.98")), [[], []])
    assert.strictEqual(
      said(of("50"), shown("0.02", "0.98"), plan([of("50")], { limits })),
      "MAX_SPREAD: bid 0.02 and ask 0.98 are 0.96 apart, the plan allows 0.1"
    )
  })

  it("count what earlier runs of the plan have placed", () => {
    const already = { orders: 2, notional: Usd(200n * UNIT) }
    assert.deepStrictEqual(codes([of("60"), of("40"), of("5")], { already }, { limits }), [
      ["MAX_NOTIONAL"],
      [],
      ["MAX_ORDERS"]
    ])
  })
})

describe("own orders", () => {
  const [buyYes, buyNo] = [
    (price: string) => instruction("BUY", "50", "YES", price),
    (price: string) => instruction("BUY", "50", "NO", price)
  ]
  const sellYes = (price: string) => instruction("SELL", "50", "YES", price)
  const sellNo = (price: string) => instruction("SELL", "50", "NO", price)
  const positions = [holding("500"), holding("500", 1)]
  const second = (first: Parameters<typeof codes>[0][number], then: typeof first) =>
    codes([first, then], { positions })[1]

  it("P-36: of YES and NO that pay 1 or more together would trade with each other", () => {
    assert.deepStrictEqual(second(buyYes("0.55"), buyNo("0.45")), ["SELF_CROSS"])
    assert.deepStrictEqual(second(buyYes("0.55"), buyNo("0.44")), [])
  })

  it("cross in every combination of side and outcome", () => {
    assert.deepStrictEqual(second(buyYes("0.55"), sellYes("0.55")), ["SELF_CROSS"])
    assert.deepStrictEqual(second(sellYes("0.55"), buyYes("0.55")), ["SELF_CROSS"])
    assert.deepStrictEqual(second(sellYes("0.55"), sellNo("0.45")), ["SELF_CROSS"])
    assert.deepStrictEqual(second(sellNo("0.45"), buyNo("0.45")), ["SELF_CROSS"])
    assert.deepStrictEqual(second(sellYes("0.55"), sellNo("0.46")), [])
    assert.deepStrictEqual(second(buyYes("0.55"), buyYes("0.60")), [])
    assert.deepStrictEqual(second(buyYes("0.55"), sellNo("0.30")), [])
  })

  it("that rest count, and are named; those with nothing left to fill do not", () => {
    const resting = { price: Price(460_000n), side: "SELL" } as const
    assert.match(
      said(buyYes("0.46"), { exposed: [state(resting)], positions }),
      /^SELF_CROSS: BUY Yes at 0\.46 would trade with your own SELL Yes at 0\.46 \(order [0-9a-f-]+ of plan earlier\)$/
    )
    assert.deepStrictEqual(
      codes([buyYes("0.46")], { exposed: [state(resting, { filled: Shares(100n * UNIT) })], positions }),
      [[]]
    )
  })

  it("of other markets do not matter", () => {
    assert.deepStrictEqual(codes([buyYes("0.50")], { exposed: [state({ conditionId: "sim-other", side: "SELL" })] }), [
      []
    ])
  })

  it("that were refused do not count", () => {
    assert.deepStrictEqual(codes([buyYes("0.555"), buyNo("0.50")]), [["PRICE_OFF_TICK"], []])
  })
})

describe("a refusal", () => {
  it("tells every rule that is broken, not only the first", () => {
    const bad = instruction("BUY", "5000", "YES", "0.555")
    const limits = { maxNotional: Usd(UNIT), maxOrderNotional: Usd(UNIT), maxOrders: 0, maxSpread: undefined }
    const exposed = [state({ side: "SELL", price: Price(500_000n) })]
    assert.deepStrictEqual(
      codes([bad], { ...onlyMarket({ closedBecause: "paused", fees: undefined }), exposed }, { limits }),
      [
        [
          "MARKET_NOT_TRADEABLE",
          "FEE_UNKNOWN",
          "PRICE_OFF_TICK",
          "MAX_ORDER_NOTIONAL",
          "MAX_NOTIONAL",
          "MAX_ORDERS",
          "INSUFFICIENT_CASH",
          "SELF_CROSS"
        ]
      ]
    )
  })

  it("keeps the plan's words and the market's ids for the report", () => {
    const of = plan([instruction("BUY", "100", "yes", "0.405")])
    const [first] = decide(of, facts(of))
    assert.deepInclude(first?.outcome.pipe(Either.flip, Either.getOrUndefined), {
      instruction: 0,
      marketId: "sim-coin",
      conditionId: "sim-coin",
      outcome: "yes",
      price: Price(405_000n)
    })
  })
})
