import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { format, parse, UNIT } from "../domain/Money.ts"
import { digits, numeral } from "./Json.ts"

/** What an editor shows of a field, and an error: the title is what errors say was expected. */
interface Doc {
  readonly title: string
  readonly description: string
  readonly examples?: ReadonlyArray<number>
  readonly default?: number
}

/** Bounds of a decimal in micro-units. */
interface Bounds {
  readonly above?: bigint
  readonly from?: bigint
  readonly below?: bigint
  readonly to?: bigint
  /** The smallest step, in micro-units. */
  readonly step: bigint
  /** What is wrong with a number between two steps. */
  readonly offStep: string
}

// Numbers that matter here have 16 digits; reading a million of them as one integer takes seconds.
const LONGEST = 100

/** The number within its bounds, or the clause that says what is wrong with it (empty where its bounds say enough). */
const bounded = (micro: bigint, bounds: Bounds): Either.Either<bigint, string> => {
  if (micro % bounds.step !== 0n) return Either.left(bounds.offStep)
  const { above, from, below, to } = bounds
  const inside =
    (above === undefined || micro > above) &&
    (from === undefined || micro >= from) &&
    (below === undefined || micro < below) &&
    (to === undefined || micro <= to)
  return inside ? Either.right(micro) : Either.left("")
}

const read = (text: string, bounds: Bounds): Either.Either<bigint, string> => {
  if (text.length > LONGEST) return Either.left(`is written with ${text.length.toLocaleString("en-US")} characters`)
  // JSON that is no number of micro-units is too fine, or so large that only an exponent writes it.
  return Option.match(parse(text), {
    onNone: () => Either.left(/e\+?\d/i.test(text) ? "" : bounds.offStep),
    onSome: (micro) => bounded(micro, bounds)
  })
}

const jsonSchema = (type: "number" | "integer", bounds: Bounds, doc: Doc) => {
  const plain = (micro: bigint) => Number(format(micro))
  return {
    type,
    ...(bounds.above === undefined ? {} : { exclusiveMinimum: plain(bounds.above) }),
    ...(bounds.from === undefined ? {} : { minimum: plain(bounds.from) }),
    ...(bounds.below === undefined ? {} : { exclusiveMaximum: plain(bounds.below) }),
    ...(bounds.to === undefined ? {} : { maximum: plain(bounds.to) }),
    ...doc
  }
}

/** A JSON number on one side, micro-units on the other, exact both ways. */
export const decimal = (bounds: Bounds, doc: Doc) =>
  Schema.transformOrFail(Schema.SymbolFromSelf, Schema.BigIntFromSelf, {
    strict: true,
    decode: (number, _, ast) =>
      Either.mapLeft(read(digits(number), bounds), (wrong) => new ParseResult.Type(ast, number, wrong)),
    encode: (micro, _, ast) =>
      Either.mapBoth(bounded(micro, bounds), {
        onLeft: (wrong) => new ParseResult.Type(ast, micro, wrong),
        onRight: (right) => numeral(format(right))
      })
  }).annotations({ title: doc.title, jsonSchema: jsonSchema("number", bounds, doc) })

/** A whole JSON number between two bounds, both included. */
export const integer = (min: number, max: number, doc: Doc) => {
  const bounds: Bounds = { from: BigInt(min) * UNIT, to: BigInt(max) * UNIT, step: UNIT, offStep: "is not whole" }
  return Schema.transform(decimal(bounds, doc), Schema.Int, {
    strict: true,
    decode: (micro) => Number(micro / UNIT),
    encode: (whole) => BigInt(whole) * UNIT
  }).annotations({ title: doc.title, jsonSchema: jsonSchema("integer", bounds, doc) })
}

// Format characters and lone surrogates too: they make two ids look alike, or cannot be stored.
const NO_CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

/** A name on one line: 1 to 255 characters, no spaces around it, none that cannot be seen. */
export const name = (doc: {
  readonly title: string
  readonly description: string
  readonly examples: ReadonlyArray<string>
}) =>
  Schema.String.pipe(
    Schema.filter(
      (text) => {
        if (text.trim() === "") return "is empty"
        if (text.length > 255) return `has ${text.length.toLocaleString("en-US")} characters, more than 255`
        if (NO_CONTROL.test(text)) return "holds a control character"
        return text.trim() === text ? undefined : "has spaces around it"
      },
      {
        ...doc,
        examples: [doc.examples[0] ?? "", ...doc.examples.slice(1)],
        jsonSchema: { minLength: 1, maxLength: 255, pattern: "^\\S(.*\\S)?$" }
      }
    )
  )

/** Free text of at most `max` characters; line breaks and tabs are welcome. */
export const prose = (max: number, doc: { readonly title: string; readonly description: string }) =>
  Schema.String.pipe(
    Schema.filter(
      (text) => {
        if (text.length > max) return `has ${text.length.toLocaleString("en-US")} characters`
        return /[\p{Cc}\p{Cs}]/u.test(text.replace(/[\n\r\t]/g, "")) ? "holds a control character" : undefined
      },
      { ...doc, jsonSchema: { maxLength: max } }
    )
  )
