import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"

/** A message of a client as JSON; undefined where it is none. */
export const parse = (text: string): unknown => Either.getOrUndefined(Either.try((): unknown => JSON.parse(text)))

/** The texts of a list field. */
export const textsAt = (value: unknown, name: string): ReadonlyArray<string> => {
  const list = Predicate.hasProperty(value, name) ? value[name] : undefined
  return Array.isArray(list) ? list.filter(Predicate.isString) : []
}

/** A text field; empty where there is none. */
export const textAt = (value: unknown, name: string): string =>
  Predicate.hasProperty(value, name) && typeof value[name] === "string" ? value[name] : ""
