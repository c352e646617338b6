import type * as HttpClient from "@effect/platform/HttpClient"
import type * as SqlClient from "@effect/sql/SqlClient"
import { assert, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { format, UNIT, Usd } from "../../src/domain/Money.ts"
import * as Halting from "../../src/halting.ts"
import * as Account from "../../src/layers/clob/Account.ts"
import * as Client from "../../src/layers/clob/Client.ts"
import * as Http from "../../src/layers/Http.ts"
import { MarketData } from "../../src/layers/MarketData.ts"
import * as Polymarket from "../../src/layers/marketdata/Polymarket.ts"
import * as PrivateKey from "../../src/layers/signer/PrivateKey.ts"
import { Venue } from "../../src/layers/Venue.ts"
import * as Live from "../../src/layers/venue/Live.ts"
import * as Paper from "../../src/layers/venue/Paper.ts"
import { Lease } from "../../src/persist/Lease.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import * as Pipeline from "../../src/pipeline.ts"
import { type Options as Reckoning, reconcile } from "../../src/reconcile.ts"
import * as RunReport from "../../src/report/RunReport.ts"
import type { Operator } from "../../src/sandbox/Operator.ts"
import type { Options } from "../../src/sandbox/Options.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import * as Upkeep from "../../src/upkeep.ts"
import { database, proven } from "../pipeline/world.ts"

/** The exchange that a test trades on. */
export class Exchange extends Context.Tag("betteroms/test/live/world/Exchange")<Exchange, Sandbox.Sandbox>() {}

/** Waits that tests can bear. */
export const PATIENCE = { total: 3_000, beforeAgain: 200, pause: 200 }
const SESSION = { funds: "50 millis", cancelled: "50 millis", cancelledLooks: 4, unseen: 2_500 } as const
const DEADLINES = { post: "600 millis", read: "600 millis", cancel: "600 millis" } as const

/** The account of an operator of the exchange. */
export const accountOf = ({ key, privateKey, wallet }: Operator, address: string): Account.Account => ({
  signer: address,
  wallet: wallet.address.toLowerCase(),
  signatureType: wallet.signatureType,
  privateKey: Redacted.make(privateKey.replace(/^0x/, "")),
  apiKey: Redacted.make(key.id),
  secret: Redacted.make(key.secret),
  passphrase: Redacted.make(key.passphrase)
})

const credentials = (env: Readonly<Record<string, string>>) => ({
  privateKey: Option.some(Redacted.make((env.POLYMARKET_PRIVATE_KEY ?? "").replace(/^0x/, ""))),
  apiKey: Option.some(Redacted.make(env.POLYMARKET_API_KEY ?? "")),
  apiSecret: Option.some(Redacted.make(env.POLYMARKET_API_SECRET ?? "")),
  apiPassphrase: Option.some(Redacted.make(env.POLYMARKET_API_PASSPHRASE ?? "")),
  signatureType: Option.map(Option.fromNullable(env.POLYMARKET_SIGNATURE_TYPE), Number),
  funder: Option.fromNullable(env.POLYMARKET_FUNDER),
  relayerKey: Option.none(),
  relayerKeyAddress: Option.none()
})

/** The real venue's layer, on the exchange. */
const live = Layer.unwrapEffect(
  Effect.gen(function* () {
    const { env, url } = yield* Exchange
    const account = yield* Effect.orDie(Account.accountOf(credentials(env)))
    return Live.layer({ account, geoblockUrl: `${url}/api/geoblock`, patience: SESSION }).pipe(
      Layer.provideMerge(Client.layer({ clobUrl: url, account, patience: DEADLINES })),
      Layer.provide(Layer.orDie(PrivateKey.layer(account.privateKey)))
    )
  })
)

const markets = Layer.unwrapEffect(Effect.map(Exchange, ({ url }) => Polymarket.layer({ gammaUrl: url, clobUrl: url })))

/** Both venues, each for its mode. */
const venues = Layer.effect(
  Venue,
  Effect.gen(function* () {
    const real = yield* Venue
    const data = yield* MarketData
    const paper = yield* Effect.provide(Venue, Layer.provide(Paper.layer, Layer.succeed(MarketData, data)))
    const of = (mode: "paper" | "live") => (mode === "live" ? real : paper)
    return Venue.of({
      isReal: (mode) => mode === "live",
      wallet: (mode) => of(mode).wallet(mode),
      open: (desk) => of(desk.mode).open(desk),
      check: (mode, wishes) => of(mode).check(mode, wishes),
      seal: (mode, orders, known) => of(mode).seal(mode, orders, known),
      statement: (mode, inquiry) => of(mode).statement(mode, inquiry),
      sweep: (mode, ids) => of(mode).sweep(mode, ids)
    })
  })
)

/** Everything that trades on an exchange, over a network and on a database. */
export const trader = <E>(network: Layer.Layer<HttpClient.HttpClient>, database: Layer.Layer<SqlClient.SqlClient, E>) =>
  venues.pipe(
    Layer.provideMerge(live),
    Layer.provideMerge(markets),
    Layer.provide(network),
    Layer.provideMerge(Layer.mergeAll(Ledger.layer, Lease.layer)),
    Layer.provideMerge(database)
  )

const exchange = (options: Options) =>
  Layer.scoped(Exchange, Effect.orDie(Sandbox.make({ minedMillis: 0, confirmedMillis: 0, seed: "live", ...options })))

/** An exchange that settles at once, and everything that trades on it. */
export const world = (options: Options = {}) => Layer.provideMerge(trader(Http.layer, database), exchange(options))
export type World = Layer.Layer.Success<ReturnType<typeof world>>

/** One live instruction: BUY 20 shares of YES in "sandbox-rain" at 0.5, but for what is said. */
export const instruction = (parts: Readonly<Record<string, unknown>> = {}) => ({
  marketId: "sandbox-rain",
  outcome: "YES",
  side: "BUY",
  price: 0.5,
  size: 20,
  ...(parts.side === "SELL" || parts.timeInForce === "FOK" || parts.timeInForce === "FAK"
    ? {}
    : { sizeUnit: "SHARES" }),
  ...parts
})

export const plan = (
  planId: string,
  instructions: ReadonlyArray<Readonly<Record<string, unknown>>>,
  parts: Readonly<Record<string, unknown>> = {}
) => ({ planId, mode: "live", ...parts, tradeInstructions: instructions })

/** Takes a plan down the corridor. */
export const trade = Effect.fn("trade")(function* (
  written: unknown,
  options: {
    readonly dryRun?: boolean
    readonly retryRefused?: boolean
    readonly confirmed?: Usd
    readonly paperBalance?: Usd
  } = {}
) {
  const { failure, leaving, run } = yield* Pipeline.trade({
    bytes: new TextEncoder().encode(JSON.stringify(written)),
    file: "plans/test.json",
    dryRun: false,
    retryRefused: false,
    paperBalance: Usd(100_000n * UNIT),
    progress: () => Effect.void,
    patience: PATIENCE,
    ...options
  })
  return { report: RunReport.toJson(run), failure, leaving }
})

export const reckon = (options: Reckoning = {}) => reconcile("live", { patience: PATIENCE, ...options })

export const halt = (options: Partial<Halting.Options> = {}) =>
  Halting.halt("live", { reason: undefined, foreign: false, patience: PATIENCE, ...options })

/** Takes back what rests, all of it or of one plan. */
export const cancel = (planId?: string) => Upkeep.cancel("live", { planId })

/** A clock that is ahead of another by what is told whenever it is read. */
export const shifted = (clock: Clock.Clock, ahead: () => number): Clock.Clock => {
  const millis = () => clock.unsafeCurrentTimeMillis() + ahead()
  const nanos = () => clock.unsafeCurrentTimeNanos() + BigInt(ahead()) * 1_000_000n
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: millis,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) => clock.sleep(duration)
  }
}

