import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { Usd } from "../domain/Money.ts"
import type { Order, OrderState } from "../domain/Order.ts"
import type { Plan } from "../domain/Plan.ts"
import type { Refused } from "../domain/Report.ts"
import { notionalAt } from "../domain/Reserve.ts"
import type { Memory } from "../layers/Venue.ts"
import { type AccountFacts, Ledger } from "../persist/Ledger.ts"
import * as RunReport from "../report/RunReport.ts"
import { type Admitted, admit } from "../risk/Admission.ts"
import * as Risk from "../risk/Risk.ts"
import type { Scene } from "./Scene.ts"

/** What orders come to at their limits, fees apart. */
export const totalOf = (orders: ReadonlyArray<Order>): Usd =>
  Usd(orders.reduce((sum, { price, quantity }) => sum + notionalAt(price, quantity), 0n))

export const admission = Effect.fn("Pipeline.admission")(function* (plan: Plan, retryRefused: boolean) {
  const ledger = yield* Ledger
  const found = yield* ledger.run(plan.planId)
  if (Option.isNone(found)) return yield* admit(plan, undefined, retryRefused)
  const refused = RunReport.refusedOf(found.value.summary)
  const orders = yield* ledger.orders({ planId: plan.planId })
  return yield* admit(plan, { ...found.value, orders, refused }, retryRefused)
})

/** What risk says of the whole plan: it stands when nothing was refused, or where refusals are skipped and some remain. */
export interface Verdict {
  readonly approved: ReadonlyArray<Risk.Approved>
  readonly refused: ReadonlyArray<Refused>
  readonly stands: boolean
}

/** What earlier runs of the plan have placed, neither refused nor kept back: it counts against the plan's limits. */
const soFar = (earlier: ReadonlyArray<OrderState>) => {
  const placed = earlier.filter(({ status }) => status !== "rejected" && status !== "blocked")
  const notional = placed.reduce((sum, { order }) => sum + notionalAt(order.price, order.quantity), 0n)
  return { orders: placed.length, notional: Usd(notional) }
}

export const assess =
  (plan: Plan, scene: Scene, ours: Memory, admitted: Admitted, nowMillis: number) =>
  (account: AccountFacts): Verdict => {
    const { attempts, earlier } = admitted
    const already = soFar(earlier)
    const decisions = Risk.decide(plan, { ...account, ...scene, ours, attempts, already, nowMillis })
    const approved = decisions.flatMap(({ outcome }) => Option.toArray(Either.getRight(outcome)))
    const refused = decisions.flatMap(({ outcome }) => Option.toArray(Either.getLeft(outcome)))
    const stands = refused.length === 0 || (plan.onReject === "skip" && approved.length + earlier.length > 0)
    return { refused: [...admitted.refused, ...refused], approved: stands ? approved : [], stands }
  }

/** Why orders that were journalled and never sent may not go out any more, by their id: they are decided again. */
export const secondThoughts = (
  plan: Plan,
  scene: Scene,
  unsent: ReadonlyArray<OrderState>,
  account: AccountFacts,
  nowMillis: number
): ReadonlyMap<string, string> => {
  const ids = new Set(unsent.map(({ order }) => order.id))
  const decisions = Risk.decide(plan, {
    ...account,
    ...scene,
    exposed: account.exposed.filter(({ order }) => !ids.has(order.id)),
    attempts: new Map(unsent.map(({ order }) => [order.instruction, order.attempt])),
    nowMillis
  })
  const faults = new Map<string, string>()
  for (const { instruction, outcome } of decisions) {
    const state = unsent.find(({ order }) => order.instruction === instruction)
    if (state !== undefined && Either.isLeft(outcome)) faults.set(state.order.id, outcome.left.reasons.join("; "))
  }
  return faults
}

/** Orders that an earlier run of the plan saw refused or kept back, and that this one leaves so. */
export const stillRefused = (states: ReadonlyArray<OrderState>) =>
  states
    .filter((state) => state.status === "rejected" || state.status === "blocked")
    .map(
      ({ order, reasons, status }) =>
        `instruction ${order.instruction + 1} was ${status === "blocked" ? "never sent" : "refused"} (${reasons.at(-1) ?? "no reason given"}); --retry-refused tries it again`
    )

/** Of what is to be tried, what has no order that is neither refused nor kept back. */
export const stillToTry = (
  attempts: Admitted["attempts"],
  earlier: ReadonlyArray<OrderState>
): Admitted["attempts"] => {
  const placed = new Set(
    earlier.flatMap(({ order, status }) => (status === "rejected" || status === "blocked" ? [] : [order.instruction]))
  )
  return new Map([...attempts].filter(([instruction]) => !placed.has(instruction)))
}
