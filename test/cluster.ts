import * as Effect from "effect/Effect"
import * as Pg from "pg"
import type {} from "vitest"

declare module "vitest" {
  export interface ProvidedContext {
    /** The address of the suite's cluster, with a database of it to connect to. */
    readonly cluster: string
    /** A migrated database without rows, to be copied. */
    readonly template: string
  }
}

/** One statement on a cluster, outside of any database that a test uses. */
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

/** The same cluster, another database. */
export const at = (cluster: string, name: string): string => {
  const url = new URL(cluster)
  url.pathname = `/${name}`
  return url.toString()
}
