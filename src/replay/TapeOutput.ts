import { rename, rm, stat } from "node:fs/promises"
import * as Effect from "effect/Effect"
import type { InvalidInput } from "../domain/Failure.ts"
import { fault, trying } from "./TapeFault.ts"
import * as TapeWriter from "./TapeWriter.ts"

/** A tape that was made. */
export interface Made {
  readonly out: string
  readonly rows: number
  readonly bytes: number
  readonly blocks: number
  readonly markets: number
}

/**
 * Makes a tape under another name and gives it its own when it is finished: a failure leaves nothing, and what is there
 * already is replaced only on demand.
 */
export const output = <R>(
  out: string,
  replace: boolean,
  fill: (writer: TapeWriter.TapeWriter) => Effect.Effect<void, InvalidInput, R>
) =>
  Effect.gen(function* () {
    const taken = yield* Effect.either(Effect.tryPromise(() => stat(out)))
    if (taken._tag === "Right" && !replace) {
      return yield* fault("exists_already", out, "it is there already; choose another name, or say --replace")
    }
    const partial = `${out}.partial`
    const work = Effect.scoped(
      Effect.gen(function* () {
        yield* trying(partial, "replaced", () => rm(partial, { force: true }))
        const writer = yield* TapeWriter.make(partial, { append: false, durable: false })
        yield* fill(writer)
        yield* writer.finish
        const made: Made = { out, ...writer.written(), markets: writer.table.all.length }
        return made
      })
    )
    const made = yield* Effect.onError(work, () => Effect.promise(() => rm(partial, { force: true })))
    yield* trying(out, "written", () => rename(partial, out))
    return made
  })
