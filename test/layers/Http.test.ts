import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { reader } from "../../src/layers/Http.ts"
import { type Call, fakeVenue, type Reply } from "./marketdata/fakeVenue.ts"

const get = HttpClientRequest.get("https://venue.test/markets/slug/x?key=SECRET").pipe(
  HttpClientRequest.setHeader("authorization", "SECRET")
)

/** Reads once against the fake, with five minutes for all pauses. */
const run = (answer: (call: Call, nth: number) => Reply) =>
  Effect.gen(function* () {
    const { calls, client } = fakeVenue(answer)
    const fiber = yield* Effect.fork(Effect.either(reader(client, { source: "Gamma" })(get)))
    yield* TestClock.adjust("5 minutes")
    return { answer: yield* Fiber.join(fiber), calls, at: calls.map((call) => call.atMillis) }
  })

describe("reading over HTTP", () => {
  for (const status of [425, 429, 500, 502, 503]) {
    it.effect(`a ${status} is tried again, and the answer after it counts`, () =>
      Effect.gen(function* () {
        const { answer, at } = yield* run((_, nth) => (nth < 3 ? { status, body: "busy" } : { body: { fine: 1 } }))
        assert.strictEqual(at.length, 3)
        assert.isAtLeast(at[1] ?? 0, 160)
        assert.isAtLeast(at[2] ?? 0, (at[1] ?? 0) + 320)
        assert.deepStrictEqual(answer._tag === "Right" ? answer.right.body : answer.left, { fine: 1 })
      })
    )
  }

  it.effect("after four tries a source counts as down, with path, status and the beginning of the body", () =>
    Effect.gen(function* () {
      const { answer, calls } = yield* run(() => ({ status: 503, body: "trading is disabled".padEnd(5000, "!") }))
      assert.strictEqual(calls.length, 4)
      assert.isTrue(answer._tag === "Left")
      if (answer._tag === "Right") return
      assert.strictEqual(answer.left.source, "Gamma")
      assert.include(answer.left.message, "GET /markets/slug/x: HTTP 503: trading is disabled!")
      assert.isBelow(answer.left.message.length, 300)
    })
  )

  it.effect("no header and no query ever reaches a failure", () =>
    Effect.gen(function* () {
      for (const reply of ["reset", "silence", { status: 500, body: "x" }] satisfies ReadonlyArray<Reply>) {
        const { answer } = yield* run(() => reply)
        assert.strictEqual(answer._tag, "Left")
        assert.notInclude(JSON.stringify(answer), "SECRET")
      }
    })
  )

  it.effect("a broken connection is tried again and its cause is told", () =>
    Effect.gen(function* () {
      const { answer, calls } = yield* run(() => "reset")
      assert.strictEqual(calls.length, 4)
      assert.include(answer._tag === "Left" ? answer.left.message : "", "ECONNRESET")
    })
  )

  it.effect("silence is cut after ten seconds and tried again", () =>
    Effect.gen(function* () {
      const { answer, at } = yield* run((_, nth) => (nth === 1 ? "silence" : { body: [] }))
      assert.strictEqual(answer._tag, "Right")
      assert.isAtLeast(at[1] ?? 0, 10_100)
      assert.isBelow(at[1] ?? 0, 10_500)
    })
  )

  it.effect("Retry-After in seconds is waited for", () =>
    Effect.gen(function* () {
      const { at } = yield* run((_, nth) =>
        nth === 1 ? { status: 429, body: "", headers: { "retry-after": "7" } } : { body: [] }
      )
      assert.isAtLeast((at[1] ?? 0) - (at[0] ?? 0), 7_000)
      assert.isBelow(at[1] ?? 0, 8_000)
    })
  )

  it.effect("Retry-After as a date is waited for", () =>
    Effect.gen(function* () {
      const { at } = yield* run((_, nth) =>
        nth === 1
          ? { status: 503, body: "", headers: { "retry-after": "Thu, 01 Jan 1970 00:00:20 GMT" } }
          : { body: [] }
      )
      assert.isAtLeast(at[1] ?? 0, 20_000)
      assert.isBelow(at[1] ?? 0, 21_000)
    })
  )

  it.effect("a source that asks for more than 30 seconds is down for now, and is not asked sooner", () =>
    Effect.gen(function* () {
      const { answer, calls } = yield* run(() => ({ status: 503, body: "", headers: { "retry-after": "79" } }))
      assert.strictEqual(calls.length, 1)
      assert.include(answer._tag === "Left" ? answer.left.message : "", "1m 19s")
    })
  )

  it.effect("other refusals are answers, with JSON or without", () =>
    Effect.gen(function* () {
      const missing = yield* run(() => ({ status: 404, body: { error: "not found" } }))
      const blocked = yield* run(() => ({ status: 403, body: "<html>403</html>" }))
      assert.deepStrictEqual([missing.calls.length, blocked.calls.length], [1, 1])
      assert.deepInclude(missing.answer._tag === "Right" ? missing.answer.right : {}, {
        status: 404,
        body: { error: "not found" }
      })
      assert.deepInclude(blocked.answer._tag === "Right" ? blocked.answer.right : {}, {
        status: 403,
        body: undefined,
        text: "<html>403</html>"
      })
    })
  )

  it.effect("an acceptance that is no JSON is a failure", () =>
    Effect.gen(function* () {
      const { answer } = yield* run(() => ({ body: "<html>sorry</html>" }))
      assert.include(answer._tag === "Left" ? answer.left.message : "", "no JSON: <html>sorry")
    })
  )
})
