import * as Brand from "effect/Brand"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/** One unit (a dollar, a share, a price of 1) in micro-units. */
export const UNIT = 1_000_000n

/** Micro-dollars of collateral (pUSD has 6 decimals). Signed: cash that leaves is negative. */
export type Usd = bigint & Brand.Brand<"Usd">
export const Usd = Brand.nominal<Usd>()

/** Micro-shares (outcome tokens have 6 decimals). */
export type Shares = bigint & Brand.Brand<"Shares">
export const Shares = Brand.nominal<Shares>()

/** Micro-dollars per share, 0 to 1 inclusive; order prices lie on the market's tick grid inside (0, 1). */
export type Price = bigint & Brand.Brand<"Price">
export const Price = Brand.nominal<Price>()

export const ZERO_USD = Usd(0n)
export const ZERO_SHARES = Shares(0n)

/** A decimal in JSON notation, exponent included, split into what an exact reader needs. */
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/

/** Reads decimal text as micro-units without passing through a float; none when it is no number or has a seventh decimal. */
export const parse = (text: string): Option.Option<bigint> => {
  const found = DECIMAL.exec(text)
  if (found === null) return Option.none()
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = found
  const digits = whole + fraction
  const shift = Number(exponent) - fraction.length + 6
  if (shift > 40) return /^0+$/.test(digits) ? Option.some(0n) : Option.none()
  const kept = shift >= 0 ? digits + "0".repeat(shift) : digits.slice(0, Math.max(0, digits.length + shift))
  const lost = shift >= 0 ? "" : digits.slice(Math.max(0, digits.length + shift))
  if (/[1-9]/.test(lost)) return Option.none()
  const micro = BigInt(kept === "" ? "0" : kept)
  return Option.some(sign === "-" ? -micro : micro)
}

/** Micro-units as decimal text, without zeros beyond need: 450000n is "0.45". */
export const format = (micro: bigint): string => {
  const magnitude = micro < 0n ? -micro : micro
  const whole = magnitude < EXACT ? wholeOf(Number(magnitude)) : magnitude / UNIT
  const fraction = magnitude < EXACT ? Number(magnitude) % 1_000_000 : Number(magnitude % UNIT)
  const text = fraction === 0 ? `${whole}` : `${whole}.${decimals(fraction)}`
  return micro < 0n ? `-${text}` : text
}

/** Below it whole numbers are exact as doubles, which are several times faster than bigints. */
const EXACT = 9_000_000_000_000_000n

const wholeOf = (micro: number): number => (micro - (micro % 1_000_000)) / 1_000_000

const decimals = (fraction: number): string => {
  const digits = `${1_000_000 + fraction}`
  let end = digits.length
  while (digits.charCodeAt(end - 1) === ZERO) end--
  return digits.slice(1, end)
}

const ZERO = 48

/** Decimal text on one side (JSON, SQL numeric), micro-units on the other. */
export const Micro = Schema.transformOrFail(Schema.String, Schema.BigIntFromSelf, {
  strict: true,
  decode: (text, _, ast) =>
    Option.match(parse(text), {
      onNone: () => ParseResult.fail(new ParseResult.Type(ast, text, "expected a decimal with at most 6 digits")),
      onSome: ParseResult.succeed
    }),
  encode: (micro) => ParseResult.succeed(format(micro))
})

export const UsdText = Micro.pipe(Schema.fromBrand(Usd))
export const SharesText = Micro.pipe(Schema.fromBrand(Shares))
export const PriceText = Micro.pipe(Schema.fromBrand(Price))

const ceilDiv = (a: bigint, b: bigint) => (a + b - 1n) / b

/** What a buyer of `shares` at `price` pays, in micro-dollars, rounded up: a fraction of a micro-dollar is never won. */
export const cost = (price: bigint, shares: bigint): Usd => Usd(ceilDiv(price * shares, UNIT))

/** What a seller of `shares` at `price` receives, in micro-dollars, rounded down. */
export const proceeds = (price: bigint, shares: bigint): Usd => Usd((price * shares) / UNIT)

/** Cost or proceeds over shares as a price for display, rounded to 4 decimals, half up. Zero shares have none. */
export const average = (cash: bigint, shares: bigint): Option.Option<Price> =>
  shares === 0n ? Option.none() : Option.some(Price(((cash * UNIT * 2n + shares * 100n) / (shares * 200n)) * 100n))

/** The price of the complementary outcome: a share of each pays 1 together. */
export const complement = (price: bigint): Price => Price(UNIT - price)

export const min = <A extends bigint>(a: A, b: A): A => (a < b ? a : b)
export const max = <A extends bigint>(a: A, b: A): A => (a > b ? a : b)
export const floorTo = (value: bigint, step: bigint): bigint => value - (value % step)
