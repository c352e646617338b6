import { assert } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Decode from "../../src/decode/Decode.ts"
import type { InvalidInput, Issue } from "../../src/domain/Failure.ts"
import type { Instruction, Plan } from "../../src/domain/Plan.ts"

/** Fields of an object by their JSON text; an undefined one is left out. */
export type Texts = Readonly<Record<string, string | undefined>>

const object = (fields: Texts): string =>
  `{${Object.entries(fields)
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => `${JSON.stringify(name)}: ${text}`)
    .join(", ")}}`

const BUY: Texts = { marketId: '"sim-a"', outcome: '"YES"', side: '"BUY"', price: "0.42", size: "500" }

/** The text of an instruction: a plain BUY but for these fields. */
export const instruction = (fields: Texts = {}): string => object({ ...BUY, ...fields })

/** The text of a plan with one plain BUY but for these fields. */
export const written = (fields: Texts = {}): string =>
  object({ planId: '"p"', mode: '"paper"', tradeInstructions: `[${instruction()}]`, ...fields })

/** The text of a plan with these instructions. */
export const listing = (...instructions: ReadonlyArray<string>): string =>
  written({ tradeInstructions: `[${instructions.join(", ")}]` })

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const decode = (text: string): Either.Either<Plan, InvalidInput> => Decode.plan(bytes(text))

/** The plan of a text that must decode. */
export const decoded = (text: string): Plan =>
  Either.getOrElse(decode(text), (refused) => assert.fail(`${refused.message}: ${JSON.stringify(refused.issues)}`))

/** The only instruction of a plan that must decode. */
export const only = (fields: Texts, plan: Texts = {}): Instruction =>
  decoded(written({ tradeInstructions: `[${instruction(fields)}]`, ...plan })).instructions[0] ??
  assert.fail("no instruction")

/** The refusal of a text that must not decode. */
export const refused = (text: string | Uint8Array): InvalidInput =>
  Either.match(typeof text === "string" ? decode(text) : Decode.plan(text), {
    onLeft: (refusal) => refusal,
    onRight: (plan) => assert.fail(`decoded as ${plan.planId}`)
  })

/** `line:column path: message` of each issue. */
export const lines = ({ issues }: InvalidInput): ReadonlyArray<string> => issues.map(line)

const line = ({ path, line, column, message }: Issue) => `${line}:${column} ${path}: ${message}`

/** The messages of an instruction with these fields, each after the field it is about. */
export const complaints = (fields: Texts, plan: Texts = {}): ReadonlyArray<string> =>
  refused(written({ tradeInstructions: `[${instruction(fields)}]`, ...plan })).issues.map(
    ({ path, message }) => `${path.replace("tradeInstructions[0].", "")}: ${message}`
  )
