import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { Fill, MarketMemory } from "../../src/domain/Answer.ts"
import type { BookSnapshot } from "../../src/domain/Book.ts"
import { complement, cost, Price, proceeds, Shares, UNIT, Usd, ZERO_USD } from "../../src/domain/Money.ts"
import type { Order, OrderState, Side, TimeInForce } from "../../src/domain/Order.ts"
import type { Simulation } from "../../src/domain/Plan.ts"
import * as Position from "../../src/domain/Position.ts"
import * as Snapshot from "../../src/exchange/Snapshot.ts"
import { after, bytes, filledBy, floorOn, kept, MARKET, type Memory, NOTHING, order, pending } from "./floor.ts"

const CENT = 10_000n
const cents = (count: number): Price => Price(BigInt(count) * CENT)

/** A sound book around a mid: 0 to 5 levels a side, sizes in hundredths of a share. */
const anyBook = (fetchedMillis: number): fc.Arbitrary<BookSnapshot> => {
  const side = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.bigInt(1n, 20_000n)), { maxLength: 5 })
  return fc.tuple(fc.integer({ min: 20, max: 80 }), side, side).map(([mid, below, above]) => {
    const ladder = (rows: ReadonlyArray<readonly [number, bigint]>, outward: number, from: number) => {
      let at = from
      return rows.map(([gap, size]) => {
        at += outward * gap
        return { price: cents(at), size: Shares(size * 10_000n) }
      })
    }
    return {
      conditionId: MARKET.conditionId,
      bids: ladder(below, -1, mid + 1),
      asks: ladder(above, 1, mid),
      tick: MARKET.tick,
      venueMillis: undefined,
      fetchedMillis
    }
  })
}

const books = (from: number, to: number): fc.Arbitrary<ReadonlyArray<BookSnapshot>> =>
  fc
    .integer({ min: from, max: to })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => anyBook(1000 * (at + 1)))))

const sides = fc.constantFrom<Side>("BUY", "SELL")
const lifetimes = fc.constantFrom<TimeInForce>("GTC", "FAK", "FOK")

const anyOrder = (of: fc.Arbitrary<TimeInForce> = lifetimes, budgets = true): fc.Arbitrary<Order> =>
  fc
    .record({
      side: sides,
      outcomeIndex: fc.constantFrom(0 as const, 1 as const),
      at: fc.integer({ min: 10, max: 90 }),
      size: fc.bigInt(1n, 60_000n),
      timeInForce: of,
      budget: fc.boolean()
    })
    .map(({ at, budget, outcomeIndex, side, size, timeInForce }) =>
      order({
        side,
        outcomeIndex,
        timeInForce,
        price: cents(at),
        quantity:
          budgets && budget && side === "BUY" && timeInForce !== "GTC"
            ? { _tag: "Budget", usd: Usd(size * CENT) }
            : { _tag: "Shares", shares: Shares(size * 10_000n) }
      })
    )

const anySimulation: fc.Arbitrary<Simulation> = fc.record({
  slippageTicks: fc.integer({ min: 0, max: 3 }),
  spreadCushion: fc.bigInt(0n, 3n).map((count) => Price(count * CENT)),
  liquidityFraction: fc.constantFrom(UNIT, 500_000n, 333_333n)
})

interface Step {
  readonly state: OrderState
  readonly fills: ReadonlyArray<Fill>
  readonly book: BookSnapshot
}

interface Run {
  /** Every answer: the order after it, its fills, and the book it was given on. */
  readonly steps: ReadonlyArray<Step>
  readonly states: ReadonlyMap<string, OrderState>
  readonly memory: Memory
}

/** On each book first the orders that rest, then those of its turn, as a run does; each session begins from what is kept. */
const run = (
  turns: ReadonlyArray<{ readonly book: BookSnapshot; readonly orders: ReadonlyArray<Order> }>,
  simulation?: Simulation
): Run => {
  const states = new Map<string, OrderState>()
  const steps: Array<Step> = []
  let memory: Memory = NOTHING
  let decidedOn: BookSnapshot | undefined
  turns.forEach(({ book, orders }, turn) => {
    const floor = floorOn(book, { ...(simulation && { simulation }), ...(decidedOn && { decidedOn }) })
    const named = orders.map((each, at) => ({ ...each, id: `${turn}.${at}` }))
    for (const each of named) states.set(each.id, pending(each))
    const resting = [...states.values()].filter((state) => state.status === "open")
    const replies = [
      () => Snapshot.refresh(floor, resting, memory, book.fetchedMillis + 1),
      () => Snapshot.place(floor, named, memory, book.fetchedMillis + 2)
    ]
    for (const reply of replies) {
      const { answers, memory: written } = reply()
      memory = kept(memory, written)
      for (const answer of answers) {
        const before = states.get(answer.orderId)
        if (before === undefined) continue
        const state = after(before, answer)
        states.set(answer.orderId, state)
        steps.push({ state, fills: answer.fills, book })
      }
    }
    decidedOn = book
  })
  return { steps, states, memory }
}

