import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { parquetWriteBuffer } from "hyparquet-writer"
import { labelOf } from "../../../src/domain/Label.ts"
import * as Block from "../../../src/replay/Block.ts"
import { bookHash } from "../../../src/replay/BookHash.ts"
import * as Decimal from "../../../src/replay/Decimal.ts"
import { Level2 } from "../../../src/replay/Level2.ts"
import { toMarket } from "../../../src/replay/TapeMarket.ts"
import * as TapeReader from "../../../src/replay/TapeReader.ts"
import { verify } from "../../../src/replay/Verify.ts"
import { shared } from "../../shared.ts"
import { folder, importing, type Row, readRows } from "./scene.ts"

const MARKET = `0x${"ab".repeat(32)}`
const [YES, NO] = ["111", "222"]

const book = (
  asset_id: string,
  timestamp: number,
  bids: ReadonlyArray<readonly [string, string]>,
  asks: ReadonlyArray<readonly [string, string]>,
  more = {}
) => ({
  event_type: "book",
  market: MARKET,
  asset_id,
  timestamp: String(timestamp),
  hash: "",
  bids: bids.map(([price, size]) => ({ price, size })),
  asks: asks.map(([price, size]) => ({ price, size })),
  ...more
})
const change = (timestamp: number, ...changes: ReadonlyArray<readonly [string, string, string, string]>) => ({
  event_type: "price_change",
  market: MARKET,
  price_changes: changes.map(([asset_id, side, price, size]) => ({ asset_id, side, price, size, hash: "" })),
  timestamp: String(timestamp)
})
const trade = (timestamp: number, asset_id: string, side: string, price: string, size: string) => ({
  event_type: "last_trade_price",
  market: MARKET,
  asset_id,
  side,
  price,
  size,
  timestamp: String(timestamp)
})

const T = 1_790_000_000_000
const first = book(YES, T, [["0.4", "10"]], [["0.6", "20"]])
const lines = (...values: ReadonlyArray<unknown>) => values.map((value) => JSON.stringify(value)).join("\n")

const KIND = Block.KINDS
const brief = (rows: ReadonlyArray<Row>) =>
  rows.map(({ kind, price, receipt, side, size }) =>
    [
      receipt - T,
      KIND[kind],
      ...(kind === Block.LEVEL || kind === Block.TRADE
        ? [side === 0 ? "bid" : "ask", price, size / 1e6]
        : kind === Block.TICK
          ? [size]
          : kind === Block.RESOLUTION
            ? [price]
            : [])
    ].join(" ")
  )

const imported = Effect.fnUntraced(function* (text: string, more: Parameters<typeof importing>[2] = {}) {
  const dir = yield* folder
  const [file, out] = [join(dir, "in.jsonl"), join(dir, "out.tape")]
  writeFileSync(file, text)
  const made = yield* importing([file], out, more)
  return { ...made, dir, file, rows: yield* readRows(out), verdict: yield* verify(out) }
})

describe("decimals of the wire", () => {
  it("become whole numbers exactly, or none", () => {
    const cases = [
      ["0.95", 950_000],
      ["0", 0],
      ["1", 1e6],
      ["25070.123456", 25_070_123_456],
      [0.1 + 0.2, 300_000],
      ["1e-3", 1000],
      ["0.1000000", 100_000],
      ["9000000000", 9e15],
      ["9000000000.000001", Number.NaN],
      ["", Number.NaN],
      [".5", Number.NaN],
      ["5.", Number.NaN],
      ["-1", Number.NaN],
      ["0.0000001", Number.NaN],
      ["0x10", Number.NaN],
      ["1.2.3", Number.NaN],
      [0.0000004, Number.NaN],
      [null, Number.NaN],
      [Number.NaN, Number.NaN]
    ] as const
    for (const [told, expected] of cases) assert.deepStrictEqual(Decimal.micro(told), expected, String(told))
    assert.strictEqual(Decimal.pips("0.9999"), 9999)
    assert.isNaN(Decimal.pips("0.99995"))
    assert.isNaN(Decimal.pips("1.01"))
    assert.strictEqual(Decimal.nearestMicro("0.66666666"), 666_667)
    assert.strictEqual(Decimal.millis("1790000000"), T)
    assert.strictEqual(Decimal.millis(String(T)), T)
    assert.strictEqual(Decimal.millis(1791322855.097216), 1_791_322_855_097)
    for (const none of ["", "now", "-5", "1e400", undefined]) assert.isNaN(Decimal.millis(none))
  })
})

