import type { ConditionId } from "../domain/Market.ts"
import { type OrderRecord, type OrderRow, ordersJson } from "./OrderRows.ts"
import { type Cell, kinds, type Look, marketOf, money, paint, shorten, type Tone, table } from "./Table.ts"

const STATUS_TONES: Readonly<Record<string, Tone>> = {
  filled: "good",
  rejected: "bad",
  blocked: "bad",
  unknown: "warn",
  cancelling: "warn",
  delayed: "warn"
}

export const statusCell = (status: string): Cell => ({ text: status, tone: STATUS_TONES[status] })

/** What was ordered, in one line: `BUY 500 USDC of Yes at 0.42 GTC`. */
export const orderText = (row: OrderRow): string =>
  `${row.side} ${row.size} ${row.sizeUnit === "USDC" ? "USDC" : "shares"} of ${row.outcome} at ${row.price} ${row.timeInForce}`

/** Orders of one run, by their place in the plan, counted from 1. */
export const runOrderTables = (orders: ReadonlyArray<OrderRow>, look: Look): string =>
  kinds("Orders", orders)
    .map(({ rows, title }) =>
      [
        paint(title, "strong", look),
        table(
          [
            { title: "#", align: "right" },
            { title: "Market", give: "middle" },
            { title: "Order", give: "wrap" },
            { title: "Status" },
            { title: "Filled", align: "right" },
            { title: "Avg", align: "right" },
            { title: "Notional", align: "right" },
            { title: "Fees", align: "right" }
          ],
          rows.map((row) => [
            `${row.instruction + 1}`,
            marketOf(row, look),
            orderText(row),
            statusCell(row.status),
            row.filledQty,
            row.avgFillPrice ?? "",
            money(row.notional),
            money(row.fees)
          ]),
          look
        )
      ].join("\n")
    )
    .join("\n\n")

/** Every reason against each order that was refused: one block per instruction. */
export const refusalsText = (orders: ReadonlyArray<OrderRow>, look: Look): string =>
  orders
    .filter((row) => row.status === "rejected" || row.status === "blocked")
    .map((row) =>
      [
        `${paint(`#${row.instruction + 1} refused`, "bad", look)}: ${shorten(marketOf(row, look), 40)}, ${orderText(row)}`,
        ...(row.reasons.length === 0 ? ["no reason given"] : row.reasons).map((reason) => `    ${reason}`)
      ].join("\n")
    )
    .join("\n")

/** What `orders` prints for people. Ids stay whole where there is room, so that they can be copied into `cancel`. */
export const ordersText = (records: ReadonlyArray<OrderRecord>, look: Look): string =>
  records.length === 0
    ? "No orders yet."
    : kinds("Orders", ordersJson(records).orders)
        .map(({ rows, title }) =>
          [
            paint(title, "strong", look),
            table(
              [
                { title: "Id", give: "last" },
                { title: "Plan", give: "middle" },
                { title: "Market", give: "middle" },
                { title: "Order", give: "wrap" },
                { title: "Mode" },
                { title: "Status" },
                { title: "Filled", align: "right" },
                { title: "Avg", align: "right" }
              ],
              rows.map((row) => [
                row.id ?? "",
                row.planId,
                marketOf(row, look),
                orderText(row),
                row.mode,
                statusCell(row.status),
                row.filledQty,
                row.avgFillPrice ?? ""
              ]),
              look
            )
          ].join("\n")
        )
        .join("\n\n")

/** What `reconcile` prints for people. */
export const reconciledText = (
  found: { readonly changed: ReadonlyArray<OrderRecord>; readonly settled: ReadonlyArray<ConditionId> },
  look: Look
): string =>
  found.changed.length + found.settled.length === 0
    ? "Nothing changed: no order expired or filled, no market paid out."
    : [
        ...(found.changed.length === 0 ? [] : [ordersText(found.changed, look)]),
        ...found.settled.map((conditionId) => `${shorten(conditionId, 40)} is resolved and has paid out`)
      ].join("\n")
