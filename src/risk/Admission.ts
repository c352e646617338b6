import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import { PlanExists } from "../domain/Failure.ts"
import type { OrderState } from "../domain/Order.ts"
import type { Plan } from "../domain/Plan.ts"
import type { Refused } from "../domain/Report.ts"

/** What is on record of a planId. */
export interface Past {
  readonly status: "running" | "completed" | "failed" | "rejected"
  readonly planHash: string
  readonly completedMillis: number | undefined
  /** Instructions that risk left out of the run. */
  readonly refused: ReadonlyArray<Refused>
  readonly orders: ReadonlyArray<OrderState>
}

/** Leave to run a plan. */
export interface Admitted {
  /** Orders of an earlier, unfinished run of the same plan: this run goes on where that one stopped. */
  readonly earlier: ReadonlyArray<OrderState>
  /** Instructions that the earlier run left out and this one does not try again. */
  readonly refused: ReadonlyArray<Refused>
  /** Instructions to decide now, and as which attempt; all others are finished or journalled already. */
  readonly attempts: ReadonlyMap<number, number>
}

const exists = (plan: Plan, why: string) =>
  Either.left(new PlanExists({ planId: plan.planId, message: `planId already exists: "${plan.planId}" ${why}` }))

/**
 * Refused instructions again, each as one more attempt than it has had, and those that our own gate kept back: they never
 * were at the venue. What ended otherwise is finished.
 */
const refusedAgain = (past: Past): ReadonlyMap<number, number> => {
  const attempts = new Map(past.refused.map(({ instruction }) => [instruction, 1]))
  for (const { order, status } of past.orders) {
    if (status === "rejected" || status === "blocked") attempts.set(order.instruction, order.attempt + 1)
    else attempts.delete(order.instruction)
  }
  return attempts
}

/**
 * Whether a plan may run, given what is on record of its id. A completed plan may not, nor one whose id has placed orders
 * with other content; one that stopped half way goes on; one that risk refused placed nothing and starts afresh.
 */
export const admit = (
  plan: Plan,
  past: Past | undefined,
  retryRefused: boolean
): Either.Either<Admitted, PlanExists> => {
  const afresh = {
    earlier: [],
    refused: [],
    attempts: new Map(plan.instructions.map((_, index) => [index, 1] as const))
  }
  // What placed nothing and has not completed leaves nothing to protect, whatever its content was.
  if (past === undefined || (past.orders.length === 0 && past.status !== "completed")) return Either.right(afresh)
  if (past.planHash !== plan.hash) return exists(plan, "has run with other content; give this plan an id of its own")
  if (past.status === "completed" && !retryRefused) {
    const when =
      past.completedMillis === undefined ? "" : ` at ${DateTime.formatIso(DateTime.unsafeMake(past.completedMillis))}`
    return exists(plan, `completed${when}; see: betteroms report ${plan.planId}`)
  }
  if (!retryRefused) return Either.right({ earlier: past.orders, refused: past.refused, attempts: new Map() })
  const attempts = refusedAgain(past)
  if (past.status === "completed" && attempts.size === 0)
    return exists(plan, "completed, and nothing of it was refused")
  return Either.right({ earlier: past.orders, refused: [], attempts })
}
