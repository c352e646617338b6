import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Money from "../../domain/Money.ts"

/** A value as a message shows it. */
export const shown = (value: unknown): string => {
  const text = typeof value === "bigint" ? `${value}` : (JSON.stringify(value) ?? "nothing")
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}

/** A decimal of the wire as micro-units: text, or a JSON number read through its shortest decimal text. */
export const micro = (value: unknown): Option.Option<bigint> =>
  typeof value === "string"
    ? Money.parse(value)
    : typeof value === "number"
      ? Money.parse(String(value))
      : Option.none()

/** The venue writes "" for "there is none" in decimal fields; null and a missing key mean the same. */
export const isAbsent = (value: unknown): value is "" | null | undefined =>
  value === "" || value === null || value === undefined

/** A decimal that may be absent, in micro-units. */
export const Decimal = Schema.transformOrFail(Schema.Unknown, Schema.UndefinedOr(Schema.BigIntFromSelf), {
  strict: true,
  decode: (value, _, ast) =>
    isAbsent(value)
      ? ParseResult.succeed(undefined)
      : Option.match(micro(value), {
          onNone: () => ParseResult.fail(new ParseResult.Type(ast, value, `expected a decimal, found ${shown(value)}`)),
          onSome: ParseResult.succeed
        }),
  encode: (value) => ParseResult.succeed(value === undefined ? null : Money.format(value))
})

const Texts = Schema.Array(Schema.String)
const textsOf = Schema.decodeUnknownOption(Schema.parseJson(Texts))
const areTexts = Schema.is(Texts)

/** A list of texts that Gamma writes as JSON text inside a string; a real array is taken too. */
export const TextList = Schema.transformOrFail(Schema.Unknown, Texts, {
  strict: true,
  decode: (value, _, ast) => {
    const found = areTexts(value) ? Option.some(value) : typeof value === "string" ? textsOf(value) : Option.none()
    return Option.match(found, {
      onNone: () =>
        ParseResult.fail(
          new ParseResult.Type(ast, value, `expected a list of texts (or its JSON text), found ${shown(value)}`)
        ),
      onSome: ParseResult.succeed
    })
  },
  encode: (list) => ParseResult.succeed(JSON.stringify(list))
})

/** A field that may be missing or null. */
export const absentable = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optional(Schema.NullOr(schema))

/** A decoder that names every field it cannot read, and what it found there; unknown fields are ignored. */
export const reading = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownEither(schema, { errors: "all" })
  return (value: unknown): Either.Either<A, string> =>
    Either.mapLeft(decode(value), (error) =>
      ParseResult.ArrayFormatter.formatErrorSync(error)
        .map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`))
        .join("; ")
    )
}

export { conditionIdOf as conditionId } from "../../domain/Market.ts"

/** Whether a text is a condition id of the venue: 64 digits, or 62 of a v2 condition. */
export const isCondition = (id: string): boolean => /^0x([0-9a-f]{62}|[0-9a-f]{64})$/i.test(id)

/** Epoch milliseconds from a time of the wire: digits, in seconds or milliseconds by magnitude. */
export const millis = (value: unknown): Option.Option<number> => {
  const found =
    typeof value === "number" ? value : typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : -1
  if (!Number.isFinite(found) || found < 0) return Option.none()
  return Option.some(Math.floor(found < 1e11 ? found * 1000 : found))
}
