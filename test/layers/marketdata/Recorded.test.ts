import { readFileSync } from "node:fs"
import { gunzipSync, gzipSync } from "node:zlib"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as TestClock from "effect/TestClock"
import type { BookSnapshot } from "../../../src/domain/Book.ts"
import { format } from "../../../src/domain/Money.ts"
import { MarketData } from "../../../src/layers/MarketData.ts"
import { layer } from "../../../src/layers/marketdata/Recorded.ts"
import { shared } from "../../shared.ts"
import { CONDITION, clobMarket, gammaMarket, restBook, right, TOKENS } from "./fakeVenue.ts"

const LATER = 2_000_000_000_000

/** Writes files into a folder of their own, and opens the folder or the one file. */
const recorded = (files: Readonly<Record<string, unknown>>) =>
  Effect.gen(function* () {
    const disk = yield* FileSystem.FileSystem
    const folder = yield* disk.makeTempDirectoryScoped()
    const names = Object.keys(files)
    for (const name of names) {
      const content = files[name]
      const text = typeof content === "string" ? content : JSON.stringify(content)
      yield* disk.writeFile(`${folder}/${name}`, name.endsWith(".gz") ? gzipSync(text) : new TextEncoder().encode(text))
    }
    const [only] = names
    return yield* open(names.length === 1 ? `${folder}/${only}` : folder)
  }).pipe(Effect.provide(NodeFileSystem.layer))

const open = (path: string) => Effect.provide(MarketData, layer(path))

const tape = (...events: ReadonlyArray<unknown>) => events.map((event) => JSON.stringify(event)).join("\n")

const marketIn = (data: (typeof MarketData)["Service"], id: string) =>
  Effect.map(data.markets([id]), (found) => right(found.get(id)))

/** The one market's book at a time, by any id. */
const bookIn = (data: (typeof MarketData)["Service"], at: number, id = "whatever") =>
  Effect.gen(function* () {
    yield* TestClock.setTime(at)
    const market = yield* marketIn(data, id)
    const found = (yield* data.books([market])).get(market.conditionId)
    return found ?? Either.left({ conditionId: id, reason: "no answer" })
  })

const levels = (book: BookSnapshot) => ({
  bids: book.bids.map(({ price, size }) => `${format(price)}x${format(size)}`),
  asks: book.asks.map(({ price, size }) => `${format(price)}x${format(size)}`)
})

const book = (
  millis: number,
  bids: Readonly<Record<string, string>>,
  asks: Readonly<Record<string, string>>,
  asset = "1"
) => ({
  event_type: "book",
  market: "0xM",
  asset_id: asset,
  timestamp: String(millis),
  bids: Object.entries(bids).map(([price, size]) => ({ price, size })),
  asks: Object.entries(asks).map(([price, size]) => ({ price, size }))
})
const change = (millis: number, ...changes: ReadonlyArray<readonly [string, "BUY" | "SELL", string, string]>) => ({
  event_type: "price_change",
  market: "0xM",
  price_changes: changes.map(([asset_id, side, price, size]) => ({ asset_id, side, price, size, hash: "" })),
  timestamp: String(millis)
})

