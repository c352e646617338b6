import { resolve } from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { InvalidInput, MarketDataUnavailable, VenueUnavailable } from "./domain/Failure.ts"
import { EXPOSED } from "./domain/Order.ts"
import { Clob } from "./layers/Clob.ts"
import { AppConfig, type Settings } from "./layers/Config.ts"
import * as Db from "./layers/Db.ts"
import * as Embedded from "./layers/Embedded.ts"
import { MarketData, type Source } from "./layers/MarketData.ts"
import * as Migrations from "./layers/Migrations.ts"
import * as Sources from "./layers/marketdata/Sources.ts"
import { Venue } from "./layers/Venue.ts"
import * as Paper from "./layers/venue/Paper.ts"
import * as Backup from "./persist/Backup.ts"
import { Lease } from "./persist/Lease.ts"
import { Ledger } from "./persist/Ledger.ts"
import type { Change } from "./polymarket/Permissions.ts"

/** Everything that commands work with. */
export type World = Ledger | Lease | MarketData | Venue

/** The settings of this process. */
export const settings = Effect.provide(AppConfig, AppConfig.layer)

/** The database of these settings, up to date. */
export const database = (settings: Settings) => Db.layer({ databaseUrl: settings.databaseUrl, home: settings.home })

// Each source is loaded only by the command that reads from it.
const open = (settings: Settings, source: Source): Layer.Layer<MarketData> =>
  Layer.unwrapEffect(
    Effect.promise(() => {
      switch (source._tag) {
        case "Live":
          return import("./layers/marketdata/Polymarket.ts").then(({ connected }) => connected(settings))
        case "Sim":
          return import("./layers/marketdata/Simulated.ts").then(({ layer }) => layer("betteroms"))
        case "File":
          return import("./layers/marketdata/Recorded.ts").then(({ layer }) => layer(source.path))
      }
    })
  )

/** Market data of one source, for commands that need no database. */
export const dataFrom = (source: Source) => Layer.unwrapEffect(Effect.map(settings, (found) => open(found, source)))

/** Reads records of markets in any of the sources' words. */
export const marketRecords = Effect.promise(() => import("./layers/marketdata/MarketRecords.ts")).pipe(
  Effect.map(({ read }) => read)
)

/** Market data from the chosen source; markets that are on record come from where they came from before. */
const marketData = (settings: Settings, named: Option.Option<Source>) =>
  Layer.scoped(
    MarketData,
    Effect.gen(function* () {
      const ledger = yield* Ledger
      const scope = yield* Effect.scope
      return yield* Sources.make({
        // Records carry absolute paths: a file stays the same file from whichever directory it is named.
        chosen: Option.map(named, (source) =>
          source._tag === "File" ? { ...source, path: resolve(source.path) } : source
        ),
        open: (source) =>
          Layer.buildWithScope(open(settings, source), scope).pipe(
            Effect.map((context) => Context.get(context, MarketData))
          ),
        remembered: (ids) =>
          Effect.mapError(
            ledger.sources(ids),
            ({ message }) => new MarketDataUnavailable({ source: "markets on record", message })
          )
      })
    })
  )

/** The CLOB as the account of these settings. Fails with everything that is missing in them. */
export const clob = (settings: Settings) =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const [Account, Client] = yield* Effect.promise(() =>
        Promise.all([import("./layers/clob/Account.ts"), import("./layers/clob/Client.ts")])
      )
      const account = yield* Account.accountOf(settings.credentials)
      return Client.connected({ clobUrl: settings.clobUrl, account })
    })
  )

/** Where live orders go to, and from which wallet. */
export const destination = Effect.gen(function* () {
  const { clobUrl, credentials } = yield* settings
  const { accountOf } = yield* Effect.promise(() => import("./layers/clob/Account.ts"))
  const { wallet } = yield* accountOf(credentials)
  return { host: new URL(clobUrl).host, wallet }
})

/** Everything that live trading needs of the venue and of the account of these settings, each checked by itself. */
export const examine = (settings: Settings) =>
  Effect.gen(function* () {
    const [Account, Examination, Http] = yield* Effect.promise(() =>
      Promise.all([
        import("./layers/clob/Account.ts"),
        import("./layers/venue/Examination.ts"),
        import("./layers/Http.ts")
      ])
    )
    const account = yield* Account.accountOf(settings.credentials)
    return yield* Effect.provide(
      Examination.examine(account, settings.geoblockUrl),
      Layer.merge(clob(settings), Http.layer)
    )
  })

/** The dead-man switch of the account of these settings, to be kept armed beside other work. */
export const heartbeat = (settings: Settings) =>
  Effect.gen(function* () {
    const { beating } = yield* Effect.promise(() => import("./layers/clob/Heartbeat.ts"))
    const context = yield* Layer.build(clob(settings))
    return Effect.provide(beating, context)
  })

/** The real venue, loaded by the first order that goes there. */
const live = (settings: Settings) =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const [Account, Client, Live, PrivateKey, Http] = yield* Effect.promise(() =>
        Promise.all([
          import("./layers/clob/Account.ts"),
          import("./layers/clob/Client.ts"),
          import("./layers/venue/Live.ts"),
          import("./layers/signer/PrivateKey.ts"),
          import("./layers/Http.ts")
        ])
      )
      const account = yield* Account.accountOf(settings.credentials)
      return Live.layer({ account, geoblockUrl: settings.geoblockUrl }).pipe(
        Layer.provide(Client.layer({ clobUrl: settings.clobUrl, account })),
        Layer.provide(PrivateKey.layer(account.privateKey)),
        Layer.provide(Http.layer)
      )
    })
  )

