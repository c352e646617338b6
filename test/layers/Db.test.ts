import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Db from "../../src/layers/Db.ts"

const CANARY = "c4n4ry"

const failure = (url: string) =>
  Effect.flip(Effect.scoped(Layer.build(Db.layer({ databaseUrl: Option.some(Redacted.make(url)), home: "" }))))

describe("Db", () => {
  for (const url of [
    `postgres://me:${CANARY}@127.0.0.1:1/book`,
    `postgres://me:${CANARY}@no-such-host.invalid/book`,
    `postgres://me:12/${CANARY}@127.0.0.1:1/book`,
    `postgres://me:${CANARY}%zz@127.0.0.1:1/book`,
    `postgres://me:1#${CANARY}@127.0.0.1:1/book`,
    `postgres://127.0.0.1:1/book?user=me&password=${CANARY}`,
    `postgres://${CANARY}:${CANARY}`,
    `postgres://me:${CANARY}@127.0.0.1:port/book`
  ]) {
    it.live(`an address that leads nowhere is told without its password: ${url.replaceAll(CANARY, "...")}`, () =>
      Effect.gen(function* () {
        const told = yield* failure(url)
        assert.strictEqual(told._tag, "DatabaseUnavailable")
        assert.include(told.message, "DATABASE_URL")
        assert.notInclude(JSON.stringify(told), CANARY)
      })
    )
  }
})
