import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as App from "../app.ts"
import { Ledger } from "../persist/Ledger.ts"
import { expireDue } from "../upkeep.ts"

/** Asks the ledger, after the paper orders whose lifetime is over have expired: no read-out shows them as open. */
export const ask = <A, E>(question: (ledger: typeof Ledger.Service) => Effect.Effect<A, E>) =>
  App.run(Option.none(), () => Effect.zipRight(expireDue("paper"), Effect.flatMap(Ledger, question)))