/** Where orders go, by the mode that is asked about; each venue is made when it is first needed. */
const venues = (settings: Settings) =>
  Layer.scoped(
    Venue,
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const data = yield* MarketData
      const open = <E>(layer: Layer.Layer<Venue, E, MarketData>) =>
        Effect.cached(
          Layer.buildWithScope(Layer.provide(layer, Layer.succeed(MarketData, data)), scope).pipe(
            Effect.map((context) => Context.get(context, Venue))
          )
        )
      const by = { paper: yield* open(Paper.layer), live: yield* open(live(settings)) } as const
      return Venue.of({
        isReal: (mode) => mode === "live",
        wallet: (mode) => Effect.flatMap(by[mode], (venue) => venue.wallet(mode)),
        open: (desk) => Effect.flatMap(by[desk.mode], (venue) => venue.open(desk)),
        check: (mode, wishes) => Effect.flatMap(by[mode], (venue) => venue.check(mode, wishes)),
        seal: (mode, orders, markets) =>
          Effect.flatMap(by[mode], (venue) => venue.seal(mode, orders, markets)).pipe(
            Effect.catchTag("InvalidInput", ({ message }) => new VenueUnavailable({ message }))
          ),
        statement: (mode, inquiry) => Effect.flatMap(by[mode], (venue) => venue.statement(mode, inquiry)),
        sweep: (mode, ids) => Effect.flatMap(by[mode], (venue) => venue.sweep(mode, ids))
      })
    })
  )

/**
 * Whether there is a live account to look after: one that is on record, or, where the operator asks for all there is at
 * the venue, one whose credentials are complete.
 */
export const tradesLive = (settings: Settings, asked: boolean) =>
  Effect.gen(function* () {
    const ledger = yield* Ledger
    if (Option.isSome(yield* ledger.liveAccount())) return true
    if ((yield* ledger.orders({ mode: "live", statuses: EXPOSED })).length > 0) return true
    const { apiKey, privateKey } = settings.credentials
    return asked && Option.isSome(privateKey) && Option.isSome(apiKey)
  })

const world = (settings: Settings, source: Option.Option<Source>) =>
  venues(settings).pipe(
    Layer.provideMerge(marketData(settings, source)),
    Layer.provideMerge(Layer.mergeAll(Ledger.layer, Lease.layer)),
    Layer.provideMerge(database(settings))
  )

/** Does work in the world of these settings, and leaves it clean. */
export const runWith = <A, E, R>(settings: Settings, source: Option.Option<Source>, work: Effect.Effect<A, E, R>) =>
  Effect.provide(work, world(settings, source))

/** Does work in the world of this process's settings. */
export const run = <A, E, R>(source: Option.Option<Source>, work: (settings: Settings) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(settings, (found) => runWith(found, source, work(found)))

/** Does work on the database alone. */
export const onDatabase = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.flatMap(settings, (found) => Effect.provide(work, database(found)))

/** Does work on Polygon, with the wallet of this process's settings. */
export const onChain = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.flatMap(settings, (found) =>
    Effect.provide(
      work,
      Layer.unwrapEffect(
        Effect.promise(() => import("./layers/chain/Polygon.ts").then(({ connected }) => connected(found)))
      )
    )
  )

/** Gets the API key of the private key, proves it at the venue, and keeps it in `.env.local`. */
export const createCredentials = (replace: boolean) =>
  Effect.gen(function* () {
    const found = yield* settings
    const { create } = yield* Effect.promise(() => import("./layers/clob/Credentials.ts"))
    return yield* create(found, replace)
  })

/**
 * Makes the venue look at the chain again after these changes, where there are credentials to ask with. Only dollars: what
 * it knows of shares is asked for anew before each sale. A venue that does not answer is told, and fails nothing.
 */
export const reread = (changes: ReadonlyArray<Change>) =>
  Effect.gen(function* () {
    if (changes.every(({ _tag }) => _tag === "ApproveAll")) return
    const found = yield* settings
    if (Option.isNone(found.credentials.apiKey)) return
    yield* Effect.provide(
      Effect.flatMap(Clob, (clob) => clob.refreshBalance({ _tag: "Collateral" })),
      clob(found)
    )
  }).pipe(
    Effect.catchAll(({ message }) =>
      Effect.logWarning(
        `the venue has not looked at the chain again, and may refuse orders for some minutes: ${message}`
      )
    )
  )

/** Every migration, after the pending ones have been applied. */
export const migrations = onDatabase(Migrations.status)

/** Where the database is and, as far as that can be told without starting anything, how it is. */
export const databaseStatus = Effect.gen(function* () {
  const { databaseUrl, home } = yield* settings
  if (Option.isNone(databaseUrl)) return { kind: "embedded", ...(yield* Embedded.status(home)) } as const
  const { hostname, pathname, port } = new URL(Redacted.value(databaseUrl.value))
  const migrations = yield* Effect.provide(Migrations.status, Db.layerUnmigrated({ databaseUrl, home }))
  return { kind: "server", host: hostname, port, database: pathname.slice(1), migrations } as const
})

/** Ends the embedded server; false when none ran. */
export const stopDatabase = (force: boolean) =>
  Effect.gen(function* () {
    const { databaseUrl, home } = yield* settings
    if (Option.isSome(databaseUrl)) {
      return yield* new InvalidInput({
        code: "not_embedded",
        message: "DATABASE_URL is set: that server is not ours to stop",
        issues: []
      })
    }
    return yield* Embedded.stop(home, { force })
  })

/** Makes a backup, or fills the database from one. */
export const backup = (file: string) => onDatabase(Backup.backup(file))
export const restore = (file: string, replace: boolean) => onDatabase(Backup.restore(file, { replace }))

/** Ends a home's server and removes all of it, wherever its data lies. */
export const discard = Embedded.discard
