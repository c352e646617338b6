import * as Effect from "effect/Effect"

/** Rows of one statement: few enough that its text fits the socket at once, so the server begins before we go on. */
const BLOCK = 400

/**
 * Writes many rows with one statement a block, in their order: while the server works on a block, the next is spelt out.
 * `statement` spells when it is called and runs when it is yielded, so nothing but spelling goes on beside a statement.
 * Returns how many rows the statements gave back.
 */
export const inBlocks = <A, E, R>(
  rows: ReadonlyArray<A>,
  statement: (block: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<unknown>, E, R>
): Effect.Effect<number, E, R> =>
  Effect.gen(function* () {
    const nothing: Effect.Effect<ReadonlyArray<unknown>, E, R> = Effect.succeed([])
    const spell = (at: number) => (at < rows.length ? statement(rows.slice(at, at + BLOCK)) : nothing)
    let returned = 0
    let ready = spell(0)
    for (let at = 0; at < rows.length; at += BLOCK) {
      const [written, next] = yield* Effect.all([ready, Effect.sync(() => spell(at + BLOCK))], { concurrency: 2 })
      returned += written.length
      ready = next
    }
    return returned
  })
