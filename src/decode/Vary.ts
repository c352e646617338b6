import * as Either from "effect/Either"
import { InvalidInput } from "../domain/Failure.ts"
import { parse } from "../domain/Money.ts"
import { type Json, type JsonRecord, numeral, plain, quote, render } from "./Json.ts"
import { read, textOf } from "./Source.ts"

/** A field of a plan and what it is to be, in words: `["price", "0.42"]`. */
export type Change = readonly [path: string, value: string]

const isRecord = (value: Json | undefined): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

const valueOf = (text: string): Json => {
  if (text === "true" || text === "false") return text === "true"
  return parse(text)._tag === "Some" ? numeral(text) : text
}

const SECTIONS = ["simulation", "risk", "defaults", "marketMakingConfig"]

/** Which instructions a path speaks of: all, those of a side (`BUY.price`), or one by its number from 1 (`2.price`). */
const concerns = (whom: string, line: JsonRecord, index: number): boolean =>
  whom === "" || whom === String(index + 1) || whom === line.side

const unknownPath = (path: string) =>
  new InvalidInput({
    code: "unknown_field",
    message: `${quote(path)} is no field that can be changed`,
    issues: [
      {
        path,
        message:
          "expected a field of the instructions (price, size, cancelAfterSec), of those of one side (BUY.price) or of one of them (2.price), or a setting (simulation.slippageTicks, defaults.goodForSeconds, risk.maxOrders)"
      }
    ]
  })

const change = (plan: JsonRecord, [path, text]: Change): Either.Either<JsonRecord, InvalidInput> => {
  const value = valueOf(text)
  if (path === "mode") return Either.right({ ...plan, mode: value })
  const [head = "", ...tail] = path.split(".")
  const field = tail.length === 0 ? head : tail.join(".")
  if (SECTIONS.includes(head) && tail.length === 1) {
    const section = plan[head]
    return Either.right({ ...plan, [head]: { ...(isRecord(section) ? section : {}), [field]: value } })
  }
  const whom = tail.length === 0 ? "" : head
  const lines = plan.tradeInstructions
  if (!/^(|BUY|SELL|[1-9]\d*)$/.test(whom) || tail.length > 1 || !isList(lines)) return Either.left(unknownPath(path))
  const changed = lines.map((line, index) =>
    isRecord(line) && concerns(whom, line, index) ? { ...line, [field]: value } : line
  )
  return changed.every((line, index) => line === lines[index])
    ? Either.left(unknownPath(path))
    : Either.right({ ...plan, tradeInstructions: changed })
}

/**
 * The text of a plan with other values in some of its fields; comments are lost. Whether the values may stand there is for
 * `plan` to say. Fails where the file is no JSON, or a path leads to no field.
 */
export const vary = (bytes: Uint8Array, changes: ReadonlyArray<Change>): Either.Either<Uint8Array, InvalidInput> =>
  Either.flatMap(Either.flatMap(textOf(bytes), read), ({ root }) => {
    const value = plain(root)
    // What is no object is for the decoder to complain about.
    if (!isRecord(value)) return Either.right(bytes)
    let varied: Either.Either<JsonRecord, InvalidInput> = Either.right(value)
    for (const each of changes) varied = Either.flatMap(varied, (plan) => change(plan, each))
    return Either.map(varied, (plan) => new TextEncoder().encode(render(plan)))
  })
