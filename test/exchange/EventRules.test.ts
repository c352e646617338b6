import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { complement, cost, proceeds, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { isTerminal, mayBecome, type Order, type OrderStatus } from "../../src/domain/Order.ts"
import * as Position from "../../src/domain/Position.ts"
import * as Latency from "../../src/exchange/Latency.ts"
import type { SideIndex } from "../../src/exchange/Queue.ts"
import { bytes, MARKET } from "./floor.ts"
import {
  ALL,
  anyOrder,
  cents,
  type Event,
  type Filled,
  filledIn,
  HIGH,
  LOW,
  latencies,
  orders,
  type Played,
  play,
  QUOTES,
  type Sent,
  settings,
  streams
} from "./stream.ts"

const total = (values: Iterable<bigint>): bigint => [...values].reduce((sum, value) => sum + value, 0n)
const sum = (fills: ReadonlyArray<Filled>): bigint => total(fills.map(({ fill }) => fill.shares))

const takers = anyOrder(fc.constantFrom("FAK", "FOK"))
const resting = anyOrder(fc.constant("GTC"))
/** One order with nothing to end it but itself. */
const lone = (of: fc.Arbitrary<Order>) => orders(of, 1).map((all) => all.map(({ at, order }) => ({ at, order })))

/** All that was displayed at first and each rise after it, of one side or of one price of it. */
const supply = (events: ReadonlyArray<Event>, side: 0 | 1, at?: number): bigint => {
  let [all, last] = [0, new Map<number, number>()]
  const rise = (index: number, size: number) => {
    if (at === undefined || at === index) all += Math.max(0, size - (last.get(index) ?? 0))
  }
  for (const event of events) {
    if (event._tag === "level" && event.side === side) {
      rise(event.index, event.size)
      last.set(event.index, event.size)
    } else if (event._tag === "full") {
      const sizes = side === 0 ? event.bids : event.asks
      for (const [index, size] of sizes) rise(index, size)
      last = new Map(sizes)
    }
  }
  return BigInt(all)
}

const printed = (events: ReadonlyArray<Event>): bigint =>
  BigInt(events.reduce((volume, event) => volume + (event._tag === "trade" ? event.size : 0), 0))

/** The side that an order meets. */
const met = ({ outcomeIndex, side }: Order): 0 | 1 => ((side === "BUY") === (outcomeIndex === 0) ? 1 : 0)

describe("fills on a stream", () => {
  it("of resting orders are at the limit, of takers within it, and never more than ordered, in every band", () => {
    fc.assert(
      fc.property(streams(), orders(), settings, (events, sent, but) => {
        const played = play(events, sent, but)
        for (const { fill, order } of played.fills) {
          if (fill.liquidity === "maker") assert.strictEqual(fill.price, order.price)
          else assert.isTrue(order.side === "BUY" ? fill.price <= order.price : fill.price >= order.price)
          assert.isTrue(fill.shares > 0n && fill.price > 0n && fill.price < UNIT)
        }
        for (const { order } of sent) {
          for (const band of ["pessimistic", "neutral", "optimistic"] as const) {
            const own = played.fills.filter((each) => each.order.id === order.id && each.band === band)
            const { quantity } = order
            if (quantity._tag === "Shares") assert.isTrue(sum(own) <= quantity.shares)
            else assert.isTrue(total(own.map(({ fill }) => fill.notional)) <= quantity.usd)
          }
        }
      }),
      { numRuns: 300 }
    )
  })

  it("come no sooner than the decision and its latency, and after no end", () => {
    fc.assert(
      fc.property(streams(), orders(), settings, (events, sent, but) => {
        for (const { at, cancelAt, order } of sent) {
          const { answers, fills } = play(events, sent, but)
          const latency = but.latency ?? Latency.ZERO
          const arrives = at + Latency.latencyOf(latency, "entry", order.id)
          const own = fills.filter((each) => each.order.id === order.id)
          for (const { fill } of own) {
            assert.isTrue(fill.atMillis >= arrives)
            assert.isTrue(fill.atMillis < (order.cancelAfterMillis ?? Number.POSITIVE_INFINITY))
          }
          const [expired] = answers.filter((each) => each.orderId === order.id && each.status === "expired")
          if (expired !== undefined) assert.strictEqual(expired.atMillis, order.cancelAfterMillis)
          const asked = cancelAt === undefined ? undefined : cancelAt + Latency.latencyOf(latency, "cancel", order.id)
          const [cancelled] = answers.filter((each) => each.orderId === order.id && each.status === "cancelled")
          if (cancelled?.reason === undefined && cancelled !== undefined) {
            assert.isTrue(cancelled.atMillis >= Math.max(asked ?? 0, arrives))
          }
        }
      })
    )
  })

  it("of takers at a price never exceed what was shown there first and all later rises, in every band", () => {
    fc.assert(
      fc.property(streams({ ...ALL, gaps: false }), orders(takers), (events, sent) => {
        const { fills } = play(events, sent)
        for (const band of ["pessimistic", "neutral", "optimistic"] as const) {
          for (const side of [0, 1] as const) {
            for (let at = LOW; at <= HIGH; at++) {
              const own = fills.filter(({ band: of, fill, order }) => {
                const price = order.outcomeIndex === 0 ? fill.price : complement(fill.price)
                return of === band && met(order) === side && price === cents(at)
              })
              assert.isTrue(sum(own) <= supply(events, side, at))
            }
          }
        }
      }),
      { numRuns: 200 }
    )
  })

  it("of takers and makers never exceed what the other side showed and rose by, and what was printed", () => {
    fc.assert(
      fc.property(streams({ ...ALL, gaps: false }), orders(), settings, (events, sent, but) => {
        const { fills } = play(events, sent, but)
        for (const side of [0, 1] as const) {
          const own = fills.filter(({ band, order }) => band === "pessimistic" && met(order) === side)
          assert.isTrue(sum(own) <= supply(events, side) + printed(events))
        }
      }),
      { numRuns: 200 }
    )
    fc.assert(
      fc.property(streams(QUOTES), orders(), settings, (events, sent, but) => {
        const { fills } = play(events, sent, but)
        for (const side of [0, 1] as const) {
          const own = fills.filter(({ band, order }) => band === "neutral" && met(order) === side)
          assert.isTrue(sum(own) <= supply(events, side))
        }
      }),
      { numRuns: 200 }
    )
  })

  it("answer every order once and to its end by allowed steps, with the fills that were told", () => {
    fc.assert(
      fc.property(streams(), orders(), settings, (events, sent, but) => {
        const played = play([...events, { _tag: "resolve", payout: 10_000, at: 500_000 }], sent, but)
        assert.strictEqual(played.market.orders.size, 0)
        assert.strictEqual(played.market.queue.live, 0)
        assert.strictEqual(played.market.unmet, 0)
        for (const { order } of sent) {
          let status: OrderStatus = "pending"
          const own = played.answers.filter((each) => each.orderId === order.id)
          for (const answer of own) {
            assert.isTrue(mayBecome(status, answer.status), `${status} to ${answer.status}`)
            status = answer.status
          }
          assert.isTrue(isTerminal(status), status)
          const filled = total(own.flatMap((each) => each.fills).map((fill) => fill.shares))
          assert.strictEqual(filled, filledIn(played, "neutral", order.id))
          const last = own.at(-1)
          assert.strictEqual(last?.bands.pessimistic, filledIn(played, "pessimistic", order.id))
          assert.strictEqual(last?.bands.optimistic, filledIn(played, "optimistic", order.id))
          if (order.quantity._tag === "Shares")
            assert.strictEqual(status === "filled", filled === order.quantity.shares)
        }
        played.answers.forEach((answer, at) => {
          assert.isTrue((played.known[at] ?? 0) >= answer.atMillis)
        })
      }),
      { numRuns: 300 }
    )
  })
})

describe("the bands of a lone order on a stream", () => {
  it("hold at every moment: pessimistic within neutral within optimistic", () => {
    fc.assert(
      fc.property(streams(), lone(anyOrder(undefined, false)), settings, (events, sent, but) => {
        const count = { pessimistic: 0n, neutral: 0n, optimistic: 0n }
        const { fills } = play(events, sent, but)
        fills.forEach(({ band, fill }, at) => {
          count[band] += fill.shares
          // Bands are told one after the other: they are compared once the moment is over.
          if (fills[at + 1]?.fill.atMillis === fill.atMillis) return
          assert.isTrue(count.pessimistic <= count.neutral && count.neutral <= count.optimistic, bytes(count))
        })
      }),
      { numRuns: 1000 }
    )
  })
})

describe("an order on a stream and its equivalents", () => {
  it("split into two of the same price and time comes to the same shares", () => {
    fc.assert(
      fc.property(streams(), lone(resting), fc.nat(), settings, (events, sent, cut, but) => {
        const [one] = sent
        if (one === undefined || one.order.quantity._tag !== "Shares") return
        const whole = one.order.quantity.shares
        const first = (BigInt(cut) % (whole - 1n)) + 1n
        const parts = [first, whole - first].map((part, number) => ({
          ...one,
          order: { ...one.order, id: `${number}`, quantity: { _tag: "Shares", shares: Shares(part) } as const }
        }))
        const calm = { ...but, latency: Latency.ZERO }
        assert.strictEqual(
          filledIn(play(events, parts, calm), "neutral"),
          filledIn(play(events, sent, calm), "neutral")
        )
      }),
      { numRuns: 400 }
    )
  })

  it("buying one outcome at p sees what selling the other at 1 - p sees", () => {
    const other = (sent: Sent): Sent => ({
      ...sent,
      order: {
        ...sent.order,
        side: sent.order.side === "BUY" ? "SELL" : "BUY",
        outcomeIndex: sent.order.outcomeIndex === 0 ? 1 : 0,
        price: complement(sent.order.price)
      }
    })
    fc.assert(
      fc.property(streams(), orders(anyOrder(undefined, false)), settings, (events, sent, but) => {
        const seen = ({ fills }: Played) =>
          bytes(
            fills.map(({ band, fill, order }) => [
              order.id,
              band,
              fill.shares,
              fill.fee,
              fill.atMillis,
              order.outcomeIndex === 0 ? fill.price : complement(fill.price)
            ])
          )
        assert.strictEqual(seen(play(events, sent, but)), seen(play(events, sent.map(other), but)))
      })
    )
  })

  it("in the mirrored stream comes to the same, budgets too", () => {
    const flip = (sizes: Iterable<readonly [number, number]>) =>
      [...sizes].map(([index, size]) => [100 - index, size] as const)
    const mirrored = (event: Event): Event => {
      if (event._tag === "level") return { ...event, side: event.side === 0 ? 1 : 0, index: 100 - event.index }
      if (event._tag === "full") return { ...event, bids: flip(event.asks), asks: flip(event.bids) }
      return event._tag === "trade" ? { ...event, index: 100 - event.index } : event
    }
    const other = (sent: Sent): Sent => ({
      ...sent,
      order: { ...sent.order, outcomeIndex: sent.order.outcomeIndex === 0 ? 1 : 0 }
    })
    fc.assert(
      fc.property(streams(), lone(anyOrder()), settings, (events, sent, but) => {
        const seen = ({ answers }: Played) => bytes(answers)
        const here = play(events, sent, but)
        assert.strictEqual(seen(here), seen(play(events.map(mirrored), sent.map(other), but)))
      }),
      { numRuns: 300 }
    )
  })
})

describe("latency", () => {
  it("that is longer never gives a FAK more, where the book only loses", () => {
    const prices = [
      [30, 35, 39],
      [61, 62, 70]
    ] as const
    const start: Event = {
      _tag: "full",
      at: 1000,
      bids: prices[0].map((index) => [index, 40_000_000]),
      asks: prices[1].map((index) => [index, 40_000_000])
    }
    const losing = fc
      .array(
        fc.record({
          side: fc.constantFrom<SideIndex>(0, 1),
          which: fc.constantFrom(0 as const, 1 as const, 2 as const),
          lost: fc.integer({ min: 0, max: 30_000_000 }),
          at: fc.integer({ min: 1000, max: 2500 })
        }),
        { maxLength: 30 }
      )
      .map((falls): ReadonlyArray<Event> => {
        const shown = new Map<number, number>()
        const changes = falls
          .toSorted((a, b) => a.at - b.at)
          .map(({ at, lost, side, which }): Event => {
            const index = prices[side][which]
            const size = Math.max(0, (shown.get(index) ?? 40_000_000) - lost)
            shown.set(index, size)
            return { _tag: "level", side, index, size, at }
          })
        return [start, ...changes]
      })
    const few = anyOrder(fc.constant("FAK"), false).map((one) => ({
      ...one,
      price: cents(one.side === "BUY" ? 75 : 25)
    }))
    fc.assert(
      fc.property(losing, lone(few), fc.nat(500), fc.nat(500), (events, sent, some, more) => {
        const takenAfter = (millis: number) =>
          filledIn(
            play(events, sent, {
              latency: { ...Latency.ZERO, entry: { _tag: "Constant", millis } }
            }),
            "neutral"
          )
        assert.isTrue(takenAfter(some + more) <= takenAfter(some))
      })
    )
  })

  it("of an order is its own: other orders do not change it", () => {
    fc.assert(
      fc.property(latencies, fc.string(), (latency, id) => {
        const millis = Latency.latencyOf(latency, "entry", id)
        assert.strictEqual(millis, Latency.latencyOf(latency, "entry", id))
        assert.isTrue(Number.isSafeInteger(millis) && millis >= 0)
      })
    )
  })
})

describe("a stream", () => {
  it("cut off at a time changes nothing up to it", () => {
    fc.assert(
      fc.property(streams(), orders(), settings, fc.integer({ min: 900, max: 4000 }), (events, sent, but, until) => {
        const early = events.filter((event) => event.at <= until)
        const [part, whole] = [
          play(
            early,
            sent.filter((each) => each.at <= until),
            but,
            until
          ),
          play(events, sent, but)
        ]
        const upTo = ({ answers }: Played) => bytes(answers.filter((answer) => answer.atMillis <= until))
        assert.strictEqual(upTo(part), upTo(whole))
        const fills = (of: Played) => bytes(of.fills.filter(({ fill }) => fill.atMillis <= until))
        assert.strictEqual(fills(part), fills(whole))
      }),
      { numRuns: 300 }
    )
  })

  it("played again gives the same bytes", () => {
    fc.assert(
      fc.property(streams(), orders(), settings, (events, sent, but) => {
        const seen = ({ answers, fills, known }: Played) => bytes([answers, fills, known])
        assert.strictEqual(seen(play(events, sent, but)), seen(play(events, sent, but)))
      })
    )
  })

  it("balances to the micro-dollar: cash, payout and fees, whatever the outcome", () => {
    const holding = Shares(1_000_000n * UNIT)
    fc.assert(
      fc.property(streams(), orders(), settings, (events, sent, but) => {
        const { fills } = play(events, sent, but)
        for (const outcomeIndex of [0, 1] as const) {
          const own = fills.filter(({ band, order }) => band === "neutral" && order.outcomeIndex === outcomeIndex)
          const start = { ...Position.empty({ ...MARKET, outcomeIndex, outcome: "", mode: "paper" }), qty: holding }
          const held = own.reduce((position, { fill, order }) => Position.fill(position, order.side, fill), start)
          const flow = ({ fill, order }: Filled) =>
            order.side === "BUY" ? -cost(fill.price, fill.shares) : proceeds(fill.price, fill.shares)
          const qty = own.reduce(
            (sofar, { fill, order }) => sofar + (order.side === "BUY" ? fill.shares : -fill.shares),
            0n
          )
          for (const payout of [0n, 500_000n, UNIT]) {
            const settled = Position.payout(held, Usd(payout))
            assert.strictEqual(settled.cashFlow, total(own.map(flow)) + ((holding + qty) * payout) / UNIT)
            assert.strictEqual(settled.fees, total(own.map(({ fill }) => fill.fee)))
          }
        }
        for (const { fill } of fills) if (fill.liquidity === "maker") assert.strictEqual(fill.fee, 0n)
      })
    )
  })
})

describe("lifetimes on a stream", () => {
  it("FOK is all or nothing, FAK leaves nothing to rest, GTC rests with all that is not filled", () => {
    const quiet = orders().map((all) =>
      all.map(({ at, order }) => ({ at, order: { ...order, cancelAfterMillis: undefined } }))
    )
    fc.assert(
      fc.property(streams(), quiet, settings, (events, sent, but) => {
        const played = play(events, sent, but)
        for (const { order } of sent) {
          const own = played.answers.filter((each) => each.orderId === order.id)
          const status = own.at(-1)?.status
          const filled = filledIn(played, "neutral", order.id)
          const whole = order.quantity._tag === "Shares" ? filled === order.quantity.shares : status === "filled"
          assert.strictEqual(status === "filled", whole)
          if (order.timeInForce === "GTC") {
            assert.include(order.postOnly ? ["filled", "open", "rejected", "cancelled"] : ["filled", "open"], status)
            assert.strictEqual(played.market.orders.has(order.id), status === "open")
          } else assert.include(["filled", "cancelled"], status)
          if (order.timeInForce === "FOK") assert.strictEqual(filled > 0n, status === "filled")
          if (order.timeInForce !== "GTC")
            assert.isTrue(own.flatMap((each) => each.fills).every((fill) => fill.liquidity === "taker"))
        }
      })
    )
  })
})
