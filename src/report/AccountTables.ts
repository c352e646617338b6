import type { Resting } from "../domain/Match.ts"
import { format, type Shares, type Usd } from "../domain/Money.ts"
import type { Position } from "../domain/Position.ts"
import { restingJson, restingText } from "./HaltTables.ts"
import { clean, type Look, paint } from "./Table.ts"

/** Shares or cash that came or went without an order. */
export type FlowRow =
  | { readonly _tag: "Cash"; readonly amount: Usd; readonly reason: string }
  | { readonly _tag: "Shares"; readonly position: Position; readonly shares: Shares; readonly reason: string }

/** A live account after it was laid beside its venue. */
export interface AccountRow {
  readonly foreign: ReadonlyArray<Resting>
  readonly foreignTrades: number
  readonly flows: ReadonlyArray<FlowRow>
  readonly stops: ReadonlyArray<string>
}

/** What `reconcile --json` prints of the live account. */
export const accountJson = ({ flows, foreign, foreignTrades, stops }: AccountRow) => ({
  flows: flows.map((flow) =>
    flow._tag === "Cash"
      ? { kind: "cash", amount: format(flow.amount), reason: flow.reason }
      : {
          kind: "shares",
          conditionId: flow.position.conditionId,
          outcome: flow.position.outcome,
          qty: format(flow.shares),
          reason: flow.reason
        }
  ),
  foreignOrders: foreign.map(restingJson),
  foreignTrades,
  stops
})

const flowText = (flow: FlowRow): string =>
  flow._tag === "Cash"
    ? `${flow.amount > 0n ? "+" : ""}${format(flow.amount)} USDC: ${flow.reason}`
    : `${flow.shares > 0n ? "+" : ""}${format(flow.shares)} ${clean(flow.position.outcome)} of ${clean(flow.position.marketId)}: ${flow.reason}`

/** The same for people. */
export const accountText = ({ flows, foreign, foreignTrades, stops }: AccountRow, look: Look): string =>
  [
    paint("Live account", "strong", look),
    ...(flows.length + stops.length === 0 ? ["The ledger and the venue agree."] : []),
    ...flows.map((flow) => `Booked ${flowText(flow)}`),
    ...stops.map((stop) => `${paint("Trading is stopped", "bad", look)}: ${clean(stop)}`),
    ...(stops.length === 0 ? [] : ["Once it is explained: betteroms reconcile --accept"]),
    ...(foreignTrades === 0 ? [] : [`${foreignTrades} trades of this account were not of our orders`]),
    ...(foreign.length === 0 ? [] : ["Orders that are not ours, and left alone:", restingText(foreign, look)])
  ].join("\n")
