import { resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { MarketDataUnavailable } from "../../../src/domain/Failure.ts"
import { MarketData, type Source } from "../../../src/layers/MarketData.ts"
import * as Sources from "../../../src/layers/marketdata/Sources.ts"
import { market } from "../../pipeline/world.ts"

const FILE: Source = { _tag: "File", path: "tapes/book.json" }
const PLACE = `file:${resolve("tapes/book.json")}`

const broken = new MarketDataUnavailable({ source: PLACE, message: "it is gone" })

describe("a recorded file that was named by a relative path", () => {
  it.effect("is opened once, for its markets and for their books", () =>
    Effect.gen(function* () {
      const opened: Array<Source> = []
      const data = yield* Sources.make({
        chosen: Option.some(FILE),
        open: (source) =>
          Effect.sync(() => {
            opened.push(source)
            return MarketData.of({
              markets: (ids) =>
                Effect.succeed(new Map(ids.map((id) => [id, Either.right(market(id, { source: PLACE }))]))),
              books: () => Effect.succeed(new Map())
            })
          }),
        remembered: () => Effect.succeed(new Map())
      })
      yield* data.markets(["m"])
      yield* data.books([market("m", { source: PLACE })])
      assert.lengthOf(opened, 1)
    })
  )

  it.effect("fails a look at its books when it fails: the operator named it", () =>
    Effect.gen(function* () {
      const data = yield* Sources.make({
        chosen: Option.some(FILE),
        open: () => Effect.fail(broken),
        remembered: () => Effect.succeed(new Map())
      })
      const failure = yield* Effect.flip(data.books([market("m", { source: PLACE })]))
      assert.strictEqual(failure.message, "it is gone")
    })
  )
})
