import { assert, describe, it } from "@effect/vitest"
import type { BookSnapshot } from "../../src/domain/Book.ts"
import type { Order } from "../../src/domain/Order.ts"
import * as Snapshot from "../../src/exchange/Snapshot.ts"
import { book, floorOn, MARKET, ofShares, order, placed, price, shares, shown, told } from "./floor.ts"

/** A BUY of 100 at 0.45 that came to rest behind 200 shares, under an ask of 0.50. */
const resting = (but: Partial<Order> = {}) =>
  placed(order({ price: price("0.45"), ...but }), book([["0.45", "200"]], [["0.50", "300"]], 1000))

const bandsAfter = (later: BookSnapshot, but: Parameters<typeof shown>[3] = {}) => {
  const { memory, state } = resting()
  const seen = shown(state, memory, later, but)
  const { bands, filled } = seen.state
  return [bands.pessimistic, filled, bands.optimistic].map((each) => Number(each) / 1e6)
}

describe("a resting order", () => {
  it("remembers how many shares stood ahead of it", () => {
    assert.strictEqual(resting().state.bands.queueAhead, shares("200"))
  })

  it("fills as maker at its own limit, without a fee, when the other side crosses it", () => {
    const { memory, state } = resting()
    const seen = shown(state, memory, book([["0.41", "5"]], [["0.42", "1000"]], 2000))
    assert.deepStrictEqual(told(seen.answer), ["100 at 0.45"])
    const [fill] = seen.answer?.fills ?? []
    assert.deepStrictEqual([fill?.fee, fill?.liquidity, fill?.notional], [0n, "maker", 45_000_000n])
    assert.strictEqual(seen.state.status, "filled")
    assert.deepStrictEqual(seen.state.bands, {
      pessimistic: shares("100"),
      optimistic: shares("100"),
      queueAhead: shares("0")
    })
  })

  it("crossed by less than its size fills up to that size, all of it in the optimistic band", () => {
    assert.deepStrictEqual(
      bandsAfter(
        book(
          [["0.42", "5"]],
          [
            ["0.43", "10"],
            ["0.45", "20"]
          ],
          2000
        )
      ),
      [10, 30, 100]
    )
  })

  it("touched fills in the neutral band and not in the pessimistic one", () => {
    assert.deepStrictEqual(bandsAfter(book([["0.44", "5"]], [["0.45", "20"]], 2000)), [0, 20, 100])
  })

  it("neither crossed nor touched fills nowhere, and has no answer when its queue is unchanged", () => {
    const { memory, state } = resting()
    assert.isUndefined(shown(state, memory, book([["0.45", "200"]], [["0.46", "900"]], 2000)).answer)
  })

  it("moves up its queue by every fall of its level, in the optimistic band, and fills there when it is used up", () => {
    const start = resting()
    const at = (size: string, fetchedMillis: number) => book([["0.45", size]], [["0.50", "300"]], fetchedMillis)
    const fallen = shown(start.state, start.memory, at("150", 2000))
    assert.strictEqual(fallen.state.bands.queueAhead, shares("150"))
    const risen = shown(fallen.state, fallen.memory, at("400", 3000))
    assert.isUndefined(risen.answer)
    const again = shown(risen.state, risen.memory, at("300", 4000))
    assert.strictEqual(again.state.bands.queueAhead, shares("50"))
    const through = shown(again.state, again.memory, at("250", 5000))
    assert.deepStrictEqual(
      [through.state.bands.pessimistic, through.state.filled, through.state.bands.optimistic, through.state.status],
      [shares("0"), shares("0"), shares("100"), "open"]
    )
  })

  it("never has more ahead of it than its level shows", () => {
    const { state } = resting()
    const seen = shown(state, new Map(), book([["0.45", "30"]], [["0.50", "300"]], 2000))
    assert.strictEqual(seen.state.bands.queueAhead, shares("30"))
  })

  it("does not fill twice on shares that are still shown", () => {
    const { memory, state } = resting()
    const later = (fetchedMillis: number) => book([["0.41", "5"]], [["0.44", "30"]], fetchedMillis)
    const first = shown(state, memory, later(2000))
    const second = shown(first.state, first.memory, later(3000))
    assert.deepStrictEqual([told(first.answer), told(second.answer)], [["30 at 0.45"], []])
    const more = shown(second.state, second.memory, book([["0.41", "5"]], [["0.44", "45"]], 4000))
    assert.deepStrictEqual(told(more.answer), ["15 at 0.45"])
  })

  it("that fills in the neutral band is full in the optimistic one, though that band has taken the whole level", () => {
    const touching = book([], [["0.45", "200"]], 1000)
    const half = { decidedOn: book([], [["0.45", "500"]]), simulation: { liquidityFraction: 500_000n } }
    const taken = placed(order({ price: price("0.45"), quantity: ofShares("1000") }), touching, half)
    assert.deepStrictEqual([taken.state.filled, taken.state.bands.optimistic], [shares("100"), shares("250")])
    const seen = shown(taken.state, taken.memory, { ...touching, fetchedMillis: 2000 })
    assert.deepStrictEqual([seen.state.filled, seen.state.bands.optimistic], [shares("200"), shares("1000")])
  })

  it("after it took what crossed waits for new shares", () => {
    const taken = placed(order({ price: price("0.45") }), book([], [["0.45", "30"]], 1000))
    assert.deepStrictEqual([taken.state.status, taken.state.filled], ["open", shares("30")])
    const same = shown(taken.state, taken.memory, book([], [["0.45", "30"]], 2000))
    assert.isUndefined(same.answer)
    const more = shown(same.state, same.memory, book([], [["0.45", "35"]], 3000))
    assert.deepStrictEqual(told(more.answer), ["5 at 0.45"])
  })

  it("of the second outcome fills when the first one's bids reach it", () => {
    const quiet = book([["0.50", "300"]], [["0.55", "200"]], 1000)
    const { memory, state } = placed(order({ outcomeIndex: 1, price: price("0.45") }), quiet)
    assert.strictEqual(state.bands.queueAhead, shares("200"))
    const seen = shown(
      state,
      memory,
      book(
        [
          ["0.56", "40"],
          ["0.55", "10"]
        ],
        [["0.57", "9"]],
        2000
      )
    )
    assert.deepStrictEqual(told(seen.answer), ["50 at 0.45"])
    assert.strictEqual(seen.state.bands.pessimistic, shares("40"))
  })

  it("that bids more is filled before one that bids less", () => {
    const quiet = book([["0.40", "1"]], [["0.50", "300"]], 1000)
    const low = placed(order({ id: "low", price: price("0.44") }), quiet)
    const high = placed(order({ id: "high", price: price("0.45") }), quiet, {}, low.memory)
    const floor = floorOn(book([["0.40", "1"]], [["0.44", "120"]], 2000))
    const { answers } = Snapshot.refresh(floor, [low.state, high.state], high.memory, 3000)
    assert.deepStrictEqual(
      answers.map((answer) => [answer.orderId, ...told(answer)]),
      [
        ["high", "100 at 0.45"],
        ["low", "20 at 0.44"]
      ]
    )
  })

  it("needs the cushion and the slippage beyond its limit, too", () => {
    const touching = book([["0.40", "5"]], [["0.44", "20"]], 2000)
    const filled = (simulation: NonNullable<NonNullable<Parameters<typeof shown>[3]>["simulation"]>) =>
      bandsAfter(touching, { simulation }).slice(0, 2)
    assert.deepStrictEqual(filled({ spreadCushion: price("0.02") }), [0, 0])
    assert.deepStrictEqual(filled({ slippageTicks: 2 }), [0, 0])
    assert.deepStrictEqual(filled({ slippageTicks: 1, spreadCushion: price("0.01") }), [20, 20])
  })

  it("does not fill in a closed market, on an older book, or after its lifetime", () => {
    const crossed = book([["0.41", "5"]], [["0.42", "1000"]], 2000)
    const { memory, state } = resting({ cancelAfterMillis: 5000 })
    const closed = { market: { ...MARKET, closedBecause: "closed" } }
    assert.isUndefined(shown(state, memory, crossed, closed).answer)
    assert.isUndefined(shown(state, memory, { ...crossed, fetchedMillis: 999 }).answer)
    assert.isUndefined(shown(state, memory, { ...crossed, fetchedMillis: 5000 }).answer)
    assert.deepStrictEqual(told(shown(state, memory, { ...crossed, fetchedMillis: 4999 }).answer), ["100 at 0.45"])
  })

  it("is taken back with what it came to; one that has ended has no answer", () => {
    const { state } = resting({ quantity: ofShares("40") })
    const { answers, memory } = Snapshot.cancel(
      [state, { ...state, status: "filled" }],
      "expired",
      "its lifetime ended",
      7000
    )
    assert.deepStrictEqual(
      answers.map((each) => [each.status, each.reason, each.fills.length, each.bands, each.atMillis]),
      [["expired", "its lifetime ended", 0, state.bands, 7000]]
    )
    assert.deepStrictEqual(memory, [])
  })
})
