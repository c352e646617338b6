import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Pg from "pg"
import * as Db from "../src/layers/Db.ts"
import * as Embedded from "../src/layers/Embedded.ts"
import { Ledger } from "../src/persist/Ledger.ts"

/** A database server of one run, and the folder it lies in. */
export interface Cluster {
  readonly address: string
  readonly home: string
}

/** One statement on a database. */
export const administer = (address: string, statement: string) =>
  Effect.acquireUseRelease(
    Effect.promise(() => {
      const client = new Pg.Client({ connectionString: address })
      client.on("error", () => undefined)
      return client.connect().then(() => client)
    }),
    (client) => Effect.promise(() => client.query(statement)),
    (client) => Effect.promise(() => client.end())
  )

/** The address of one of its databases. */
export const at = ({ address }: Cluster, name: string): string => {
  const url = new URL(address)
  url.pathname = `/${name}`
  return url.toString()
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
    Layer.build(Db.layer({ databaseUrl: Option.some(Redacted.make(at(cluster, "template_chaos"))), home }))
  )
  return cluster
})

/** What is on record in a database. */
export const ledgerOn = (url: string) =>
  Layer.provideMerge(Ledger.layer, Db.layerUnmigrated({ databaseUrl: Option.some(Redacted.make(url)), home: "" }))
