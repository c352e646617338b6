import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidInput } from "../domain/Failure.ts"
import { format, parse, UNIT } from "../domain/Money.ts"
import type { Run } from "../domain/Report.ts"
import { notionalAt } from "../domain/Reserve.ts"
import { line } from "./Confirm.ts"

/** A plan that says it is live, by a look at its text: whoever finds it decodes it before believing it. */
export const mayBeLive = (bytes: Uint8Array): boolean => /"mode"\s*:\s*"live"/.test(new TextDecoder().decode(bytes))

/** What the orders of a run come to at their limits, fees apart, in micro-dollars. */
export const totalOf = (run: Run): bigint =>
  run.orders.reduce((sum, { state }) => sum + notionalAt(state.order.price, state.order.quantity), 0n)

const worstFees = (run: Run): bigint => run.orders.reduce((sum, { state }) => sum + state.order.worstFee, 0n)

const cents = (micro: bigint): bigint => (micro + UNIT / 200n) / (UNIT / 100n)

const refused = (found: string, total: bigint) =>
  new InvalidInput({
    code: "not_confirmed",
    message: `nothing was sent: expected the plan's total ${format(total)}, found ${found}`,
    issues: [{ path: "", message: "type the total as it is shown, or give --yes where nobody is there to type it" }]
  })

/** Has the operator type what the plan comes to, and fails unless it is that. Questions go to stderr. */
export const confirmTotal = Effect.fn("ConfirmTotal.confirmTotal")(function* (run: Run) {
  const total = totalOf(run)
  yield* Console.error(
    `This is LIVE: ${run.orders.length} orders of up to ${format(total)} USDC, and up to ${format(worstFees(run))} of fees, ` +
      `go to the venue.\nType the total to send them (${format(total)}):`
  )
  const typed = yield* line
  const found = parse(typed.trim().replace(/^\$/, "").replaceAll(",", ""))
  if (Option.isSome(found) && cents(found.value) === cents(total)) return
  return yield* refused(typed.trim() === "" ? "nothing" : `"${typed.trim().slice(0, 40)}"`, total)
})
