import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import * as HotMessage from "../../../src/replay/HotMessage.ts"
import { folder, importing, readRows } from "./scene.ts"

const MARKETS = [`0x${"ab".repeat(32)}`, `0x${"cd".repeat(32)}`]
const token = (market: number, second: boolean) => `${market + 1}${second ? "22" : "11"}`

const anyDecimal = fc.oneof(
  { weight: 40, arbitrary: fc.integer({ min: 1, max: 99 }).map((cents) => String(cents / 100)) },
  { weight: 8, arbitrary: fc.constantFrom("0.60", "0.405", "0.4050", "1", "0", "0.00001", "25.123456", "9000000000") },
  { weight: 1, arbitrary: fc.constantFrom("1e-2", "7.1234567", ".5", "5.", "") }
)
const anyLevel = fc.record({ price: anyDecimal, size: anyDecimal })
const quoted = fc.option(fc.record({ best_bid: anyDecimal, best_ask: anyDecimal }), { nil: {} })

/** Messages as the venue sends them, and nearly so: most can be read straight, some must not be. */
const anyMessage = fc
  .record({
    market: fc.integer({ min: 0, max: 1 }),
    second: fc.boolean(),
    stranger: fc.integer({ min: 0, max: 60 }),
    timestamp: fc.constantFrom(1_790_000_000_000, "1790000000001", "1790000000002", 1_790_000_000_003, 1_790_000_000),
    bids: fc.array(anyLevel, { maxLength: 3 }),
    asks: fc.array(anyLevel, { maxLength: 3 }),
    changes: fc.array(
      fc.record({
        price: anyDecimal,
        size: anyDecimal,
        side: fc.constantFrom(..."BUY SELL ".repeat(20).trim().split(" "), "buy"),
        quoted
      }),
      { maxLength: 3 }
    ),
    more: fc.constantFrom(
      {},
      { tick_size: "0.01" },
      { tick_size: "0.001" },
      { hash: 'a\\"b' },
      { hash: "é" },
      { last_trade_price: "0.5" },
      { local_timestamp: "1790000000005" },
      { x: 1 },
      { last_trade_price: null }
    ),
    isBook: fc.boolean(),
    order: fc.boolean()
  })
  .map(({ asks, bids, changes, isBook, market, more, order, second, stranger, timestamp }) => {
    const asset = stranger === 0 ? "999" : token(market, second)
    const start = { market: MARKETS[market] ?? "", timestamp }
    const what = isBook
      ? { asset_id: asset, bids, asks, event_type: "book" }
      : {
          price_changes: changes.map(({ quoted, ...rest }) => ({ asset_id: asset, ...rest, hash: "00", ...quoted })),
          event_type: "price_change"
        }
    return order ? { ...start, ...what, ...more } : { ...more, ...what, ...start }
  })

const compact = (message: unknown) => JSON.stringify(message)
/** The same message with a space in it, which is never read straight. */
const spaced = (message: unknown) => JSON.stringify(message).replace("{", "{ ")

const isRead = (text: string, from = 0, limit = text.length) =>
  HotMessage.read(HotMessage.make(), Buffer.from(text), from, limit)

describe("a message that is read out of its bytes", () => {
  it.scoped("comes to the same rows and counts as one that is read the usual way, and to the same faults", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      let [straight, refused] = [0, 0]
      const runs = fc.sample(fc.array(anyMessage, { minLength: 1, maxLength: 8 }), { numRuns: 120, seed: 5 })
      for (const [at, messages] of runs.entries()) {
        const found = []
        for (const [name, write] of [
          ["compact", compact],
          ["spaced", spaced]
        ] as const) {
          const file = join(dir, `${at}.${name}.jsonl`)
          writeFileSync(file, messages.map(write).join("\n"))
          const made = yield* Effect.either(importing([file], `${file}.tape`))
          const name1 = made._tag === "Left" ? made.left.message.replace(`${at}.${name}`, "file") : made.right.counts
          found.push([name1, made._tag === "Left" ? [] : yield* readRows(`${file}.tape`)])
          if (made._tag === "Left") refused++
        }
        assert.deepStrictEqual(found[0], found[1], messages.map(compact).join("\n"))
        straight += messages.filter((message) => isRead(compact(message)) >= 0).length
      }
      // The property says something: many messages are read straight, and some files are refused either way.
      assert.isAbove(straight, 100)
      assert.isAbove(refused, 5)
    })
  )
  it("ends where its line ends, and is none where anything else follows", () => {
    const text = compact({
      market: "1",
      timestamp: 1_790_000_000_000,
      event_type: "price_change",
      price_changes: [{ asset_id: "1", price: "0.5", size: "1", side: "BUY" }]
    })
    assert.strictEqual(isRead(text), text.length)
    assert.strictEqual(isRead(`${text}\n${text}`), text.length)
    assert.strictEqual(isRead(`${text}\n${text}`, text.length + 1), text.length * 2 + 1)
    for (const after of [" ", ",", "}", "x", "\r"]) assert.strictEqual(isRead(text + after), -1)
    // Beyond the limit stand bytes of an earlier line.
    for (let limit = 0; limit < text.length; limit++) assert.strictEqual(isRead(text, 0, limit), -1)
    for (let end = 0; end < text.length; end++) assert.strictEqual(isRead(text.slice(0, end)), -1)
  })
  it("is not read where a field is there twice or is missing", () => {
    const fields = [
      '"market":"1"',
      '"timestamp":"1790000000000"',
      '"event_type":"book"',
      '"asset_id":"1"',
      '"bids":[]',
      '"asks":[]'
    ]
    assert.isAbove(isRead(`{${fields.join(",")}}`), 0)
    for (const field of fields) {
      assert.strictEqual(isRead(`{${[...fields, field].join(",")}}`), -1)
      assert.strictEqual(isRead(`{${fields.filter((each) => each !== field).join(",")}}`), -1)
    }
  })
})
