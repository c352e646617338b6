import type { Deficit, MarketMemory, RememberedLevel } from "../domain/Answer.ts"
import type { ConditionId } from "../domain/Market.ts"
import { Price, Shares, ZERO_SHARES } from "../domain/Money.ts"
import { type Book, type BookSide, sizeAt } from "./Book.ts"

/** The three readings of what a snapshot allows; each keeps its own deficits. */
export type Band = keyof Deficit

/** One level of the book of which something is remembered. Micro-shares throughout. */
interface Mark extends Record<Band, number> {
  readonly side: BookSide
  readonly index: number
  /** Displayed when last seen, before the present book. */
  readonly before: number
  /** Displayed now: what the next book is compared with. */
  readonly seen: number
  /** How it is kept, as long as nothing about it has changed. */
  kept: RememberedLevel | undefined
}

/**
 * What we have taken of each displayed level of one market, in three bands, on the grid of the present book.
 *
 * Nobody else sees simulated fills, so the venue goes on showing shares that are ours. Of a level that shows s and of
 * which d are ours, s - d are left. One rule carries d from book to book, for every new size s':
 *
 *     d' = min(d, s')
 *
 * - A rise leaves d as it is: all of the rise is new and can be had.
 * - A fall leaves d as it is, too, so what is left falls with it: it is other people's leaving, not ours. Once less is
 *   shown than we took, all that is shown is ours, and d falls along: of 500 we take 200, then 480 shown leave 280, then
 *   100 leave none (d = 100), then 150 leave the 50 that are new.
 * - A level that is gone has s' = 0 and so is forgotten; coming back, all of it is new.
 *
 * With F the shares filled so far, F + (s - d) never grows but by rises (a fill moves shares from one to the other, a
 * fall only takes away), so F stays within the first displayed size and all later rises. The rule works on what is
 * displayed, not on the fraction of it that a plan allows: plans with other fractions share these deficits. The
 * optimistic band may take what is not displayed; its deficit stops at the displayed size.
 *
 * A change of tick forgets everything. A book older than the last one seen (another process was faster) teaches
 * nothing: deficits stay as they are.
 */
export interface Deficits {
  readonly conditionId: ConditionId
  readonly version: number
  readonly seenMillis: number
  readonly marks: Map<number, Mark>
  /** Whether there is anything to write. */
  changed: boolean
}

const keyOf = (side: BookSide, index: number): number => index * 2 + (side === "bid" ? 0 : 1)

/** True when the book was fetched before the one that the memory tells of. */
export const isStale = (memory: MarketMemory | undefined, fetchedMillis: number): boolean =>
  memory !== undefined && fetchedMillis < memory.seenMillis

/** The deficits that a market's memory leaves on the present book. The memory itself stays as it is. */
export const recall = (
  conditionId: ConditionId,
  memory: MarketMemory | undefined,
  book: Book,
  fetchedMillis: number
): Deficits => {
  const marks = new Map<number, Mark>()
  if (memory === undefined) return { conditionId, version: 0, seenMillis: fetchedMillis, marks, changed: false }
  const stale = isStale(memory, fetchedMillis)
  const seenMillis = stale ? memory.seenMillis : fetchedMillis
  if (Number(memory.tick) !== book.tick) {
    return { conditionId, version: memory.version, seenMillis, marks, changed: memory.levels.length > 0 }
  }
  let changed = false
  for (const kept of memory.levels) {
    const index = Number(kept.price) / book.tick
    const before = Number(kept.size)
    const seen = stale ? before : sizeAt(book, kept.side, index)
    const most = stale ? Number.POSITIVE_INFINITY : seen
    marks.set(keyOf(kept.side, index), {
      side: kept.side,
      index,
      before,
      seen,
      pessimistic: Math.min(Number(kept.deficit.pessimistic), most),
      neutral: Math.min(Number(kept.deficit.neutral), most),
      optimistic: Math.min(Number(kept.deficit.optimistic), most),
      kept: before === seen ? kept : undefined
    })
    changed ||= before !== seen
  }
  return { conditionId, version: memory.version, seenMillis, marks, changed }
}

/** Shares of a displayed level that are ours already by what is remembered of its market, in the neutral band. */
export const remembered = (memory: MarketMemory, tick: Price, side: BookSide, price: Price): Shares =>
  (memory.tick === tick
    ? memory.levels.find((level) => level.side === side && level.price === price)?.deficit.neutral
    : undefined) ?? ZERO_SHARES

/** Shares of a level that are ours already. */
export const taken = (deficits: Deficits, band: Band, side: BookSide, index: number): number =>
  deficits.marks.get(keyOf(side, index))?.[band] ?? 0

/** What the level showed when it was last seen before the present book, where that is remembered. */
export const lastSeen = (deficits: Deficits, side: BookSide, index: number): number | undefined =>
  deficits.marks.get(keyOf(side, index))?.before

/** Remembers a level from now on, though nothing is taken of it: its falls move the queue of an order that rests there. */
export const watch = (deficits: Deficits, book: Book, side: BookSide, index: number): Mark => {
  const key = keyOf(side, index)
  const known = deficits.marks.get(key)
  if (known !== undefined) return known
  const seen = sizeAt(book, side, index)
  const mark: Mark = { side, index, before: seen, seen, pessimistic: 0, neutral: 0, optimistic: 0, kept: undefined }
  deficits.marks.set(key, mark)
  deficits.changed ||= seen > 0
  return mark
}

/** Counts shares of a level as ours. */
export const take = (
  deficits: Deficits,
  book: Book,
  band: Band,
  side: BookSide,
  index: number,
  shares: number
): void => {
  const mark = watch(deficits, book, side, index)
  mark.kept = undefined
  mark[band] = Math.max(mark[band], Math.min(mark[band] + shares, sizeAt(book, side, index)))
  deficits.changed = true
}

const keep = (mark: Mark, tick: number): RememberedLevel =>
  mark.kept ?? {
    side: mark.side,
    price: Price(BigInt(mark.index * tick)),
    size: Shares(BigInt(mark.seen)),
    deficit: {
      pessimistic: Shares(BigInt(mark.pessimistic)),
      neutral: Shares(BigInt(mark.neutral)),
      optimistic: Shares(BigInt(mark.optimistic))
    }
  }

/** What is to be kept of it: levels that are displayed, bids before asks, lowest price first. */
export const remember = (deficits: Deficits, book: Book): MarketMemory => {
  const displayed: Array<Mark> = []
  for (const mark of deficits.marks.values()) if (mark.seen > 0) displayed.push(mark)
  const place = (mark: Mark) => (mark.side === "bid" ? mark.index : book.steps + mark.index)
  return {
    conditionId: deficits.conditionId,
    version: deficits.version,
    tick: Price(BigInt(book.tick)),
    seenMillis: deficits.seenMillis,
    levels: displayed.sort((a, b) => place(a) - place(b)).map((mark) => keep(mark, book.tick))
  }
}
