import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type { TestProject } from "vitest/node"
import * as Db from "../src/layers/Db.ts"
import * as Embedded from "../src/layers/Embedded.ts"
import { administer, at } from "./cluster.ts"

const PREFIX = "betteroms-test-"

const ended = (pid: number) => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

/** What suites left behind that were killed. */
const sweep = Effect.forEach(
  fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith(PREFIX) && ended(Number(name.slice(PREFIX.length)))),
  (name) => Effect.ignore(Embedded.discard(path.join(os.tmpdir(), name))),
  { discard: true }
)

/** A server for this suite alone, and its address. */
const embedded = Effect.gen(function* () {
  yield* sweep
  const home = path.join(os.tmpdir(), `${PREFIX}${process.pid}`)
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      fs.mkdirSync(home, { recursive: true })
      // Open to the unprivileged user the server runs as when the suite runs as root.
      fs.chmodSync(home, 0o755)
    }),
    () => Effect.ignore(Embedded.discard(home))
  )
  const address = yield* Embedded.acquire(home, { durable: false })
  return `postgres://${address.user}@localhost/${address.database}?host=${encodeURIComponent(address.host)}`
})

const scope = Effect.runSync(Scope.make())

const prepare = Effect.gen(function* () {
  const given = yield* Config.withDefault(Config.string("DATABASE_URL"), "")
  const cluster = given === "" ? yield* embedded : given
  const template = `betteroms_test_${process.pid}`
  yield* Effect.acquireRelease(administer(cluster, `create database ${template}`), () =>
    administer(cluster, `drop database if exists ${template} with (force)`)
  )
  // Its scope is closed at once: a template may have no sessions when it is copied.
  yield* Effect.scoped(
    Layer.build(Db.layer({ databaseUrl: Option.some(Redacted.make(at(cluster, template))), home: "" }))
  )
  return { cluster, template }
})

export const setup = (project: TestProject) =>
  prepare.pipe(
    Scope.extend(scope),
    Effect.andThen(({ cluster, template }) => {
      project.provide("cluster", cluster)
      project.provide("template", template)
    }),
    Effect.runPromise
  )

export const teardown = () => Effect.runPromise(Scope.close(scope, Exit.void))
