import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { format } from "../../domain/Money.ts"
import { CONTRACTS, EXCHANGES } from "../../polymarket/Contracts.ts"
import { Clob } from "../Clob.ts"
import type { Account } from "../clob/Account.ts"
import * as Http from "../Http.ts"
import { apiKey, type Gatekeeper, geoblock, SKEW_MILLIS, version } from "./Readiness.ts"

/** One thing that live trading needs, and what was found of it or is to be done. */
export interface Found {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
}

const TYPES = ["an EOA", "a proxy", "a safe", "a deposit wallet"] as const

const told = <A>(
  check: string,
  work: Effect.Effect<A, { readonly message: string }>,
  detail: (found: A) => string | { readonly ok: boolean; readonly detail: string }
): Effect.Effect<Found> =>
  Effect.map(Effect.either(work), (found) => {
    if (Either.isLeft(found)) return { check, ok: false, detail: found.left.message }
    const said = detail(found.right)
    return typeof said === "string" ? { check, ok: true, detail: said } : { check, ...said }
  })

const UNLIMITED = 10n ** 30n
const amount = (micro: bigint): string => (micro > UNLIMITED ? "without a limit" : `up to ${format(micro)}`)

/** Who may move pUSD for what (venue: approvals). */
const SPENDERS = [
  [EXCHANGES.ctfExchangeV2.address, "BUY in v1 markets"],
  [EXCHANGES.negRiskExchangeV2.address, "BUY in v1 neg-risk markets"],
  [EXCHANGES.exchangeV3.address, "BUY in v2 markets"],
  [CONTRACTS.legacyNegRiskAdapter, "BUY in v1 neg-risk markets, by some reports"]
] as const

/** Everything that live trading needs of the venue and the account, each checked by itself. */
export const examine = Effect.fn("Examination.examine")(function* (account: Account, geoblockUrl: string) {
  const clob = yield* Clob
  const client = yield* HttpClient.HttpClient
  const keeper: Gatekeeper = {
    account,
    clob,
    geoblockUrl,
    readPublic: Http.reader(client, { source: "geoblock", deadline: "5 seconds" })
  }
  const first = yield* Effect.all(
    [
      told("Place", geoblock(keeper), (country) => `orders are taken from ${country}`),
      told("Clock", clob.clockOffset, (offset) => ({
        ok: Math.abs(offset) <= SKEW_MILLIS,
        detail: offset === 0 ? "agrees with the venue's" : `${offset} ms behind the venue's: set this machine's clock`
      })),
      told("Order version", version(keeper), (found) => `the venue takes version ${found}`),
      told("API key", apiKey(keeper), () => "belongs to the private key"),
      told("Account", clob.closedOnly, (closed) => ({
        ok: !closed,
        detail: closed ? "may only close positions" : "may open positions"
      })),
      told("Wallet", Effect.succeed(account.wallet), (wallet) => `${wallet}, ${TYPES[account.signatureType]}`)
    ],
    { concurrency: "unbounded" }
  )
  const collateral = yield* Effect.either(clob.balance({ _tag: "Collateral" }))
  if (Either.isLeft(collateral)) return [...first, { check: "pUSD", ok: false, detail: collateral.left.message }]
  const { allowances, balance } = collateral.right
  return [
    ...first,
    {
      check: "pUSD",
      ok: balance > 0n,
      detail:
        balance > 0n
          ? `${format(balance)} by the venue's view`
          : "none by the venue's view: wrap USDC (betteroms wrap), or check POLYMARKET_SIGNATURE_TYPE and POLYMARKET_FUNDER"
    },
    ...SPENDERS.flatMap(([address, purpose]): ReadonlyArray<Found> => {
      const allowed = allowances.get(address.toLowerCase())
      const isMaybe = address === CONTRACTS.legacyNegRiskAdapter
      if (isMaybe && allowed === undefined) return []
      return [
        {
          check: `Approval: ${purpose}`,
          ok: isMaybe || (allowed ?? 0n) > 0n,
          detail:
            (allowed ?? 0n) > 0n
              ? `${address} may move pUSD ${amount(allowed ?? 0n)}`
              : "missing: betteroms allowances set"
        }
      ]
    })
  ]
})
