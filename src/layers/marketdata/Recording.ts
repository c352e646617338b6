import { basename } from "node:path"
import * as Either from "effect/Either"
import type { Label } from "../../domain/Label.ts"
import type { Market } from "../../domain/Market.ts"
import { Price, Shares, UNIT } from "../../domain/Money.ts"
import type { ClobMarket } from "./ClobMarket.ts"
import type { GammaMarket } from "./GammaMarket.ts"
import { makeNotes, type Notes, note, type Raw } from "./Notes.ts"
import { record } from "./Record.ts"
import { neededTicks, type RecordedMarket, type Step } from "./RecordedMarket.ts"
import { marketOf, read } from "./TapeEvent.ts"
import type { TapeFile } from "./TapeFile.ts"
import { mirror } from "./WireBook.ts"

/** Files read as a whole. */
export interface Recording {
  readonly markets: ReadonlyArray<RecordedMarket>
  /** Names of markets that could not be traded anywhere, and why. */
  readonly unusable: ReadonlyMap<string, string>
  /** Types of message that were passed over. */
  readonly strange: ReadonlySet<string>
}

const USUAL_TICK = Price(10_000n)
const USUAL_MIN_SIZE = Shares(5n * UNIT)

/** The CLOB's record in Gamma's words, where Gamma's own is not in the file. */
const asGamma = (market: string, label: Label, clob: ClobMarket): GammaMarket => ({
  id: market,
  conditionId: market,
  slug: label.slug,
  question: "recorded",
  outcomes: clob.t.map((token, index) => token.o ?? label.outcomes[index] ?? ""),
  clobTokenIds: clob.t.map((token) => token.t),
  positionIds: clob.t.map((token) => token.t),
  active: true,
  enableOrderBook: true,
  acceptingOrders: clob.ao === true
})

const derived = (notes: Notes, source: string): Market => {
  const [first = `${notes.market}:0`, second = `${notes.market}:1`] = notes.assets
  const slug = notes.names.has(notes.label.slug) ? notes.label.slug : notes.market
  return {
    marketId: notes.market,
    slug,
    conditionId: notes.market,
    question: "recorded",
    outcomes: notes.label.outcomes,
    tokenIds: [first, second],
    tick: USUAL_TICK,
    minSize: USUAL_MIN_SIZE,
    fees: { rate: 0n, exponent: 1 },
    negRisk: notes.negRisk ?? false,
    version: "v1",
    closedBecause: undefined,
    takerDelayMillis: 0,
    payouts: undefined,
    source
  }
}

const recordOf = (notes: Notes, source: string): Either.Either<Market, string> => {
  const gamma = notes.gamma ?? (notes.clob === undefined ? undefined : asGamma(notes.market, notes.label, notes.clob))
  if (gamma === undefined) return Either.right(derived(notes, source))
  // A recording is traded on paper only: what an old or short record leaves out is taken to be what is usual.
  const usual = {
    version: gamma.version ?? notes.clob?.v ?? "v1",
    orderPriceMinTickSize: gamma.orderPriceMinTickSize ?? USUAL_TICK,
    orderMinSize: gamma.orderMinSize ?? USUAL_MIN_SIZE
  }
  return record({ ...gamma, ...usual }, notes.clob, source)
}

const seenFromFirst = ({ asset, step }: Raw, tokens: readonly [string, string]): Step =>
  asset === tokens[0] ? step : { ...step, bids: mirror(step.asks), asks: mirror(step.bids) }

const byTime = (a: { readonly millis: number }, b: { readonly millis: number }) =>
  a.millis === b.millis ? 0 : a.millis < b.millis ? -1 : 1

const finished = (notes: Notes, found: Market): Either.Either<RecordedMarket, string> =>
  Either.gen(function* () {
    const stranger = notes.assets.find((asset) => !found.tokenIds.includes(asset))
    if (stranger !== undefined) {
      return yield* Either.left(`market ${notes.market}: token ${stranger} is neither of its two`)
    }
    const steps = notes.raw.map((raw) => seenFromFirst(raw, found.tokenIds)).sort(byTime)
    const told = notes.clob?.mts ?? notes.gamma?.orderPriceMinTickSize
    const tickKnown = told !== undefined || notes.ticks.length > 0
    const resolution = notes.resolved.sort(byTime)[0]
    return {
      record: { ...found, minSize: notes.minSize ?? found.minSize },
      nameless: notes.market === notes.label.market,
      names: new Set([...notes.names, found.marketId, found.slug, found.conditionId, ...found.tokenIds]),
      steps,
      ticks: tickKnown ? notes.ticks.sort(byTime) : neededTicks(steps),
      resolution:
        resolution === undefined
          ? undefined
          : { millis: resolution.millis, winner: resolution.winner === found.tokenIds[0] ? 0 : 1 },
      lastMillis: notes.lastMillis
    }
  })

const namesOf = (notes: Notes): ReadonlyArray<string> => [
  ...notes.names,
  ...(notes.gamma === undefined ? [] : [notes.gamma.id, notes.gamma.slug ?? notes.market])
]

/** Collects a recording file by file. */
export const collector = (source: string) => {
  const all = new Map<string, Notes>()
  const strange = new Set<string>()

  const notesOf = (market: string, label: Label): Notes => {
    const known = all.get(market)
    if (known !== undefined) return known
    const fresh = makeNotes(market, label)
    all.set(market, fresh)
    return fresh
  }

  /** Takes in one file, or names the first line and field of it that cannot be read. */
  const add = (file: TapeFile): Either.Either<void, string> => {
    const inFile = new Set<Notes>()
    for (const entry of file.entries) {
      if (Either.isLeft(entry)) return Either.left(entry.left)
      const { place, value } = entry.right
      const events = read(value)
      if (Either.isLeft(events)) return Either.left(`${place}: ${events.left}`)
      for (const event of events.right) {
        if (event._tag === "Strange") {
          strange.add(event.type)
          continue
        }
        const notes = notesOf(marketOf(event) ?? file.label.market, file.label)
        inFile.add(notes)
        note(notes, event, file.label)
      }
    }
    // The file's name is a name of its market, as long as it holds only one.
    const [only] = inFile
    if (inFile.size === 1 && only !== undefined) {
      for (const name of [file.label.slug, basename(file.path)]) only.names.add(name)
    }
    return Either.void
  }

  const finish = (): Either.Either<Recording, string> =>
    Either.gen(function* () {
      const markets: Array<RecordedMarket> = []
      const unusable = new Map<string, string>()
      for (const notes of all.values()) {
        const found = recordOf(notes, source)
        if (Either.isRight(found)) markets.push(yield* finished(notes, found.right))
        else for (const name of namesOf(notes)) unusable.set(name, found.left)
      }
      return { markets, unusable, strange }
    })

  return { add, finish }
}
