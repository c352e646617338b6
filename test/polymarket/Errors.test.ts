import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { advice, classify, type ErrorClass, type Fate, isFinal } from "../../src/polymarket/Errors.ts"
import { shared } from "../shared.ts"

/** Every text that the venue is known to answer with, as it comes: status, text, what it is about, what it settles. */
const TEXTS: ReadonlyArray<readonly [number, string, ErrorClass, Fate]> = [
  [400, "not enough balance / allowance: the balance is not enough -> balance: 4, order amount: 5", "funds", "refused"],
  [400, "order 0xab is invalid. Price (0.123) breaks minimum tick size rule: 0.01", "tick", "refused"],
  [400, "order 0xab is invalid. Size (2) lower than the minimum: 5", "size", "refused"],
  [400, "invalid amount for a marketable BUY order ($0.9982), min size: $1", "size", "refused"],
  [400, "invalid post-only order: order crosses book", "postOnlyCross", "refused"],
  [400, "order 0xab crosses the book", "cross", "refused"],
  [400, "invalid expiration", "gtd", "refused"],
  [400, "invalid amounts, the market buy orders maker amount supports a max accuracy of 2", "rounding", "refused"],
  [400, "order_version_mismatch", "protocol", "refused"],
  [400, "maker address not allowed, please use the deposit wallet flow", "account", "refused"],
  [400, "the order signer address has to be the address of the API KEY", "config", "refused"],
  [400, "the order owner has to be the owner of the API KEY", "config", "refused"],
  [400, "'0xab' address in closed only mode", "compliance", "refused"],
  [400, "'0xab' address banned", "compliance", "refused"],
  [400, "order canceled in the CTF exchange contract", "cancelled", "refused"],
  [400, "the market is not yet ready to process new orders", "marketState", "refused"],
  [400, "Too many orders in payload: 16, max allowed: 15", "batch", "refused"],
  [400, "Invalid order payload", "config", "refused"],
  [401, "Unauthorized/Invalid api key", "auth", "refused"],
  [401, "Invalid L1 Request headers", "auth", "refused"],
  [403, "<html><head><title>403 Forbidden</title></head></html>", "geo", "refused"],
  [
    503,
    "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.",
    "cancelOnly",
    "refused"
  ],
  [503, "post-only mode: only post-only orders and cancels are allowed", "postOnlyMode", "refused"],
  [503, "Trading is currently disabled. Check polymarket.com for updates", "disabled", "refused"],
  [503, "trading is disabled", "disabled", "refused"],
  [400, "order couldn't be fully filled. FOK orders are fully filled or killed.", "killed", "killed"],
  [400, "no orders found to match with FAK order. FAK orders are partially filled or killed", "killed", "killed"],
  [400, "order match delayed due to market conditions", "delayed", "delayed"],
  [400, "order 0xab is invalid. Duplicated.", "duplicate", "unknown"],
  [400, "context canceled", "unknown", "unknown"],
  [425, "Service is not ready", "restart", "unknown"],
  [425, "the matching engine is restarting", "restart", "unknown"],
  [429, "Too Many Requests", "rateLimit", "unknown"],
  [404, "not found", "missing", "unknown"],
  [404, "No orderbook exists for the requested token id", "missing", "unknown"],
  [500, "order timed out", "timeout", "unknown"],
  [500, "could not insert order", "server", "unknown"],
  [500, "there are no matching orders", "server", "unknown"],
  [500, "the trade contains rounding issues", "rounding", "unknown"]
]

const told = TEXTS.map(([, text]) => text.toLowerCase())

const Listed = Schema.parseJson(
  Schema.Struct({ patterns: Schema.Array(Schema.Struct({ contains: Schema.String, http: Schema.Int })) })
)
const list = shared("venue/data/errors.json")

describe("an answer to the post of an order", () => {
  for (const [status, text, of, fate] of TEXTS) {
    it(`that says "${text.slice(0, 60)}" is about ${of}, and the order's fate is: ${fate}`, () => {
      for (const said of [text, text.toUpperCase(), `{"error":"${text}"}`]) {
        const found = classify(status, said)
        assert.deepStrictEqual([found.of, found.fate], [of, fate])
      }
    })
  }

  it("P-03: that speaks of a canceled context settles nothing, whatever else it says and whatever its status", () => {
    for (const [, text] of TEXTS.filter(([, text]) => !text.startsWith("<"))) {
      for (const status of [400, 401, 403, 404, 500]) {
        assert.strictEqual(classify(status, `${text}: context canceled`).fate, "unknown", text)
      }
    }
  })

  it("P-05: with a status alone settles nothing: 404, 425, 429 and 5xx are no refusals", () => {
    for (const status of [400, 402, 404, 405, 408, 409, 418, 425, 429, 500, 502, 503, 504, 522, 599]) {
      for (const text of ["", "<html><body>Bad Gateway</body></html>", "{}", "null"]) {
        assert.strictEqual(classify(status, text).fate, "unknown", `${status} ${text}`)
      }
    }
    assert.deepStrictEqual(
      [425, 429, 404, 500, 418].map((status) => classify(status, "").of),
      ["restart", "rateLimit", "missing", "server", "unknown"]
    )
  })

  it("P-05: that is the page of a gateway settles nothing, whatever words are on it, but for its refusal of this address", () => {
    for (const [, text] of TEXTS) {
      for (const status of [200, 400, 401, 404, 500, 502, 503]) {
        assert.strictEqual(classify(status, `<html><body>${text}</body></html>`).fate, "unknown", text)
      }
    }
  })

  it("P-03: in words that nobody knows is never a refusal", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 400, max: 599 }), (text, status) => {
        const known = told.some((each) => text.toLowerCase().includes(each.slice(0, 10)))
        fc.pre(!known && !text.includes("<html"))
        assert.strictEqual(classify(status, text).fate, "unknown")
      })
    )
  })

  it.skipIf(list === undefined)("is known by every text that the venue's documentation lists", () => {
    const { patterns } = Schema.decodeUnknownSync(Listed)(readFileSync(list ?? "", "utf8"))
    assert.isAbove(patterns.length, 30)
    const elsewhere = ["next item should be greater than or equal to 0", "Invalid Heartbeat ID"]
    for (const { contains, http } of patterns) {
      const listed = told.some((text) => text.includes(contains.toLowerCase()))
      assert.isTrue(listed || elsewhere.includes(contains), contains)
      if (contains !== "context canceled") assert.notStrictEqual(classify(http, contains).of, "unknown", contains)
    }
  })
})

describe("an error that everything else would meet as well", () => {
  it("P-52: stops all that would follow, and says what to do", () => {
    const final = TEXTS.filter(([, , of]) => isFinal(of)).map(([, , of]) => of)
    assert.sameMembers([...new Set(final)], ["account", "config", "compliance", "auth", "geo"])
    for (const of of final) assert.isAbove(advice(of).length, 20, of)
  })

  it("P-54: is not that of one market alone, which is closed by itself", () => {
    assert.isFalse(isFinal("protocol"))
    assert.isFalse(isFinal("funds"))
  })
})
