import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { inWords, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

/** `betteroms orders`: every order and where it stands. */
export const orders = Command.make(
  "orders",
  { mode: Flags.mode, plan: Flags.plan, status: Flags.status, json: Flags.json },
  ({ json, mode, plan, status }) =>
    Effect.gen(function* () {
      const [Reading, Rows, Tables] = yield* Effect.promise(() =>
        Promise.all([import("./Reading.ts"), import("../report/OrderRows.ts"), import("../report/OrderTables.ts")])
      )
      const [found, look] = yield* Reading.askNamed(json, (ledger) =>
        ledger.orders({
          mode: Option.getOrUndefined(mode),
          planId: Option.getOrUndefined(plan),
          statuses: status.length === 0 ? undefined : status
        })
      )
      yield* print(json, { json: () => Rows.ordersJson(found), text: () => Tables.ordersText(found, look) })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("orders")))
