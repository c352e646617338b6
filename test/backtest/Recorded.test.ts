import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { BacktestRun } from "../../src/report/BacktestReport.ts"
import { shared } from "../shared.ts"
import { backtest, type Happening, type Line, market, plan, START, tape } from "./tapes.ts"

const Level = Schema.Struct({ price: Schema.NumberFromString, size: Schema.NumberFromString })
const Times = { timestamp: Schema.NumberFromString, local_timestamp: Schema.NumberFromString }
const books = Schema.decodeUnknownSync(
  Schema.parseJson(Schema.Struct({ ...Times, bids: Schema.Array(Level), asks: Schema.Array(Level) }))
)
const trades = Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({ ...Times, ...Level.fields })))

const lines = (path: string): ReadonlyArray<string> => gunzipSync(readFileSync(path)).toString().trim().split("\n")

const sizes = (levels: ReadonlyArray<typeof Level.Type>) =>
  Object.fromEntries(levels.map(({ price, size }) => [String(price), size]))

/** Books and prints of the first outcome, in the order in which the recorder got them. */
const recorded = (book: string, print: string): ReadonlyArray<Happening> =>
  [
    ...lines(book).map((line): Happening => {
      const { asks, bids, local_timestamp, timestamp } = books(line)
      return {
        at: timestamp - START,
        late: local_timestamp - timestamp,
        book: { bids: sizes(bids), asks: sizes(asks) }
      }
    }),
    ...lines(print).map((line): Happening => {
      const { local_timestamp, price, size, timestamp } = trades(line)
      return { at: timestamp - START, late: local_timestamp - timestamp, trade: [price, size] }
    })
  ].sort((a, b) => a.at + (a.late ?? 0) - b.at - (b.late ?? 0))

const summary = (run: BacktestRun) => ({
  orders: run.orders.map(
    (order) => `${order.status} ${order.filledQty} (${order.bands.pessimistic} to ${order.bands.optimistic})`
  ),
  pnl: `${run.figures.pnl} (${run.bands.pessimistic.pnl} to ${run.bands.optimistic.pnl})`,
  hash: createHash("sha256").update(JSON.stringify(run)).digest("hex").slice(0, 16)
})

const resting: ReadonlyArray<Line> = [
  { price: 0.45, size: 100, sizeUnit: "SHARES" },
  { price: 0.45, size: 100, sizeUnit: "SHARES", outcome: "NO", cancelAfterSec: 300 }
]
const taking: ReadonlyArray<Line> = [
  { price: 0.6, size: 250, timeInForce: "FAK" },
  { price: 0.99, size: 100, timeInForce: "FOK" }
]

/** What each came to when it was last looked at closely; the hash is of the whole report of the run. */
const cases = [
  {
    slug: "sol-updown-15m-1765450800",
    lines: resting,
    expected: {
      orders: ["filled 100 (100 to 100)", "filled 100 (100 to 100)"],
      pnl: "9 (9 to 9)",
      hash: "927ea91badc69e04"
    }
  },
  {
    slug: "sol-updown-15m-1765450800",
    lines: taking,
    expected: {
      orders: ["filled 509.8 (509.8 to 509.8)", "filled 200 (200 to 200)"],
      pnl: "340.28603 (340.28603 to 340.28603)",
      hash: "8fa022ebd8c8e95c"
    }
  },
  {
    slug: "ethereum-up-or-down-december-11-6am-et",
    lines: resting,
    expected: {
      orders: ["filled 100 (100 to 100)", "filled 100 (0 to 100)"],
      pnl: "7.999998 (4.999999 to 8)",
      hash: "674a052dde143d59"
    }
  },
  {
    slug: "ethereum-up-or-down-december-11-6am-et",
    lines: taking,
    expected: {
      orders: ["filled 515.8948 (515.8948 to 515.8948)", "filled 200.4191 (200.4191 to 200.4191)"],
      pnl: "-4.36885 (-4.36885 to -4.36885)",
      hash: "f6430015e37df470"
    }
  }
]

describe("a backtest over a recorded market", () => {
  for (const { expected, lines, slug } of cases) {
    const book = shared(`data/books/${slug}.up.books.jsonl.gz`)
    const print = shared(`data/trades/${slug}.up.ws_trades.jsonl.gz`)
    it.effect.skipIf(book === undefined || print === undefined)(
      `of ${lines === resting ? "resting" : "taking"} orders comes to the same as ever in ${slug}`,
      () =>
        Effect.gen(function* () {
          const path = yield* tape(recorded(book ?? "", print ?? ""), [
            market(slug, { fees: { rate: 70_000n, exponent: 1 } })
          ])
          const run = yield* backtest(plan(lines.map((line) => ({ ...line, marketId: slug }))), [path], {
            latency: { _tag: "LogNormal", median: 100, sigma: 0.5 }
          })
          assert.deepStrictEqual(summary(run), expected)
        }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
    )
  }
})
