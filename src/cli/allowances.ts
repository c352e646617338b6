import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { InvalidInput } from "../domain/Failure.ts"
import * as Money from "../domain/Money.ts"
import * as Approvals from "../polymarket/Approvals.ts"
import { granting, revoking, UNLIMITED } from "../polymarket/Permissions.ts"
import { confirmed } from "./Confirm.ts"
import { Ended, inWords, look, print, USAGE } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const load = Effect.promise(() =>
  Promise.all([
    import("../app.ts"),
    import("./Approving.ts"),
    import("../layers/Chain.ts"),
    import("../layers/ChainChecks.ts"),
    import("../report/AllowanceTables.ts")
  ])
)

const only = Options.text("only").pipe(
  Options.withDescription("v1, v2, all, or a spender by name or address; without it all that trading needs"),
  Options.optional
)
const amount = Options.text("amount").pipe(
  Options.withDescription("Up to how many dollars of pUSD each spender may take in all (default 1000)"),
  Options.optional
)
const unlimited = Options.boolean("unlimited").pipe(
  Options.withDescription("Without a limit: a faulty or broken spender could then take all pUSD of the wallet")
)

const usage = (message: string) => new InvalidInput({ code: "usage", message, issues: [] })

const chosen = (only: Option.Option<string>) =>
  Either.mapLeft(Approvals.chosen(Option.getOrUndefined(only)), (message) => usage(`--only: ${message}`))

const DEFAULT_CAP = 1000n * Money.UNIT

const cap = (amount: Option.Option<string>, unlimited: boolean): Either.Either<bigint, InvalidInput> => {
  if (Option.isNone(amount)) return Either.right(unlimited ? UNLIMITED : DEFAULT_CAP)
  if (unlimited) return Either.left(usage("expected --amount or --unlimited, found both"))
  return Either.fromOption(
    Option.filter(Money.parse(amount.value), (micro) => micro > 0n && micro <= 1_000_000_000n * Money.UNIT),
    () => usage("--amount: expected dollars, above 0 and up to 1000000000, with at most 6 decimals")
  )
}

const check = Command.make("check", { only, json: Flags.json }, ({ json, only }) =>
  Effect.gen(function* () {
    const approvals = yield* chosen(Option.orElse(only, () => Option.some("all")))
    const [App, Approving, { Chain, failureOf }, Checks, Tables] = yield* load
    const { chain, holdings, rows } = yield* App.onChain(
      Effect.gen(function* () {
        const chain = yield* Chain
        const [holdings, standings] = yield* Effect.mapError(
          Effect.all([chain.holdings, chain.standings(approvals)]),
          failureOf
        )
        return { chain: chain.wallet, holdings, rows: standings.map(Approving.rowOf) }
      })
    )
    const wallet = Checks.walletChecks(holdings, chain)
    const complete = [...wallet, ...rows.map(({ need, ok }) => ({ ok, needed: need === "trade" }))].every(
      (each) => each.ok || !each.needed
    )
    const { checksText } = yield* Effect.promise(() => import("../report/CheckTables.ts"))
    yield* print(json, {
      json: () => ({
        wallet: chain.address,
        signer: chain.signer,
        signatureType: chain.signatureType,
        complete,
        balances: {
          pUSD: Checks.amountText(holdings.pusd),
          USDC: Checks.amountText(holdings.usdc),
          "USDC.e": Checks.amountText(holdings.usdce),
          POL: Checks.polText(holdings.pol)
        },
        checks: wallet,
        approvals: rows
      }),
      text: () => `${checksText(wallet, look())}\n${Tables.allowancesText(rows, look())}`
    })
    if (!complete) return yield* new Ended({ code: USAGE })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("allowances check")))

/** Both commands that change something, alike but for what they wish and how they say it. */
const change = (options: {
  readonly json: boolean
  readonly yes: boolean
  readonly approvals: ReadonlyArray<Approvals.Approval>
  readonly plan: Parameters<typeof import("./Approving.ts")["permit"]>[0]["plan"]
  readonly asks: string
  readonly nothing: string
}) =>
  Effect.gen(function* () {
    const { approvals, json, plan, yes } = options
    const [App, Approving, , , Tables] = yield* load
    const { after, changes, kept, wallet } = yield* App.onChain(
      Approving.permit({
        approvals,
        plan,
        confirm: (changes, wallet) =>
          confirmed({ json, yes, what: `Wallet ${wallet} ${options.asks}:\n${Tables.changesText(changes, look())}` }),
        reread: App.reread
      })
    )
    yield* print(json, {
      json: () => ({ wallet, changes, kept, approvals: after }),
      text: () => (changes.length === 0 ? options.nothing : Tables.changesText(changes, look()))
    })
    if (!json && changes.length > 0 && kept.length > 0) {
      yield* Console.error(`${kept.length} more stood already; see: betteroms allowances check`)
    }
  })

const set = Command.make(
  "set",
  { only, amount, unlimited, yes: Flags.yes, json: Flags.json },
  ({ amount, json, only, unlimited, yes }) =>
    Effect.gen(function* () {
      const approvals = yield* chosen(only)
      const upTo = yield* cap(amount, unlimited)
      yield* change({
        json,
        yes,
        approvals,
        plan: (standings) => granting(standings, upTo),
        asks: "permits",
        nothing:
          "Nothing to do: all of it is permitted already, as far or farther. To lower an allowance: revoke, then set."
      })
    }).pipe(inWords(json))
).pipe(Command.withDescription(manual("allowances set")))

const revoke = Command.make("revoke", { only, yes: Flags.yes, json: Flags.json }, ({ json, only, yes }) =>
  Effect.gen(function* () {
    const approvals = yield* chosen(Option.orElse(only, () => Option.some("all")))
    yield* change({
      json,
      yes,
      approvals,
      plan: revoking,
      asks: "takes back",
      nothing: "Nothing to do: none of it is permitted."
    })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("allowances revoke")))

/** `betteroms allowances ...`: what the venue's contracts may take from the wallet. */
export const allowances = Command.make("allowances").pipe(
  Command.withDescription(manual("allowances")),
  Command.withSubcommands([check, set, revoke])
)
