import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { InvalidInput, VenueUnavailable } from "../../domain/Failure.ts"
import { format } from "../../domain/Money.ts"
import { exchangeOf } from "../../polymarket/Contracts.ts"
import * as Modes from "../../polymarket/Modes.ts"
import type { Clob } from "../Clob.ts"
import type { Account } from "../clob/Account.ts"
import type * as Http from "../Http.ts"
import type { Wish } from "../Venue.ts"

/** What is asked before live orders are journalled. */
export interface Gatekeeper {
  readonly clob: typeof Clob.Service
  readonly account: Account
  readonly readPublic: Http.Read
  readonly geoblockUrl: string
}

/** The order version that this program signs; it does not tell a market's protocol (venue: dossier, fact 3). */
const ORDER_VERSION = 2
/** A clock further off than this is told: signatures and expirations carry the time. */
export const SKEW_MILLIS = 5_000

const setUp = (code: string, message: string, todo: string) =>
  new InvalidInput({ code, message, issues: [{ path: "", message: todo }] })

/** Whether orders may be sent from where this machine is; fails when the venue says no. */
export const geoblock = Effect.fn("Readiness.geoblock")(function* ({
  geoblockUrl,
  readPublic
}: Pick<Gatekeeper, "geoblockUrl" | "readPublic">) {
  const answer = yield* Effect.mapError(
    readPublic(HttpClientRequest.get(geoblockUrl)),
    ({ message }) => new VenueUnavailable({ message: `geoblock: ${message}` })
  )
  const body: unknown = answer.body
  const [blocked, country] =
    typeof body === "object" && body !== null ? [Reflect.get(body, "blocked"), Reflect.get(body, "country")] : []
  if (blocked === false) return typeof country === "string" ? country : "an unnamed place"
  return yield* new VenueUnavailable({
    message:
      blocked === true
        ? `orders are not taken from here (${typeof country === "string" ? country : "unknown country"}): the venue blocks this place`
        : "geoblock: expected to be told whether this place is blocked"
  })
})

/** Whether the CLOB takes the orders that this program signs. */
export const version = Effect.fn("Readiness.version")(function* ({ clob }: Pick<Gatekeeper, "clob">) {
  const found = yield* clob.version
  if (found === ORDER_VERSION) return found
  return yield* new VenueUnavailable({
    message: `the venue takes orders of version ${found}, this program signs version ${ORDER_VERSION}: a newer BetterOMS is needed`
  })
})

/** A signed question that was refused: credentials that the operator must mend, and no outage. */
export const credentialsOr = (error: VenueUnavailable): VenueUnavailable | InvalidInput =>
  /HTTP 40[13]/.test(error.message) && !/<html/i.test(error.message)
    ? setUp(
        "credentials_refused",
        "the venue does not accept the API key, secret and passphrase for this private key",
        "make new ones: betteroms credentials create; and check this machine's clock"
      )
    : error

/** Whether the API key is the signer's own; a refused question means that credentials and key do not belong together. */
export const apiKey = Effect.fn("Readiness.apiKey")(function* ({
  account,
  clob
}: Pick<Gatekeeper, "account" | "clob">) {
  const found = yield* Effect.mapError(clob.apiKeys, credentialsOr)
  if (found.some((key) => key.toLowerCase() === Redacted.value(account.apiKey).toLowerCase())) return found.length
  return yield* setUp(
    "credentials_refused",
    "POLYMARKET_API_KEY is not among the API keys of this private key",
    "make a new one: betteroms credentials create"
  )
})

const allowanceOf = (allowances: ReadonlyMap<string, bigint>, spender: string): bigint =>
  allowances.get(spender.toLowerCase()) ?? 0n

const approve = (what: string, spender: string) =>
  setUp(
    "allowance_missing",
    `${what} may not be moved by the exchange ${spender}, which settles this plan's orders`,
    "approve it: betteroms allowances set; see all: betteroms allowances check"
  )

