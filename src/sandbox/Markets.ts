import { hash } from "node:crypto"
import * as Either from "effect/Either"
import type { Market } from "../domain/Market.ts"
import { type Price, Price as priceOf, Shares, UNIT } from "../domain/Money.ts"
import { EXCHANGES, exchangeOf } from "../polymarket/Contracts.ts"
import type { House } from "./House.ts"
import * as Ladder from "./Ladder.ts"
import type { Listing, Terms } from "./Listing.ts"

/** Bits of a text's SHA-256. */
const bits = (text: string): bigint => BigInt(`0x${hash("sha256", text)}`)

const hex = (value: bigint, digits: number): string => `0x${value.toString(16).padStart(digits, "0")}`

/** A v2 position id: module, base hash, arity, 64 empty bits, chain, index, outcome (docs.polymarket.com, position ids). */
const positionId = (module: bigint, base: bigint, outcome: bigint): bigint =>
  (module << 248n) | ((base & ((1n << 128n) - 1n)) << 120n) | outcome

type Ids = Pick<Terms, "conditionId" | "gammaId" | "tokens">

/** Ids that look like the venue's and follow from the seed and the slug. */
const idsOf = (seed: string, slug: string, version: "v1" | "v2", negRisk: boolean): Ids => {
  const of = (what: string) => bits(`${seed}:${slug}:${what}`)
  const gammaId = String(9_000_000n + (of("gamma") % 1_000_000n))
  if (version === "v1") {
    return {
      gammaId,
      conditionId: hex(of("condition"), 64),
      tokens: [String(of("first")), String(of("second"))]
    }
  }
  const [first, second] = [0n, 1n].map((outcome) => positionId(negRisk ? 2n : 1n, of("base"), outcome))
  return {
    gammaId,
    conditionId: hex((first ?? 0n) - ((first ?? 0n) & 0xffn), 64),
    tokens: [String(first), String(second)]
  }
}

/** What a market of the sandbox is to be; what is left out is usual. */
export interface Wish {
  readonly slug: string
  readonly question?: string
  readonly outcomes?: readonly [string, string]
  readonly version?: "v1" | "v2"
  readonly negRisk?: boolean
  readonly tick?: Price
  /** Micro-units: 50_000n is 0.05. */
  readonly feeRate?: bigint
  readonly takerDelayMillis?: number
}

/** The markets that every sandbox has: both protocols, neg-risk, three ticks, with fees and without. */
export const USUAL: ReadonlyArray<Wish> = [
  { slug: "sandbox-rain", question: "Will it rain tomorrow?" },
  { slug: "sandbox-btc-up", question: "Bitcoin up or down?", outcomes: ["Up", "Down"], feeRate: 70_000n },
  { slug: "sandbox-election", question: "Will the sandbox party win?", negRisk: true, feeRate: 40_000n },
  { slug: "sandbox-fine", question: "Will the index close higher?", tick: priceOf(1_000n), feeRate: 40_000n },
  { slug: "sandbox-peace", question: "Will the treaty be signed?", feeRate: 0n },
  { slug: "sandbox-v2", question: "Will the new protocol hold?", version: "v2" },
  { slug: "sandbox-v2-cup", question: "Will the home side lift the cup?", version: "v2", negRisk: true },
  { slug: "sandbox-match", question: "Will the home side win?", takerDelayMillis: 1_000 }
]

export const termsOf = (seed: string, wish: Wish): Terms => {
  const { feeRate = 50_000n, negRisk = false, outcomes = ["Yes", "No"], version = "v1" } = wish
  return {
    ...idsOf(seed, wish.slug, version, negRisk),
    slug: wish.slug,
    question: wish.question ?? wish.slug,
    outcomes,
    version,
    negRisk,
    tick: wish.tick ?? priceOf(10_000n),
    minSize: Shares(5n * UNIT),
    fees: { rate: feeRate, exponent: 1 },
    takerDelayMillis: wish.takerDelayMillis ?? 0
  }
}

/** The terms of a market that market data tells of. */
export const termsOfMarket = (seed: string, market: Market): Terms => ({
  gammaId: /^\d+$/.test(market.marketId) ? market.marketId : idsOf(seed, market.slug, "v1", false).gammaId,
  slug: market.slug,
  question: market.question,
  conditionId: market.conditionId,
  outcomes: market.outcomes,
  tokens: market.tokenIds,
  version: market.version,
  negRisk: market.negRisk,
  tick: market.tick,
  minSize: market.minSize,
  fees: market.fees ?? { rate: 0n, exponent: 1 },
  takerDelayMillis: market.takerDelayMillis
})

/** Opens a market with an empty book. */
export const list = (house: House, terms: Terms, now: number): Listing => {
  const listing: Listing = {
    ...terms,
    exchange: Either.getOrElse(exchangeOf(terms, terms.tokens[0]), () => EXCHANGES.ctfExchangeV2),
    ladder: Ladder.make(terms.tick),
    accepting: true,
    payouts: undefined,
    resolvedMillis: undefined,
    lastTrade: undefined,
    bookMillis: now
  }
  house.listings.set(terms.conditionId, listing)
  for (const outcome of [0, 1] as const) house.instruments.set(terms.tokens[outcome], { listing, outcome })
  return listing
}

/** A market by slug, numeric id, condition id or token id. */
export const find = (house: House, id: string): Listing | undefined =>
  house.listings.get(id.toLowerCase()) ??
  house.instruments.get(id)?.listing ??
  [...house.listings.values()].find(({ conditionId, gammaId, slug }) =>
    [gammaId, slug, conditionId.slice(0, 64)].includes(id)
  )
