/** Random plans against the sandbox with random faults, processes killed at random instants; then both books compared. */

import { spawn } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Pg from "pg"
import * as Db from "../src/layers/Db.ts"
import * as Embedded from "../src/layers/Embedded.ts"
import { Ledger } from "../src/persist/Ledger.ts"
import * as Sandbox from "../src/sandbox/Sandbox.ts"
import { differences, onlyUnknown, restless } from "./Compare.ts"
import { type Act, HELD, type Scene, scene } from "./Scene.ts"

const TRADER = join(import.meta.dirname, "trader.js")

/** How a process ended, and what it said. */
interface Ended {
  readonly code: number | null
  readonly said: string
}

/** Runs a trader, and kills it so long after it has begun, if at all. */
const run = (env: Readonly<Record<string, string>>, args: ReadonlyArray<string>, killMillis: number | undefined) =>
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const child = spawn(process.execPath, [TRADER, ...args], { env: { ...env }, stdio: ["ignore", "pipe", "pipe"] })
    const said: Array<string> = []
    child.stdout.on("data", (chunk) => {
      said.push(String(chunk))
      Deferred.unsafeDone(begun, Effect.void)
    })
    child.stderr.on("data", (chunk) => said.push(String(chunk)))
    const ended = Effect.async<Ended>((resume) => {
      child.on("close", (code) => resume(Effect.succeed({ code, said: said.join("") })))
      return Effect.sync(() => child.kill("SIGKILL"))
    })
    const killed = Effect.gen(function* () {
      if (killMillis === undefined) return
      yield* Deferred.await(begun)
      yield* Effect.sleep(killMillis)
      child.kill("SIGKILL")
    })
    const killing = yield* Effect.fork(killed)
    const found = yield* Effect.timeoutTo(ended, {
      duration: "60 seconds",
      onSuccess: (how) => how,
      onTimeout: (): Ended => ({ code: -1, said: "it never ended" })
    })
    yield* Fiber.interrupt(killing)
    return found
  })

/** One statement on the cluster. */
const administer = (address: string, statement: string) =>
  Effect.acquireUseRelease(
    Effect.promise(() => {
      const client = new Pg.Client({ connectionString: address })
      client.on("error", () => undefined)
      return client.connect().then(() => client)
    }),
    (client) => Effect.promise(() => client.query(statement)),
    (client) => Effect.promise(() => client.end())
  )

const at = (cluster: string, name: string): string => {
  const url = new URL(cluster)
  url.pathname = `/${name}`
  return url.toString()
}

/** A cluster that only this run uses, with a migrated template. */
const cluster = Effect.gen(function* () {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const made = mkdtempSync(join(tmpdir(), "betteroms-chaos-"))
      chmodSync(made, 0o755)
      return made
    }),
    (made) =>
      Effect.zipRight(
        Effect.ignore(Embedded.discard(made)),
        Effect.sync(() => rmSync(made, { recursive: true, force: true }))
      )
  )
  const { database, host, user } = yield* Embedded.acquire(home, { durable: false })
  const address = `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}`
  yield* administer(address, "create database template_chaos")
  yield* Effect.scoped(
    Layer.build(Db.layer({ databaseUrl: Option.some(Redacted.make(at(address, "template_chaos"))), home }))
  )
  return { address, home }
})

const ledgerOn = (url: string) =>
  Layer.provideMerge(Ledger.layer, Db.layerUnmigrated({ databaseUrl: Option.some(Redacted.make(url)), home: "" }))

/** Puts a line into the story of a seed. */
type Note = (line: string) => Effect.Effect<unknown>

const perform = Effect.fn("Chaos.perform")(function* (
  sandbox: Sandbox.Sandbox,
  env: Readonly<Record<string, string>>,
  files: ReadonlyArray<string>,
  { killMillis, step }: Act,
  note: Note
) {
  const trader = (args: ReadonlyArray<string>) =>
    Effect.tap(run(env, args, killMillis), ({ code, said }) =>
      note(
        `${args[0]} ${killMillis === undefined ? "" : `killed at ${killMillis} `}-> ${code}: ${said.trim().replace(/\s+/g, " ").slice(0, 1500)}`
      )
    )
  switch (step._tag) {
    case "Trade":
      return yield* trader(["trade", files[step.plan] ?? ""])
    case "Retry":
      return yield* trader(["retry", files[step.plan] ?? ""])
    case "Reconcile":
      return yield* trader(["reconcile"])
    case "Cancel":
      return yield* trader(["cancel"])
    case "Halt":
      yield* trader(["halt"])
      return yield* Effect.tap(run(env, ["resume"], undefined), () => note("resume"))
    case "Move":
      yield* note(`book of ${step.market} moves by ${step.ticks}`)
      return yield* Effect.ignore(sandbox.moveBook(step.market, step.ticks))
    case "Tick":
      yield* note(`tick of ${step.market} gets finer`)
      return yield* Effect.ignore(sandbox.setTick(step.market, "0.001"))
  }
})

