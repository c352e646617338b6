import type { TickTold } from "../domain/Report.ts"
import { iso } from "./Moment.ts"
import { ordersJson } from "./OrderRows.ts"
import { toJson } from "./RunReport.ts"
import { type Look, paint, table } from "./Table.ts"
import { moment } from "./Tables.ts"

/** One tick for programs. */
export const tickJson = (told: TickTold) => ({
  slot: iso(told.slotMillis),
  startedAt: iso(told.startedMillis),
  completedAt: iso(told.completedMillis),
  changed: ordersJson(
    told.changed.map((state) => ({ ...state, externalOrderId: undefined, updatedMillis: told.completedMillis }))
  ).orders,
  settled: told.settled,
  plans: told.plans.map(({ error, file, planId, run, status }) => ({
    file,
    planId: planId ?? null,
    status,
    error: error ?? null,
    report: run === undefined ? null : toJson(run)
  })),
  warnings: told.warnings,
  ...(told.error === undefined ? {} : { error: told.error })
})

const TONES: Readonly<Record<string, "good" | "bad" | "dim">> = {
  completed: "good",
  failed: "bad",
  rejected: "bad",
  "ran already": "dim"
}

/** One tick for people: what resting orders came to, then a line for each plan. */
export const tickText = (told: TickTold, look: Look): string => {
  const plans = told.plans.map(({ error, file, planId, run, status }) => {
    const totals = run === undefined ? undefined : toJson(run).totals
    const figures =
      totals === undefined
        ? ""
        : `${totals.ordersPlaced} placed, ${totals.ordersFilled} filled, ${totals.ordersOpen} open`
    return [file, planId ?? "", { text: status, tone: TONES[status] }, error ?? figures]
  })
  const counts = new Map<string, number>()
  for (const { status } of told.changed) counts.set(status, (counts.get(status) ?? 0) + 1)
  const resting = [...counts].map(([status, count]) => `${count} ${status}`).join(", ")
  return [
    `${paint(`Tick of ${moment(iso(told.slotMillis))}`, "strong", look)}: resting orders: ${resting === "" ? "nothing new" : resting}` +
      (told.settled.length === 0 ? "" : `; paid out: ${told.settled.join(", ")}`),
    plans.length === 0
      ? "No plans in the directory."
      : table(
          [{ title: "File", give: "wrap" }, { title: "Plan" }, { title: "Status" }, { title: "Result", give: "wrap" }],
          plans,
          look
        ),
    ...told.warnings.map((warning) => `${paint("Warning", "warn", look)}: ${warning}`),
    ...(told.error === undefined ? [] : [`${paint("Error", "bad", look)}: ${told.error}`])
  ].join("\n")
}
