import * as Effect from "effect/Effect"
import { instrumentKey } from "../domain/Market.ts"
import type { Mode } from "../domain/Order.ts"
import { mayBeThere } from "../execute/Announce.ts"
import type { Statement } from "../layers/Venue.ts"
import { Ledger } from "../persist/Ledger.ts"

/** Orders that the venue no longer lists as they stand here: what it has done with them it has not told yet. */
const adrift = Effect.fn("Reconcile.adrift")(function* (mode: Mode, { resting }: Statement) {
  const ledger = yield* Ledger
  const listed = new Map(resting.map((order) => [order.externalOrderId, order]))
  const open = yield* ledger.orders({ mode, statuses: ["open", "cancelling"] })
  return yield* Effect.filter(open, (state) => {
    const order = listed.get(state.externalOrderId ?? "")
    if (order === undefined || order.matched <= state.filled) return Effect.succeed(order === undefined)
    // The venue counts what failed, too.
    return Effect.map(
      ledger.fills({ orderId: state.order.id }),
      (fills) => order.matched > fills.reduce((sum, { shares }) => sum + shares, 0n)
    )
  })
})

/** What is still on its way in an account: trades that are not final, and orders of which more is to be told. */
export const inMotion = Effect.fn("Reconcile.inMotion")(function* (mode: Mode, statement: Statement) {
  const ledger = yield* Ledger
  const unfinal = yield* ledger.fills({ mode, unfinal: true })
  // What an order of unknown fate has done at the venue is not known here: nothing is judged before it is.
  const unknown = (yield* ledger.orders({ mode, statuses: ["pending", "unknown", "delayed"] })).filter(mayBeThere)
  const unsettled = [...unknown, ...(yield* adrift(mode, statement))]
  const moving = new Set([...unfinal, ...unsettled.map(({ order }) => order)].map(instrumentKey))
  return { unfinal, unsettled, moving }
})