describe("an import", () => {
  it.scoped("tells one book, however many tokens tell it", () =>
    Effect.gen(function* () {
      const { counts, rows, verdict } = yield* imported(
        lines(
          [first, book(NO, T, [["0.4", "20"]], [["0.6", "10"]])],
          change(T + 1, [YES, "BUY", "0.41", "5"], [NO, "SELL", "0.59", "5"]),
          change(T + 2, [NO, "BUY", "0.39", "7.5"]),
          change(T + 3, [YES, "BUY", "0.41", "0"], [NO, "SELL", "0.59", "0"]),
          trade(T + 4, NO, "BUY", "0.41", "3"),
          trade(T + 5, YES, "SELL", "0.4", "1.5")
        )
      )
      assert.deepStrictEqual(brief(rows), [
        "0 clear",
        "0 level bid 4000 10",
        "0 level ask 6000 20",
        "0 seal",
        "1 level bid 4100 5",
        "2 level ask 6100 7.5",
        "3 level bid 4100 0",
        "4 trade ask 5900 3",
        "5 trade ask 4000 1.5"
      ])
      assert.include(counts, { mirrored: 1, unchanged: 2, books: 2, changes: 5, trades: 2, gaps: 0 })
      assert.deepStrictEqual(verdict.problems, [])
    })
  )
  it.scoped("leaves a gap where a book contradicts itself, until the next good one", () =>
    Effect.gen(function* () {
      const bad = [
        [book(YES, T + 1, [["0.6", "1"]], [["0.5", "1"]]), "crossed"],
        [book(YES, T + 1, [["0.5", "1"]], [["0.5", "1"]]), "crossed"],
        [
          book(
            YES,
            T + 1,
            [
              ["0.4", "1"],
              ["0.4", "2"]
            ],
            []
          ),
          "otherFaults"
        ],
        [book(YES, T + 1, [["0.4", "0"]], []), "otherFaults"],
        [book(YES, T + 1, [["1", "5"]], []), "offGrid"],
        [book(YES, T + 1, [["0.405", "5"]], [], { tick_size: "0.01" }), "offGrid"],
        [change(T + 1, [YES, "BUY", "0.3", "1"], [YES, "BUY", "0.61", "1"]), "crossed"],
        [change(T + 1, [YES, "BUY", "0.3", "1"], [YES, "BUY", "0", "1"]), "offGrid"]
      ] as const
      for (const [message, fault] of bad) {
        const { counts, rows } = yield* imported(
          lines(first, message, change(T + 2, [YES, "BUY", "0.2", "1"]), { ...first, timestamp: T + 3 })
        )
        assert.deepStrictEqual(
          brief(rows).slice(4),
          ["1 gap", "3 clear", "3 level bid 4000 10", "3 level ask 6000 20", "3 seal"],
          fault
        )
        assert.include(counts, { [fault]: 1, gaps: 1, early: 1 })
      }
    })
  )
  it.scoped("takes a finer tick from the stream, or from prices where the stream tells none", () =>
    Effect.gen(function* () {
      const told = {
        event_type: "tick_size_change",
        market: MARKET,
        asset_id: YES,
        old_tick_size: "0.01",
        new_tick_size: "0.001",
        timestamp: T + 1
      }
      const fine = change(T + 2, [YES, "BUY", "0.405", "5"])
      const { counts, rows } = yield* imported(lines(first, told, { ...told, asset_id: NO }, fine))
      assert.deepStrictEqual(brief(rows).slice(4), ["1 tick 10", "2 level bid 4050 5"])
      assert.include(counts, { ticks: 1 })
      const guessed = yield* imported(lines(first, fine))
      assert.deepStrictEqual(brief(guessed.rows).slice(4), ["2 tick 50", "2 level bid 4050 5"])
    })
  )
  it.scoped("tells a resolution once, as what the first outcome pays", () =>
    Effect.gen(function* () {
      const over = {
        event_type: "market_resolved",
        market: MARKET,
        assets_ids: [YES, NO],
        winning_asset_id: NO,
        timestamp: T + 9
      }
      const { rows } = yield* imported(lines(first, over, over))
      assert.deepStrictEqual(brief(rows).slice(4), ["9 resolution 0"])
      const won = yield* imported(lines({ ...over, winning_asset_id: YES }))
      assert.deepStrictEqual(brief(won.rows), ["9 resolution 10000"])
    })
  )
  it.scoped("leaves out and counts what makes no book", () =>
    Effect.gen(function* () {
      const quote = {
        event_type: "best_bid_ask",
        market: MARKET,
        asset_id: YES,
        best_bid: "0.4",
        best_ask: "0.6",
        timestamp: T
      }
      const { counts, rows } = yield* imported(
        [
          lines(quote, change(T, [YES, "BUY", "0.4", "1"]), first),
          "",
          "PONG\r",
          lines({ event_type: "shout", x: 1 }, { ...book(YES, T - 5, [], []), timestamp: T - 5 }),
          ""
        ].join("\n")
      )
      assert.strictEqual(rows.length, 4)
      assert.include(counts, { quotes: 1, early: 1, stale: 1, messages: 5, late: 1 })
      assert.deepStrictEqual([...counts.strange], [["shout", 1]])
    })
  )
  it.scoped("makes books of best prices with the size that is assumed, where a market has none of its own", () =>
    Effect.gen(function* () {
      const quote = (timestamp: number, asset_id: string, best_bid: string, best_ask: string) => ({
        event_type: "best_bid_ask",
        market: MARKET,
        asset_id,
        best_bid,
        best_ask,
        timestamp
      })
      const told = lines(
        quote(T, YES, "0.4", "0.6"),
        // Polled a moment later, it says something else.
        quote(T + 1, NO, "0.41", "0.61"),
        quote(T + 2, YES, "0.45", "1"),
        quote(T + 3, YES, "0", "0.55"),
        { ...first, timestamp: T + 4 },
        quote(T + 5, YES, "0.1", "0.2")
      )
      const { counts, rows } = yield* imported(told, { quoteShares: "12.5" })
      assert.deepStrictEqual(brief(rows), [
        "0 clear",
        "0 level bid 4000 12.5",
        "0 level ask 6000 12.5",
        "0 seal",
        "2 clear",
        "2 level bid 4500 12.5",
        "2 seal",
        "3 clear",
        "3 level ask 5500 12.5",
        "3 seal",
        "4 clear",
        "4 level bid 4000 10",
        "4 level ask 6000 20",
        "4 seal"
      ])
      assert.include(counts, { quotes: 2, quoted: 3, books: 4, gaps: 0 })
      assert.deepInclude((yield* imported(lines(quote(T, YES, "0.4", "0.6")))).counts, { quotes: 1, quoted: 0 })
    })
  )
  it.scoped("reads trades of up/down markets out of CSV", () =>
    Effect.gen(function* () {
      const csv = [
        "timestamp,trade_side,quantity,price,TargetTime,ExpirationTime",
        "2025-12-26 10:30:19,Down,84.0,0.67,2025-12-26 10:30:00,2025-12-26 10:45:00",
        "2025-12-26 10:30:20,Up,28.5,0.33,2025-12-26 10:30:00,2025-12-26 10:45:00",
        ""
      ].join("\n")
      const dir = yield* folder
      writeFileSync(join(dir, "trades.csv"), csv)
      const out = join(dir, "trades.tape")
      const { counts } = yield* importing([join(dir, "trades.csv")], out)
      const rows = yield* readRows(out)
      // Both pay 0.33 for the first outcome; whoever buys Down sells Up.
      assert.deepStrictEqual(
        rows.map(({ kind, price, side, size, venue }) => [kind, side, price, size / 1e6, venue]),
        [
          [Block.TRADE, 1, 3300, 84, Date.parse("2025-12-26T10:30:19Z")],
          [Block.TRADE, 0, 3300, 28.5, Date.parse("2025-12-26T10:30:20Z")]
        ]
      )
      assert.strictEqual(counts.trades, 2)
      const [market] = (yield* TapeReader.open(out)).markets
      assert.deepInclude({ ...market }, { slug: "btc-updown-15m-1766745000", outcomes: ["Up", "Down"] })
    })
  )
  it.scoped("P-41: notices best prices that the book does not have", () =>
    Effect.gen(function* () {
      const quoted = (timestamp: number, asset: string, side: string, best_bid: string, best_ask: string) => ({
        ...change(timestamp),
        price_changes: [{ asset_id: asset, side, price: "0.5", size: "1", best_bid, best_ask }]
      })
      const { counts } = yield* imported(
        lines(
          first,
          quoted(T + 1, YES, "BUY", "0.5", "0.6"),
          quoted(T + 2, NO, "SELL", "0.4", "0.5"),
          quoted(T + 3, YES, "BUY", "0.5", "0.55")
        )
      )
      assert.strictEqual(counts.quoteMismatches, 1)
    })
  )
  it.scoped("names the file, the line and what is wrong, and leaves no tape", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const out = join(dir, "out.tape")
      const cases: ReadonlyArray<readonly [string, string, string]> = [
        ["bad.jsonl", `${lines(first)}\n{"event_type":`, "bad.jsonl:2: no JSON"],
        ["bad.jsonl", lines(first, { ...first, bids: 5 }), "bad.jsonl:2: bids: expected a list of levels, found 5"],
        [
          "bad.jsonl",
          lines(first, book(YES, T, [["0.4", "many"]], [])),
          'bad.jsonl:2: bids[0].size: expected a decimal, found "many"'
        ],
        [
          "bad.jsonl",
          lines(first, change(T, [YES, "HOLD", "0.4", "1"])),
          'bad.jsonl:2: price_changes[0].side: expected BUY or SELL, found "HOLD"'
        ],
        [
          "bad.jsonl",
          lines(first, { ...first, timestamp: "soon" }),
          'bad.jsonl:2: timestamp: expected a time in digits, found "soon"'
        ],
        ["bad.jsonl", lines({ a: 1 }), "bad.jsonl:1: neither a message"],
        [
          "bad.jsonl",
          lines(first, change(T, [NO, "BUY", "0.4", "1"]), change(T, ["333", "BUY", "0.4", "1"])),
          "bad.jsonl:3: price_changes[0].asset_id"
        ],
        ["bad.jsonl", lines({ ...first, timestamp: T + 100_000 }, first), "bad.jsonl:2: it is 100 s older"],
        ["bad.json", "[1", "bad.json: no JSON"],
        ["bad.csv", "a,b\n1,2\n", "bad.csv:1: expected best quotes with the columns Timestamp"],
        [
          "bad.csv",
          "Timestamp,TargetTime,Expiration,UpBid,UpAsk\n\nnow,2025-12-26 10:30:00,2025-12-26 10:45:00,0.4,0.5\n",
          "expected times as"
        ],
        [
          "bad.jsonl.gz",
          gzipSync(`${lines(first)}\n`)
            .subarray(0, 60)
            .toString("latin1"),
          "bad.jsonl.gz: it cannot be read"
        ],
        ["none.parquet", "PAR1", "none.parquet: it cannot be read"]
      ]
      for (const [name, content, words] of cases) {
        const file = join(dir, name)
        writeFileSync(file, Buffer.from(content, "latin1"))
        const failure = yield* Effect.flip(importing([file], out))
        assert.include(failure.message, words)
        assert.include((yield* Effect.flip(TapeReader.open(out))).message, "no such file")
        assert.include((yield* Effect.flip(TapeReader.open(`${out}.partial`))).message, "no such file")
      }
    })
  )
  it.scoped("replaces a tape only when told to", () =>
    Effect.gen(function* () {
      const { file, out, rows } = yield* imported(lines(first))
      assert.include((yield* Effect.flip(importing([file], out))).message, "already")
      yield* importing([file], out, { replace: true })
      assert.deepStrictEqual(yield* readRows(out), rows)
    })
  )
  it.scoped("reads the same from any cut into pieces: long lines, other letters, gzip", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const names = ["plain.jsonl", "packed.jsonl.gz"].map((name) => join(dir, name))
      const messages = Array.from({ length: 3000 }, (_, at) => ({
        ...change(T + at, [YES, "BUY", "0.3", String(1 + at)]),
        note: `${at % 3 === 0 ? "é" : "e"}${"x".repeat(at === 1500 ? 3_000_000 : (at * 7919) % 2000)}`
      }))
      const text = lines(first, ...messages)
      writeFileSync(names[0] ?? "", text)
      writeFileSync(names[1] ?? "", gzipSync(text))
      const out = names.map((name) => `${name}.tape`)
      for (const [at, name] of names.entries()) yield* importing([name], out[at] ?? "")
      const [plain = [], packed = []] = yield* Effect.forEach(out, (path) => readRows(path))
      assert.strictEqual(plain.length, 4 + 3000)
      assert.deepStrictEqual(packed, plain)
      assert.deepStrictEqual(
        plain.slice(4).map(({ size }) => size / 1e6),
        messages.map((_, at) => 1 + at)
      )
    })
  )
  it.scoped("takes times of receipt where they are told, and says so where they are not", () =>
    Effect.gen(function* () {
      const { out, rows } = yield* imported(
        lines(
          { ...first, local_timestamp: String(T + 40) },
          { ...change(T + 5, [YES, "BUY", "0.3", "1"]), recv: (T + 50) / 1000 }
        )
      )
      assert.deepStrictEqual(
        rows.map(({ receipt, venue }) => [receipt - T, venue - T]),
        [
          [40, 0],
          [40, 0],
          [40, 0],
          [40, 0],
          [50, 5]
        ]
      )
      assert.deepStrictEqual(
        (yield* TapeReader.open(out)).index.blocks.map(({ inferred }) => inferred),
        [false]
      )
      const { out: other } = yield* imported(lines(first))
      assert.deepStrictEqual(
        (yield* TapeReader.open(other)).index.blocks.map(({ inferred }) => inferred),
        [true]
      )
    })
  )
  it.scoped("takes only the markets that were asked for", () =>
    Effect.gen(function* () {
      const other = { ...first, market: `0x${"cd".repeat(32)}`, asset_id: "333", timestamp: T + 1 }
      const { counts, markets, rows } = yield* imported(lines(first, other, { ...other, timestamp: T + 2 }), {
        markets: [`0x${"CD".repeat(32)}`]
      })
      assert.deepStrictEqual(brief(rows), [
        "1 clear",
        "1 level bid 4000 10",
        "1 level ask 6000 20",
        "1 seal",
        "2 clear",
        "2 level bid 4000 10",
        "2 level ask 6000 20",
        "2 seal"
      ])
      assert.strictEqual(markets, 1)
      assert.include(counts, { unselected: 1 })
    })
  )
  it.scoped("knows outcomes, tokens and fees from records of markets", () =>
    Effect.gen(function* () {
      const record = {
        id: "77",
        conditionId: MARKET,
        slug: "will-it",
        question: "Will it?",
        outcomes: '["Yes","No"]',
        clobTokenIds: `["${NO}","${YES}"]`,
        version: "v1",
        orderPriceMinTickSize: 0.001,
        orderMinSize: 15,
        feesEnabled: true,
        feeSchedule: { rate: 0.07, exponent: 1, takerOnly: true },
        active: true,
        closed: true,
        umaResolutionStatus: "resolved",
        outcomePrices: '["1","0"]'
      }
      const dir = yield* folder
      const info = join(dir, "info.json")
      writeFileSync(info, JSON.stringify([record]))
      for (const [text, more] of [
        [lines(first), { marketInfo: [info] }],
        [lines(record, first), {}]
      ] as const) {
        const { out, rows } = yield* imported(text, more)
        // Here the token of the book is the second outcome's.
        assert.deepStrictEqual(brief(rows), ["0 clear", "0 level ask 6000 10", "0 level bid 4000 20", "0 seal"])
        const [market] = (yield* TapeReader.open(out)).markets
        assert.deepStrictEqual(
          [market?.slug, market?.tick, market?.minSize, market?.fees, market?.tokenIds],
          ["will-it", 1000n, 15_000_000n, { rate: 70_000n, exponent: 1 }, [NO, YES]]
        )
        // What came of the market is not known beforehand.
        const replayed = market === undefined ? undefined : toMarket(market)
        assert.deepInclude({ ...replayed }, { closedBecause: undefined, payouts: undefined })
      }
      // A record that comes late says more, and never turns the outcomes of earlier rows around.
      const other = book(NO, T + 1, [["0.41", "20"]], [["0.6", "10"]])
      for (const [tokens, slug] of [
        [[YES, NO], "will-it"],
        [[NO, YES], MARKET]
      ] as const) {
        const late = { ...record, clobTokenIds: JSON.stringify(tokens) }
        const { out, rows } = yield* imported(lines(first, other, late))
        const [market] = (yield* TapeReader.open(out)).markets
        assert.deepStrictEqual([market?.slug, market?.tokenIds], [slug, [YES, NO]])
        assert.strictEqual(brief(rows)[1], "0 level bid 4000 10")
      }
    })
  )
  it.scoped("reads Parquet archives of all three layouts as the messages they were", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const times = {
        timestamp_received: [T + 3, T + 4, T + 5].map((at) => DateTime.toDateUtc(DateTime.unsafeMake(at))),
        timestamp: [T, T + 1, T + 2].map((at) => DateTime.toDateUtc(DateTime.unsafeMake(at)))
      }
      const dates = (name: "timestamp" | "timestamp_received", as: string = name) => ({
        name: as,
        data: times[name],
        type: "TIMESTAMP" as const
      })
      const text = (name: string, data: Array<string | undefined>) => ({ name, data, type: "STRING" as const })
      const number = (name: string, data: Array<number | undefined>) => ({ name, data, type: "DOUBLE" as const })
      const common = [
        dates("timestamp_received"),
        dates("timestamp"),
        text("market", [MARKET, MARKET, MARKET]),
        text("event_type", ["book", "price_change", "last_trade_price"]),
        text("asset_id", [YES, NO, YES]),
        number("price", [undefined, 0.59, 0.6]),
        number("size", [undefined, 5, 2.5]),
        text("side", ["", "SELL", "BUY"])
      ]
      const events: ReadonlyArray<Record<string, unknown>> = [
        { token_id: YES, side: "YES", bids: [["0.4", "10"]], asks: [["0.6", "20"]] },
        {
          token_id: NO,
          side: "NO",
          change_price: "0.59",
          change_size: "5",
          change_side: "SELL",
          best_bid: "0.4",
          best_ask: "0.59"
        }
      ]
      const layouts = {
        text: [
          ...common,
          text("bids", ['[["0.4","10"]]', undefined, undefined]),
          text("asks", ['[["0.6","20"]]', undefined, undefined])
        ],
        lists: [
          ...common,
          ...["bid_prices", "bid_sizes", "ask_prices", "ask_sizes"].map((name, at) => ({
            name,
            data: [[[0.4, 10, 0.6, 20][at]], undefined, undefined]
          }))
        ],
        json: [
          { ...dates("timestamp_received"), data: times.timestamp_received.slice(0, 2) },
          { ...dates("timestamp", "timestamp_created_at"), data: times.timestamp.slice(0, 2) },
          text("market_id", [MARKET, MARKET]),
          text("update_type", ["book_snapshot", "price_change"]),
          text(
            "data",
            events.map((event) => JSON.stringify(event))
          )
        ]
      } as const
      for (const [name, columnData] of Object.entries(layouts)) {
        const [file, out] = [join(dir, `${name}.parquet`), join(dir, `${name}.tape`)]
        writeFileSync(file, Buffer.from(parquetWriteBuffer({ columnData: [...columnData], rowGroupSize: 2 })))
        yield* importing([file], out)
        const expected = [
          "3 clear",
          "3 level bid 4000 10",
          "3 level ask 6000 20",
          "3 seal",
          "4 level bid 4100 5",
          "5 trade bid 6000 2.5"
        ]
        const rows = yield* readRows(out)
        assert.deepStrictEqual(brief(rows), name === "json" ? expected.slice(0, 5) : expected, name)
        assert.deepStrictEqual(rows.map(({ venue }) => venue - T).slice(0, 5), [0, 0, 0, 0, 1])
      }
      const strange = join(dir, "strange.parquet")
      writeFileSync(strange, Buffer.from(parquetWriteBuffer({ columnData: [number("x", [1])] })))
      assert.include(
        (yield* Effect.flip(importing([strange], join(dir, "x.tape")))).message,
        "expected the columns timestamp_received"
      )
    })
  )
})

