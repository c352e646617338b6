import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import colors from "picocolors"
import type { Failure } from "../domain/Failure.ts"

/** A command that has said all there is to say and ends with a code other than 0. */
export class Ended extends Data.TaggedError("Ended")<{ readonly code: number }> {}

/** Exit codes of the contract. 0 is done; 130 and 143 are interruptions after a clean stop. */
export const DEFECT = 1
export const USAGE = 2
export const RISK_REFUSED = 4
export const HALTED = 7

const EXIT_CODES: Readonly<Record<Failure["_tag"], number>> = {
  InvalidInput: 2,
  PlanExists: 3,
  MarketDataUnavailable: 5,
  VenueUnavailable: 5,
  DatabaseUnavailable: 6,
  Halted: 7
}

export const exitCode = (failure: Failure): number => EXIT_CODES[failure._tag]

/** Whether a stream is a terminal that wants colours. */
export const inColor = (stream: "stdout" | "stderr"): boolean =>
  process[stream].isTTY === true && colors.isColorSupported

/** How wide tables may be: the terminal's width, or 120 columns where there is none. */
export const width = (): number => (process.stdout.isTTY === true ? process.stdout.columns : 120)

/** How tables look on stdout. */
export const look = () => ({ color: inColor("stdout"), width: width() })

/** Prints one JSON document on stdout. */
export const printJson = (value: unknown) => Console.log(JSON.stringify(value, null, 2))

/** Warnings, a line each on stderr. */
export const warn = (warnings: ReadonlyArray<string>) =>
  Effect.forEach(warnings, (warning) => Console.error(`warning: ${warning}`), { discard: true })

/** An answer in one of its two forms: a JSON document for programs, text for people. */
export const print = (json: boolean, answer: { readonly json: () => unknown; readonly text: () => string }) =>
  json ? printJson(answer.json()) : Console.log(answer.text())

/**
 * Ends a command's work in words: a failure goes to stdout as JSON where that was asked for, to stderr in readable form
 * where it was not, and becomes the exit code of the contract.
 */
export const inWords =
  (json: boolean, file?: string) =>
  <A, R>(work: Effect.Effect<A, Failure | Ended, R>): Effect.Effect<A, Ended, R> =>
    Effect.catchAll(work, (failure) =>
      Effect.gen(function* () {
        if (failure._tag === "Ended") return yield* failure
        if (json) {
          const { errorJson } = yield* Effect.promise(() => import("../report/Rows.ts"))
          yield* printJson(errorJson(failure))
        } else {
          const { failureText } = yield* Effect.promise(() => import("../report/Failures.ts"))
          yield* Console.error(failureText(failure, { file, color: inColor("stderr") }))
        }
        return yield* new Ended({ code: exitCode(failure) })
      })
    )
