import type { Counts } from "./FeedCore.ts"
import type { Progress } from "./Recorder.ts"

/** Something counted, and what it means to whoever reads the summary. */
export interface Tally {
  readonly name: string
  readonly count: number
  readonly meaning: string
}

const MEANINGS: Readonly<Record<Exclude<keyof Counts, "strange" | "latest">, string>> = {
  messages: "messages",
  books: "full books",
  changes: "changes of a level",
  trades: "trades",
  ticks: "changes of a tick",
  resolutions: "resolutions",
  quotes: "best prices without sizes, which make no book: left out (--quote-shares makes books of them)",
  quoted: "best prices without sizes: books of one level a side, of the size that was told",
  unchanged: "changes that say what the book shows already, most often told again for the other token: left out",
  mirrored: "full books that repeat the other token's: left out",
  confirmed: "full books that say what the changes before them had come to",
  corrected: "full books that say something else than the changes before them",
  early: "changes before the first full book of their market, or in a gap: left out",
  stale: "full books older than what was known: left out",
  late: "messages out of order of time",
  unselected: "messages of markets that were not asked for: left out",
  crossed: "faults: crossed books",
  offGrid: "faults: prices off the grid",
  otherFaults: "faults: books with a price twice or a level of no size",
  gaps: "gaps, from a fault or a lost connection to the next full book",
  quoteMismatches: "changes after which the best prices they tell are not those of the book",
  hashes: "hashes of full books that could be checked",
  wrongHashes: "hashes that are not those of their book",
  badTrades: "trades of no price or no size: left out"
}

const isCounted = (name: string): name is keyof typeof MEANINGS => Object.hasOwn(MEANINGS, name)

/** What messages came to, one line each. */
export const ofCounts = (counts: Counts): ReadonlyArray<Tally> => [
  ...Object.keys(MEANINGS).flatMap((name) =>
    isCounted(name) ? [{ name, count: counts[name], meaning: MEANINGS[name] }] : []
  ),
  ...[...counts.strange].map(([type, count]) => ({
    name: `strange: ${type}`,
    count,
    meaning: `messages of the unknown type ${type}: left out`
  }))
]

/** What a recording came to, one line each. */
export const ofProgress = (progress: Progress): ReadonlyArray<Tally> => [
  { name: "connections", count: progress.connections, meaning: "connections" },
  { name: "drops", count: progress.drops, meaning: "connections that ended and were opened again" },
  { name: "silences", count: progress.silences, meaning: "silences that were looked into" },
  {
    name: "quiet",
    count: progress.quiet,
    meaning: "of them nothing but quiet markets: the REST API showed the same books"
  },
  { name: "garbage", count: progress.garbage, meaning: "frames that are no JSON: left out" },
  { name: "unreadable", count: progress.unreadable, meaning: "messages that could not be read" },
  ...ofCounts(progress.counts)
]
