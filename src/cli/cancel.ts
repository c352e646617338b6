import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidInput } from "../domain/Failure.ts"
import { inWords, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const orderId = Args.text({ name: "ORDER_ID" }).pipe(Args.optional)
const market = Options.text("market").pipe(
  Options.withDescription("All orders of a market: its id or condition id"),
  Options.optional
)
const all = Options.boolean("all").pipe(Options.withDescription("Every resting order"))

// Live orders first: they are the ones that cost money.
const MODES = ["live", "paper"] as const

const usage = (message: string) => new InvalidInput({ code: "usage", message, issues: [] })

/** `betteroms cancel`: takes resting orders back and waits for what they really came to. */
export const cancel = Command.make(
  "cancel",
  { orderId, plan: Flags.plan, market, all, json: Flags.json },
  ({ all, json, market, orderId, plan }) =>
    Effect.gen(function* () {
      const chosen = [Option.isSome(orderId), Option.isSome(plan), Option.isSome(market), all].filter(Boolean).length
      if (chosen !== 1) {
        return yield* usage(`expected one of ORDER_ID, --plan ID, --market M or --all, found ${chosen} of them`)
      }
      if (Option.isSome(orderId) && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(orderId.value)) {
        return yield* usage(`"${orderId.value}" is no order id; see the ids with: betteroms orders --json`)
      }
      const [App, { Ledger }, Reading, Upkeep, Rows, Tables] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("../persist/Ledger.ts"),
          import("./Reading.ts"),
          import("../upkeep.ts"),
          import("../report/OrderRows.ts"),
          import("../report/OrderTables.ts")
        ])
      )
      const filter = {
        ids: Option.getOrUndefined(Option.map(orderId, (id) => [id])),
        planId: Option.getOrUndefined(plan),
        market: Option.getOrUndefined(market)
      }
      const [ended, look] = yield* App.run(Option.none(), () =>
        Effect.gen(function* () {
          const ledger = yield* Ledger
          const changed = (yield* Effect.forEach(MODES, (mode) => Upkeep.cancel(mode, filter))).flat()
          const ids = changed.map(({ order }) => order.id)
          return yield* Effect.all([
            ids.length === 0 ? Effect.succeed([]) : ledger.orders({ ids }),
            Reading.named(json)
          ])
        })
      )
      yield* print(json, {
        json: () => Rows.ordersJson(ended),
        text: () => (ended.length === 0 ? "Nothing to cancel: no such order is open." : Tables.ordersText(ended, look))
      })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("cancel")))
