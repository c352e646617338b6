import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { cost, Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { type Heard, hear, type News, type Stage, type TradeFill, type Word } from "../../src/domain/News.ts"
import { isTerminal, type OrderState, type OrderStatus } from "../../src/domain/Order.ts"
import { state } from "./orders.ts"

const shares = (count: number) => Shares(BigInt(count) * UNIT)

/** A fill of so many shares at 0.50, as the trade of that name tells it. */
const fill = (externalId: string, count: number, stage: Stage = "provisional", price = 500_000n): TradeFill => ({
  externalId,
  shares: shares(count),
  price: Price(price),
  notional: cost(Price(price), shares(count)),
  fee: Usd(BigInt(count) * 100n),
  liquidity: "taker",
  atMillis: 1_000,
  stage
})

const news = (word: Word | undefined, fills: ReadonlyArray<TradeFill> = [], matched?: number): News => ({
  orderId: state().order.id,
  word,
  matched: matched === undefined ? undefined : shares(matched),
  fills,
  reason: undefined,
  atMillis: 2_000
})

interface Known {
  readonly now: OrderState
  readonly fills: ReadonlyArray<TradeFill>
}

/** An order of 100 shares that is on its way. */
const sent = (status: OrderStatus = "pending"): Known => ({
  now: state({ mode: "live" }, { status, sentMillis: 500 }),
  fills: []
})

const told = ({ fills, now }: Known, one: News): Heard => hear(now, fills, one)
const having = (known: Known, ...all: ReadonlyArray<News>): Known =>
  all.reduce((before, one) => {
    const heard = told(before, one)
    return { now: heard.after, fills: heard.fills }
  }, known)

const brief = ({ now: { filled, status } }: Known) => `${status} ${filled / UNIT}`

describe("fills of a trade", () => {
  it("P-10: count while they are provisional, stay once final, and are taken back when the trade fails", () => {
    const matched = having(sent(), news("matched", [fill("t", 40)]))
    assert.strictEqual(brief(matched), "open 40")
    assert.strictEqual(brief(having(matched, news(undefined, [fill("t", 40, "final")]))), "open 40")
    const failed = having(matched, news(undefined, [fill("t", 40, "failed")]))
    const { fees, filled, notional, status } = failed.now
    assert.deepStrictEqual([status, filled, notional, fees], ["open", 0n, 0n, 0n])
  })

  it("P-10: that fail take a filled order out of filled, and count for nothing whenever they are told", () => {
    const filled = having(sent(), news("matched", [fill("a", 60), fill("b", 40)]))
    assert.strictEqual(brief(filled), "filled 100")
    const less = having(filled, news(undefined, [fill("b", 40, "failed")]))
    assert.strictEqual(brief(less), "cancelled 60")
    assert.match(less.now.reasons.join(), /failed at the venue and was taken back/)
    const late = having(less, news("matched", [fill("b", 40), fill("a", 60, "final")]))
    assert.strictEqual(brief(late), "cancelled 60")
  })

  it("final beats provisional, whichever comes first, and failed is not final any more", () => {
    const final = told(having(sent(), news("matched", [fill("t", 40, "final")])), news(undefined, [fill("t", 40)]))
    assert.deepStrictEqual([final.added, final.settled, final.failed, final.odd], [[], [], [], []])
    assert.strictEqual(final.fills[0]?.stage, "final")
    const both = told(
      having(sent(), news("matched", [fill("t", 40, "final")])),
      news(undefined, [fill("t", 40, "failed")])
    )
    assert.deepStrictEqual(both.odd, ["trade t was final and is now told as failed"])
    assert.strictEqual(both.after.filled, shares(40))
  })

  it("P-16: are the same by the trade's id, however often and with whatever else it is told", () => {
    const once = having(sent(), news("matched", [fill("t", 40)]))
    const again = told(once, news("matched", [{ ...fill("t", 40), atMillis: 9_000, fee: Usd(0n) }]))
    assert.deepStrictEqual([again.added, again.odd], [[], []])
    assert.strictEqual(again.after.filled, shares(40))
  })

  it("that are told in other parts than before count as first told, and end with their trade all the same", () => {
    const one = having(sent(), news("matched", [fill("t", 40)]))
    const split = [fill("t@400000", 10, "final", 400_000n), fill("t@500000", 30, "final")]
    const heard = told(one, news(undefined, split))
    assert.strictEqual(heard.after.filled, shares(40))
    assert.deepStrictEqual(
      heard.fills.map(({ externalId, stage }) => [externalId, stage]),
      [["t", "final"]]
    )
    assert.match(heard.odd.join(), /other prices than before/)
    const two = having(sent(), news("matched", [fill("t@400000", 10), fill("t@500000", 30)]))
    const whole = having(two, news(undefined, [fill("t", 40, "failed")]))
    assert.strictEqual(brief(whole), "open 0")
  })

  it("of a finished order are booked all the same: late ones are added, failed ones taken off", () => {
    for (const [end, status] of [
      ["cancelled", "cancelled"],
      ["expired", "expired"],
      ["killed", "cancelled"]
    ] as const) {
      const ended = having(sent("open"), news(end))
      assert.strictEqual(brief(ended), `${status} 0`)
      const late = having(ended, news(undefined, [fill("t", 40)]))
      assert.strictEqual(brief(late), `${status} 40`)
      assert.strictEqual(brief(having(late, news(undefined, [fill("t", 40, "failed")]))), `${status} 0`)
      assert.strictEqual(brief(having(ended, news(undefined, [fill("t", 100)]))), "filled 100")
    }
  })
})

describe("the end of an order", () => {
  it("P-14: is not believed while the venue counts matches whose trades have not been seen", () => {
    const due = having(sent("cancelling"), news("cancelled", [], 40))
    assert.strictEqual(brief(due), "cancelling 0")
    assert.strictEqual(brief(having(due, news("cancelled", [fill("t", 40)], 40))), "cancelled 40")
  })

  it("P-10: counts trades that failed among the venue's matches, which are not taken off there", () => {
    const failed = having(sent("open"), news("matched", [fill("t", 40, "failed")], 40))
    assert.strictEqual(brief(failed), "open 0")
    assert.strictEqual(brief(having(failed, news("cancelled", [], 40))), "cancelled 0")
  })

  it("P-57: is not reached by asking for a cancel: until the venue answers the order is exposed and may fill", () => {
    const asked = having(sent("open"), news("cancelling"))
    assert.strictEqual(brief(asked), "cancelling 0")
    assert.isFalse(isTerminal(asked.now.status))
    assert.strictEqual(brief(having(asked, news(undefined, [fill("t", 40)]))), "cancelling 40")
    assert.strictEqual(brief(having(asked, news("live"))), "cancelling 0")
    assert.strictEqual(brief(having(asked, news("kept"))), "open 0")
  })

  it("P-02: is far away for a delayed order: it stays so in silence, fills later, and may die of it", () => {
    const delayed = having(sent(), news("delayed"), news("silent"), news("silent"))
    assert.strictEqual(brief(delayed), "delayed 0")
    assert.strictEqual(brief(having(delayed, news("matched", [fill("t", 100)]))), "filled 100")
    assert.strictEqual(brief(having(delayed, news("live"))), "open 0")
    assert.strictEqual(brief(having(delayed, news("done"))), "cancelled 0")
  })
})

describe("silence", () => {
  it("P-01: makes an order that was on its way unknown, and proves nothing of one that was seen", () => {
    assert.strictEqual(brief(having(sent(), news("silent"))), "unknown 0")
    for (const status of ["open", "delayed", "cancelling"] as const) {
      assert.strictEqual(brief(having(sent(status), news("silent"))), `${status} 0`)
    }
  })
})

describe("a refusal", () => {
  it("is that of an order nobody has seen: one that is open or has fills is there", () => {
    assert.strictEqual(brief(having(sent(), news("refused"))), "rejected 0")
    assert.strictEqual(brief(having(sent("unknown"), news("refused"))), "rejected 0")
    assert.strictEqual(brief(having(sent("open"), news("refused"))), "open 0")
    assert.strictEqual(brief(having(sent(), news("matched", [fill("t", 40)]), news("refused"))), "open 40")
  })

  it("is taken back when the order turns up: then it is open, and may not be tried anew", () => {
    const refused = having(sent(), news("refused"))
    assert.strictEqual(brief(having(refused, news(undefined, [fill("t", 40)]))), "open 40")
    assert.strictEqual(brief(having(refused, news("live"))), "open 0")
    assert.strictEqual(brief(having(refused, news(undefined, [fill("t", 100)]))), "filled 100")
    assert.strictEqual(brief(having(refused, news("silent"), news("cancelled"), news("done"))), "rejected 0")
  })
})

describe("what keeps an order back", () => {
  const waiting: Known = { now: state({ mode: "live" }, { status: "pending" }), fills: [] }

  it("ends it while it has not left", () => {
    assert.strictEqual(brief(having(waiting, news("blocked"))), "blocked 0")
    assert.strictEqual(brief(having(waiting, news("withdrawn"))), "cancelled 0")
    assert.strictEqual(brief(having(waiting, news("lapsed"))), "expired 0")
  })

  it("comes too late for one that has left: it may be there, whoever thought otherwise", () => {
    for (const word of ["blocked", "withdrawn", "lapsed"] as const) {
      for (const status of ["pending", "unknown", "open", "delayed"] as const) {
        const heard = told(sent(status), { ...news(word), reason: "too late" })
        assert.strictEqual(heard.after.status, status, word)
        assert.deepStrictEqual(heard.after.reasons, [], word)
      }
    }
  })
})

/** What really happened to an order: its trades and how each ended, and how the order did. */
interface Truth {
  readonly trades: ReadonlyArray<TradeFill>
  readonly end: News
}

const truth: fc.Arbitrary<Truth> = fc
  .array(
    fc.record({
      count: fc.integer({ min: 1, max: 25 }),
      stage: fc.constantFrom<Stage>("final", "failed"),
      price: fc.constantFrom(400_000n, 450_000n, 500_000n)
    }),
    { maxLength: 4 }
  )
  .map((parts) => {
    const trades = parts.map(({ count, price, stage }, index) => fill(`t${index}`, count, stage, price))
    const matched = trades.reduce((sum, { shares }) => sum + Number(shares / UNIT), 0)
    return { trades, end: news("done", trades, matched) }
  })

/** Things that are said of it on the way, in any order, some twice, some never. */
const hearsay = ({ end, trades }: Truth): fc.Arbitrary<ReadonlyArray<News>> => {
  const first = trades.map((trade) => news("matched", [{ ...trade, stage: "provisional" }]))
  const last = trades.map((trade) => news(undefined, [trade]))
  const words: ReadonlyArray<Word> = ["silent", "delayed", "live", "matched", "cancelling", "kept", "blocked"]
  // Only what traded shows that it was not refused.
  const refused = trades.length === 0 ? [] : [news("refused")]
  const all = [...first, ...last, ...words.map((word) => news(word)), ...refused, end]
  return fc
    .tuple(fc.shuffledSubarray(all), fc.shuffledSubarray(all))
    .map(([some, others]): ReadonlyArray<News> => [...some, ...others])
}

const heardOf = truth.chain((of) => fc.tuple(fc.constant(of), hearsay(of)))

/** What an order came to, and how far each of its trades. */
const outcome = ({ fills, now: { fees, filled, notional, status } }: Known) => ({
  fees,
  filled,
  notional,
  status,
  stages: new Map(fills.map(({ externalId, stage }) => [externalId, stage]))
})

describe("whatever is said, in whatever order, twice, late or never", () => {
  it("an order ends where the truth alone would have brought it", () => {
    fc.assert(
      fc.property(heardOf, ([{ end }, hearsay]) => {
        assert.deepStrictEqual(outcome(having(sent(), ...hearsay, end)), outcome(having(sent(), end)))
      })
    )
  })

  it("totals are those of the trades heard of that have not failed", () => {
    fc.assert(
      fc.property(heardOf, ([, hearsay]) => {
        const known = having(sent(), ...hearsay)
        const said = hearsay.flatMap(({ fills }) => fills)
        const failed = new Set(said.filter(({ stage }) => stage === "failed").map(({ externalId }) => externalId))
        const counted = new Map(said.map((fill) => [fill.externalId, fill]))
        const sum = [...counted.values()].reduce(
          (total, fill) => (failed.has(fill.externalId) ? total : total + fill.shares),
          0n
        )
        assert.strictEqual(known.now.filled, sum)
      })
    )
  })

  it("what was said before changes nothing when it is said again", () => {
    fc.assert(
      fc.property(heardOf, ([{ end }, hearsay]) => {
        const known = having(sent(), ...hearsay, end)
        const again = having(known, ...hearsay, end)
        assert.deepStrictEqual(outcome(again), outcome(known))
      })
    )
  })

  it("a finished order rises only by a trade that failed, or because it was never refused at all", () => {
    fc.assert(
      fc.property(heardOf, ([, hearsay]) => {
        let known = sent()
        for (const one of hearsay) {
          const before = known.now.status
          known = having(known, one)
          const now = known.now.status
          if (!isTerminal(before) || now === before) continue
          const fine = before === "filled" ? now === "cancelled" : now === "filled" || before === "rejected"
          assert.isTrue(fine, `${before} became ${now}`)
        }
      })
    )
  })
})
