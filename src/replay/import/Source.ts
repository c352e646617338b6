import type * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type { InvalidInput } from "../../domain/Failure.ts"
import type { Label } from "../../domain/Label.ts"
import { millis } from "../Decimal.ts"
import { receiptOf } from "../FeedCore.ts"
import type { HotMessage } from "../HotMessage.ts"

/** What became of an attempt to go on to the next message. */
export const HUNGRY = 0
export const READY = 1
export const BROKEN = 2

/**
 * One file of a recording, message by message. `advance` is a plain call, so that a million of them cost little: it says
 * `HUNGRY` when more must be read first, `READY` when `value` is the next message, `BROKEN` when `fault` says what is wrong.
 */
export interface Source {
  readonly path: string
  /** What the file's name, or the row at hand, says of messages without ids. */
  readonly label: () => Label
  readonly advance: () => typeof HUNGRY | typeof READY | typeof BROKEN
  readonly value: () => unknown
  /** The message at hand where it was read straight out of the text; then its `value` is made only when asked for. */
  readonly hot?: () => HotMessage | undefined
  readonly fault: () => string
  /** Where the message at hand stands: the file and its line or row. */
  readonly place: () => string
  /** Reads more; false at the end of the file. */
  readonly more: Effect.Effect<boolean, InvalidInput>
}

/** When a message came, as far as it tells; records of markets tell nothing and come first. */
export const timeOf = (value: unknown): number => {
  const first: unknown = Array.isArray(value) ? value[0] : value
  if (!Predicate.isRecord(first)) return Number.NEGATIVE_INFINITY
  const receipt = receiptOf(first)
  const time = Number.isNaN(receipt) ? millis(first.timestamp) : receipt
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time
}

/** The same of the message that a source has at hand. */
export const timeAt = (source: Source): number => {
  const hot = source.hot?.()
  if (hot === undefined) return timeOf(source.value())
  return Number.isNaN(hot.received) ? hot.timestamp : hot.received
}

/** Messages of a document that was read whole, in order of time. Newest first, as APIs list them, is turned around. */
export const inOrder = (values: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const [first, last] = [timeOf(values[0]), timeOf(values.at(-1))]
  const forward = first > last ? values.toReversed() : values
  return forward
    .map((value) => ({ value, time: timeOf(value) }))
    .sort((a, b) => (a.time === b.time ? 0 : a.time < b.time ? -1 : 1))
    .map(({ value }) => value)
}
