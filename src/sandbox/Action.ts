import * as Schema from "effect/Schema"
import { FaultSpec } from "./Faults.ts"

const Market = Schema.String
const Rows = Schema.Array(Schema.Tuple(Schema.String, Schema.String))
const Millis = Schema.Number.pipe(Schema.nonNegative())
const does = <A extends string, F extends Schema.Struct.Fields>(name: A, fields: F) =>
  Schema.Struct({ do: Schema.Literal(name), ...fields })

/** Somebody in the sandbox: the operator, or another one by the name it was opened under. */
const Who = Schema.optionalWith(Schema.String, { default: () => "operator" })

/**
 * What can be done to a sandbox from outside, at once or at a time: `POST /sandbox` takes one of them, a script of faults
 * any number. Markets are named by slug, numeric id, condition id or token id; amounts are decimals as text.
 */
export const Action = Schema.Union(
  does("book", { market: Market, bids: Rows, asks: Rows }),
  does("move", { market: Market, ticks: Schema.Int }),
  does("tick", { market: Market, tick: Schema.String }),
  does("accepting", { market: Market, accepting: Schema.Boolean }),
  does("resolve", { market: Market, winner: Schema.Literal("first", "second", "void") }),
  does("redeem", { market: Market }),
  does("open", {
    name: Schema.String,
    cash: Schema.optionalWith(Schema.String, { default: () => "10000" }),
    signatureType: Schema.optionalWith(Schema.Literal(0, 1, 2, 3), { default: () => 0 as const })
  }),
  does("credit", { who: Who, amount: Schema.String, token: Schema.optional(Schema.String) }),
  does("allow", { who: Who, exchange: Schema.String, kind: Schema.Literal("pUSD", "outcomes"), amount: Schema.String }),
  does("account", {
    who: Who,
    banned: Schema.optional(Schema.Boolean),
    closedOnly: Schema.optional(Schema.Boolean)
  }),
  does("order", {
    who: Who,
    market: Market,
    outcome: Schema.Literal(0, 1),
    side: Schema.Literal("BUY", "SELL"),
    price: Schema.String,
    /** Shares; dollars of a FOK or FAK BUY. */
    amount: Schema.String,
    type: Schema.optionalWith(Schema.Literal("GTC", "FOK", "FAK"), { default: () => "GTC" as const }),
    postOnly: Schema.optional(Schema.Boolean)
  }),
  does("cancel", { order: Schema.String }),
  does("fault", { fault: FaultSpec }),
  does("clearFaults", {}),
  does("mode", {
    mode: Schema.Literal("normal", "postOnly", "cancelOnly", "disabled", "restarting"),
    ms: Schema.optional(Millis)
  }),
  does("skew", { ms: Schema.Number }),
  does("geoblock", { blocked: Schema.Boolean }),
  does("settle", {}),
  does("finish", { trade: Schema.String, as: Schema.Literal("CONFIRMED", "FAILED") }),
  does("advance", { ms: Millis })
)
export type Action = typeof Action.Type

/** A script of a sandbox: faults from the beginning, and what is done after so many milliseconds. */
export const Script = Schema.Struct({
  faults: Schema.optionalWith(Schema.Array(FaultSpec), { default: () => [] }),
  schedule: Schema.optionalWith(Schema.Array(Schema.Struct({ atMs: Millis, action: Action })), { default: () => [] })
})
export type Script = typeof Script.Type
