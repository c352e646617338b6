import * as Either from "effect/Either"
import { InvalidInput } from "../domain/Failure.ts"
import { format, parse } from "../domain/Money.ts"

/** One field and the values it is to have in turn. */
export interface Axis {
  readonly path: string
  readonly values: ReadonlyArray<string>
}

/** The most variants of one plan. */
export const MOST_VARIANTS = 10_000

const FORM = "expected FIELD=FROM..TO:STEP or FIELD=A,B,C, such as price=0.40..0.50:0.01 or size=50,100"

const fault = (text: string, why: string) =>
  new InvalidInput({ code: "usage", message: `--grid ${text}: ${why}`, issues: [{ path: "--grid", message: FORM }] })

const range = (text: string, written: string): Either.Either<ReadonlyArray<string>, InvalidInput> => {
  const found = /^(.+)\.\.(.+):(.+)$/.exec(written)
  const [from, to, step] = [parse(found?.[1] ?? ""), parse(found?.[2] ?? ""), parse(found?.[3] ?? "")]
  if (from._tag === "None" || to._tag === "None" || step._tag === "None") return Either.left(fault(text, "no numbers"))
  if (step.value <= 0n || to.value < from.value) return Either.left(fault(text, "it leads nowhere"))
  if ((to.value - from.value) / step.value >= BigInt(MOST_VARIANTS)) return Either.left(fault(text, "too many values"))
  const values: Array<string> = []
  for (let value = from.value; value <= to.value; value += step.value) values.push(format(value))
  return Either.right(values)
}

/** Reads `FIELD=FROM..TO:STEP` (both ends included) or `FIELD=A,B,C`. */
export const axis = (text: string): Either.Either<Axis, InvalidInput> => {
  const at = text.indexOf("=")
  const [path, written] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  if (at < 1 || written === "") return Either.left(fault(text, "it names no field or no value"))
  if (written.includes("..")) return Either.map(range(text, written), (values) => ({ path, values }))
  const values = written.split(",").map((value) => value.trim())
  return values.includes("") ? Either.left(fault(text, "a value is missing")) : Either.right({ path, values })
}

/** Every combination of the values of all axes, the last axis turning fastest; one empty one where there is no axis. */
export const variants = (
  axes: ReadonlyArray<Axis>
): Either.Either<ReadonlyArray<ReadonlyArray<readonly [string, string]>>, InvalidInput> => {
  const count = axes.reduce((product, { values }) => product * values.length, 1)
  if (count > MOST_VARIANTS) return Either.left(fault("", `${count} variants; at most ${MOST_VARIANTS}`))
  let found: ReadonlyArray<ReadonlyArray<readonly [string, string]>> = [[]]
  for (const { path, values } of axes) {
    found = found.flatMap((before) => values.map((value) => [...before, [path, value] as const]))
  }
  return Either.right(found)
}
