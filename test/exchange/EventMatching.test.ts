import { assert, describe, it } from "@effect/vitest"
import { Price, Shares, UNIT } from "../../src/domain/Money.ts"
import type { Order } from "../../src/domain/Order.ts"
import * as Matching from "../../src/exchange/EventMatching.ts"
import type * as Latency from "../../src/exchange/Latency.ts"
import { MARKET, ofBudget, ofShares, order, shares, told, usd } from "./floor.ts"
import { ask, bandsOf, bid, cents, type Event, full, gap, play, type Sent, trade } from "./stream.ts"

const wait = (entry: number, cancel = entry, response = 0): Latency.Latency => ({
  seed: "",
  entry: { _tag: "Constant", millis: entry },
  cancel: { _tag: "Constant", millis: cancel },
  response: { _tag: "Constant", millis: response }
})

/** Decided at 1000, right after the first book. */
const at = (millis: number, but: Partial<Order>, cancelAt?: number): Sent => ({
  order: order(but),
  at: millis,
  cancelAt
})
const buy = (price: number, size: number, but: Partial<Order> = {}): Partial<Order> => ({
  price: cents(price),
  quantity: ofShares(`${size}`),
  ...but
})
const fak = { timeInForce: "FAK" } as const
const statuses = (played: ReturnType<typeof play>) => played.answers.map((answer) => [answer.status, answer.atMillis])

const quiet = full(1000, [[50, 100]], [[55, 100]])

describe("an order on its way", () => {
  it("meets the book as it is when it arrives, not as it was when it was decided", () => {
    const events = [quiet, ask(1050, 55, 30), ask(1100, 56, 10), ask(1101, 56, 500)]
    const { answers } = play(events, [at(1000, buy(56, 100, fak))], { latency: wait(100) })
    assert.deepStrictEqual(told(answers[0]), ["30 at 0.55", "10 at 0.56"])
    assert.deepStrictEqual(
      answers.map((answer) => [answer.status, answer.atMillis, answer.fills[0]?.atMillis]),
      [["cancelled", 1100, 1100]]
    )
  })

  it("meets the book after all events of its time, also where quotes are to be looked at first", () => {
    const events = [quiet, ask(1050, 54, 5), ask(1090, 54, 8), ask(1100, 54, 30)]
    const sent = [at(950, buy(54, 10, { id: "a" })), at(1000, buy(54, 100, { id: "b", ...fak }))]
    const played = play(events, sent, { latency: wait(100) })
    assert.deepStrictEqual(
      [bandsOf(played, "a"), bandsOf(played, "b")],
      [
        [5, 10, 10],
        [25, 20, 22]
      ]
    )
  })

  it("is known of only when the answer has come back", () => {
    const { known } = play([quiet], [at(1000, buy(40, 10))], { latency: wait(100, 100, 25) })
    assert.deepStrictEqual(known, [1125])
  })

  it("waits out the taker delay when it is marketable, and meets what is there then", () => {
    const events = [quiet, ask(1500, 55, 20)]
    const delayed = play(events, [at(1000, buy(55, 50))], { takerDelayMillis: 1000 })
    assert.deepStrictEqual(statuses(delayed), [
      ["delayed", 1000],
      ["open", 2000]
    ])
    assert.deepStrictEqual(told(delayed.answers[1]), ["20 at 0.55"])
    const maker = play(events, [at(1000, buy(54, 50))], { takerDelayMillis: 1000 })
    assert.deepStrictEqual(statuses(maker), [["open", 1000]])
  })

  it("is sent once, however often it is submitted", () => {
    const played = play([quiet], [at(1000, buy(40, 10)), at(1000, buy(40, 10))])
    assert.deepStrictEqual(statuses(played), [["open", 1000]])
  })
})

