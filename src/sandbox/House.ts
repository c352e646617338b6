import * as Agenda from "../exchange/EventAgenda.ts"
import type { Answer } from "./Answer.ts"
import type { Fault } from "./Faults.ts"
import * as Journal from "./Journal.ts"
import type { Account, ApiKey } from "./Keys.ts"
import type { Instrument, Listing } from "./Listing.ts"
import type { Operator } from "./Operator.ts"
import type { Trade } from "./Trade.ts"
import type { VenueOrder } from "./VenueOrder.ts"

/** What the venue takes at the moment. `restarting` answers 425 to everything about orders. */
export type Mode = "normal" | "postOnly" | "cancelOnly" | "disabled" | "restarting"

/** What of the sandbox can be set; times in milliseconds. */
export interface Rules {
  readonly seed: string
  /** From match to MINED, and from there to CONFIRMED; 0 is at once. */
  readonly minedMillis: number
  readonly confirmedMillis: number
  /** A key whose heartbeats stop for so long loses its orders. */
  readonly heartbeatMillis: number
  /** How long after a restart only post-only orders are taken. */
  readonly postOnlyMillis: number
  /** By how many seconds the time of a signed request may differ from the venue's. */
  readonly clockToleranceSeconds: number
  /** Unit of the amounts in the answer to a POST: the venue has been seen with both. */
  readonly amounts: "human" | "base"
  /** Whether a refused order is an HTTP error or 200 with `success: false`: the venue has been seen with both. */
  readonly refusals: "http" | "body"
  /** Marketable limit buys of fractions of a cent are refused, as has been reported. */
  readonly wholeCents: boolean
  /** Whether the user channel tells that a GTD order has expired: undocumented. */
  readonly tellsExpiry: boolean
  /** Resolution pays out by itself. */
  readonly autoRedeem: boolean
  /** Seconds of taker delay are multiplied by it. */
  readonly delayFactor: number
}

/** What the streams are told of. */
export interface Ears {
  readonly book: (listing: Listing) => void
  readonly tick: (listing: Listing, before: number) => void
  readonly resolved: (listing: Listing) => void
  readonly traded: (trade: Trade) => void
  readonly order: (order: VenueOrder, type: "PLACEMENT" | "UPDATE" | "CANCELLATION", status?: string) => void
  readonly trade: (trade: Trade) => void
}

const DEAF: Ears = {
  book: () => undefined,
  tick: () => undefined,
  resolved: () => undefined,
  traded: () => undefined,
  order: () => undefined,
  trade: () => undefined
}

/** Everything that the sandbox knows. Changed in place, by one thing at a time. */
export interface House {
  readonly rules: Rules
  readonly listings: Map<string, Listing>
  readonly instruments: Map<string, Instrument>
  /** By lower-case address. */
  readonly accounts: Map<string, Account>
  /** By id. */
  readonly keys: Map<string, ApiKey>
  readonly orders: Map<string, VenueOrder>
  readonly live: Set<VenueOrder>
  readonly trades: Map<string, Trade>
  readonly journal: Journal.Journal
  readonly agenda: Agenda.Agenda<(now: number) => void>
  readonly faults: Array<Fault>
  /** What stale reads are answered with. */
  readonly stale: Map<string, Answer>
  /** Those whose keys the sandbox holds, by name. */
  readonly operators: Map<string, Operator>
  /** Balances of what belongs to nobody in particular, by asset: those who show liquidity, the venue's fees. */
  readonly nobody: Map<string, bigint>
  ears: Ears
  mode: Mode
  modeUntil: number
  /** By how much the venue's clock is wrong, in milliseconds. */
  clockSkew: number
  geoblocked: boolean
  /** How far the sandbox has gone on in time ahead of the clock, in milliseconds. */
  ahead: number
  /** Counts for ids that follow from the seed. */
  counter: number
}

export const make = (rules: Rules): House => ({
  rules,
  listings: new Map(),
  instruments: new Map(),
  accounts: new Map(),
  keys: new Map(),
  orders: new Map(),
  live: new Set(),
  trades: new Map(),
  journal: Journal.make(),
  agenda: Agenda.make(),
  faults: [],
  stale: new Map(),
  operators: new Map(),
  nobody: new Map(),
  ears: DEAF,
  mode: "normal",
  modeUntil: Number.POSITIVE_INFINITY,
  clockSkew: 0,
  geoblocked: false,
  ahead: 0,
  counter: 0
})

/** Does everything that is due by now, earliest first. */
export const runDue = (house: House, now: number): void => {
  if (now >= house.modeUntil) endMode(house, now)
  while (house.agenda.next <= now) {
    const due = Agenda.take(house.agenda)
    if (due === undefined) break
    due.what(due.millis)
  }
}

/** Does something later; at once where there is no delay. */
export const later = (house: House, now: number, delay: number, what: (now: number) => void): void =>
  delay <= 0 ? what(now) : Agenda.add(house.agenda, now + delay, what)

export const setMode = (house: House, mode: Mode, now: number, millis = Number.POSITIVE_INFINITY): void => {
  house.mode = mode
  house.modeUntil = mode === "normal" ? Number.POSITIVE_INFINITY : now + millis
  Journal.enter(house.journal, now, { kind: "mode", mode })
}

/** After a restart only post-only orders are taken for a while; every other mode ends in the normal one. */
const endMode = (house: House, now: number): void =>
  house.mode === "restarting"
    ? setMode(house, "postOnly", now, house.rules.postOnlyMillis)
    : setMode(house, "normal", now)
