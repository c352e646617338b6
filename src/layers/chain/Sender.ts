import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { Chain } from "../Chain.ts"

/** How changes of one kind of wallet come onto the chain; `settle` and `change` as in the port. */
export type Sender = Pick<typeof Chain.Service, "settle" | "change">

/** How long to wait for what was sent, and how often to look. */
export interface Patience {
  readonly seconds: number
  readonly everySeconds: number
}

/** Looks until something is there; none when patience has run out first. */
export const watch = <A, E>(
  look: Effect.Effect<Option.Option<A>, E>,
  patience: Patience
): Effect.Effect<Option.Option<A>, E> =>
  Effect.flatten(look).pipe(
    Effect.retry({
      while: (error) => Cause.isNoSuchElementException(error),
      schedule: Schedule.spaced(Duration.seconds(patience.everySeconds))
    }),
    Effect.timeoutOption(Duration.seconds(patience.seconds)),
    Effect.catchIf(Cause.isNoSuchElementException, () => Effect.succeedNone)
  )
