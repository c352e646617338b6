import { readFileSync } from "node:fs"
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { format } from "../../../src/domain/Money.ts"
import { MarketData } from "../../../src/layers/MarketData.ts"
import * as Gamma from "../../../src/layers/marketdata/GammaMarket.ts"
import { layer } from "../../../src/layers/marketdata/Polymarket.ts"
import { record } from "../../../src/layers/marketdata/Record.ts"
import { shared } from "../../shared.ts"
import {
  type Call,
  CONDITION,
  clobMarket,
  fakeVenue,
  gammaMarket,
  type Reply,
  restBook,
  right,
  TOKENS
} from "./fakeVenue.ts"

const missing: Reply = { status: 404, body: { error: "not found" } }

const usual = (call: Call): Reply => {
  if (call.path === "/gamma/markets/slug/btc-updown" || call.path === "/gamma/markets/5308512")
    return { body: gammaMarket }
  if (call.path === "/gamma/markets") return { body: [] }
  if (call.path === `/clob/clob-markets/${CONDITION}`) return { body: clobMarket }
  if (call.path === "/clob/books") return { body: [restBook] }
  return missing
}

/** Uses the venue's data against a fake; five minutes pass for pauses. */
const against = <A, E>(
  answer: (call: Call, nth: number) => Reply,
  work: (data: (typeof MarketData)["Service"]) => Effect.Effect<A, E>
) =>
  Effect.gen(function* () {
    const { calls, client } = fakeVenue(answer)
    const data = layer({ gammaUrl: "https://venue.test/gamma", clobUrl: "https://venue.test/clob" }).pipe(
      Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
    )
    const fiber = yield* Effect.fork(Effect.exit(Effect.provide(Effect.flatMap(MarketData, work), data)))
    yield* TestClock.adjust("5 minutes")
    return { exit: yield* Fiber.join(fiber), calls }
  })

const failure = (exit: Exit.Exit<unknown, unknown>): string => (Exit.isFailure(exit) ? String(exit.cause) : "none")

const bookOf = (book: unknown) =>
  Effect.gen(function* () {
    const { exit } = yield* against(
      (call) => (call.path === "/clob/books" ? { body: book } : usual(call)),
      (data) =>
        Effect.flatMap(data.markets(["btc-updown"]), (markets) =>
          Effect.map(
            data.books([...markets.values()].flatMap((market) => (Either.isRight(market) ? [market.right] : []))),
            (books) => books.get(CONDITION)
          )
        )
    )
    return exit
  })

