import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Db from "../src/layers/Db.ts"
import * as Embedded from "../src/layers/Embedded.ts"
import { Ledger } from "../src/persist/Ledger.ts"
import { administer, at } from "../test/cluster.ts"
import { WITNESS } from "./Witness.ts"

/** A database server of one run, and the folder it lies in. */
export interface Cluster {
  readonly address: string
  readonly home: string
}

/** A cluster that only this run uses, with a migrated template. */
export const make = Effect.gen(function* () {
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
  const cluster: Cluster = {
    address: `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}`,
    home
  }
  yield* administer(cluster.address, "create database template_chaos")
  yield* Effect.scoped(
    Layer.build(Db.layer({ databaseUrl: Option.some(Redacted.make(at(cluster.address, "template_chaos"))), home }))
  )
  yield* administer(at(cluster.address, "template_chaos"), WITNESS)
  return cluster
})

/** What is on record in a database. */
export const ledgerOn = (url: string) =>
  Layer.provideMerge(Ledger.layer, Db.layerUnmigrated({ databaseUrl: Option.some(Redacted.make(url)), home: "" }))
