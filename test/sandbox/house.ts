import * as Either from "effect/Either"
import { type Price, Price as priceOf, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import * as Engine from "../../src/sandbox/Engine.ts"
import * as House from "../../src/sandbox/House.ts"
import type { Listing } from "../../src/sandbox/Listing.ts"
import * as Markets from "../../src/sandbox/Markets.ts"
import * as Operator from "../../src/sandbox/Operator.ts"
import { RULES } from "../../src/sandbox/Options.ts"
import { place, type Wanted } from "../../src/sandbox/Placing.ts"
import type { Trade } from "../../src/sandbox/Trade.ts"
import { CASH } from "../../src/sandbox/Wallet.ts"

/** A venue without its doors: one market, a few funded accounts, and time that is told. */
export interface Floor {
  readonly house: House.House
  readonly listing: Listing
  readonly operators: ReadonlyArray<Operator.Operator>
}

export const NOW = 1_800_000_000_000

export const floorOf = (
  but: {
    readonly rules?: Partial<House.Rules>
    readonly wish?: Partial<Markets.Wish>
    readonly accounts?: number
    readonly cash?: bigint
  } = {}
): Floor => {
  const house = House.make({ ...RULES, wholeCents: false, minedMillis: 0, confirmedMillis: 0, ...but.rules })
  const terms = Markets.termsOf(house.rules.seed, { slug: "floor", ...but.wish })
  const listing = Markets.list(house, terms, NOW)
  const operators = Array.from({ length: but.accounts ?? 1 }, (_, n) =>
    Operator.open(house, `account-${n}`, 0, Usd(but.cash ?? 1_000_000n * UNIT), NOW)
  )
  return { house, listing, operators }
}

type Rows = ReadonlyArray<readonly [price: Price, size: bigint]>

export const show = ({ house, listing }: Floor, bids: Rows, asks: Rows, now = NOW): void => {
  const shown = (rows: Rows) => rows.map(([price, size]) => ({ price, size: Shares(size) }))
  Engine.show(house, listing, shown(bids), shown(asks), now)
}

export const rows = (...levels: ReadonlyArray<readonly [price: bigint, size: bigint]>): Rows =>
  levels.map(([price, size]) => [priceOf(price * 10_000n), size * UNIT])

/** What came of posting an order: the trades that it made as a taker, and the refusal where there is one. */
export const post = (
  floor: Floor,
  wanted: Wanted,
  by = floor.operators[0],
  now = NOW
): { readonly trades: ReadonlyArray<Trade>; readonly error: string | undefined; readonly id: string | undefined } => {
  const { house, listing } = floor
  const before = house.trades.size
  if (by === undefined) return { trades: [], error: "nobody", id: undefined }
  House.runDue(house, now)
  const { body } = place(house, by, listing, wanted, now)
  const fields = typeof body === "object" && body !== null ? body : {}
  return {
    trades: [...house.trades.values()].slice(before),
    error: "error" in fields ? String(fields.error) : undefined,
    id: "orderID" in fields ? String(fields.orderID) : undefined
  }
}

export const wallets = ({ house }: Floor) =>
  [...house.accounts.values()].flatMap(({ wallets }) => [...wallets.values()])

/** An asset over all accounts and those who are nobody in particular. */
export const total = (floor: Floor, asset: string): bigint =>
  wallets(floor).reduce((sum, { chain }) => sum + (chain.get(asset) ?? 0n), floor.house.nobody.get(asset) ?? 0n)

export const cash = (floor: Floor): bigint => total(floor, CASH)

/** The value that must be there, or a defect of the test. */
export const must = <A>(value: A | undefined): A =>
  Either.getOrThrow(Either.fromNullable(value, () => "it is not there"))