describe("a recorded book", () => {
  it.scoped("of the REST API is served with the best level first", () =>
    Effect.gen(function* () {
      const data = yield* recorded({ "book.json": restBook })
      const found = right(yield* bookIn(data, LATER, CONDITION))
      assert.deepStrictEqual(levels(found).bids, ["0.95x996", "0.94x142.4", "0.01x1123"])
      assert.deepStrictEqual([found.venueMillis, found.fetchedMillis], [1_791_241_810_525, LATER])
    })
  )

  it.scoped("is read from JSON, JSON lines, lists and gzip alike", () =>
    Effect.gen(function* () {
      const expected = levels(right(yield* bookIn(yield* recorded({ "a.json": restBook }), LATER)))
      const forms = {
        "a.json.gz": restBook,
        "a.jsonl": tape(restBook),
        "a.jsonl.gz": `${tape(restBook)}\nPONG\n\n`,
        "list.json": [restBook],
        "both.json": { books: [restBook], markets: [gammaMarket] }
      }
      for (const [name, content] of Object.entries(forms)) {
        assert.deepStrictEqual(
          levels(right(yield* bookIn(yield* recorded({ [name]: content }), LATER))),
          expected,
          name
        )
      }
    })
  )

  it.scoped("may give its levels as pairs and numbers, and no ids", () =>
    Effect.gen(function* () {
      const data = yield* recorded({
        "mine.json": {
          bids: [
            [0.44, 10],
            ["0.43", "2.5"]
          ],
          asks: [[0.45, 100]]
        }
      })
      const found = right(yield* bookIn(data, LATER, `0x${"ef".repeat(32)}`))
      assert.deepStrictEqual(levels(found), { bids: ["0.44x10", "0.43x2.5"], asks: ["0.45x100"] })
    })
  )

  it.scoped("that contradicts itself is a fault", () =>
    Effect.gen(function* () {
      const crossed = yield* recorded({ "a.json": { bids: [[0.5, 1]], asks: [[0.4, 1]] } })
      assert.strictEqual((yield* bookIn(crossed, LATER))._tag, "Left")
      const twice = yield* recorded({
        "a.jsonl": tape(
          {
            ...book(1_000, {}, { "0.5": "1" }),
            bids: [
              ["0.4", 1],
              ["0.40", 2]
            ]
          },
          change(2_000, ["1", "SELL", "0.6", "1"])
        )
      })
      assert.strictEqual((yield* bookIn(twice, LATER))._tag, "Left")
    })
  )
})

