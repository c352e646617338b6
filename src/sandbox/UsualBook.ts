import { hash } from "node:crypto"
import { Price, Shares, UNIT } from "../domain/Money.ts"
import type { Shown } from "./Engine.ts"
import * as Ladder from "./Ladder.ts"
import type { Listing } from "./Listing.ts"

const LEVELS = 10n
const SIZE = Shares(1_000n * UNIT)

/** Ten levels of 1,000 shares on each side, one tick apart, around a best ask. */
export const around = (ask: Price, tick: Price): { readonly bids: Shown; readonly asks: Shown } => {
  const side = (best: bigint, step: bigint): Shown =>
    Array.from({ length: Number(LEVELS) }, (_, n) => ({ price: Price(best + step * BigInt(n)), size: SIZE })).filter(
      ({ price }) => price > 0n && price < UNIT
    )
  return { bids: side(ask - tick, -tick), asks: side(ask, tick) }
}

/** Where the best ask of a market begins: between 0.30 and 0.69, by the seed. */
export const firstAsk = (seed: string, slug: string): Price =>
  Price(BigInt(30 + (Number.parseInt(hash("sha256", `${seed}:${slug}:ask`).slice(0, 6), 16) % 40)) * 10_000n)

/** By how many ticks the book of a market moves at one step: -2 to 2, by the seed. */
export const stepAt = (seed: string, slug: string, step: number): number =>
  (Number.parseInt(hash("sha256", `${seed}:${slug}:step:${step}`).slice(0, 6), 16) % 5) - 2

/** The best ask after so many ticks of drift, kept where there is room for both sides. */
export const askAfter = (listing: Listing, ticks: number): bigint => {
  const tick = BigInt(listing.ladder.book.tick)
  const shown = Ladder.levels(listing.ladder, 0, "ask")[0]?.price ?? UNIT / 2n
  const wanted = shown + BigInt(ticks) * tick
  return wanted < 15n * tick ? 15n * tick : wanted > UNIT - 15n * tick ? UNIT - 15n * tick : wanted
}