/** Does work on a machine whose clock is so many milliseconds ahead of the exchange's. */
export const askew =
  (millis: number) =>
  <A, E, R>(work: Effect.Effect<A, E, R>) =>
    Effect.clockWith((clock) =>
      Effect.withClock(
        work,
        shifted(clock, () => millis)
      )
    )

/** Does work that so many milliseconds have gone by for: here, and at the exchange. */
export const later =
  (millis: number) =>
  <A, E, R>(work: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const exchange = yield* Exchange
      yield* exchange.advance(millis)
      exchange.house.clockSkew += millis
      return yield* askew(millis)(work)
    })

/** Orders of a plan as the ledger has them, in plan order. */
export const ordersOf = (planId: string) => Effect.flatMap(Ledger, (ledger) => ledger.orders({ planId }))

/** The same in few words: status and shares filled. */
export const standing = (planId: string) =>
  Effect.map(ordersOf(planId), (orders) => orders.map(({ filled, status }) => `${status} ${format(filled)}`))

/** Cash and shares in the ledger are those on chain, and nothing is unexplained. */
export const agrees = Effect.gen(function* () {
  const found = yield* reckon()
  assert.deepStrictEqual([found.flows, found.stops], [[], []])
  assert.strictEqual(yield* cash, yield* chain("pUSD"))
})

