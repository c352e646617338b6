import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidInput } from "../domain/Failure.ts"
import type { Mode } from "../domain/Order.ts"
import { Venue } from "../layers/Venue.ts"
import { Ledger } from "../persist/Ledger.ts"

/**
 * Fails where the settings are those of another wallet than the one this database tells of. The venue would not know its
 * orders, and that they are not there would be believed.
 */
export const sameWallet = Effect.fn("Reconcile.sameWallet")(function* (mode: Mode) {
  const ledger = yield* Ledger
  const venue = yield* Venue
  const wallet = yield* venue.wallet(mode)
  const account = wallet === undefined ? undefined : Option.getOrUndefined(yield* ledger.liveAccount())
  if (wallet === undefined || account === undefined || account.wallet.toLowerCase() === wallet.toLowerCase()) return
  return yield* new InvalidInput({
    code: "another_wallet",
    message: `this database tells of wallet ${account.wallet}, and the settings are those of ${wallet}`,
    issues: [{ path: "", message: "give every wallet a database of its own: BETTEROMS_HOME, or DATABASE_URL" }]
  })
})
