import * as Schema from "effect/Schema"
import { absentable, Decimal, reading } from "./Wire.ts"

/** A market as the CLOB trades it (`clob.polymarket.com/clob-markets/{conditionId}`), under the venue's short names. */
export const ClobMarket = Schema.Struct({
  /** Condition id, 64 digits. */
  c: absentable(Schema.String),
  /** Tokens with the names of their outcomes. */
  t: Schema.Array(Schema.Struct({ t: Schema.String, o: absentable(Schema.String) })),
  /** Tick, and smallest order in shares. */
  mts: Schema.optional(Decimal),
  mos: Schema.optional(Decimal),
  /** Accepting orders. */
  ao: absentable(Schema.Boolean),
  /** Neg-risk; absent means no. */
  nr: absentable(Schema.Boolean),
  /** Fees: rate, exponent, taker only. */
  fd: absentable(
    Schema.Struct({ r: Schema.optional(Decimal), e: Schema.optional(Decimal), to: absentable(Schema.Boolean) })
  ),
  /** Taker delay in seconds (sports), and whether the short one of crypto markets applies. */
  sd: Schema.optional(Decimal),
  itode: absentable(Schema.Boolean),
  /** Exchange protocol, "v1" or "v2". */
  v: absentable(Schema.String)
})
export type ClobMarket = typeof ClobMarket.Type

/** Reads one CLOB record. */
export const read = reading(ClobMarket)
