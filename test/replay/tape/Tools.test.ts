import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { Price } from "../../../src/domain/Money.ts"
import * as Block from "../../../src/replay/Block.ts"
import { cut } from "../../../src/replay/Cut.ts"
import { info } from "../../../src/replay/Info.ts"
import { Level2 } from "../../../src/replay/Level2.ts"
import { merge } from "../../../src/replay/Merge.ts"
import * as TapeReader from "../../../src/replay/TapeReader.ts"
import { verify } from "../../../src/replay/Verify.ts"
import { folder, fullBook, level, marketOf, type Row, readRows, writeTape } from "./scene.ts"

const slugs = ["first", "second", "third"] as const
const markets = slugs.map(marketOf)

/** What happens next in a made-up recording of three markets. */
const anyStep = fc.record({
  what: fc.constantFrom("book", "level", "level", "level", "trade", "gap", "tick"),
  market: fc.integer({ min: 0, max: 2 }),
  after: fc.integer({ min: 0, max: 3 }),
  size: fc.integer({ min: 0, max: 9 }),
  offset: fc.integer({ min: 1, max: 20 }),
  side: fc.integer({ min: 0, max: 1 })
})
type Step = typeof anyStep extends fc.Arbitrary<infer A> ? A : never

/** Bids lie below half a dollar and asks above, so no book is ever crossed. */
const priceOf = ({ offset, side }: Step) => (side === Block.BID ? 5000 - offset * 100 : 5000 + offset * 100)

const recorded = (steps: ReadonlyArray<Step>): ReadonlyArray<Row> => {
  let now = 1000
  return steps.flatMap((step): ReadonlyArray<Row> => {
    now += step.after
    const { market, side, size, what } = step
    const at = { market, side: 0, price: 0, size: 0, venue: now, receipt: now }
    switch (what) {
      case "book":
        return fullBook(market, now, [
          [Block.BID, 4000, size + 1],
          [Block.ASK, 6000, size + 2]
        ])
      case "level":
        return [level(market, now, side, priceOf(step), size)]
      case "trade":
        return [{ ...at, kind: Block.TRADE, side, price: priceOf(step), size: size + 1 }]
      case "gap":
        return [{ ...at, kind: Block.GAP }]
      default:
        return [{ ...at, kind: Block.TICK, size: size % 2 === 0 ? 100 : 10 }]
    }
  })
}

const inBlocks = (rows: ReadonlyArray<Row>, size: number) => {
  const blocks: Array<Array<Row>> = [[]]
  for (const [at, row] of rows.entries()) {
    const before = rows[at - 1]
    // As the writer of recordings does: what belongs together is never split.
    const together = before !== undefined && before.market === row.market && before.receipt === row.receipt
    if ((blocks.at(-1)?.length ?? 0) >= size && !together) blocks.push([])
    blocks.at(-1)?.push(row)
  }
  return blocks
}

/** What a replay sees: after each group its market, time and best prices, where the book is known. */
const seen = Effect.fnUntraced(function* (path: string, from = 0, to = Number.POSITIVE_INFINITY) {
  const tape = yield* TapeReader.open(path)
  const states = new Level2(tape.markets)
  const found = new Map<string, Array<string>>()
  yield* tape.each((block) =>
    states.run(block, ({ book, known, market, payout, tick }, { receipt }, at) => {
      const now = receipt[at] ?? 0
      const slug = tape.markets[market]?.slug ?? ""
      const best = known ? `${book.bestBid * tick} ${book.bestAsk * tick} ${book.bids[book.bestBid]}` : "nothing"
      const list = found.get(slug) ?? []
      found.set(slug, list)
      // Several groups of one time are one moment: a cut may tell them in other words.
      if (list.at(-1)?.startsWith(`${now}:`) === true) list.pop()
      if (now >= from && now < to) list.push(`${now}: ${best} ${payout ?? ""}`)
    })
  )
  return found
}, Effect.scoped)

const samples = (count: number) =>
  fc.sample(fc.array(anyStep, { minLength: 30, maxLength: 120 }), { numRuns: count, seed: 11 })