describe("looking markets up", () => {
  it.effect("finds one by slug, by numeric id, and names those there are not", () =>
    Effect.gen(function* () {
      const ids = ["btc-updown", "5308512", "no-such", "404", "../etc", "sim-x", "btc-updown"]
      const { calls, exit } = yield* against(usual, (data) => data.markets(ids))
      const found = yield* exit
      assert.deepStrictEqual(new Set(found.keys()), new Set(ids))
      assert.strictEqual(right(found.get("btc-updown")).conditionId, CONDITION)
      assert.deepStrictEqual(found.get("5308512"), found.get("btc-updown"))
      assert.deepStrictEqual(found.get("no-such"), Either.left({ id: "no-such", reason: "no market with this slug" }))
      assert.deepStrictEqual(found.get("404"), Either.left({ id: "404", reason: "no market with this id" }))
      assert.strictEqual(found.get("../etc")?._tag, "Left")
      assert.isTrue(calls.every((call) => !call.path.includes("etc") && !call.path.includes("sim-")))
      assert.strictEqual(calls.filter((call) => call.path.endsWith("slug/btc-updown")).length, 1)
    })
  )

  it.effect("P-44: finds a closed market by its condition id, in a second look", () =>
    Effect.gen(function* () {
      const closed = { ...gammaMarket, closed: true, umaResolutionStatus: "resolved", outcomePrices: '["1", "0"]' }
      const { calls, exit } = yield* against(
        (call) =>
          call.path === "/gamma/markets"
            ? { body: call.params.some(([key]) => key === "closed") ? [closed] : [] }
            : call.path.startsWith("/clob/clob-markets")
              ? missing
              : usual(call),
        (data) => data.markets([CONDITION, `0x${"cd".repeat(32)}`])
      )
      const found = yield* exit
      const market = right(found.get(CONDITION))
      assert.deepEqual(market.payouts?.map(format), ["1", "0"])
      assert.strictEqual(market.closedBecause, "resolved; closed; the CLOB does not have it")
      assert.deepStrictEqual(
        found.get(`0x${"cd".repeat(32)}`),
        Either.left({ id: `0x${"cd".repeat(32)}`, reason: "no market with this condition id" })
      )
      const lists = calls.filter((call) => call.path === "/gamma/markets")
      assert.strictEqual(lists.length, 2)
      assert.isTrue(lists[0]?.params.some(([key, value]) => key === "condition_ids" && value === CONDITION))
    })
  )

  it.effect("asks for many condition ids at a time", () =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 100 }, (_, n) => `0x${String(n).padStart(64, "0")}`)
      const { calls, exit } = yield* against(usual, (data) => data.markets(ids))
      assert.strictEqual((yield* exit).size, 100)
      assert.strictEqual(calls.length, 6)
    })
  )

  it.effect("asks the CLOB for a v2 condition by 64 digits and Gamma by 62", () =>
    Effect.gen(function* () {
      const short = `0x${"01".repeat(31)}`
      const v2 = { ...gammaMarket, version: "v2", conditionId: short, clobTokenIds: null, positionIds: TOKENS }
      const { calls, exit } = yield* against(
        (call) =>
          call.path === "/gamma/markets"
            ? { body: call.params.some(([, value]) => value === short) ? [v2] : [] }
            : call.path === `/clob/clob-markets/${short}00`
              ? { body: { ...clobMarket, v: "v2" } }
              : missing,
        (data) => data.markets([`${short}00`])
      )
      const market = right((yield* exit).get(`${short}00`))
      assert.deepInclude(market, { conditionId: `${short}00`, version: "v2", closedBecause: undefined })
      assert.strictEqual(calls.at(-1)?.path, `/clob/clob-markets/${short}00`)
    })
  )

  it.effect("fails on a record it cannot read, and names the field and what stands there", () =>
    Effect.gen(function* () {
      const { exit } = yield* against(
        (call) => (call.path.startsWith("/gamma") ? { body: { ...gammaMarket, outcomes: 12 } } : usual(call)),
        (data) => data.markets(["btc-updown"])
      )
      assert.include(failure(exit), "outcomes: expected a list of texts")
      assert.include(failure(exit), "found 12")
    })
  )

  it.effect("fails when the source is down or refuses us, and does not take that for an unknown market", () =>
    Effect.gen(function* () {
      for (const reply of [
        { status: 503, body: "disabled" },
        { status: 403, body: "<html>403 Forbidden</html>" }
      ] satisfies ReadonlyArray<Reply>) {
        const { exit } = yield* against(
          () => reply,
          (data) => data.markets(["btc-updown"])
        )
        assert.include(failure(exit), `HTTP ${reply.status}: ${reply.body}`)
      }
    })
  )

  it.effect("stays below the venue's limit of 300 look-ups in ten seconds", () =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 400 }, (_, n) => `m-${n}`)
      const { calls, exit } = yield* against(
        () => missing,
        (data) => data.markets(ids)
      )
      assert.strictEqual((yield* exit).size, 400)
      const times = calls.map((call) => call.atMillis)
      for (const [index, at] of times.entries()) {
        assert.isBelow(times.slice(index).filter((later) => later < at + 10_000).length, 300)
      }
    })
  )
})

