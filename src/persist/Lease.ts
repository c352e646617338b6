import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { DatabaseUnavailable } from "../domain/Failure.ts"
import { decode, type Row } from "./Cells.ts"
import * as Columns from "./Columns.ts"
import { available } from "./Database.ts"

/** A lease that was taken: `fence` grows with every new holder, so work under an older one can be told apart. */
export interface Tenure {
  readonly fence: bigint
  /** The last slot that ran to its end, whoever ran it, epoch milliseconds. */
  readonly lastSlotMillis: number | undefined
}

/** One scheduler at a time over any number of processes. Time comes from the caller; `holder` is a UUID of its own. */
export class Lease extends Context.Tag("betteroms/persist/Lease")<
  Lease,
  {
    /** Takes a lease that is free, expired or already the holder's. */
    readonly acquire: (
      name: string,
      holder: string,
      ttlMillis: number,
      nowMillis: number
    ) => Effect.Effect<Option.Option<Tenure>, DatabaseUnavailable>
    /** Keeps it; false when it has expired or someone else holds it. */
    readonly renew: (
      name: string,
      holder: string,
      fence: bigint,
      ttlMillis: number,
      nowMillis: number
    ) => Effect.Effect<boolean, DatabaseUnavailable>
    /** Notes that a slot has run to its end; false when someone else holds the lease by now. */
    readonly slotDone: (
      name: string,
      holder: string,
      fence: bigint,
      slotMillis: number
    ) => Effect.Effect<boolean, DatabaseUnavailable>
    /** Gives it back; nothing happens when someone else holds it by now. */
    readonly release: (name: string, holder: string, fence: bigint) => Effect.Effect<void, DatabaseUnavailable>
  }
>() {
  static readonly layer = Layer.effect(
    Lease,
    Effect.map(SqlClient.SqlClient, (sql) => {
      const acquire = Effect.fn("Lease.acquire")(function* (
        name: string,
        holder: string,
        ttlMillis: number,
        nowMillis: number
      ) {
        const now = Columns.iso(nowMillis)
        const rows = yield* sql<Row>`insert into scheduler_lease as held (name, holder, fence, expires_at)
          values (${name}, ${holder}::uuid, 1, ${Columns.iso(nowMillis + ttlMillis)}::timestamptz)
          on conflict (name) do update set
            holder = excluded.holder,
            fence = case when held.holder = excluded.holder and held.expires_at > ${now}::timestamptz
              then held.fence else held.fence + 1 end,
            expires_at = excluded.expires_at
          where held.holder is null or held.holder = excluded.holder or held.expires_at <= ${now}::timestamptz
          returning fence, last_slot`
        const [tenure] = yield* decode(
          rows,
          "scheduler_lease",
          (cells): Tenure => ({ fence: cells.big("fence"), lastSlotMillis: cells.maybeMillis("last_slot") })
        )
        return Option.fromNullable(tenure)
      }, available)

      const renew = Effect.fn("Lease.renew")(function* (
        name: string,
        holder: string,
        fence: bigint,
        ttlMillis: number,
        nowMillis: number
      ) {
        const rows =
          yield* sql`update scheduler_lease set expires_at = ${Columns.iso(nowMillis + ttlMillis)}::timestamptz
          where name = ${name} and holder = ${holder}::uuid and fence = ${`${fence}`}::bigint
            and expires_at > ${Columns.iso(nowMillis)}::timestamptz
          returning 1`
        return rows.length === 1
      }, available)

      const slotDone = Effect.fn("Lease.slotDone")(function* (
        name: string,
        holder: string,
        fence: bigint,
        slotMillis: number
      ) {
        const rows = yield* sql`update scheduler_lease
          set last_slot = greatest(last_slot, ${Columns.iso(slotMillis)}::timestamptz)
          where name = ${name} and holder = ${holder}::uuid and fence = ${`${fence}`}::bigint
          returning 1`
        return rows.length === 1
      }, available)

      const release = Effect.fn("Lease.release")(function* (name: string, holder: string, fence: bigint) {
        yield* sql`update scheduler_lease set holder = null
          where name = ${name} and holder = ${holder}::uuid and fence = ${`${fence}`}::bigint`
      }, available)

      return Lease.of({ acquire, renew, slotDone, release })
    })
  )
}
