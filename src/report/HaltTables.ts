import type { Resting } from "../domain/Match.ts"
import { format } from "../domain/Money.ts"
import type { Mode } from "../domain/Order.ts"
import { type OrderRecord, ordersJson } from "./OrderRows.ts"
import { ordersText } from "./OrderTables.ts"
import { clean, type Look, paint, table } from "./Table.ts"

/** What the halt of one mode came to. */
export interface HaltRow {
  readonly mode: Mode
  readonly voided: ReadonlyArray<OrderRecord>
  readonly ended: ReadonlyArray<OrderRecord>
  readonly foreign: ReadonlyArray<Resting>
  readonly proofs: number
}

/** An order at the venue that is not ours. */
export const restingJson = (order: Resting) => ({
  externalOrderId: order.externalOrderId,
  conditionId: order.conditionId,
  tokenId: order.tokenId,
  outcome: order.outcome,
  side: order.side,
  price: format(order.price),
  qty: format(order.size),
  filledQty: format(order.matched)
})

/** Orders at the venue that are not ours, for people. */
export const restingText = (orders: ReadonlyArray<Resting>, look: Look): string =>
  table(
    [
      { title: "Order at the venue", give: "middle" },
      { title: "Market", give: "middle" },
      { title: "Order", give: "wrap" },
      { title: "Filled", align: "right" }
    ],
    orders.map((order) => [
      order.externalOrderId,
      look.slugs?.get(order.conditionId) ?? order.conditionId,
      `${order.side} ${format(order.size)} ${clean(order.outcome)} at ${format(order.price)}`,
      format(order.matched)
    ]),
    look
  )

/** What `halt --json` prints. */
export const haltJson = (halted: ReadonlyArray<HaltRow>) => ({
  halted: true,
  modes: halted.map(({ ended, foreign, mode, proofs, voided }) => ({
    mode,
    voided: ordersJson(voided).orders,
    cancelled: ordersJson(ended).orders,
    foreign: foreign.map(restingJson),
    proofs
  }))
})

/** What `halt` prints for people. */
export const haltText = (halted: ReadonlyArray<HaltRow>, look: Look): string =>
  [
    paint("Halted: no order leaves until: betteroms resume", "strong", look),
    ...halted.flatMap(({ ended, foreign, mode, proofs, voided }) => [
      `${mode}: ${voided.length} never sent and voided, ${ended.length} taken back` +
        (proofs === 0 ? "" : `; the venue has shown ${proofs} times that nothing of ours rests`),
      ...(ended.length === 0 ? [] : [ordersText(ended, look)]),
      ...(foreign.length === 0 ? [] : ["Not ours, and left alone:", restingText(foreign, look)])
    ])
  ].join("\n")