const turns = (of: fc.Arbitrary<Order>, longest = 6) =>
  books(1, longest).chain((all) =>
    fc.tuple(...all.map((book) => fc.array(of, { maxLength: 4 }).map((orders) => ({ book, orders }))))
  )

/** One order on the first book, and nothing else on the later ones. */
const alone = (of: fc.Arbitrary<Order>) =>
  fc.tuple(books(2, 6), of).map(([all, one]) => all.map((book, at) => ({ book, orders: at === 1 ? [one] : [] })))

const total = (values: Iterable<bigint>): bigint => [...values].reduce((sum, value) => sum + value, 0n)

describe("fills", () => {
  it("of resting orders are at the limit, of takers within it, and never more than ordered", () => {
    fc.assert(
      fc.property(turns(anyOrder()), anySimulation, (all, simulation) => {
        const { states, steps } = run(all, simulation)
        for (const { fills, state } of steps) {
          const { price, side } = state.order
          for (const fill of fills) {
            if (fill.liquidity === "maker") assert.strictEqual(fill.price, price)
            else assert.isTrue(side === "BUY" ? fill.price <= price : fill.price >= price)
            assert.isTrue(fill.price > 0n && fill.price < UNIT && fill.shares > 0n)
          }
        }
        for (const { filled, notional, order: of } of states.values()) {
          assert.isTrue(of.quantity._tag === "Shares" ? filled <= of.quantity.shares : notional <= of.quantity.usd)
        }
      })
    )
  })

  it("of takers at a price never exceed what was shown there first and all later rises", () => {
    fc.assert(
      fc.property(turns(anyOrder(fc.constantFrom("FAK", "FOK"))), (all) => {
        const { steps } = run(all)
        for (const side of ["bids", "asks"] as const) {
          for (let at = 1; at < 100; at++) {
            const size = (book: BookSnapshot) => book[side].find((level) => level.price === cents(at))?.size ?? 0n
            let [allowed, last, met] = [0n, 0n, 0n]
            for (const { book } of all) {
              const now = size(book)
              allowed += now > last ? now - last : 0n
              last = now
              for (const step of steps.filter((each) => each.book === book)) {
                const { outcomeIndex, side: way } = step.state.order
                if (((way === "BUY") === (outcomeIndex === 0)) !== (side === "asks")) continue
                met += total(
                  step.fills
                    .filter((fill) => (outcomeIndex === 0 ? fill.price : complement(fill.price)) === cents(at))
                    .map((fill) => fill.shares)
                )
              }
              assert.isTrue(met <= allowed, `${side} ${at}: ${met} > ${allowed}`)
            }
          }
        }
      })
    )
  })

  it("of takers and makers together never exceed what a side has shown first and all later rises", () => {
    fc.assert(
      fc.property(turns(anyOrder()), anySimulation, (all, simulation) => {
        const { steps } = run(all, simulation)
        for (const side of ["bids", "asks"] as const) {
          let [allowed, met] = [0n, 0n]
          let last = new Map<Price, bigint>()
          for (const { book } of all) {
            for (const level of book[side]) {
              const rise = level.size - (last.get(level.price) ?? 0n)
              allowed += rise > 0n ? rise : 0n
            }
            last = new Map(book[side].map((level) => [level.price, level.size]))
            for (const step of steps.filter((each) => each.book === book)) {
              const { outcomeIndex, side: way } = step.state.order
              if (((way === "BUY") === (outcomeIndex === 0)) === (side === "asks")) {
                met += total(step.fills.map((fill) => fill.shares))
              }
            }
            assert.isTrue(met <= allowed, `${side}: ${met} > ${allowed}`)
          }
        }
      })
    )
  })
})

describe("the bands of a lone order", () => {
  it("hold: pessimistic within neutral within optimistic, on every book of its life", () => {
    fc.assert(
      fc.property(alone(anyOrder()), anySimulation, (all, simulation) => {
        for (const { state } of run(all, simulation).steps) {
          const { bands, filled } = state
          assert.isTrue(bands.pessimistic <= filled, `${bands.pessimistic} > ${filled}`)
          assert.isTrue(filled <= bands.optimistic, `${filled} > ${bands.optimistic}`)
        }
      }),
      { numRuns: 400 }
    )
  })
})

