import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { transactAccount } from "../../src/persist/Database.ts"
import { updateOrders } from "../../src/persist/OrderRows.ts"
import { AT, journalled, ledger, order } from "./scene.ts"

describe("orders that move on", () => {
  it.effect("are found by their ids in one go, though statistics say that there are hardly any", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const states = yield* journalled(
        "large",
        Array.from({ length: 2_000 }, (_, instruction) => order("large", instruction))
      )
      // What a vacuum leaves behind that comes while they are being written.
      yield* sql`update pg_class set reltuples = 0, relpages = 50 where relname = 'orders'`
      const changes = states
        .slice(0, 400)
        .map((before) => ({ before, after: before, externalOrderId: undefined, atMillis: AT }))
      const [text, values] = updateOrders(sql, changes).compile()
      const lines = yield* transactAccount(
        sql,
        "paper",
        sql.unsafe<Record<string, string>>(`explain (analyze, timing off, costs off) ${text}`, values)
      )
      const plan = lines.map((line) => line["QUERY PLAN"]).join("\n")
      assert.include(plan, "orders_pkey")
      assert.notMatch(plan, /Nested Loop|Seq Scan/)
      assert.notMatch(plan, /rows=2000/)
    }).pipe(Effect.provide(ledger))
  )
})