const HASHES = shared("data/vectors/book_hash.json")
const ETH = "ethereum-up-or-down-december-11-6am-et"
const SOL = "sol-updown-15m-1765450800"
const DELTA = shared(`data/ws/${ETH}.delta.jsonl.gz`)

describe("the hash of a book", () => {
  it.skipIf(HASHES === undefined)("is that of the recorded ones, and any other is noticed", () => {
    const { vectors }: { vectors: ReadonlyArray<Record<string, unknown>> } = JSON.parse(
      readFileSync(HASHES ?? "", "utf8")
    )
    assert.isAbove(vectors.length, 1)
    for (const vector of vectors) {
      assert.strictEqual(bookHash(vector), vector.hash)
      assert.notStrictEqual(bookHash({ ...vector, last_trade_price: "0.1" }), vector.hash)
      assert.isUndefined(bookHash({ ...vector, min_order_size: undefined }))
    }
  })
  it.scoped.skipIf(HASHES === undefined)("is checked where its inputs are told, and a wrong one is no fault", () =>
    Effect.gen(function* () {
      const { vectors }: { vectors: ReadonlyArray<Record<string, unknown>> } = JSON.parse(
        readFileSync(HASHES ?? "", "utf8")
      )
      const known = vectors[1] ?? {}
      const { counts, rows } = yield* imported(lines(known, { ...known, timestamp: Number(known.timestamp) + 1 }))
      assert.include(counts, { hashes: 2, wrongHashes: 1, gaps: 0 })
      assert.isAbove(rows.length, 50)
    })
  )
})

