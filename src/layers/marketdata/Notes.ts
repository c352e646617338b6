import type { Level } from "../../domain/Book.ts"
import type { Label } from "../../domain/Label.ts"
import type { Price, Shares } from "../../domain/Money.ts"
import type { ClobMarket } from "./ClobMarket.ts"
import type { GammaMarket } from "./GammaMarket.ts"
import type { Step } from "./RecordedMarket.ts"
import type { TapeEvent } from "./TapeEvent.ts"

/** A book or a change in its own token's prices. */
export interface Raw {
  readonly asset: string
  readonly step: Step
}

/** What is collected of one market while its files are read. */
export interface Notes {
  readonly market: string
  readonly label: Label
  readonly names: Set<string>
  /** Tokens in the order in which they are met; both at once where the file's name tells them. */
  readonly assets: Array<string>
  readonly raw: Array<Raw>
  readonly ticks: Array<{ readonly millis: number; readonly tick: Price }>
  readonly resolved: Array<{ readonly millis: number; readonly winner: string }>
  gamma: GammaMarket | undefined
  clob: ClobMarket | undefined
  minSize: Shares | undefined
  negRisk: boolean | undefined
  lastMillis: number
}

const LONG_AGO = Number.NEGATIVE_INFINITY

// Most notes come from events that name their market; the label fills in for rows that do not.
export const makeNotes = (market: string, label: Label): Notes => ({
  market,
  label,
  names: new Set([market]),
  assets: [],
  raw: [],
  ticks: [],
  resolved: [],
  gamma: undefined,
  clob: undefined,
  minSize: undefined,
  negRisk: undefined,
  lastMillis: LONG_AGO
})

const met = (notes: Notes, asset: string) => {
  if (!notes.assets.includes(asset)) notes.assets.push(asset)
}

/** Writes down what an event tells of its market. */
export const note = (notes: Notes, event: TapeEvent, label: Label): void => {
  const arrived = (millis: number | undefined): number => {
    // A row without a time belongs to what came before it.
    const at = millis ?? notes.lastMillis
    notes.lastMillis = Math.max(notes.lastMillis, at)
    return at
  }
  switch (event._tag) {
    case "Book": {
      const { asks, assetId, bids, minSize, negRisk, tick } = event.book
      if (assetId === undefined) for (const token of label.tokens) met(notes, token)
      const asset = assetId ?? label.tokens[label.index]
      met(notes, asset)
      const millis = arrived(event.book.millis)
      notes.raw.push({ asset, step: { millis, full: true, bids, asks } })
      if (tick !== undefined && notes.ticks.at(-1)?.tick !== tick) notes.ticks.push({ millis, tick })
      notes.minSize = minSize ?? notes.minSize
      notes.negRisk = negRisk ?? notes.negRisk
      return
    }
    case "Changes": {
      const millis = arrived(event.millis)
      for (const { asset, level, side } of event.changes) {
        met(notes, asset)
        const [bids, asks]: [ReadonlyArray<Level>, ReadonlyArray<Level>] =
          side === "bid" ? [[level], []] : [[], [level]]
        notes.raw.push({ asset, step: { millis, full: false, bids, asks } })
      }
      return
    }
    case "Tick":
      met(notes, event.asset)
      notes.ticks.push({ millis: arrived(event.millis), tick: event.tick })
      return
    case "Resolved":
      for (const asset of event.assets) met(notes, asset)
      met(notes, event.winner)
      notes.resolved.push({ millis: arrived(event.millis), winner: event.winner })
      return
    case "Named":
      met(notes, event.asset)
      arrived(event.millis)
      return
    case "Gamma":
      notes.gamma = event.gamma
      return
    case "Clob":
      notes.clob = event.clob
      return
    case "Strange":
      return
  }
}