describe("the end of an order", () => {
  it("comes one cancel latency after it was asked for, and fills before it count", () => {
    const events = [full(1000, [], [[55, 100]]), trade(1100, 50, 10), trade(1300, 50, 10), trade(1301, 50, 10)]
    const played = play(events, [at(1000, buy(50, 100), 1100)], { latency: wait(0, 200) })
    assert.deepStrictEqual(statuses(played), [
      ["open", 1000],
      ["open", 1100],
      ["open", 1300],
      ["cancelled", 1300]
    ])
    assert.deepStrictEqual(bandsOf(played), [20, 20, 20])
  })

  it("by a cancel does not come before the order itself, nor within its taker delay", () => {
    const early = play([quiet], [at(1000, buy(55, 10, fak), 1000)], { latency: wait(300, 0) })
    assert.deepStrictEqual(statuses(early), [["filled", 1300]])
    const delayed = play([quiet], [at(1000, buy(55, 150), 1100)], { takerDelayMillis: 500 })
    assert.deepStrictEqual(statuses(delayed), [
      ["delayed", 1000],
      ["open", 1500],
      ["cancelled", 1500]
    ])
    assert.deepStrictEqual(bandsOf(delayed), [100, 100, 100])
  })

  it("by its lifetime comes at its very time: what happens then is not its own any more", () => {
    const events = (millis: number): ReadonlyArray<Event> => [full(1000, [], [[55, 100]]), trade(millis, 50, 10)]
    const mortal = at(1000, buy(50, 10, { timeInForce: "GTD", cancelAfterMillis: 2000 }))
    assert.deepStrictEqual(statuses(play(events(2000), [mortal])).at(-1), ["expired", 2000])
    assert.deepStrictEqual(statuses(play(events(1999), [mortal])).at(-1), ["filled", 1999])
    const late = play([quiet], [mortal], { latency: wait(5000) })
    assert.deepStrictEqual(statuses(late), [["expired", 2000]])
  })

  it("by resolution is a cancel, and no order is taken afterwards", () => {
    const events: ReadonlyArray<Event> = [quiet, { _tag: "resolve", payout: 1_000_000, at: 2000 }]
    const played = play(events, [at(1000, buy(40, 10, { id: "a" })), at(2001, buy(40, 10, { id: "b" }))])
    assert.deepStrictEqual(
      played.answers.map(({ orderId, reason, status }) => [orderId, status, reason]),
      [
        ["a", "open", undefined],
        ["a", "cancelled", "the market is resolved"],
        ["b", "rejected", "the market is resolved"]
      ]
    )
    assert.strictEqual(played.market.payout, 1_000_000)
  })
})

