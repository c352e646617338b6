import * as Effect from "effect/Effect"
import { chance, int, oneOf } from "./Draw.ts"

/** One thing that a seed has the operator do, or does to the venue. */
export type Step =
  | { readonly _tag: "Trade"; readonly plan: number }
  | { readonly _tag: "Retry"; readonly plan: number }
  | { readonly _tag: "Schedule" }
  | { readonly _tag: "Reconcile" }
  | { readonly _tag: "Accept" }
  | { readonly _tag: "Cancel" }
  | { readonly _tag: "Halt" }
  | { readonly _tag: "Resume" }
  | { readonly _tag: "Move"; readonly market: string; readonly ticks: number }
  | { readonly _tag: "Tick"; readonly market: string; readonly tick: string }
  | { readonly _tag: "Resolve"; readonly market: string; readonly winner: "first" | "second" | "void" }
  | { readonly _tag: "Redeem"; readonly market: string }

/** So long after a process has begun, or after the venue has had so many requests of a kind since. */
export interface Moment {
  readonly op: string | undefined
  readonly nth: number
  readonly millis: number
}

/** What becomes of the process of a step. `Paused` and `Beside` ones have the next step happen meanwhile. */
export type Fate =
  | { readonly _tag: "Ends" }
  | { readonly _tag: "Killed"; readonly at: Moment }
  | { readonly _tag: "Paused"; readonly at: Moment }
  | { readonly _tag: "Beside" }

export interface Act {
  readonly step: Step
  readonly fate: Fate
}

export const ENDS: Fate = { _tag: "Ends" }

/** Requests around which orders, fills and cancels change hands. */
const OPS = [
  "POST /order",
  "POST /order",
  "POST /order",
  "GET /data",
  "GET /data/order/",
  "GET /data/trades",
  "DELETE "
]

const moment = Effect.gen(function* () {
  if (yield* chance(0.4)) return { op: undefined, nth: 1, millis: yield* int(0, 700) } satisfies Moment
  return { op: yield* oneOf(OPS), nth: yield* int(1, 3), millis: yield* oneOf([0, 0, 3, 8, 15, 30]) } satisfies Moment
})

const fate = (killed: number) =>
  Effect.gen(function* () {
    const drawn = yield* int(1, 100)
    const at = yield* moment
    if (drawn <= killed) return { _tag: "Killed", at } satisfies Fate
    if (drawn <= killed + 8) return { _tag: "Paused", at } satisfies Fate
    return drawn <= killed + 16 ? ({ _tag: "Beside" } satisfies Fate) : ENDS
  })

const byTheWay = (markets: ReadonlyArray<string>, plan: number) =>
  Effect.gen(function* () {
    const acts: Array<Act> = []
    const quietly = (step: Step) => acts.push({ step, fate: ENDS })
    if (yield* chance(0.25)) {
      const tag = yield* oneOf(["Reconcile", "Schedule"] as const)
      acts.push({ step: { _tag: tag }, fate: yield* fate(45) })
    }
    if (yield* chance(0.15)) acts.push({ step: { _tag: "Cancel" }, fate: yield* fate(30) })
    if (yield* chance(0.12)) {
      acts.push({ step: { _tag: "Halt" }, fate: yield* fate(45) })
      const meanwhile = oneOf(["Trade", "Reconcile", "Reconcile", "Schedule"] as const)
      for (let left = yield* int(0, 2); left > 0; left--) {
        const tag = yield* meanwhile
        acts.push({ step: tag === "Trade" ? { _tag: tag, plan } : { _tag: tag }, fate: yield* fate(20) })
      }
      if (yield* chance(0.3)) acts.push({ step: { _tag: "Resume" }, fate: yield* fate(45) })
      quietly({ _tag: "Resume" })
    }
    if (yield* chance(0.25)) {
      quietly({ _tag: "Move", market: yield* oneOf(markets), ticks: yield* int(-3, 3) })
    }
    if (yield* chance(0.06)) {
      quietly({ _tag: "Tick", market: yield* oneOf(markets), tick: yield* oneOf(["0.001", "0.001", "0.01"]) })
    }
    if (yield* chance(0.05)) {
      const market = yield* oneOf(markets)
      quietly({ _tag: "Resolve", market, winner: yield* oneOf(["first", "second", "void"] as const) })
      if (yield* chance(0.5)) quietly({ _tag: "Redeem", market })
    }
    return acts
  })

/** What is done, in order: every plan is tried until it has run to its end, whatever comes between. */
export const acts = (plans: number, markets: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const all: Array<Act> = []
    for (let plan = 0; plan < plans; plan++) {
      const tries = yield* int(1, 3)
      for (let one = 0; one < tries; one++) {
        const step: Step = (yield* chance(0.12)) ? { _tag: "Schedule" } : { _tag: "Trade", plan }
        all.push({ step, fate: yield* fate(70) }, ...(yield* byTheWay(markets, plan)))
      }
      all.push({ step: { _tag: "Trade", plan }, fate: ENDS })
      if (yield* chance(0.2)) all.push({ step: { _tag: "Retry", plan }, fate: yield* fate(30) })
    }
    return all
  })