/** Shows a market's book: sizes by price. */
export const show = (market: string, bids: Readonly<Record<string, string>>, asks: Readonly<Record<string, string>>) =>
  Effect.flatMap(Exchange, (exchange) =>
    Effect.orDie(
      exchange.setBook(market, {
        bids: Object.entries(bids),
        asks: Object.entries(asks)
      })
    )
  )

/** What the operator's wallet holds of an asset on chain: the exchange's own truth. */
export const chain = (asset: string) =>
  Effect.map(Exchange, ({ operator }) => format(operator.wallet.chain.get(asset) ?? 0n))

/** Has something go wrong at the exchange. */
export const fault = (spec: Parameters<Sandbox.Sandbox["fault"]>[0]) =>
  Effect.flatMap(Exchange, (exchange) => exchange.fault(spec))

/** What the exchange put on record of posts: each as taken, refused, or a copy of one it knew. */
export const posts = Effect.map(Exchange, (exchange) =>
  exchange
    .journal()
    .flatMap(({ kind }) => (kind === "accepted" || kind === "refused" || kind === "duplicate" ? [kind] : []))
)

/** How often faults have struck, one number for each fault. */
export const struck = Effect.map(Exchange, ({ house }) => house.faults.map(({ fired }) => fired))

/** An answer to a post, whatever the order: the exchange itself never sees it. */
export const answered = (status: number, error: string, more: Partial<Parameters<Sandbox.Sandbox["fault"]>[0]> = {}) =>
  fault({ op: "POST /order", kind: "answer", status, body: { error }, count: 1, ...more })

/** How many orders the exchange has taken. */
export const placedAt = Effect.map(Exchange, (exchange) => exchange.state().orders.length)

/** What an order came to, in few words. */
export const brief = (order: {
  readonly status: string
  readonly filledQty: string
  readonly avgFillPrice: string | null
}) => `${order.status} ${order.filledQty}${order.avgFillPrice === null ? "" : ` at ${order.avgFillPrice}`}`

/** Cash of the live account as the ledger has it. */
export const cash = Effect.flatMap(Ledger, (ledger) => Effect.map(ledger.cash("live"), (found) => format(found.cash)))

/** A test on an exchange of its own, whose ledger must be proven at its end. */
export const scenario = <E>(name: string, story: () => Effect.Effect<unknown, E, World>, options: Options = {}) =>
  it.live(name, () => Effect.provide(Effect.zipRight(story(), proven), world(options)), 60_000)

export { assert }
