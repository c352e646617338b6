import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Decode from "../decode/Decode.ts"
import { InvalidInput } from "../domain/Failure.ts"
import { format, parse, UNIT, type Usd } from "../domain/Money.ts"
import type { Order } from "../domain/Order.ts"
import { line } from "./Confirm.ts"

// Whatever its text looks like, with comments or escapes: only what can be no live plan is not decoded for it.
const LIVE = /live|\\/i

/** Whether a plan is live. One that cannot be read is not: whoever runs it says what is wrong. */
export const isLive = (bytes: Uint8Array): boolean =>
  LIVE.test(new TextDecoder().decode(bytes)) &&
  Either.match(Decode.plan(bytes), { onLeft: () => false, onRight: ({ mode }) => mode === "live" })

const cents = (micro: bigint): bigint => (micro + UNIT / 200n) / (UNIT / 100n)

const refused = (found: string, total: bigint) =>
  new InvalidInput({
    code: "not_confirmed",
    message: `nothing was sent: expected the plan's total ${format(total)}, found ${found}`,
    issues: [{ path: "", message: "type the total as it is shown, or give --yes where nobody is there to type it" }]
  })

/** Has the operator type what the orders come to, and fails unless it is that. Questions go to stderr. */
export const confirmTotal = Effect.fn("ConfirmTotal.confirmTotal")(function* (
  orders: ReadonlyArray<Order>,
  total: Usd,
  { host, wallet }: { readonly host: string; readonly wallet: string }
) {
  const fees = orders.reduce((sum, { worstFee }) => sum + worstFee, 0n)
  yield* Console.error(
    `This is LIVE: ${orders.length} orders of up to ${format(total)} USDC, and up to ${format(fees)} of fees, ` +
      `go from wallet ${wallet} to ${host}.\nType the total to send them (${format(total)}):`
  )
  const typed = yield* line
  const found = parse(typed.trim().replace(/^\$/, "").replaceAll(",", ""))
  if (Option.isSome(found) && cents(found.value) === cents(total)) return
  return yield* refused(typed.trim() === "" ? "nothing" : `"${typed.trim().slice(0, 40)}"`, total)
})
