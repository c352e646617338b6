import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/TestClock"
import type { BookSnapshot, DataFault } from "../../src/domain/Book.ts"
import { MarketDataUnavailable } from "../../src/domain/Failure.ts"
import type { ConditionId, Market } from "../../src/domain/Market.ts"
import { MarketData } from "../../src/layers/MarketData.ts"
import { type Desk, Venue } from "../../src/layers/Venue.ts"
import * as Paper from "../../src/layers/venue/Paper.ts"
import { after, book, kept, MARKET, NOTHING, order, PLAIN, pending, price, told } from "../exchange/floor.ts"

type Books = Record<ConditionId, Either.Either<BookSnapshot, DataFault>>

const another = (conditionId: string): Market => ({ ...MARKET, conditionId, marketId: conditionId })

const desk = (but: Partial<Desk> = {}): Desk => ({
  mode: "paper",
  markets: [MARKET],
  simulation: PLAIN,
  decidedOn: new Map(),
  stopAtRefusal: true,
  ...but
})

/** The paper venue over books that a test sets, and how often they were asked for. */
const over = (books: Books, asked?: Ref.Ref<number>) =>
  Layer.provide(
    Paper.layer,
    Layer.succeed(MarketData, {
      markets: () => Effect.succeed(new Map()),
      books: () =>
        Effect.as(
          asked === undefined ? Effect.void : Ref.update(asked, (count) => count + 1),
          new Map(Object.entries(books))
        )
    })
  )

const session = (books: Books, but: Partial<Desk> = {}) =>
  Effect.flatMap(Venue, (venue) => venue.open(desk(but))).pipe(Effect.provide(over(books)))

const asks = (size: string, fetchedMillis = 1000) =>
  Either.right(book([["0.40", "10"]], [["0.45", size]], fetchedMillis))