describe("the queue", () => {
  // 100 stood there before us, 100 came after us.
  const behind = [quiet, bid(1001, 50, 200)]
  const own = at(1000, buy(50, 50))

  it("shrinks by trades, and by none, their share, or all of the cancellations", () => {
    const cancelled = [...behind, bid(2000, 50, 120)]
    assert.deepStrictEqual(bandsOf(play([...cancelled, trade(3000, 50, 90)], [own])), [0, 30, 50])
    assert.deepStrictEqual(bandsOf(play([...cancelled, trade(3000, 50, 115)], [own])), [15, 50, 50])
    const fixed = (part: number) => bandsOf(play([...cancelled, trade(3000, 50, 90)], [own], { cancellations: part }))
    assert.deepStrictEqual(
      [fixed(0), fixed(0.25), fixed(1)],
      [
        [0, 0, 50],
        [0, 10, 50],
        [0, 50, 50]
      ]
    )
  })

  it("is never longer than what is displayed", () => {
    const gone = [...behind, bid(2000, 50, 30), trade(3000, 50, 40)]
    assert.deepStrictEqual(bandsOf(play(gone, [own])), [10, 25, 40])
  })

  it("counts a match once, whether its print or the fall of the book comes first", () => {
    const next = [trade(3000, 50, 60), bid(3000, 50, 80)]
    const printFirst = play([...behind, trade(2000, 50, 60), bid(2030, 50, 140), ...next], [own])
    const bookFirst = play([...behind, bid(2000, 50, 140), trade(2030, 50, 60), ...next], [own])
    const inFullBook = play([...behind, full(2000, [[50, 140]], [[55, 100]]), trade(2030, 50, 60), ...next], [own])
    for (const played of [printFirst, bookFirst, inFullBook]) assert.deepStrictEqual(bandsOf(played), [20, 20, 20])
  })

  it("takes a fall for cancellations where the print is too far away", () => {
    const apart = play([...behind, bid(2000, 50, 140), trade(2300, 50, 60), trade(3000, 50, 15)], [own])
    assert.deepStrictEqual(bandsOf(apart), [0, 5, 35])
    const wider = play([...behind, bid(2000, 50, 140), trade(2300, 50, 60), trade(3000, 50, 45)], [own], {
      pairMillis: 500
    })
    assert.deepStrictEqual(bandsOf(wider), [5, 5, 5])
  })

  it("tells matches that follow each other apart", () => {
    const twice = [...behind, bid(2000, 50, 140), trade(2020, 50, 60), trade(2040, 50, 60), bid(2060, 50, 80)]
    assert.deepStrictEqual(bandsOf(play(twice, [own])), [20, 20, 20])
    const cancelledLater = [...behind, trade(2000, 50, 60), bid(2300, 50, 140), trade(3000, 50, 45)]
    assert.deepStrictEqual(bandsOf(play(cancelledLater, [own])), [5, 17, 45])
    const older = [...behind, bid(2000, 50, 140), bid(2300, 50, 130), trade(2310, 50, 60), trade(3000, 50, 15)]
    assert.deepStrictEqual(bandsOf(play(older, [own])), [0, 5, 35])
  })

  it("explains each fall and each part of one by one print only", () => {
    // 300 stood there before us, 100 came after us.
    const deep = [full(1000, [[50, 300]], [[55, 100]]), bid(1001, 50, 400), bid(2000, 50, 340)]
    const followed = [...deep, trade(2020, 50, 60), trade(2040, 50, 60), bid(2060, 50, 280), trade(3000, 50, 200)]
    assert.deepStrictEqual(bandsOf(play(followed, [own])), [20, 20, 20])
    const halves = [...deep, trade(2020, 50, 30), trade(2040, 50, 30), trade(3000, 50, 260)]
    assert.deepStrictEqual(bandsOf(play(halves, [own])), [20, 20, 20])
  })

  it("explains only as much of a fall as was printed", () => {
    const mixed = [...behind, bid(2000, 50, 100), trade(2030, 50, 60), trade(3000, 50, 30)]
    // 60 of the 100 were traded: 40 are left ahead. Of the other 40, 20 stood ahead by their share.
    assert.deepStrictEqual(bandsOf(play(mixed, [own])), [0, 10, 30])
  })

  it("does not move by the print of a match from before the order came", () => {
    const late = [quiet, bid(1500, 50, 40), trade(1530, 50, 60), trade(1700, 50, 50)]
    assert.deepStrictEqual(bandsOf(play(late, [at(1510, buy(50, 50))])), [10, 10, 10])
    const below = [quiet, bid(1400, 49, 60), bid(1500, 49, 0), trade(1530, 49, 60)]
    assert.deepStrictEqual(bandsOf(play(below, [at(1510, buy(50, 50))])), [0, 0, 0])
    assert.deepStrictEqual(bandsOf(play(below, [at(1450, buy(50, 50))])), [50, 50, 50])
  })

  it("puts later own orders behind earlier ones", () => {
    const two = [at(1000, buy(50, 50, { id: "a" })), at(1001, buy(50, 50, { id: "b" }))]
    const played = play([quiet, trade(2000, 50, 170)], two)
    assert.deepStrictEqual(
      [bandsOf(played, "a"), bandsOf(played, "b")],
      [
        [50, 50, 50],
        [20, 20, 20]
      ]
    )
    const [, second] = played.answers
    assert.strictEqual(second?.bands.queueAhead, shares("150"))
  })

  it("of a better price is met first", () => {
    const two = [at(1000, buy(50, 50, { id: "a" })), at(1000, buy(51, 30, { id: "b" }))]
    const played = play([quiet, trade(2000, 50, 140)], two)
    assert.deepStrictEqual(
      [bandsOf(played, "a"), bandsOf(played, "b")],
      [
        [10, 10, 10],
        [30, 30, 30]
      ]
    )
  })

  it("ends with a gap and with a new tick: the order goes to the back", () => {
    const most = [quiet, bid(1001, 50, 40), bid(1002, 50, 300)]
    const book = full(1500, [[50, 300]], [[55, 100]])
    const kept = [...most, book, trade(2000, 50, 60)]
    assert.deepStrictEqual(bandsOf(play(kept, [own])), [20, 20, 20])
    assert.deepStrictEqual(bandsOf(play([...most, gap(1400), book, trade(2000, 50, 60)], [own])), [0, 0, 0])
    const finer: Event = { _tag: "tick", tick: 1000, at: 1500 }
    const ticked = play([...most, finer, trade(2000, 500, 310)], [own])
    assert.deepStrictEqual(bandsOf(ticked), [10, 10, 10])
    assert.deepStrictEqual(ticked.fills[0]?.fill.price, cents(50))
    assert.strictEqual(ticked.market.book.bids[500], 300_000_000)
  })
})