describe("an order and its equivalents", () => {
  it("split into two of the same price and time comes to the same shares", () => {
    fc.assert(
      fc.property(books(2, 6), anyOrder(fc.constant("GTC")), fc.nat(), anySimulation, (all, one, cut, simulation) => {
        if (one.quantity._tag !== "Shares") return
        const whole = one.quantity.shares
        const first = BigInt(cut) % whole
        const parts = [first, whole - first]
          .filter((part) => part > 0n)
          .map((part) => ({ ...one, quantity: { _tag: "Shares", shares: Shares(part) } as const }))
        const played = (orders: ReadonlyArray<Order>, some: ReadonlyArray<BookSnapshot>) => {
          const turnsOf = some.map((book, at) => ({ book, orders: at === 1 ? orders : [] }))
          return [...run(turnsOf, simulation).states.values()]
        }
        const filled = (states: ReadonlyArray<OrderState>) => total(states.map((state) => state.filled))
        assert.strictEqual(filled(played(parts, all)), filled(played([one], all)))
        // Later a part may be done in the headline while the whole goes on, so the pessimistic band agrees on arrival only.
        const arrival = all.slice(0, 2)
        const least = (states: ReadonlyArray<OrderState>) => total(states.map((state) => state.bands.pessimistic))
        assert.strictEqual(least(played(parts, arrival)), least(played([one], arrival)))
      })
    )
  })

  it("buying one outcome at p sees what selling the other at 1 - p sees", () => {
    const other = (of: Order): Order => ({
      ...of,
      side: of.side === "BUY" ? "SELL" : "BUY",
      outcomeIndex: of.outcomeIndex === 0 ? 1 : 0,
      price: complement(of.price)
    })
    fc.assert(
      fc.property(turns(anyOrder(lifetimes, false)), anySimulation, (all, simulation) => {
        const [here, there] = [
          run(all, simulation),
          run(
            all.map((turn) => ({ ...turn, orders: turn.orders.map(other) })),
            simulation
          )
        ]
        const seen = (of: Run, priceOf: (fill: Fill) => bigint) =>
          of.steps.map(({ fills, state }) => [
            state.status,
            state.bands,
            fills.map((fill) => [fill.shares, priceOf(fill), fill.fee, fill.liquidity])
          ])
        assert.strictEqual(
          bytes(seen(here, (fill) => fill.price)),
          bytes(seen(there, (fill) => complement(fill.price)))
        )
        assert.strictEqual(bytes([...here.memory]), bytes([...there.memory]))
      })
    )
  })

  it("in the mirrored book comes to the same, budgets too", () => {
    const mirrored = (book: BookSnapshot): BookSnapshot => {
      const flip = (levels: BookSnapshot["bids"]) =>
        levels.map(({ price, size }) => ({ price: complement(price), size }))
      return { ...book, bids: flip(book.asks), asks: flip(book.bids) }
    }
    const other = (of: Order): Order => ({ ...of, outcomeIndex: of.outcomeIndex === 0 ? 1 : 0 })
    fc.assert(
      fc.property(turns(anyOrder()), anySimulation, (all, simulation) => {
        const flipped = all.map(({ book, orders }) => ({ book: mirrored(book), orders: orders.map(other) }))
        const seen = (of: Run) => bytes(of.steps.map(({ fills, state }) => [state.status, state.bands, fills]))
        assert.strictEqual(seen(run(all, simulation)), seen(run(flipped, simulation)))
      })
    )
  })
})