describe("the paper venue", () => {
  it.effect("fetches the books of all markets at once, and none for no markets", () =>
    Effect.gen(function* () {
      const asked = yield* Ref.make(0)
      const venue = yield* Effect.provide(Venue, over({ "sim-rain": asks("10"), "sim-snow": asks("10") }, asked))
      const opened = yield* venue.open(desk({ markets: [MARKET, another("sim-snow")] }))
      assert.strictEqual(yield* Ref.get(asked), 1)
      assert.deepStrictEqual([...opened.books.keys()], ["sim-rain", "sim-snow"])
      yield* venue.open(desk({ markets: [] }))
      assert.strictEqual(yield* Ref.get(asked), 1)
    })
  )

  it.effect("fills on the book of its opening, at the time of the clock", () =>
    Effect.gen(function* () {
      const opened = yield* session({ "sim-rain": asks("1000") })
      yield* TestClock.adjust("7 seconds")
      const { answers } = yield* opened.place([order({})], NOTHING)
      assert.deepStrictEqual(answers.map(told), [["100 at 0.45"]])
      assert.deepStrictEqual(
        answers.map((answer) => [answer.atMillis, answer.fills[0]?.atMillis, answer.fills[0]?.final]),
        [[7000, 7000, true]]
      )
    })
  )

  it.effect("counts books that cannot be used as faults, and fills nothing on them", () =>
    Effect.gen(function* () {
      const crossed = Either.right(book([["0.46", "10"]], [["0.45", "10"]]))
      const told = Either.left({ conditionId: "sim-snow", reason: "no such book" })
      const opened = yield* session(
        { "sim-rain": crossed, "sim-snow": told },
        { markets: [MARKET, another("sim-snow"), another("sim-hail")] }
      )
      assert.deepStrictEqual(opened.faults, [
        { conditionId: "sim-rain", reason: "the book is crossed: best bid 0.46, best ask 0.45" },
        { conditionId: "sim-snow", reason: "no such book" },
        { conditionId: "sim-hail", reason: "no book was found" }
      ])
      assert.strictEqual(opened.books.size, 0)
      const { answers, memory } = yield* opened.place([order({}), order({ timeInForce: "FOK" })], NOTHING)
      assert.deepStrictEqual(
        answers.map((answer) => [answer.status, answer.fills.length, answer.reason]),
        [
          ["open", 0, "nothing fills: its book cannot be used (the book is crossed: best bid 0.46, best ask 0.45)"],
          ["cancelled", 0, "killed: its book cannot be used (the book is crossed: best bid 0.46, best ask 0.45)"]
        ]
      )
      assert.deepStrictEqual(memory, [])
    })
  )

  it.effect("keeps in one session what it was told to remember in another", () =>
    Effect.gen(function* () {
      const first = yield* session({ "sim-rain": asks("150") })
      const taken = yield* first.place([order({})], NOTHING)
      assert.deepStrictEqual(
        taken.memory.map((each) => [each.conditionId, each.version, each.levels.length]),
        [["sim-rain", 0, 1]]
      )
      const memory = kept(NOTHING, taken.memory)
      const second = yield* session({ "sim-rain": asks("140", 2000) })
      const rest = yield* second.place([order({})], memory)
      assert.deepStrictEqual(rest.answers.map(told), [["40 at 0.45"]])
      assert.deepStrictEqual(
        rest.memory.map((each) => each.version),
        [1]
      )
    })
  )

  it.effect("asked again after a lost race answers from the memory of the winner, and counts nothing twice", () =>
    Effect.gen(function* () {
      const [mine, theirs] = yield* Effect.all([
        session({ "sim-rain": asks("150") }),
        session({ "sim-rain": asks("150") })
      ])
      const lost = yield* mine.place([order({})], NOTHING)
      const won = yield* theirs.place([order({})], NOTHING)
      const again = yield* mine.place([order({})], kept(NOTHING, won.memory))
      assert.deepStrictEqual(
        [lost, won, again].map((reply) => reply.answers.map(told)),
        [[["100 at 0.45"]], [["100 at 0.45"]], [["50 at 0.45"]]]
      )
    })
  )

  it.effect("fills resting orders on a later session's book, and takes them back", () =>
    Effect.gen(function* () {
      const first = yield* session({ "sim-rain": asks("150") })
      const [answer] = (yield* first.place([order({ price: price("0.44") })], NOTHING)).answers
      assert.strictEqual(answer?.status, "open")
      if (answer === undefined) return
      const resting = after(pending(order({ price: price("0.44") })), answer)
      const second = yield* session({ "sim-rain": Either.right(book([], [["0.43", "30"]], 2000)) })
      const refreshed = yield* second.refresh([resting], NOTHING)
      assert.deepStrictEqual(refreshed.answers.map(told), [["30 at 0.44"]])
      const cancelled = yield* second.cancel([resting], "cancelled", "asked for")
      assert.deepStrictEqual(
        cancelled.answers.map((each) => [each.status, each.reason]),
        [["cancelled", "asked for"]]
      )
    })
  )

  it.effect("refuses in closed markets, and stops there only where it is told to", () =>
    Effect.gen(function* () {
      const closed = { ...another("sim-snow"), closedBecause: "the market takes no orders" }
      const books = { "sim-rain": asks("150"), "sim-snow": asks("150") }
      const orders = [order({ id: "a", conditionId: "sim-snow" }), order({ id: "b" })]
      const statuses = (stopAtRefusal: boolean) =>
        Effect.gen(function* () {
          const opened = yield* session(books, { markets: [MARKET, closed], stopAtRefusal })
          const { answers } = yield* opened.place(orders, NOTHING)
          return answers.map((each) => [each.orderId, each.status, each.reason])
        })
      const refused = ["a", "rejected", "the market takes no orders"]
      assert.deepStrictEqual(yield* statuses(true), [refused])
      assert.deepStrictEqual(yield* statuses(false), [refused, ["b", "filled", undefined]])
    })
  )

  it.effect("cannot be opened when the books cannot be had", () =>
    Effect.gen(function* () {
      const dead = Layer.succeed(MarketData, {
        markets: () => Effect.succeed(new Map()),
        books: () => Effect.fail(new MarketDataUnavailable({ source: "sim", message: "down" }))
      })
      const venue = yield* Effect.provide(Venue, Layer.provide(Paper.layer, dead))
      const failure = yield* Effect.flip(venue.open(desk()))
      assert.strictEqual(failure._tag, "MarketDataUnavailable")
    })
  )
})
