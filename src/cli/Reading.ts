import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as App from "../app.ts"
import { Ledger } from "../persist/Ledger.ts"
import { expireDue } from "../upkeep.ts"
import { look } from "./Ending.ts"

/** How tables look, markets by the names they have on record. Asked for only where there are tables. */
export const named = (json: boolean) =>
  json
    ? Effect.succeed(look())
    : Effect.flatMap(Ledger, (ledger) => Effect.map(ledger.slugs(), (slugs) => ({ ...look(), slugs })))

/** Asks the ledger, after the paper orders whose lifetime is over have expired: no read-out shows them as open. */
export const ask = <A, E>(question: (ledger: typeof Ledger.Service) => Effect.Effect<A, E>) =>
  App.run(Option.none(), () => Effect.zipRight(expireDue("paper"), Effect.flatMap(Ledger, question)))

/** The same, with how tables are to show what was found. */
export const askNamed = <A, E>(json: boolean, question: (ledger: typeof Ledger.Service) => Effect.Effect<A, E>) =>
  App.run(Option.none(), () =>
    Effect.all([Effect.zipRight(expireDue("paper"), Effect.flatMap(Ledger, question)), named(json)])
  )