describe("the recorded data", () => {
  const file = (path: string) => shared(`data/${path}`) ?? ""
  const finals = Effect.fnUntraced(function* (path: string) {
    const tape = yield* TapeReader.open(path)
    const states = new Level2(tape.markets)
    const bests: Array<string> = []
    yield* tape.each((block) =>
      states.run(block, ({ book: { bestAsk, bestBid }, known }, { kind }, from) => {
        if (kind[from] !== Block.TRADE) bests.push(`${known} ${bestBid} ${bestAsk}`)
      })
    )
    return { bests, book: states.states[0]?.book, tape }
  })

  it.scoped.skipIf(DELTA === undefined)("ends, after all its changes, with the closing book", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      for (const slug of [ETH, SOL]) {
        const out = join(dir, `${slug}.tape`)
        const { counts } = yield* importing([file(`ws/${slug}.delta.jsonl.gz`)], out)
        // Its last full book, which is recorded, confirms what the changes before it had come to.
        assert.include(counts, { confirmed: 1, corrected: 0, gaps: 0, crossed: 0 })
        assert.isTrue((yield* verify(out)).ok)
      }
    })
  )
  it.scoped.skipIf(DELTA === undefined)("shows the same book from either outcome", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const outs = ["up", "down"].map((side) => join(dir, `${side}.tape`))
      for (const [at, side] of ["up", "down"].entries())
        yield* importing([file(`books/${SOL}.${side}.books.jsonl.gz`)], outs[at] ?? "")
      const [up, down] = [yield* finals(outs[0] ?? ""), yield* finals(outs[1] ?? "")]
      assert.deepStrictEqual(down.book, up.book)
      assert.deepStrictEqual(down.bests, up.bests)
      assert.isAbove(up.bests.length, 200)
      assert.deepStrictEqual(down.tape.markets[0]?.tokenIds, up.tape.markets[0]?.tokenIds)
      assert.deepStrictEqual(up.tape.markets[0]?.outcomes, ["Up", "Down"])
    })
  )
  it.scoped.skipIf(DELTA === undefined)("merges books and trades of both outcomes by the time of receipt", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const out = join(dir, "sol.tape")
      const parts = ["up", "down"].flatMap((side) => [
        `books/${SOL}.${side}.books.jsonl.gz`,
        `trades/${SOL}.${side}.ws_trades.jsonl.gz`
      ])
      const { counts, markets } = yield* importing(parts.map(file), out)
      assert.strictEqual(markets, 1)
      assert.include(counts, { books: 496, trades: 247, gaps: 0, late: 0 })
      // Nearly every book of one outcome repeats the other's.
      assert.isAbove(counts.mirrored, 240)
      assert.isTrue((yield* verify(out)).ok)
    })
  )
  it.scoped.skipIf(DELTA === undefined)("gives the same bytes every time", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const outs = ["a.tape", "b.tape"].map((name) => join(dir, name))
      for (const out of outs) yield* importing([file(`ws/${SOL}.full.jsonl.gz`)], out)
      const [one, other] = outs.map((out) => readFileSync(out))
      assert.isAbove(one?.length ?? 0, 1000)
      assert.isTrue(one?.equals(other ?? Buffer.alloc(0)))
    })
  )
  it.scoped.skipIf(DELTA === undefined)("reads trades of the data API, newest first or not", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const names = [
        "data_api_gabagool_945pm.json",
        "data_api_wallet_2026-02-27_late.jsonl.gz",
        "btc-updown-5m-1779805500.tape.jsonl.gz"
      ]
      const expected = [
        [45, 1],
        [1976, 147],
        [3982, 1]
      ]
      for (const [at, name] of names.entries()) {
        const out = join(dir, `${at}.tape`)
        const { counts, markets } = yield* importing([file(`trades/${name}`)], out)
        assert.deepStrictEqual([counts.trades, markets], expected[at])
        assert.isTrue((yield* verify(out)).ok)
      }
      const [market] = (yield* TapeReader.open(join(dir, "0.tape"))).markets
      assert.deepInclude({ ...market }, { slug: "btc-updown-15m-1767840300" })
      assert.strictEqual(market?.outcomes[1], "Down")
    })
  )
  it.scoped.skipIf(DELTA === undefined)("makes books of best quotes with the size that is assumed, in UTC", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const out = join(dir, "bbo.tape")
      const { counts, markets } = yield* importing([file("bbo/market_data_20251226.csv.gz")], out, {
        quoteShares: "12.5"
      })
      assert.deepInclude({ markets, books: counts.books }, { markets: 32, books: 28_494 })
      const rows = yield* readRows(out)
      assert.strictEqual(rows[0]?.venue, Date.parse("2025-12-26T10:34:14Z"))
      assert.deepStrictEqual(
        [...new Set(rows.filter(({ kind }) => kind === Block.LEVEL).map(({ size }) => size))],
        [12_500_000]
      )
      assert.isTrue((yield* verify(out)).ok)
      const same = labelOf("btc-updown-15m-1766745000.up.books.jsonl")
      assert.strictEqual((yield* TapeReader.open(out)).markets[0]?.conditionId, same.market)
    })
  )
})