describe("a cut", () => {
  it.scoped("replays as the whole tape does in its span, from its first moment on", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      for (const [at, steps] of samples(12).entries()) {
        const rows = recorded(steps)
        const [whole, part] = [join(dir, `${at}.tape`), join(dir, `${at}.part.tape`)]
        yield* writeTape(whole, markets, inBlocks(rows, 7))
        const last = rows.at(-1)?.receipt ?? 0
        const [from, to] = [1000 + Math.floor((last - 1000) / 3), 1000 + Math.floor(((last - 1000) * 2) / 3)]
        yield* cut({ tape: whole, out: part, from, to, markets: [], replace: false })
        assert.isTrue((yield* verify(part)).ok)
        const [expected, found] = [yield* seen(whole, from, to), yield* seen(part, from, to)]
        for (const slug of slugs) {
          // The cut tells more: what was known when it begins.
          const theirs = found.get(slug)?.filter((each) => !each.startsWith(`${from}:`)) ?? []
          assert.deepStrictEqual(theirs, expected.get(slug)?.filter((each) => !each.startsWith(`${from}:`)) ?? [])
        }
      }
    })
  )
  it.scoped("of everything is the tape itself", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const rows = recorded(samples(1)[0] ?? [])
      yield* writeTape(join(dir, "a.tape"), markets, inBlocks(rows, 7))
      yield* cut({
        tape: join(dir, "a.tape"),
        out: join(dir, "b.tape"),
        from: undefined,
        to: undefined,
        markets: [],
        replace: false
      })
      assert.deepStrictEqual(yield* readRows(join(dir, "b.tape")), rows)
      yield* cut({
        tape: join(dir, "b.tape"),
        out: join(dir, "c.tape"),
        from: 0,
        to: 1e15,
        markets: [],
        replace: false
      })
      assert.deepStrictEqual(yield* readRows(join(dir, "c.tape")), rows)
    })
  )
  it.scoped("by market leaves the others out, and refuses one that is not there", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const rows = recorded(samples(1)[0] ?? [])
      const [tape, out] = [join(dir, "a.tape"), join(dir, "b.tape")]
      yield* writeTape(tape, markets, [rows])
      const options = { tape, out, from: undefined, to: undefined, replace: false }
      yield* cut({ ...options, markets: ["second"] })
      assert.deepStrictEqual(
        (yield* TapeReader.open(out)).markets.map(({ slug }) => slug),
        ["second"]
      )
      assert.deepStrictEqual(
        yield* readRows(out),
        rows.filter(({ market }) => market === 1).map((row) => ({ ...row, market: 0 }))
      )
      assert.include((yield* Effect.flip(cut({ ...options, markets: ["fourth"] }))).message, "holds no market fourth")
    })
  )
  it.scoped("carries tick and resolution over its beginning", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const [tape, out] = [join(dir, "a.tape"), join(dir, "b.tape")]
      const at = { market: 0, side: 0, price: 0, size: 0, venue: 2, receipt: 2 }
      yield* writeTape(tape, markets, [
        [
          { ...at, kind: Block.TICK, size: 10 },
          ...fullBook(0, 3, [[Block.BID, 4010, 5]]),
          { ...at, kind: Block.RESOLUTION, price: 10_000, venue: 4, receipt: 4 },
          level(1, 9, 0, 4000, 1)
        ]
      ])
      yield* cut({ tape, out, from: 9, to: undefined, markets: [], replace: false })
      const kinds = (yield* readRows(out)).map(({ kind, price, receipt, size }) => [
        Block.KINDS[kind],
        receipt,
        price,
        size
      ])
      assert.deepStrictEqual(kinds, [
        ["tick", 9, 0, 10],
        ["clear", 9, 0, 0],
        ["level", 9, 4010, 5],
        ["seal", 9, 0, 0],
        ["resolution", 9, 10_000, 0],
        ["level", 9, 4000, 1]
      ])
    })
  )
})