describe("a trade beyond the limit", () => {
  it("fills the rest at the limit; pessimistically as much as was traded", () => {
    const events = [
      full(
        1000,
        [
          [50, 100],
          [49, 80]
        ],
        [[55, 100]]
      ),
      trade(2000, 49, 30)
    ]
    const played = play(events, [at(1000, buy(50, 50))])
    assert.deepStrictEqual(bandsOf(played), [30, 50, 50])
    assert.isTrue(played.fills.every(({ fill }) => fill.price === cents(50) && fill.fee === 0n))
    assert.deepStrictEqual(statuses(played).at(-1), ["filled", 2000])
  })

  it("has no part in it where the other side was met, whatever the feed calls it", () => {
    // We took the 20 shown at 0.52, and others go on buying them as if they were theirs.
    const events = [full(1000, [[50, 100]], [[52, 20]]), trade(2000, 52, 20), ask(2000, 52, 0)]
    const played = play(events, [at(1000, buy(53, 50))])
    assert.deepStrictEqual(bandsOf(played), [20, 20, 20])
  })

  it("inside the spread met what our better price stood before", () => {
    const played = play([quiet, trade(2000, 52, 5)], [at(1000, buy(53, 50))])
    assert.deepStrictEqual(bandsOf(played), [5, 50, 50])
    const asks = play([quiet, trade(2000, 54, 5)], [at(1000, { ...buy(53, 50), side: "SELL" })])
    assert.deepStrictEqual(bandsOf(asks), [5, 50, 50])
  })

  it("at a price where the book has already turned belongs to the side that lost it", () => {
    const events = [quiet, bid(2000, 50, 0), ask(2000, 50, 40), trade(2030, 50, 100)]
    const sold = play(events, [at(1000, { ...buy(56, 50), side: "SELL" })])
    assert.deepStrictEqual(bandsOf(sold), [0, 0, 0])
  })
})

describe("a quote that meets a resting order", () => {
  const own = at(1000, buy(54, 50))

  it("at its limit fills it neutrally, beyond it in every band, up to its size", () => {
    assert.deepStrictEqual(bandsOf(play([quiet, ask(2000, 54, 20)], [own])), [0, 20, 50])
    assert.deepStrictEqual(bandsOf(play([quiet, ask(2000, 53, 20)], [own])), [20, 20, 50])
  })

  it("gives each share once: only what rises is new", () => {
    const again = [quiet, ask(2000, 54, 20), ask(3000, 54, 15), ask(4000, 54, 25)]
    assert.deepStrictEqual(bandsOf(play(again, [own])), [0, 30, 50])
  })

  it("is looked at once all events of its time are in", () => {
    const corrected = [quiet, ask(2000, 53, 20), ask(2000, 53, 0)]
    assert.deepStrictEqual(bandsOf(play(corrected, [own])), [0, 0, 0])
  })

  it("in a crossed book fills nothing and is counted, until the book is sound again", () => {
    const crossed = [quiet, ask(2000, 49, 20)]
    const played = play(crossed, [own])
    assert.deepStrictEqual([bandsOf(played), played.market.faults], [[0, 0, 0], 1])
    assert.deepStrictEqual(bandsOf(play([...crossed, bid(2100, 50, 0)], [own])), [20, 20, 50])
  })
})

describe("what is ours of the displayed size", () => {
  const two = (millis: number) => [
    at(1000, buy(55, 100, { id: "a", ...fak })),
    at(millis, buy(55, 100, { id: "b", ...fak }))
  ]

  it("is not there again for the next order, in full books neither", () => {
    const book = full(2000, [[50, 100]], [[55, 100]])
    assert.deepStrictEqual(bandsOf(play([quiet, book], two(3000)), "b"), [0, 0, 0])
    assert.deepStrictEqual(bandsOf(play([quiet, ask(2000, 55, 130)], two(3000)), "b"), [30, 30, 30])
    assert.deepStrictEqual(bandsOf(play([quiet, ask(2000, 55, 20), ask(2001, 55, 60)], two(3000)), "b"), [40, 40, 40])
  })

  it("is forgotten with a gap and with a new tick", () => {
    const book = full(2000, [[50, 100]], [[55, 100]])
    assert.deepStrictEqual(bandsOf(play([quiet, gap(1500), book], two(3000)), "b"), [100, 100, 100])
    const finer: Event = { _tag: "tick", tick: 1000, at: 1500 }
    assert.deepStrictEqual(bandsOf(play([quiet, finer], two(3000)), "b"), [100, 100, 100])
  })
})