describe("books", () => {
  it.effect("P-43: come with the best level first, whatever the order of the wire", () =>
    Effect.gen(function* () {
      const book = right(yield* yield* bookOf([restBook]))
      assert.deepStrictEqual(
        book.bids.map((level) => format(level.price)),
        ["0.95", "0.94", "0.01"]
      )
      assert.deepStrictEqual(
        book.asks.map((level) => format(level.price)),
        ["0.96", "0.97", "0.99"]
      )
      assert.strictEqual(book.asks[2]?.size, 50_010_000n)
      assert.strictEqual(book.tick, 10_000n)
      assert.strictEqual(book.venueMillis, 1_791_241_810_525)
    })
  )

  it.effect("bring their own tick, which beats the record's", () =>
    Effect.gen(function* () {
      const finer = { ...restBook, tick_size: "0.001", bids: [{ price: "0.951", size: "1" }] }
      const book = right(yield* yield* bookOf([finer]))
      assert.strictEqual(book.tick, 1_000n)
      const untold = right(yield* yield* bookOf([{ ...restBook, tick_size: "" }]))
      assert.strictEqual(untold.tick, 10_000n)
    })
  )

  const faulty: ReadonlyArray<readonly [string, unknown, string]> = [
    ["that are crossed", [{ ...restBook, asks: [{ price: "0.95", size: "5" }] }], "locked"],
    ["with a level twice", [{ ...restBook, asks: [...restBook.asks, { price: "0.960", size: "1" }] }], "twice"],
    ["off the grid", [{ ...restBook, bids: [{ price: "0.945", size: "1" }] }], "off the grid"],
    ["of no size", [{ ...restBook, bids: [{ price: "0.94", size: "0" }] }], "size 0"],
    ["of another market", [{ ...restBook, market: `0x${"99".repeat(32)}` }], "another market"],
    ["that are missing", [], "no book"]
  ]
  for (const [what, body, reason] of faulty) {
    it.effect(`${what} are faults, not failures`, () =>
      Effect.gen(function* () {
        const found = yield* yield* bookOf(body)
        assert.isTrue(found !== undefined && Either.isLeft(found) && found.left.reason.includes(reason))
      })
    )
  }

  it.effect("that cannot be read fail, and name the field", () =>
    Effect.gen(function* () {
      const bad = {
        ...restBook,
        asks: [
          { price: "0.96", size: "5" },
          { price: "abc", size: "5" }
        ]
      }
      assert.include(failure(yield* bookOf([restBook, bad])), '[1].asks[1].price: expected a decimal, found "abc"')
      assert.include(
        failure(yield* bookOf([{ ...restBook, bids: null }])),
        "[0].bids: expected a list of levels, found null"
      )
      assert.include(failure(yield* bookOf([{ ...restBook, timestamp: "soon" }])), "[0].timestamp: expected a time")
      assert.include(failure(yield* bookOf({ error: "no" })), "POST /clob/books: HTTP 200")
    })
  )

  it.effect("of many markets are asked for in hundreds, and one refused token does not take the others with it", () =>
    Effect.gen(function* () {
      const asked = (call: Call) => Schema.decodeUnknownSync(Asked)(call.body).map((each) => each.token_id)
      const { calls, exit } = yield* against(
        (call) => {
          const tokens = asked(call)
          return tokens.includes("7")
            ? { status: 404, body: { error: "No orderbook exists" } }
            : { body: tokens.map((token) => ({ ...restBook, market: "", asset_id: token })) }
        },
        (data) =>
          data.books(
            Array.from({ length: 150 }, (_, n) => ({
              ...Either.getOrThrow(simpleMarket),
              conditionId: `0x${n}`,
              tokenIds: [String(n), `${n}b`] as const
            }))
          )
      )
      const books = yield* exit
      assert.strictEqual(books.size, 150)
      const faults = [...books].filter(([, book]) => Either.isLeft(book))
      assert.deepStrictEqual(
        faults.map(([id]) => id),
        ["0x7"]
      )
      assert.isBelow(calls.length, 20)
      assert.isTrue(calls.every((call) => call.method === "POST" && asked(call).length <= 100))
    })
  )

  const fixture = shared("venue/fixtures/book-rest-v1.json")
  it.effect.skipIf(fixture === undefined)("as recorded from the venue are whole and uncrossed", () =>
    Effect.gen(function* () {
      const { examples } = Schema.decodeUnknownSync(Recorded)(readFileSync(fixture ?? "", "utf8"))
      const payload = { ...examples[0]?.payload, market: CONDITION, asset_id: TOKENS[0] }
      const book = right(yield* yield* bookOf([payload]))
      assert.strictEqual(book.bids[0]?.price, 950_000n)
      assert.strictEqual(book.asks[0]?.price, 960_000n)
    })
  )
})

const Asked = Schema.parseJson(Schema.Array(Schema.Struct({ token_id: Schema.String })))
const Recorded = Schema.parseJson(
  Schema.Struct({
    examples: Schema.Array(Schema.Struct({ payload: Schema.Record({ key: Schema.String, value: Schema.Unknown }) }))
  })
)
const simpleMarket = Either.flatMap(Gamma.read(gammaMarket), (gamma) => record(gamma, undefined, "live"))
