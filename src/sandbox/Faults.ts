import { hash } from "node:crypto"
import * as Schema from "effect/Schema"
import type { House } from "./House.ts"
import * as Journal from "./Journal.ts"

/** What can be made to go wrong. */
export const KINDS = [
  // The connection breaks, or the answer never comes: before anything was booked, or after.
  "dropBefore",
  "dropAfter",
  "hang",
  // The request or the answer takes `ms` longer.
  "delayRequest",
  "delayAnswer",
  // Other answers; `booked` says whether the request was carried out all the same.
  "restart",
  "rateLimit",
  "timeout",
  "couldNotInsert",
  "badGateway",
  "unavailable",
  "forbidden",
  "contextCanceled",
  "unauthorized",
  "answer",
  // Of orders: the shape of the answer.
  "refusedInBody",
  "successWithError",
  "noTradeIds",
  "baseUnits",
  "humanDecimals",
  // Of cancels: not carried out, and told as done or as impossible; or carried out, and told as impossible.
  "cancelNoEffect",
  "notCanceled",
  // Of trades.
  "fail",
  "stuck",
  // Of reads: as things stood when the fault first struck; without what is younger than `ms`.
  "stale",
  "lag",
  // Statuses with a prefix; matches that are told in the state before.
  "prefixed",
  "notBroadcast",
  // Of balances: what the venue knows of one no longer follows the chain, until it is told to read it again.
  "staleBalance",
  // Of streams.
  "freeze",
  "dropStream",
  "duplicate",
  "reorder",
  "swallow",
  // Times in seconds instead of milliseconds.
  "seconds",
  // Of heartbeats.
  "wrongHeartbeat"
] as const

export const Kind = Schema.Literal(...KINDS).annotations({
  message: () => ({ message: `expected one of ${KINDS.join(", ")}`, override: true })
})
export type Kind = typeof Kind.Type

/** A fault and when it strikes. Without `nth` or `p` it strikes every time, `count` times at most. */
export const FaultSpec = Schema.Struct({
  /**
   * `POST /order`, `GET /data/orders`, `GET *`, `*`; `trade` for settlements; `balance` for changes of balances; `user` and
   * `market` for events of the streams.
   */
  op: Schema.String,
  kind: Kind,
  /** The first request of its kind that it strikes, counted from 1. */
  nth: Schema.optional(Schema.Int.pipe(Schema.positive())),
  /** Probability, seeded. */
  p: Schema.optional(Schema.Number.pipe(Schema.between(0, 1))),
  count: Schema.optional(Schema.Int.pipe(Schema.positive())),
  ms: Schema.optional(Schema.Number.pipe(Schema.nonNegative())),
  booked: Schema.optional(Schema.Boolean),
  /** When a trade fails. */
  after: Schema.optional(Schema.Literal("MATCHED", "MINED")),
  status: Schema.optional(Schema.Int),
  body: Schema.optional(Schema.Unknown),
  headers: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
})
export type FaultSpec = typeof FaultSpec.Type

export interface Fault {
  readonly id: number
  readonly spec: FaultSpec
  seen: number
  fired: number
}

/** Adds a fault; its number tells it from others. */
export const add = (house: House, spec: FaultSpec): number => {
  const id = house.counter++
  house.faults.push({ id, spec, seen: 0, fired: 0 })
  return id
}

/** Everything goes as it should again. */
export const clear = (house: House): void => {
  house.faults.length = 0
  house.stale.clear()
}

const meets = (spec: FaultSpec, op: string): boolean => {
  if (spec.op === "*" || spec.op === op) return true
  if (spec.op.endsWith(" *")) return op.startsWith(spec.op.slice(0, -1))
  return op.startsWith(`${spec.op}/`)
}

const chance = (seed: string, fault: Fault): number =>
  Number.parseInt(hash("sha256", `${seed}:fault:${fault.id}:${fault.seen}`).slice(0, 8), 16) / 0x1_0000_0000

const fires = (house: House, fault: Fault): boolean => {
  const { count, nth, p } = fault.spec
  if (nth !== undefined && fault.seen < nth) return false
  if (fault.fired >= (count ?? (nth === undefined ? Number.POSITIVE_INFINITY : 1))) return false
  return p === undefined || chance(house.rules.seed, fault) < p
}

/** The faults that strike now. Each counts what it could have struck, so the same seed strikes the same requests. */
export const strike = (house: House, op: string, now: number): ReadonlyArray<FaultSpec> => {
  if (house.faults.length === 0) return []
  const struck: Array<FaultSpec> = []
  for (const fault of house.faults) {
    if (!meets(fault.spec, op)) continue
    fault.seen++
    if (!fires(house, fault)) continue
    fault.fired++
    struck.push(fault.spec)
    Journal.enter(house.journal, now, { kind: "fault", op, fault: fault.spec.kind })
  }
  return struck
}

export const has = (struck: ReadonlyArray<FaultSpec>, kind: Kind): FaultSpec | undefined =>
  struck.find((spec) => spec.kind === kind)
