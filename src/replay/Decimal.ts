import * as Option from "effect/Option"
import * as Money from "../domain/Money.ts"
import { LARGEST } from "../exchange/Book.ts"
import { PIPS } from "./Block.ts"

const MICRO = 1_000_000
const MICRO_PER_PIP = MICRO / PIPS
const SCALE = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1] as const

const bounded = (micro: number): number => (micro >= 0 && micro <= LARGEST ? micro : Number.NaN)

/** Notations that are rare: exponents, many zeros, signs. */
const parseRare = (text: string): number =>
  Option.match(Money.parse(text), { onNone: () => Number.NaN, onSome: (micro) => bounded(Number(micro)) })

const parseText = (text: string): number => {
  const { length } = text
  let at = 0
  let whole = 0
  while (at < length) {
    const digit = text.charCodeAt(at) - 48
    if (digit === -2) break
    if (digit < 0 || digit > 9) return parseRare(text)
    whole = whole * 10 + digit
    at++
  }
  if (at === 0) return parseRare(text)
  if (at === length - 1) return parseRare(text)
  let decimals = 0
  let fraction = 0
  for (at++; at < length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9 || decimals === 6) return parseRare(text)
    fraction = fraction * 10 + digit
    decimals++
  }
  return bounded(whole * MICRO + fraction * (SCALE[decimals] ?? 0))
}

/**
 * A decimal of the wire in micro-units, as a whole number in a double: text, or a JSON number that is one up to its binary
 * rounding. NaN where it is none, is negative, has a seventh decimal or is above what a book holds.
 */
export const micro = (value: unknown): number => {
  if (typeof value === "string") return parseText(value)
  if (typeof value !== "number") return Number.NaN
  const [exact, whole] = [value * MICRO, Math.round(value * MICRO)]
  return Math.abs(exact - whole) <= Math.max(0.01, whole * 1e-12) ? bounded(whole) : Number.NaN
}

/** A price in pips; NaN where it is no decimal from 0 to 1 with at most four decimals. */
export const pips = (value: unknown): number => {
  const found = micro(value) / MICRO_PER_PIP
  return Number.isInteger(found) && found <= PIPS ? found : Number.NaN
}

/** A decimal rounded to micro-units: sizes and prices of trades that were averaged or divided before they were told. */
export const nearestMicro = (value: unknown): number => {
  const exact = micro(value)
  if (!Number.isNaN(exact)) return exact
  const found = typeof value === "string" && /^\d+\.\d+$/.test(value) ? Number(value) : value
  return typeof found === "number" ? bounded(Math.round(found * MICRO)) : Number.NaN
}

const wholeOf = (text: string): number => {
  let whole = 0
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return Number(text)
    whole = whole * 10 + digit
  }
  return text === "" ? Number.NaN : whole
}

/** Epoch milliseconds out of digits or a number, in seconds or milliseconds by magnitude; NaN where it is no time. */
export const millis = (value: unknown): number => {
  const found = typeof value === "string" ? wholeOf(value) : value
  if (typeof found !== "number" || !(found >= 0 && found < 1e15)) return Number.NaN
  return Math.floor(found < 1e11 ? found * 1000 : found)
}