describe("a tape", () => {
  const data = recorded({
    "t.jsonl": tape(
      book(1_700_000_001_000, { "0.40": "10" }, { "0.60": "20" }),
      change(1_700_000_002_000, ["1", "BUY", "0.41", "5"], ["2", "SELL", "0.59", "5"]),
      change(1_700_000_003_000, ["2", "BUY", "0.45", "7"]),
      {
        event_type: "tick_size_change",
        market: "0xM",
        asset_id: "1",
        old_tick_size: "0.01",
        new_tick_size: "0.001",
        timestamp: "1700000004000"
      },
      change(1_700_000_005_000, ["1", "BUY", "0.41", "0"], ["1", "BUY", "0.405", "1"]),
      {
        event_type: "best_bid_ask",
        market: "0xM",
        asset_id: "1",
        best_bid: "0.1",
        best_ask: "0.9",
        timestamp: "1700000006000"
      },
      book(1_700_000_007_000, { "0.30": "3" }, { "0.80": "8" }, "2"),
      {
        event_type: "market_resolved",
        market: "0xM",
        assets_ids: ["1", "2"],
        winning_asset_id: "2",
        timestamp: "1700000008000"
      }
    )
  })

  const states: ReadonlyArray<readonly [string, number, ReadonlyArray<string>, ReadonlyArray<string>]> = [
    ["its first book", 1_000, ["0.4x10"], ["0.6x20"]],
    ["one change for both tokens counted once", 2_000, ["0.41x5", "0.4x10"], ["0.6x20"]],
    ["a bid for the second outcome as an offer of the first", 3_500, ["0.41x5", "0.4x10"], ["0.55x7", "0.6x20"]],
    ["a level that went to 0 no more", 6_500, ["0.405x1", "0.4x10"], ["0.55x7", "0.6x20"]],
    ["a full book of the second outcome seen from the first", 7_000, ["0.2x8"], ["0.7x3"]]
  ]
  for (const [what, at, bids, asks] of states) {
    it.scoped(`as of a moment shows ${what}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(levels(right(yield* bookIn(yield* data, 1_700_000_000_000 + at))), { bids, asks })
      })
    )
  }

  it.scoped("has no book before its first one", () =>
    Effect.gen(function* () {
      const before = yield* bookIn(yield* data, 1_700_000_000_000)
      assert.isTrue(Either.isLeft(before) && before.left.reason.includes("until then"))
    })
  )

  it.scoped("changes its tick, and resolves, when it was told so and not before", () =>
    Effect.gen(function* () {
      const tapes = yield* data
      const at = (millis: number) => Effect.andThen(TestClock.setTime(1_700_000_000_000 + millis), marketIn(tapes, "t"))
      assert.strictEqual(format((yield* at(3_999)).tick), "0.01")
      assert.strictEqual(format((yield* at(4_000)).tick), "0.001")
      assert.deepInclude(yield* at(7_999), { closedBecause: undefined, payouts: undefined })
      const over = yield* at(8_000)
      assert.deepEqual([over.closedBecause, over.payouts?.map(format)], ["resolved", ["0", "1"]])
    })
  )

  it.scoped("makes its tick finer only once a price needs it, where none is told", () =>
    Effect.gen(function* () {
      const untold = yield* recorded({
        "t.jsonl": tape(
          book(1_700_000_001_000, { "0.40": "1" }, {}),
          change(1_700_000_002_000, ["1", "SELL", "0.4025", "1"])
        )
      })
      assert.strictEqual(format(right(yield* bookIn(untold, 1_700_000_001_500)).tick), "0.01")
      assert.strictEqual(format(right(yield* bookIn(untold, LATER)).tick), "0.0025")
    })
  )

  it.scoped("in seconds or out of order is put right", () =>
    Effect.gen(function* () {
      const mixed = yield* recorded({
        "t.jsonl": tape(book(1_700_000_009, { "0.2": "1" }, {}), book(1_700_000_001_000, { "0.1": "1" }, {}))
      })
      assert.deepStrictEqual(levels(right(yield* bookIn(mixed, LATER))).bids, ["0.2x1"])
    })
  )
})

describe("a recorded market", () => {
  it.scoped("takes its terms from the market records in the file", () =>
    Effect.gen(function* () {
      const data = yield* recorded({ "a.json": [restBook], "b.json": [gammaMarket, clobMarket] })
      for (const id of [CONDITION, TOKENS[1], "btc-updown", "5308512"]) {
        const market = yield* marketIn(data, id)
        assert.deepEqual([market.fees?.rate, market.outcomes, market.slug], [70_000n, ["Up", "Down"], "btc-updown"])
        assert.match(market.source, /^file:\//)
      }
      const clobOnly = yield* marketIn(yield* recorded({ "a.json": [restBook, clobMarket] }), CONDITION)
      assert.deepEqual(
        [clobOnly.fees?.rate, clobOnly.outcomes, clobOnly.closedBecause],
        [70_000n, ["Up", "Down"], undefined]
      )
    })
  )

  it.scoped("takes the order of its outcomes from a record, whichever token comes first", () =>
    Effect.gen(function* () {
      const second = { ...restBook, asset_id: TOKENS[1], bids: [["0.1", 1]], asks: [["0.3", 2]] }
      const data = yield* recorded({ "a.json": [second, gammaMarket] })
      assert.deepStrictEqual(levels(right(yield* bookIn(data, LATER))), { bids: ["0.7x2"], asks: ["0.9x1"] })
    })
  )

  it.scoped("without a record is free of fees, of 5 shares at least and open", () =>
    Effect.gen(function* () {
      const { min_order_size, tick_size, ...bare } = restBook
      const market = yield* marketIn(yield* recorded({ "a.json": bare }), CONDITION)
      assert.deepEqual(
        [market.fees, format(market.minSize), market.outcomes, market.closedBecause, market.conditionId],
        [{ rate: 0n, exponent: 1 }, "5", ["Yes", "No"], undefined, CONDITION]
      )
      assert.strictEqual(
        format((yield* marketIn(yield* recorded({ "a.json": { ...restBook, min_order_size: "15" } }), "x")).minSize),
        "15"
      )
    })
  )

  it.scoped("is announced by the stream, too", () =>
    Effect.gen(function* () {
      const announced = {
        event_type: "new_market",
        id: "77",
        question: "Q?",
        market: "0xM",
        slug: "q",
        outcomes: ["A", "B"],
        assets_ids: ["1", "2"],
        order_price_min_tick_size: "0.001",
        fees_enabled: true,
        fee_schedule: { rate: "0.05", exponent: "1" },
        timestamp: "1700000000000"
      }
      const data = yield* recorded({ "t.jsonl": tape(announced, book(1_700_000_001_000, { "0.4": "1" }, {})) })
      const found = (yield* data.markets(["q"])).get("q")
      assert.deepEqual(right(found).outcomes, ["A", "B"])
      assert.deepEqual(right(found).fees, { rate: 50_000n, exponent: 1 })
    })
  )

  it.scoped("that could not be traded anywhere is unknown, and leaves the others alone", () =>
    Effect.gen(function* () {
      const odd = { ...gammaMarket, conditionId: `0x${"cd".repeat(32)}`, slug: "odd", outcomes: '["A", "B", "C"]' }
      const data = yield* recorded({ "a.json": { books: [restBook], markets: [odd] } })
      const found = yield* data.markets(["odd", CONDITION])
      assert.deepStrictEqual(
        found.get("odd"),
        Either.left({ id: "odd", reason: "it has 3 outcomes; only markets with two can be traded" })
      )
      assert.strictEqual(found.get(CONDITION)?._tag, "Right")
    })
  )

  it.scoped("closed by its record stays open while its tape runs", () =>
    Effect.gen(function* () {
      const closed = { ...gammaMarket, closed: true, umaResolutionStatus: "resolved", outcomePrices: '["0", "1"]' }
      const data = yield* recorded({
        "a.json": [closed, { ...restBook, timestamp: "1700000001000" }, { ...restBook, timestamp: "1700000005000" }]
      })
      yield* TestClock.setTime(1_700_000_002_000)
      assert.deepInclude(yield* marketIn(data, CONDITION), { closedBecause: undefined, payouts: undefined })
      yield* TestClock.setTime(1_700_000_005_000)
      assert.deepEqual((yield* marketIn(data, CONDITION)).payouts?.map(format), ["0", "1"])
    })
  )

  it.scoped("alone in its file answers to any one name, but not to another market's condition id", () =>
    Effect.gen(function* () {
      const data = yield* recorded({ "only.json": restBook })
      const market = yield* marketIn(data, "my-plan-calls-it-so")
      assert.deepEqual([market.marketId, market.conditionId], ["my-plan-calls-it-so", CONDITION])
      for (const ids of [[`0x${"cd".repeat(32)}`], ["sim-x"], ["a", "b"]]) {
        for (const answer of (yield* data.markets(ids)).values()) {
          assert.isTrue(Either.isLeft(answer) && answer.left.reason.includes("it holds only"), ids.join())
        }
      }
    })
  )

  it.scoped("among others answers to its own names only", () =>
    Effect.gen(function* () {
      const other = { ...restBook, market: `0x${"cd".repeat(32)}`, asset_id: "9" }
      const data = yield* recorded({ "one.json": restBook, "two.json": other })
      assert.strictEqual((yield* marketIn(data, "two")).conditionId, other.market)
      assert.strictEqual((yield* marketIn(data, "one.json")).conditionId, CONDITION)
      assert.strictEqual((yield* data.markets(["three"])).get("three")?._tag, "Left")
    })
  )
})

describe("a recording that cannot be used", () => {
  const told = (files: Readonly<Record<string, unknown>>) =>
    Effect.gen(function* () {
      const data = yield* recorded(files)
      return (yield* Effect.flip(data.markets(["x"]))).message
    })

  const bad: ReadonlyArray<readonly [Readonly<Record<string, unknown>>, string]> = [
    [{ "a.jsonl": `${tape(book(1, {}, {}))}\n{"bids":` }, "a.jsonl:2: no JSON"],
    [
      { "a.jsonl": tape(book(1, {}, {}), change(2, ["1", "BUY", "x", "1"])) },
      'a.jsonl:2: price_changes[0].price: expected a decimal, found "x"'
    ],
    [
      { "a.json": [restBook, { ...restBook, asks: [["0.96"]] }] },
      "[1]: asks[0].size: expected a decimal, found nothing"
    ],
    [{ "a.json": { ...restBook, bids: [[1.5, 1]] } }, "bids[0].price: expected 0 to 1, found 1.5"],
    [{ "a.json": { ...restBook, bids: [[0.5, -1]] } }, "bids[0].size: expected 0 or more, found -1"],
    [{ "a.json": { price: "0.5" } }, "neither a book, an event of the market channel nor a market record"],
    [
      { "a.jsonl": tape({ event_type: "price_change", market: "0xM", price: "0.5" }) },
      "price_changes: expected a list"
    ],
    [{ "a.json": [] }, "no market is recorded in it"],
    [
      { "a.jsonl": tape(book(1, {}, {}, "1"), book(2, {}, {}, "2"), book(3, {}, {}, "3")) },
      "token 3 is neither of its two"
    ],
    [{ "a.txt": "x", "b.txt": "y" }, "no .json or .jsonl file"]
  ]
  for (const [files, message] of bad) {
    it.scoped(`is refused: ${message}`, () => Effect.map(told(files), (found) => assert.include(found, message)))
  }

  it.effect("says that there is no such file", () =>
    Effect.gen(function* () {
      const data = yield* open("/nowhere/at/all.json")
      const failure = yield* Effect.flip(data.books([]))
      assert.strictEqual(failure.message, "/nowhere/at/all.json: there is no such file")
      assert.strictEqual(failure.source, "file:/nowhere/at/all.json")
    })
  )
})

describe("recordings of the venue", () => {
  for (const slug of ["ethereum-up-or-down-december-11-6am-et", "sol-updown-15m-1765450800"]) {
    const up = shared(`data/books/${slug}.up.books.jsonl.gz`)
    const down = shared(`data/books/${slug}.down.books.jsonl.gz`)
    const full = shared(`data/ws/${slug}.full.jsonl.gz`)
    const delta = shared(`data/ws/${slug}.delta.jsonl.gz`)
    const here = up !== undefined && down !== undefined && full !== undefined && delta !== undefined

    it.effect.skipIf(!here)(`${slug}: both tokens' files tell the same book, and the tape of both too`, () =>
      Effect.gen(function* () {
        const sources = yield* Effect.all([open(up ?? ""), open(down ?? ""), open(full ?? ""), open(delta ?? "")])
        const [outcome] = yield* Effect.forEach(sources, (data) =>
          Effect.map(marketIn(data, "any"), (m) => m.conditionId)
        )
        let compared = 0
        for (let at = 1_765_450_843_000; at < 1_765_451_700_000; at += 7_001) {
          const books = yield* Effect.forEach(sources, (data) => bookIn(data, at, outcome))
          const [first, ...rest] = books.map((found) => bytes(Either.map(found, levels)))
          for (const other of rest) assert.strictEqual(other, first, `at ${at}`)
          if (books.every(Either.isRight)) compared++
        }
        assert.isAbove(compared, 100)
      })
    )

    it.scoped.skipIf(!here)(`${slug}: the deltas alone lead to the closing book`, () =>
      Effect.gen(function* () {
        const lines = gunzipSync(readFileSync(delta ?? ""))
          .toString("utf8")
          .trim()
          .split("\n")
        const closing = lines.findLastIndex((line) => line.includes('"event_type":"price_change"'))
        const books = lines.filter((line, index) => index > closing && line.includes('"event_type":"book"'))
        assert.strictEqual(books.length, 2)
        const alone = yield* recorded({ "t.jsonl": lines.filter((line) => !books.includes(line)).join("\n") })
        const whole = yield* open(delta ?? "")
        const last = levels(right(yield* bookIn(whole, LATER)))
        assert.deepStrictEqual(levels(right(yield* bookIn(alone, LATER))), last)
        assert.isAtLeast(last.bids.length + last.asks.length, 20)
      })
    )
  }
})

const bytes = (found: unknown): string => JSON.stringify(found)
