import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** A whole number between two, both among them. */
export const int = (low: number, high: number) => Random.nextIntBetween(low, high + 1)

export const chance = (p: number) => Effect.map(Random.next, (drawn) => drawn < p)

export const oneOf = <A>(all: ReadonlyArray<A>) =>
  Effect.flatMap(Random.nextIntBetween(0, all.length), (index) => {
    const found = all[index]
    return found === undefined ? Effect.dieMessage("nothing to choose from") : Effect.succeed(found)
  })
