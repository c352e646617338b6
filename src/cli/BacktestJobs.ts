import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Job } from "../backtest.ts"
import * as Decode from "../decode/Decode.ts"
import { vary } from "../decode/Vary.ts"
import { InvalidInput } from "../domain/Failure.ts"
import type { Delay } from "../exchange/Latency.ts"
import type { Share } from "../exchange/Queue.ts"
import * as Grid from "./Grid.ts"

const bad = (option: string, written: string, expected: string) =>
  new InvalidInput({
    code: "usage",
    message: `${option} ${written}: expected ${expected}`,
    issues: [{ path: option, message: `expected ${expected}` }]
  })

const amount = (text: string): number | undefined => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined)

/** Measured times by the file that was named for them. */
export type Measured = ReadonlyMap<string, ReadonlyArray<number>>

/** The file that a latency names; undefined where it is told in numbers. */
export const measuredIn = (text: string): string | undefined => (text.startsWith("file:") ? text.slice(5) : undefined)

/** Milliseconds out of a file of measured times: separated by white space or commas, or as a list of JSON. */
export const measurements = (path: string, text: string): Either.Either<ReadonlyArray<number>, InvalidInput> => {
  const words = text.split(/[\s,[\]]+/).filter((word) => word !== "")
  const millis = words.flatMap((word) => amount(word) ?? [])
  return millis.length === words.length && millis.length > 0
    ? Either.right(millis)
    : Either.left(bad("--latency", `file:${path}`, "a file of milliseconds, such as 85 92.5 110"))
}

/**
 * `100`: always so many milliseconds; `100:0.5`: log-normal with that median and sigma; `file:PATH`: drawn from the measured
 * times of a file.
 */
export const latency = (text: string, measured: Measured = new Map()): Either.Either<Delay, InvalidInput> => {
  const millis = measured.get(measuredIn(text) ?? "")
  if (millis !== undefined) return Either.right({ _tag: "Measured", millis })
  const [first = "", second, ...more] = text.split(":")
  const median = amount(first)
  const sigma = second === undefined ? undefined : amount(second)
  if (median === undefined || median > 600_000 || more.length > 0 || (second !== undefined && sigma === undefined))
    return Either.left(
      bad("--latency", text, "milliseconds such as 100, 100:0.5 for a median and a log-normal sigma, or file:PATH")
    )
  return Either.right(sigma === undefined ? { _tag: "Constant", millis: median } : { _tag: "LogNormal", median, sigma })
}

/** `proportional`, or the fixed part (0 to 1) of every cancellation that is taken to have stood ahead. */
export const cancelShare = (text: string): Either.Either<Share, InvalidInput> => {
  if (text === "proportional") return Either.right("proportional")
  const share = amount(text)
  return share === undefined || share > 1
    ? Either.left(bad("--cancel-share", text, "a fraction from 0 to 1, or proportional"))
    : Either.right(share)
}

export const moment = (text: string): Either.Either<number, InvalidInput> =>
  Option.match(DateTime.make(text), {
    onNone: () => Either.left(bad("--at", text, "a time such as 2026-09-21T15:00:00Z")),
    onSome: (at) => Either.right(DateTime.toEpochMillis(at))
  })

/** What all runs of a command share, in the operator's words. */
export interface Options {
  readonly seed: string
  readonly latency: string
  /** How long answers take; the same as orders where it is empty. */
  readonly answerLatency: string
  readonly cancelShare: string
}

/** Fields of a grid that are no fields of the plan: how it is simulated. */
const OURS: Readonly<Record<string, keyof Options>> = {
  seed: "seed",
  latency: "latency",
  answerLatency: "answerLatency",
  cancelShare: "cancelShare"
}

/**
 * The jobs of a command: every plan in every variant of the grid, plans in the order given. Each is read once, so that
 * whatever is wrong is told before the first tape is opened. Plans of live mode are replayed on paper.
 */
export const jobs = (
  plans: ReadonlyArray<Pick<Job, "file" | "bytes">>,
  grid: ReadonlyArray<string>,
  options: Options,
  measured: Measured,
  rest: Pick<Job, "tapes" | "notBefore" | "balance">
): Either.Either<ReadonlyArray<Job>, InvalidInput> =>
  Either.gen(function* () {
    const axes = yield* Either.all(grid.map(Grid.axis))
    const variants = yield* Grid.variants(axes)
    const found: Array<Job> = []
    for (const { bytes, file } of plans) {
      for (const variant of variants) {
        const own = { ...options }
        for (const [path, value] of variant) {
          const key = OURS[path]
          if (key !== undefined) own[key] = value
        }
        const changes = variant.filter(([path]) => OURS[path] === undefined)
        const varied = yield* vary(bytes, [["mode", "paper"], ...changes])
        yield* Either.mapLeft(
          Decode.plan(varied),
          ({ code, issues, message }) =>
            new InvalidInput({
              code,
              issues,
              message: `${[file, ...variant.map((each) => each.join("="))].join(" ")}: ${message}`
            })
        )
        found.push({
          ...rest,
          file,
          bytes: varied,
          variant,
          seed: own.seed,
          latency: yield* latency(own.latency, measured),
          answerLatency: yield* latency(own.answerLatency === "" ? own.latency : own.answerLatency, measured),
          cancellations: yield* cancelShare(own.cancelShare)
        })
      }
    }
    return found
  })