describe("a merge", () => {
  it.scoped("of parts by market is the whole tape again", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      for (const [at, steps] of samples(4).entries()) {
        const [whole, merged] = [join(dir, `${at}.tape`), join(dir, `${at}.merged.tape`)]
        yield* writeTape(whole, markets, inBlocks(recorded(steps), 5))
        const parts = slugs.map((slug) => join(dir, `${at}.${slug}.tape`))
        for (const [index, slug] of slugs.entries()) {
          yield* cut({
            tape: whole,
            out: parts[index] ?? "",
            from: undefined,
            to: undefined,
            markets: [slug],
            replace: false
          })
        }
        yield* merge(parts, merged, false)
        assert.deepStrictEqual(yield* seen(merged), yield* seen(whole))
        assert.isTrue((yield* verify(merged)).ok)
      }
    })
  )
  it.scoped("of parts by time replays as the whole, but for what is not known between them", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      for (const [at, steps] of samples(6).entries()) {
        const [whole, merged] = [join(dir, `${at}.tape`), join(dir, `${at}.merged.tape`)]
        const rows = recorded(steps)
        const middle = ((rows.at(-1)?.receipt ?? 0) + 1000) >> 1
        yield* writeTape(whole, markets, inBlocks(rows, 5))
        const parts = [join(dir, `${at}.1.tape`), join(dir, `${at}.2.tape`)]
        yield* cut({ tape: whole, out: parts[0] ?? "", from: undefined, to: middle, markets: [], replace: false })
        yield* cut({ tape: whole, out: parts[1] ?? "", from: middle, to: undefined, markets: [], replace: false })
        yield* merge(parts, merged, false)
        const [expected, found] = [yield* seen(whole, middle + 1), yield* seen(merged, middle + 1)]
        assert.deepStrictEqual(found, expected)
        assert.isTrue((yield* verify(merged)).ok)
      }
    })
  )
  it.scoped("marks a gap between two tapes of a market, and follows their ticks", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const [one, two, out] = ["one", "two", "out"].map((name) => join(dir, `${name}.tape`))
      const fine = { ...marketOf("first"), tick: Price(1000n) }
      yield* writeTape(one ?? "", markets, [fullBook(0, 10, [[Block.BID, 4000, 5]])])
      yield* writeTape(two ?? "", [fine], [fullBook(0, 20, [[Block.BID, 4010, 5]])])
      yield* merge([two ?? "", one ?? ""], out ?? "", false)
      const kinds = (yield* readRows(out ?? "")).map(({ kind, receipt, size }) => [Block.KINDS[kind], receipt, size])
      // The table has the record of the tape that was named first, the finer one.
      assert.deepStrictEqual(kinds, [
        ["tick", 10, 100],
        ["clear", 10, 0],
        ["level", 10, 5],
        ["seal", 10, 0],
        ["gap", 10, 0],
        ["tick", 20, 10],
        ["clear", 20, 0],
        ["level", 20, 5],
        ["seal", 20, 0]
      ])
      assert.isTrue((yield* verify(out ?? "")).ok)
    })
  )
  it.scoped("keeps what each tape says of the fee for its part, unless it knows none", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const [one, two, three, out, part] = ["one", "two", "three", "out", "part"].map((name) =>
        join(dir, `${name}.tape`)
      )
      const costs = (rate: bigint) => [{ ...marketOf("first"), fees: { rate, exponent: 1 } }]
      yield* writeTape(one ?? "", costs(30_000n), [fullBook(0, 10, [[Block.BID, 4000, 5]])])
      yield* writeTape(two ?? "", costs(50_000n), [[{ ...level(0, 20, 0, 4000, 1), kind: Block.TRADE }]])
      yield* writeTape(three ?? "", [marketOf("first")], [[{ ...level(0, 30, 0, 4000, 1), kind: Block.TRADE }]])
      const told = Effect.fnUntraced(function* (path: string) {
        const { entries, next } = (yield* TapeReader.open(path)).cursor()
        const found: Array<readonly [number | undefined, bigint | undefined]> = []
        for (let block = yield* next; block !== undefined; block = yield* next) {
          for (const { market } of entries()) found.push([block.receipt[0], market.fees?.rate])
        }
        return found
      })
      yield* merge([two ?? "", three ?? "", one ?? ""], out ?? "", false)
      assert.deepStrictEqual(yield* told(out ?? ""), [
        [10, 30_000n],
        [20, 50_000n]
      ])
      assert.isTrue((yield* verify(out ?? "")).ok)
      // A cut knows what was charged when it begins.
      yield* cut({ tape: out ?? "", out: part ?? "", from: 15, to: 25, markets: [], replace: false })
      assert.deepStrictEqual(yield* told(part ?? ""), [
        [15, 30_000n],
        [20, 50_000n]
      ])
    })
  )
  it.scoped("refuses two tapes that tell one book at the same time, but not its trades", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const [one, two, trades] = ["one", "two", "trades"].map((name) => join(dir, `${name}.tape`))
      const book = (from: number) => [...fullBook(0, from, [[Block.BID, 4000, 5]]), level(0, from + 10, 0, 4000, 6)]
      yield* writeTape(one ?? "", markets, [book(10)])
      yield* writeTape(two ?? "", markets, [book(15)])
      yield* writeTape(trades ?? "", markets, [[{ ...level(0, 12, 0, 4000, 1), kind: Block.TRADE }]])
      const failure = yield* Effect.flip(merge([one ?? "", two ?? ""], join(dir, "x.tape"), false))
      assert.include(failure.message, "tell the book of first at the same time")
      yield* merge([one ?? "", trades ?? ""], join(dir, "y.tape"), false)
      assert.deepStrictEqual(
        (yield* readRows(join(dir, "y.tape"))).map(({ kind }) => Block.KINDS[kind]),
        ["clear", "level", "seal", "trade", "level"]
      )
    })
  )
})

describe("info", () => {
  it.scoped("counts what there is of each market and how long its book was known", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "t.tape")
      yield* writeTape(path, markets, [
        fullBook(0, 1000, [[Block.BID, 4000, 5]]),
        [level(0, 1500, 0, 4000, 6), { ...level(1, 1600, 0, 4000, 2_500_000), kind: Block.TRADE }],
        [{ ...level(0, 2000, 0, 0, 0), kind: Block.GAP }, level(0, 3000, 0, 4000, 7)]
      ])
      const found = yield* info(path)
      assert.deepInclude(
        { ...found, markets: 0 },
        { rows: 7, blocks: 3, first: 1000, last: 3000, finished: true, receipt: "recorded" }
      )
      const [first, second, third] = found.markets
      assert.deepInclude(
        { ...first, market: 0 },
        { rows: 6, books: 1, levels: 3, trades: 0, gaps: 1, knownMillis: 1000, first: 1000, last: 3000 }
      )
      assert.deepInclude({ ...second, market: 0 }, { rows: 1, trades: 1, volume: 2_500_000, knownMillis: 0 })
      assert.deepInclude({ ...third, market: 0 }, { rows: 0 })
    })
  )
})
