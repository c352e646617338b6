import * as Either from "effect/Either"
import { labelOf } from "../../domain/Label.ts"
import type { Market } from "../../domain/Market.ts"
import { collector } from "./Recording.ts"
import type { Entry } from "./TapeFile.ts"

/**
 * The markets that records tell of: Gamma's, those of `/clob-markets` and announcements of the stream, in any mixture; two
 * of one market are put together. Markets that could not be traded are left out. Fails on a value of another shape.
 */
export const read = (entries: ReadonlyArray<Entry>, source: string): Either.Either<ReadonlyArray<Market>, string> =>
  Either.gen(function* () {
    const collected = collector(source)
    yield* collected.add({ path: source, label: labelOf(source), entries: entries.map(Either.right) })
    const { markets } = yield* collected.finish()
    return markets.map(({ record }) => record)
  })