/** Plays a scene on a venue and a database of its own; returns every difference that is left once all is quiet. */
const play = Effect.fn("Chaos.play")(function* (found: Scene, database: string, folder: string, note: Note) {
  const sandbox = yield* Sandbox.make({
    seed: "chaos",
    minedMillis: 60,
    confirmedMillis: 60,
    postOnlyMillis: 400,
    delayFactor: 0.2,
    signatureType: found.signatureType
  })
  const env = {
    ...sandbox.env,
    DATABASE_URL: database,
    LOG_LEVEL: "error",
    PATH: "/usr/bin:/bin",
    HOME: folder,
    BETTEROMS_HOME: folder
  }
  const files = found.plans.map((plan, index) => {
    const file = join(folder, `plan-${index}.json`)
    writeFileSync(file, JSON.stringify(plan))
    return file
  })
  yield* Effect.orDie(sandbox.setBook(HELD, { bids: [["0.44", "300"]], asks: [["0.46", "300"]] }))
  const held = join(folder, "held.json")
  writeFileSync(
    held,
    JSON.stringify({
      planId: "held",
      mode: "live",
      tradeInstructions: [{ marketId: HELD, outcome: "YES", side: "BUY", price: 0.46, size: 60, sizeUnit: "SHARES" }]
    })
  )
  yield* Effect.tap(run(env, ["trade", held], undefined), ({ code, said }) => note(`held -> ${code}: ${said}`))
  yield* sandbox.settle
  yield* run(env, ["reconcile"], undefined)
  for (const [market, book] of Object.entries(found.books)) yield* Effect.orDie(sandbox.setBook(market, book))
  yield* Effect.forEach(found.faults, (spec) => sandbox.fault(spec))
  const completed = new Set<number>()
  for (const act of found.acts) {
    const { step } = act
    if (step._tag === "Trade" && completed.has(step.plan)) continue
    const ended = yield* perform(sandbox, env, files, act, note)
    if (step._tag === "Trade" && typeof ended === "object" && (ended.code === 0 || ended.code === 3))
      completed.add(step.plan)
  }

  // Quiet: nothing goes wrong any more, and the operator looks until there is nothing left to see.
  yield* sandbox.clearFaults
  yield* sandbox.setMode("normal")
  const ledger = ledgerOn(database)
  for (let look = 0; look < 12; look++) {
    yield* Effect.sleep("250 millis")
    yield* sandbox.settle
    // A trade that is stuck shows it only once its time has come.
    for (const trade of sandbox.house.trades.values()) {
      if (trade.status === "RETRYING") yield* Effect.ignore(sandbox.finish(trade.id, "CONFIRMED"))
    }
    // What the venue never saw stays unknown until the operator says so: nothing goes wrong any more, so it is certain.
    const unknown = yield* Effect.provide(onlyUnknown, ledger)
    const command = look >= 3 && unknown ? "accept" : "reconcile"
    yield* Effect.tap(run(env, [command], undefined), ({ code, said }) =>
      note(`${command} -> ${code}: ${said.trim().slice(0, 600)}`)
    )
    if ((yield* Effect.provide(restless, ledger)).length === 0) break
  }
  const never = yield* Effect.provide(restless, ledger)
  const left = yield* Effect.provide(differences(sandbox), ledger)
  return [...never, ...left]
}, Effect.scoped)

const flag = (name: string, fallback: number) => {
  const index = process.argv.indexOf(`--${name}`)
  const value = Number(process.argv[index + 1])
  return index >= 0 && Number.isSafeInteger(value) && value >= 0 ? value : fallback
}

/** What a seed came to: its story, and every difference that was left. */
interface Told {
  readonly seed: number
  readonly story: ReadonlyArray<string>
  readonly wrong: ReadonlyArray<string>
}

const playSeed = Effect.fn("Chaos.playSeed")(function* (
  { address, home }: Effect.Effect.Success<typeof cluster>,
  copying: Effect.Semaphore,
  seed: number
) {
  const name = `chaos_${seed}`
  const folder = join(home, name)
  yield* Effect.sync(() => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
  })
  yield* copying.withPermits(1)(administer(address, `create database ${name} template template_chaos`))
  const found = yield* scene(seed)
  const story = [JSON.stringify(found.faults)]
  const note: Note = (line) => Effect.sync(() => story.push(line))
  const wrong = yield* Effect.catchAllDefect(play(found, at(address, name), folder, note), (defect) =>
    Effect.succeed([`a defect: ${String(defect)}`])
  )
  yield* administer(address, `drop database if exists ${name} with (force)`)
  return { seed, story, wrong } satisfies Told
})

const program = Effect.gen(function* () {
  const [seeds, first, jobs] = [flag("seeds", 50), flag("first", 1), flag("jobs", 2 * availableParallelism())]
  const [stories, verbose] = [process.argv.includes("--story"), process.argv.includes("--verbose")]
  const place = yield* cluster
  const copying = yield* Effect.makeSemaphore(1)
  const [passed, failed] = [yield* Ref.make(0), yield* Ref.make(0)]
  const tell = Effect.fn("Chaos.tell")(function* ({ seed, story, wrong }: Told) {
    const lines = story.map((line) => `    ${line}`)
    yield* Ref.update(wrong.length === 0 ? passed : failed, (count) => count + 1)
    if (stories) yield* Console.log([`seed ${seed}`, ...lines].join("\n"))
    if (wrong.length > 0) {
      yield* Console.log([`seed ${seed}: ${wrong.join("; ")}`, ...(verbose && !stories ? lines : [])].join("\n"))
    }
    const done = (yield* Ref.get(passed)) + (yield* Ref.get(failed))
    if (seeds > 1 && done % 10 === 0) yield* Console.error(`${done} of ${seeds} seeds`)
  })
  yield* Effect.forEach(
    Array.from({ length: seeds }, (_, at) => first + at),
    (seed) => Effect.flatMap(playSeed(place, copying, seed), tell),
    { concurrency: Math.max(1, jobs), discard: true }
  )
  const wrong = yield* Ref.get(failed)
  yield* Console.log(`${yield* Ref.get(passed)} passed, ${wrong} failed`)
  if (wrong > 0) process.exitCode = 1
}).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

NodeRuntime.runMain(program)