describe("without a usable book", () => {
  it("FOK and FAK are killed, others rest and meet the first full book as takers", () => {
    const events = [
      quiet,
      gap(1500),
      full(
        3000,
        [[50, 10]],
        [
          [54, 30],
          [55, 30]
        ]
      )
    ]
    const killed = play(events, [at(2000, buy(55, 50, fak))])
    assert.deepStrictEqual(statuses(killed), [["cancelled", 2000]])
    const resting = play(events, [at(2000, buy(55, 50))])
    assert.deepStrictEqual(statuses(resting), [
      ["open", 2000],
      ["filled", 3000]
    ])
    assert.deepStrictEqual(told(resting.answers[1]), ["30 at 0.54", "20 at 0.55"])
    const crossing = play(events, [at(2000, buy(55, 50, { postOnly: true }))])
    assert.deepStrictEqual(statuses(crossing).at(-1), ["cancelled", 3000])
  })

  it("nothing fills in a gap, and cancels and lifetimes go on", () => {
    const events = [quiet, gap(1500), trade(1600, 49, 500), ask(1600, 48, 500)]
    const played = play(events, [at(1000, buy(50, 50), 1700)])
    assert.deepStrictEqual(statuses(played), [
      ["open", 1000],
      ["cancelled", 1700]
    ])
    assert.strictEqual(played.market.gaps, 1)
    const before = play([quiet, ask(2000, 54, 20), gap(2000)], [at(1000, buy(54, 50))])
    assert.deepStrictEqual(bandsOf(before), [0, 20, 50])
  })

  it("a market that begins without a full book is not known", () => {
    const played = play([ask(1000, 55, 100)], [at(1000, buy(55, 50, fak))])
    assert.deepStrictEqual(statuses(played), [["cancelled", 1000]])
  })

  it("impossible prices and sizes are counted and change nothing", () => {
    const wrong = [ask(1100, 0, 5), ask(1100, 100, 5), ask(1100, 54, -5), ask(1100, 54, Number.NaN), trade(1100, 54, 0)]
    const played = play([quiet, ...wrong], [])
    assert.strictEqual(played.market.faults, wrong.length)
    assert.strictEqual(played.market.book.bestAsk, 55)
  })
})

describe("fees on a stream", () => {
  const taken = (millis: number) => [at(millis, buy(55, 100, fak))]

  it("are those of the date, and before they are known nothing fills", () => {
    const rate = (each: bigint) => ({ rate: each, exponent: 1 })
    const fees = [
      { fromMillis: 2000, fees: rate(70_000n) },
      { fromMillis: 3000, fees: rate(40_000n) },
      { fromMillis: 4000, fees: undefined }
    ]
    const fee = (millis: number) => play([quiet], taken(millis), { fees }).answers[0]?.fills[0]?.fee
    assert.deepStrictEqual([1500, 2000, 3500, 4500].map(fee), [undefined, usd("1.7325"), usd("0.99"), undefined])
    const resting = play([quiet, ask(5000, 50, 10), trade(5000, 49, 9)], [at(4500, buy(52, 10))], { fees })
    assert.deepStrictEqual(bandsOf(resting), [0, 0, 0])
  })

  it("are floored to 5 decimals for each fill", () => {
    const odd = buy(55, 0, { ...fak, quantity: { _tag: "Shares", shares: Shares(1_234_567n) } })
    const [answer] = play([quiet], [at(1000, odd)]).answers
    assert.strictEqual(answer?.fills[0]?.fee, usd("0.02138"))
  })
})

describe("the settings of a simulation", () => {
  it("make takers worse as they do on snapshots", () => {
    const simulation = { slippageTicks: 1, spreadCushion: Price(0n), liquidityFraction: UNIT / 2n }
    const [answer] = play([quiet], [at(1000, buy(56, 80, fak))], { simulation }).answers
    assert.deepStrictEqual(told(answer), ["50 at 0.56"])
    const [budget] = play([quiet], [at(1000, { ...buy(56, 0, fak), quantity: ofBudget("11") })], { simulation }).answers
    assert.deepStrictEqual(told(budget), ["19.6428 at 0.56"])
  })
})

describe("what can be asked of a market", () => {
  it("is when its orders next have something due, and how far they have come in the other bands", () => {
    const { market } = play([quiet], [at(1000, buy(50, 10, { cancelAfterMillis: 9000 }))], {}, 2000)
    assert.strictEqual(Matching.nextMillis(market), 9000)
    assert.deepStrictEqual(Matching.bandsOf(market, "order")?.queueAhead, shares("100"))
    assert.isUndefined(Matching.bandsOf(market, "nobody"))
    assert.strictEqual(market.rules.conditionId, MARKET.conditionId)
  })
})