describe("a run", () => {
  it("is not changed by data that comes later", () => {
    fc.assert(
      fc.property(turns(anyOrder()), anySimulation, fc.nat(), (all, simulation, cut) => {
        const early = all.slice(0, cut % (all.length + 1))
        const [part, whole] = [run(early, simulation), run(all, simulation)]
        assert.strictEqual(bytes(part.steps), bytes(whole.steps.slice(0, part.steps.length)))
      })
    )
  })

  it("of the same inputs gives the same bytes, and leaves its inputs as they were", () => {
    fc.assert(
      fc.property(turns(anyOrder()), anySimulation, (all, simulation) => {
        const before = bytes(all)
        const [first, second] = [run(all, simulation), run(all, simulation)]
        assert.strictEqual(bytes([first.steps, [...first.memory]]), bytes([second.steps, [...second.memory]]))
        assert.strictEqual(bytes(all), before)
      })
    )
  })

  it("asked again with the memory of before gives the same answers, in one call or many", () => {
    fc.assert(
      fc.property(books(2, 2), fc.array(anyOrder(), { minLength: 1, maxLength: 8 }), fc.nat(), (all, some, cut) => {
        const [decidedOn, book] = all
        if (decidedOn === undefined || book === undefined) return
        const floor = floorOn(book, { decidedOn })
        const orders = some.map((each, at) => ({ ...each, id: `${at}` }))
        const at = cut % orders.length
        const first = Snapshot.place(floor, orders.slice(0, at), NOTHING, 5)
        // A lost race: the same question again.
        Snapshot.place(floor, orders.slice(0, at), NOTHING, 5)
        const rest = Snapshot.place(floor, orders.slice(at), kept(NOTHING, first.memory), 5)
        const whole = Snapshot.place(floor, orders, NOTHING, 5)
        const levels = (memory: ReadonlyArray<MarketMemory>) => memory.map((each) => each.levels)
        assert.strictEqual(bytes([...first.answers, ...rest.answers]), bytes(whole.answers))
        assert.strictEqual(bytes(levels(rest.memory)), bytes(levels(whole.memory)))
      })
    )
  })

  it("balances to the micro-dollar: cash, payout and fees, whatever the outcome", () => {
    fc.assert(
      fc.property(turns(anyOrder()), (all) => {
        const { steps } = run(all)
        for (const outcomeIndex of [0, 1] as const) {
          const own = steps.filter(({ state }) => state.order.outcomeIndex === outcomeIndex)
          const fills = own.flatMap(({ fills: each, state }) => each.map((fill) => ({ fill, side: state.order.side })))
          // Selling needs a holding: the account begins with more shares than any run sells, at no cost.
          const start = { ...Position.empty({ ...MARKET, outcomeIndex, outcome: "", mode: "paper" }), qty: HOLDING }
          const held = fills.reduce((position, { fill, side }) => Position.fill(position, side, fill), start)
          for (const payout of [0n, 500_000n, UNIT]) {
            const settled = Position.payout(held, Usd(payout))
            const bought = fills.filter(({ side }) => side === "BUY").map(({ fill }) => fill)
            const sold = fills.filter(({ side }) => side === "SELL").map(({ fill }) => fill)
            const count = (some: ReadonlyArray<Fill>) => total(some.map((fill) => fill.shares))
            const qty = HOLDING + count(bought) - count(sold)
            const cash =
              total(sold.map((fill) => proceeds(fill.price, fill.shares))) -
              total(bought.map((fill) => cost(fill.price, fill.shares)))
            assert.strictEqual(settled.cashFlow, cash + (qty * payout) / UNIT)
            assert.strictEqual(settled.realizedPnl, settled.cashFlow)
            assert.deepStrictEqual([settled.qty, settled.costBasis], [0n, 0n])
            assert.strictEqual(settled.fees, total(fills.map(({ fill }) => fill.fee)))
          }
        }
        const makers = steps.flatMap(({ fills: each }) => each).filter((fill) => fill.liquidity === "maker")
        assert.isTrue(makers.every((fill) => fill.fee === ZERO_USD))
      })
    )
  })
})

const HOLDING = Shares(1_000_000n * UNIT)

describe("lifetimes", () => {
  it("FOK is all or nothing, FAK leaves nothing to rest, GTC rests with all that is not filled", () => {
    fc.assert(
      fc.property(turns(anyOrder()), anySimulation, (all, simulation) => {
        for (const { filled, order: of, status } of run(all, simulation).states.values()) {
          const whole = of.quantity._tag === "Shares" ? filled === of.quantity.shares : undefined
          if (of.timeInForce === "GTC") assert.strictEqual(status, whole === true ? "filled" : "open")
          else assert.include(["filled", "cancelled"], status)
          if (of.timeInForce === "FOK") assert.strictEqual(filled > 0n, status === "filled")
          if (whole !== undefined) assert.strictEqual(whole, status === "filled")
        }
      })
    )
  })

  it("FOK of a budget leaves less than 0.0001 share of it unspent", () => {
    fc.assert(
      fc.property(books(1, 1), fc.bigInt(1n, 100_000n), (all, size) => {
        const [book] = all
        if (book === undefined) return
        const one = order({ price: cents(99), timeInForce: "FOK", quantity: { _tag: "Budget", usd: Usd(size * CENT) } })
        const [answer] = Snapshot.place(floorOn(book), [one], NOTHING, 5).answers
        if (answer?.status !== "filled") return
        const spent = total(answer.fills.map((fill) => fill.notional))
        const dearest = book.asks.at(-1)?.price ?? UNIT
        assert.isTrue(filledBy(answer) > 0n)
        assert.isTrue(((size * CENT - spent) * UNIT) / dearest < 100n)
      })
    )
  })
})