/** Every approval that the wishes need, by the CLOB's own view of the chain. */
const approvals = Effect.fn("Readiness.approvals")(function* (
  { account, clob }: Gatekeeper,
  wishes: ReadonlyArray<Wish>
) {
  const warnings: Array<string> = []
  const placed = yield* Effect.forEach(wishes, (wish) =>
    Either.match(exchangeOf(wish.market, wish.tokenId), {
      onLeft: (why) =>
        new VenueUnavailable({ message: `${wish.market.slug}: its orders cannot be signed: ${why}; nothing was sent` }),
      onRight: (exchange) => Effect.succeed({ ...wish, exchange })
    })
  )
  const buys = placed.filter(({ side }) => side === "BUY")
  if (buys.length > 0) {
    const { allowances, balance } = yield* clob.balance({ _tag: "Collateral" })
    for (const { exchange } of buys) {
      if (allowanceOf(allowances, exchange.address) === 0n) return yield* approve("pUSD", exchange.address)
    }
    if (balance === 0n) {
      warnings.push(
        `the venue sees no pUSD in ${account.wallet}: with funds there, POLYMARKET_SIGNATURE_TYPE or POLYMARKET_FUNDER is wrong; USDC is wrapped by betteroms wrap`
      )
    }
    const least = buys.reduce<bigint | undefined>((found, { exchange }) => {
      const allowed = allowanceOf(allowances, exchange.address)
      return found === undefined || allowed < found ? allowed : found
    }, undefined)
    if (least !== undefined && least < balance) {
      warnings.push(
        `the exchange may move ${format(least)} pUSD of the ${format(balance)} there are: orders beyond it are refused`
      )
    }
  }
  const sells = new Map(placed.filter(({ side }) => side === "SELL").map((wish) => [wish.tokenId, wish]))
  yield* Effect.forEach(
    sells.values(),
    ({ exchange, market, tokenId }) =>
      Effect.gen(function* () {
        const asset = { _tag: "Token", tokenId, version: market.version } as const
        // Shares bought a moment ago are there before the CLOB has looked.
        yield* Effect.ignore(clob.refreshBalance(asset))
        const { allowances } = yield* clob.balance(asset)
        if (allowanceOf(allowances, exchange.address) === 0n) return yield* approve("shares", exchange.address)
      }),
    { concurrency: 4, discard: true }
  )
  return warnings
})

/**
 * All that must hold before live orders are journalled: a place that is not blocked, an account that may trade with the
 * credentials it has, an order version we sign, every approval of these markets, an engine that takes orders. Each failure
 * says what to do; what comes back are warnings.
 */
export const check = Effect.fn("Readiness.check")(function* (keeper: Gatekeeper, wishes: ReadonlyArray<Wish>) {
  const { clob } = keeper
  // What is signed carries the venue's time: a clock that is off must not look like wrong credentials.
  const signed = Effect.gen(function* () {
    const offset = yield* clob.clockOffset
    const [closedOnly, , approved] = yield* Effect.all(
      // Asked meanwhile, but told last: what else is wrong comes first.
      [clob.closedOnly, apiKey(keeper), Effect.either(approvals(keeper, wishes))],
      { concurrency: "unbounded" }
    )
    return { offset, closedOnly, approved }
  })
  const [, , { approved, closedOnly, offset }] = yield* Effect.all([geoblock(keeper), version(keeper), signed], {
    concurrency: "unbounded"
  })
  if (closedOnly && wishes.some(({ side }) => side === "BUY")) {
    return yield* new VenueUnavailable({
      message: "the venue lets this account only close positions: a BUY is not possible"
    })
  }
  const now = yield* Clock.currentTimeMillis
  const mode = yield* clob.mode
  const obstacle = Modes.obstacle(mode, { postOnly: mode._tag === "PostOnly" }, now)
  if (obstacle !== undefined) return yield* new VenueUnavailable({ message: obstacle })
  const skewed = Math.abs(offset) > SKEW_MILLIS
  return [
    ...(skewed
      ? [
          `this machine's clock is ${Math.round(Math.abs(offset) / 1000)} s ${offset > 0 ? "behind" : "ahead of"} the venue's`
        ]
      : []),
    ...(yield* approved)
  ]
})
