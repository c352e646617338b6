/**
 * The process that chaos kills: takes a plan down the corridor against a real venue's API, or lays the account beside it,
 * with waits short enough for thousands of runs. Says `begun` on stdout once everything stands, and ends with the exit
 * code of the contract.
 */

import { randomUUID } from "node:crypto"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Ended, exitCode } from "../src/cli/Ending.ts"
import type { Failure } from "../src/domain/Failure.ts"
import * as Halting from "../src/halting.ts"
import { AppConfig } from "../src/layers/Config.ts"
import * as Account from "../src/layers/clob/Account.ts"
import * as Client from "../src/layers/clob/Client.ts"
import * as Db from "../src/layers/Db.ts"
import * as Http from "../src/layers/Http.ts"
import * as Polymarket from "../src/layers/marketdata/Polymarket.ts"
import * as PrivateKey from "../src/layers/signer/PrivateKey.ts"
import { Venue } from "../src/layers/Venue.ts"
import * as Live from "../src/layers/venue/Live.ts"
import { Lease } from "../src/persist/Lease.ts"
import { Ledger } from "../src/persist/Ledger.ts"
import * as Pipeline from "../src/pipeline.ts"
import { reconcile } from "../src/reconcile.ts"
import * as Schedule from "../src/schedule.ts"
import * as Tick from "../src/tick.ts"
import { cancel } from "../src/upkeep.ts"

/** Waits of a process that has little time to live. */
const PATIENCE = { total: 2_000, beforeAgain: 150, pause: 200 }
const DEADLINES = { post: "700 millis", read: "700 millis", cancel: "700 millis" } as const
const SESSION = { funds: "30 millis", cancelled: "40 millis", cancelledLooks: 4, unseen: 2_500 } as const

/** Only live orders go to the venue, as in the program. */
const venues = Layer.effect(
  Venue,
  Effect.map(Venue, (venue) => Venue.of({ ...venue, isReal: (mode) => mode === "live" }))
)

const world = Effect.gen(function* () {
  const settings = yield* AppConfig
  const account = yield* Account.accountOf(settings.credentials)
  const { clobUrl, databaseUrl, gammaUrl, geoblockUrl, home } = settings
  return venues.pipe(
    Layer.provide(Live.layer({ account, geoblockUrl, patience: SESSION })),
    Layer.provide(Client.layer({ clobUrl, account, patience: DEADLINES })),
    Layer.provide(PrivateKey.layer(account.privateKey)),
    Layer.provide(Http.layer),
    Layer.provideMerge(Polymarket.connected({ gammaUrl, clobUrl })),
    Layer.provideMerge(Layer.mergeAll(Ledger.layer, Lease.layer)),
    Layer.provideMerge(Db.layerUnmigrated({ databaseUrl, home }))
  )
})

const trade = (file: string, retryRefused: boolean) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const bytes = yield* files.readFile(file)
    const settings = yield* AppConfig
    const { failure, run } = yield* Pipeline.trade({
      bytes,
      file,
      dryRun: false,
      retryRefused,
      paperBalance: settings.paperBalance,
      progress: () => Effect.void,
      patience: PATIENCE
    })
    yield* Console.log(`${run.status} ${failure?.message ?? ""}`)
    if (failure !== undefined) return yield* failure
    if (run.status === "rejected") return yield* new Ended({ code: 4 })
  })

const looked = (accept: boolean) =>
  Effect.map(reconcile("live", { accept, patience: PATIENCE }), ({ changed, stops, warnings }) =>
    JSON.stringify({ changed: changed.length, stops, warnings })
  )

/** One tick over a directory of plans, under the scheduler's lease. */
const schedule = (plans: string) =>
  Effect.gen(function* () {
    const settings = yield* AppConfig
    yield* Schedule.run({
      intervalMinutes: 60,
      once: true,
      holder: yield* Effect.sync(() => randomUUID()),
      onWait: Console.log("waiting for the lease"),
      tick: (slotMillis, tenure) =>
        Effect.gen(function* () {
          const work = { paperBalance: settings.paperBalance, live: true, tenure, patience: PATIENCE }
          const told = yield* Tick.tick(plans, slotMillis, work)
          yield* Console.log(
            told.plans.map(({ error, planId, status }) => `${planId} ${status} ${error ?? ""}`).join("; ")
          )
        })
    })
  })

const work = (command: string, file: string) =>
  Effect.gen(function* () {
    yield* Console.log("begun")
    switch (command) {
      case "trade":
        return yield* trade(file, false)
      case "retry":
        return yield* trade(file, true)
      case "schedule":
        return yield* schedule(file)
      case "reconcile":
        return yield* Console.log(yield* looked(false))
      case "accept":
        return yield* Console.log(yield* looked(true))
      case "cancel":
        return yield* cancel("live", {})
      case "halt":
        return yield* Halting.halt("live", { reason: "chaos", foreign: false, patience: PATIENCE })
      case "resume":
        return yield* Halting.resume
    }
  })

const [, , command = "", file = ""] = process.argv

const isFailure = (error: unknown): error is Failure =>
  typeof error === "object" && error !== null && "_tag" in error && "message" in error

const program = Effect.flatMap(world, (layer) => Effect.provide(work(command, file), layer)).pipe(
  Effect.tapErrorCause((cause) => Console.log(Cause.pretty(cause).slice(0, 2_000))),
  Effect.provide(AppConfig.layer),
  Effect.provide(NodeContext.layer)
)

NodeRuntime.runMain(program, {
  disableErrorReporting: true,
  teardown: (exit, onExit) => {
    if (Exit.isSuccess(exit)) return onExit(0)
    const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
    onExit(failure instanceof Ended ? failure.code : isFailure(failure) ? exitCode(failure) : 1)
  }
})
