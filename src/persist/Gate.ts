import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { instrumentKey } from "../domain/Market.ts"
import type { Mode, Order } from "../domain/Order.ts"
import { decode } from "./Cells.ts"
import { type Answers, ask } from "./Database.ts"
import type { Halt, Stop } from "./Records.ts"
import { maybeOutcomeIndexOf, modeOf } from "./Rows.ts"

type Sql = SqlClient.SqlClient

/** The scheduler's lease that work is done under: once another has taken it over, nothing more may leave. */
export interface Tenure {
  readonly name: string
  readonly holder: string
  readonly fence: bigint
}

/** What keeps orders from leaving, as it stands now. */
export interface Barriers {
  readonly halt: Halt | undefined
  readonly stops: ReadonlyArray<Stop>
  readonly leaseLost: boolean
}

export type Verdict =
  | { readonly _tag: "Open" }
  /** It never leaves: the operator, or what could not be explained, is in its way. */
  | { readonly _tag: "Blocked"; readonly reason: string }
  /** It stays where it is: somebody else goes on with it. */
  | { readonly _tag: "Held" }

export const OPEN: Verdict = { _tag: "Open" }

/** The rows that stand in the way of a mode: its halt, and what is unexplained. */
export const standing = (mode: Mode): readonly [string, string] => [
  `from halts where mode = '${mode}' and resumed_at is null`,
  `from stops where mode = '${mode}' and accepted_at is null`
]

/** What is asked of a mode before anything leaves: its halt, and what stands unexplained, oldest first. */
export const questions = (mode: Mode): ReadonlyArray<string> => {
  const [halts, stops] = standing(mode)
  return [
    `select mode, reason, halted_at ${halts}`,
    `select condition_id, outcome_index, reason, stopped_at ${stops} order by stopped_at, condition_id, outcome_index`
  ]
}

/** What the answers to those questions say. */
export const told = Effect.fn("Ledger.gate.told")(function* ([halts = [], stops = []]: Answers) {
  const [halt] = yield* decode(
    halts,
    "halts",
    (cells): Halt => ({
      mode: modeOf(cells),
      reason: cells.maybeText("reason"),
      haltedMillis: cells.millis("halted_at")
    })
  )
  const standing = yield* decode(
    stops,
    "stops",
    (cells): Stop => ({
      conditionId: cells.maybeText("condition_id"),
      outcomeIndex: maybeOutcomeIndexOf(cells),
      reason: cells.text("reason"),
      stoppedMillis: cells.millis("stopped_at")
    })
  )
  return { halt, stops: standing }
})

/** The halt of a mode and what stands unexplained in it. */
export const barriers = Effect.fn("Ledger.gate.barriers")(function* (sql: Sql, mode: Mode) {
  return yield* told(yield* ask(sql, questions(mode)))
})

/** Whether a lease is still held by whoever works under it. */
export const holds = Effect.fn("Ledger.gate.holds")(function* (sql: Sql, tenure: Tenure) {
  const rows = yield* sql`select 1 from scheduler_lease where name = ${tenure.name}
    and holder = ${tenure.holder}::uuid and fence = ${`${tenure.fence}`}::bigint`
  return rows.length === 1
})

export const haltText = ({ reason }: Halt): string =>
  `trading is halted${reason === undefined ? "" : ` (${reason})`}; to go on: betteroms resume`

export const stopText = ({ reason }: Stop): string => `${reason}; once it is explained: betteroms reconcile --accept`

/** Whether a stop concerns an instrument. */
export const concerns = (stop: Stop, at: Pick<Order, "conditionId" | "outcomeIndex">): boolean =>
  stop.conditionId === undefined ||
  (stop.outcomeIndex === undefined
    ? stop.conditionId === at.conditionId
    : instrumentKey({ conditionId: stop.conditionId, outcomeIndex: stop.outcomeIndex }) === instrumentKey(at))

/** Whether an order may leave now. */
export const verdict = ({ halt, leaseLost, stops }: Barriers, order: Order): Verdict => {
  if (halt !== undefined) return { _tag: "Blocked", reason: haltText(halt) }
  const stop = stops.find((each) => concerns(each, order))
  if (stop !== undefined) return { _tag: "Blocked", reason: stopText(stop) }
  return leaseLost ? { _tag: "Held" } : OPEN
}
