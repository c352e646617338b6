import * as Schema from "effect/Schema"

/** One thing wrong with an input, and where. */
export const Issue = Schema.Struct({
  path: Schema.String,
  line: Schema.optional(Schema.Number),
  column: Schema.optional(Schema.Number),
  message: Schema.String
})
export type Issue = typeof Issue.Type

/** The input cannot be used as it is: plan, configuration, arguments, credentials. Nothing was written. */
export class InvalidInput extends Schema.TaggedError<InvalidInput>()("InvalidInput", {
  code: Schema.String,
  message: Schema.String,
  issues: Schema.Array(Issue)
}) {}

/** A plan of this id has completed already, or has placed orders with other content. */
export class PlanExists extends Schema.TaggedError<PlanExists>()("PlanExists", {
  planId: Schema.String,
  message: Schema.String
}) {}

/** A source of market data gave no usable answer within its deadline and retries. */
export class MarketDataUnavailable extends Schema.TaggedError<MarketDataUnavailable>()("MarketDataUnavailable", {
  source: Schema.String,
  message: Schema.String
}) {}

/** The venue cannot be reached or is in a mode that takes no orders; nothing was sent. */
export class VenueUnavailable extends Schema.TaggedError<VenueUnavailable>()("VenueUnavailable", {
  message: Schema.String
}) {}

/** The database cannot be reached or refused; what was not committed did not happen. */
export class DatabaseUnavailable extends Schema.TaggedError<DatabaseUnavailable>()("DatabaseUnavailable", {
  message: Schema.String
}) {}

/** Trading is halted, or the account shows what cannot be explained. */
export class Halted extends Schema.TaggedError<Halted>()("Halted", { message: Schema.String }) {}

/** What an answer was based on has moved on; nothing of it was written. Read again, ask again: never shown to anybody. */
export class Conflict extends Schema.TaggedError<Conflict>()("Conflict", { message: Schema.String }) {}

export type Failure =
  | InvalidInput
  | PlanExists
  | MarketDataUnavailable
  | VenueUnavailable
  | DatabaseUnavailable
  | Halted
