import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as App from "../app.ts"
import type { Failure } from "../domain/Failure.ts"
import { Chain, failureOf } from "../layers/Chain.ts"
import { approvalChecks, walletChecks } from "../layers/ChainChecks.ts"
import type { Credentials, Settings } from "../layers/Config.ts"
import { MarketData } from "../layers/MarketData.ts"
import { Ledger } from "../persist/Ledger.ts"
import { APPROVALS } from "../polymarket/Approvals.ts"
import { exitCode, HALTED, USAGE } from "./Ending.ts"

/** One thing that was checked, and what was found or is to be done. */
export interface Check {
  readonly check: string
  readonly ok: boolean
  /** False where trading goes on without it. */
  readonly needed: boolean
  readonly detail: string
  /** How a command ends that finds it not to hold, where that is not a defect. */
  readonly code?: number | undefined
}

const LIVE_ONLY = "not set; live trading needs it, paper trading does not"
const NO_NODE = "POLYGON_RPC_URL not set; allowances and wrap need it, trading does not"

/** Credentials by name and form; a value is never shown. Those that are malformed have failed before this. */
export const ofCredentials = (credentials: Credentials): ReadonlyArray<Check> => {
  const { apiKey, apiPassphrase, apiSecret, funder, privateKey, signatureType } = credentials
  const present = (check: string, value: Option.Option<unknown>, missing = LIVE_ONLY): Check => ({
    check,
    ok: Option.isSome(value),
    needed: false,
    detail: Option.isSome(value) ? "set and well-formed" : missing
  })
  const wallet = Option.getOrElse(signatureType, () => 0)
  return [
    present("POLYMARKET_PRIVATE_KEY", privateKey),
    present("POLYMARKET_API_KEY", apiKey),
    present("POLYMARKET_API_SECRET", apiSecret),
    present("POLYMARKET_API_PASSPHRASE", apiPassphrase),
    {
      check: "POLYMARKET_SIGNATURE_TYPE",
      ok: true,
      needed: false,
      detail: Option.isSome(signatureType)
        ? "set and well-formed"
        : "not set, so 0: the key's own address trades (1 is a proxy, 2 a safe, 3 a deposit wallet)"
    },
    wallet === 0
      ? {
          check: "POLYMARKET_FUNDER",
          ok: true,
          needed: false,
          detail: "not needed: the key's own address holds the funds"
        }
      : { ...present("POLYMARKET_FUNDER", funder), needed: true }
  ]
}

const found = (check: string, needed: boolean, outcome: Either.Either<string, Failure>): Check => ({
  check,
  ok: Either.isRight(outcome),
  needed,
  detail: Either.match(outcome, { onLeft: (failure) => failure.message, onRight: (detail) => detail }),
  code: Either.match(outcome, { onLeft: exitCode, onRight: () => undefined })
})

const database = Effect.gen(function* () {
  const ledger = yield* Ledger
  const { checks, ok } = yield* ledger.verify()
  const rows = checks.reduce((sum, each) => sum + each.checked, 0)
  const wrong = checks.flatMap((each) => each.differences)
  const gates = yield* Effect.forEach(["live", "paper"] as const, ledger.barriers)
  const halt = gates.flatMap((gate) => gate.halt ?? [])[0]
  const stops = gates.flatMap((gate) => gate.stops)
  return [
    { check: "Database", ok: true, needed: true, detail: "reached, migrations applied" },
    {
      check: "Trading",
      ok: halt === undefined && stops.length === 0,
      needed: true,
      detail:
        halt !== undefined
          ? `halted${halt.reason === undefined ? "" : ` (${halt.reason})`}; to go on: betteroms resume`
          : stops.length > 0
            ? `stopped: ${stops.map(({ reason }) => reason).join("; ")}; once it is explained: betteroms reconcile --accept`
            : "orders may leave",
      code: HALTED
    },
    {
      check: "Ledger and audit chain",
      ok,
      needed: true,
      detail: ok ? `${rows} rows agree` : `${wrong.length} differences; see: betteroms verify`
    }
  ]
})

/** What the venue says of the account, once there are credentials to ask with: needed by whoever has traded live. */
const venueChecks = (settings: Settings, needed: boolean) =>
  Effect.gen(function* () {
    const { apiKey, privateKey } = settings.credentials
    if (Option.isNone(apiKey) || Option.isNone(privateKey)) return []
    const examined = yield* Effect.either(App.examine(settings))
    if (Either.isLeft(examined)) return [found("Live account", needed, Either.left(examined.left))]
    return examined.right.map(({ check, detail, ok }): Check => ({ check: `Live: ${check}`, ok, needed, detail }))
  })

/** What the chain says of the wallet, once a node is named: where that is not to be had, why. */
const chain = Effect.fn("Checks.chain")(function* ({ rpcUrl }: Settings) {
  const check = "Polygon node"
  if (Option.isNone(rpcUrl)) return [{ check, ok: false, needed: false, detail: NO_NODE }]
  const seen = yield* Effect.either(
    App.onChain(
      Effect.gen(function* () {
        const { holdings, standings, wallet } = yield* Chain
        return yield* Effect.mapError(
          Effect.all({ holdings, standings: standings(APPROVALS), wallet: Effect.succeed(wallet) }),
          failureOf
        )
      })
    )
  )
  if (Either.isLeft(seen)) {
    const issues = seen.left._tag === "InvalidInput" ? seen.left.issues : []
    const detail = [seen.left.message, ...issues.map(({ message, path }) => `${path} ${message}`.trim())].join("; ")
    return [{ check, ok: false, needed: false, detail }]
  }
  const { holdings, standings, wallet } = seen.right
  return [
    { check, ok: true, needed: true, detail: "answers, and is Polygon" },
    ...walletChecks(holdings, wallet),
    ...approvalChecks(standings)
  ]
})

/** All checks of `doctor`: what paper trading needs must hold; the rest is told. */
export const all = Effect.gen(function* () {
  const settings = yield* Effect.either(App.settings)
  if (Either.isLeft(settings)) {
    const { issues, message } = settings.left
    const detail = issues.map((issue) => `${issue.path}: ${issue.message}`).join("; ")
    return [{ check: "Settings", ok: false, needed: true, detail: detail === "" ? message : detail, code: USAGE }]
  }
  const stored = yield* Effect.either(App.run(Option.none(), () => database))
  const live = yield* Effect.either(App.run(Option.none(), (found) => App.tradesLive(found, false)))
  const venue = yield* Effect.either(
    App.run(Option.some({ _tag: "Live" }), () => Effect.flatMap(MarketData, (data) => data.markets(["0"])))
  )
  return [
    { check: "Settings", ok: true, needed: true, detail: "read from the environment, .env.local and .env" },
    ...(Either.isRight(stored) ? stored.right : [found("Database", true, Either.left(stored.left))]),
    found(
      "Polymarket market data",
      false,
      Either.map(venue, () => `${settings.right.gammaUrl} answers`)
    ),
    ...ofCredentials(settings.right.credentials),
    ...(yield* venueChecks(settings.right, Either.isRight(live) && live.right)),
    ...(yield* chain(settings.right))
  ]
})
