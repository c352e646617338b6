import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidInput } from "../domain/Failure.ts"
import * as Money from "../domain/Money.ts"
import { USDC, USDC_E } from "../polymarket/Approvals.ts"
import { confirmed } from "./Confirm.ts"
import { inWords, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const ASSETS = { "usdc.e": USDC_E, usdc: USDC } as const

const amount = Args.text({ name: "AMOUNT" }).pipe(Args.withDescription("Dollars, with at most 6 decimals"))
const from = Options.choice("from", ["usdc.e", "usdc"] as const).pipe(
  Options.withDescription("What is wrapped: bridged USDC.e, or Circle's own USDC"),
  Options.withDefault("usdc.e" as const)
)

/** `betteroms wrap AMOUNT`: makes pUSD, which the venue trades in, of USDC or USDC.e. */
export const wrap = Command.make(
  "wrap",
  { amount, from, yes: Flags.yes, json: Flags.json },
  ({ amount, from, json, yes }) =>
    Effect.gen(function* () {
      const wanted = Option.getOrElse(Money.parse(amount), () => 0n)
      if (wanted <= 0n) {
        return yield* new InvalidInput({
          code: "usage",
          message: "AMOUNT: expected dollars above 0, with at most 6 decimals",
          issues: []
        })
      }
      const [App, Wrapping] = yield* Effect.promise(() => Promise.all([import("../app.ts"), import("./Wrapping.ts")]))
      const asset = ASSETS[from]
      const { transaction, wallet, ...balances } = yield* App.onChain(
        Wrapping.wrap({ asset, amount: wanted, confirm: (what) => confirmed({ yes, json, what }), reread: App.reread })
      )
      const wrapped = Money.format(wanted)
      yield* print(json, {
        json: () => ({ wallet, asset: asset.name, amount: wrapped, transaction, ...balances }),
        text: () =>
          `Wrapped ${wrapped} ${asset.name} in ${transaction}. The wallet holds ${balances.pUSD} pUSD and ${balances.left} ${asset.name}.`
      })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("wrap")))
