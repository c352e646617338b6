import * as DateTime from "effect/DateTime"
import { format } from "../domain/Money.ts"
import { type Look, table } from "./Table.ts"

const when = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))
const count = (value: number): string => value.toLocaleString("en-US").replaceAll(",", " ")

/** A tape that was made: by an import, a cut, a merge or a recording. */
export interface TapeMade {
  readonly out: string
  readonly rows: number
  readonly bytes: number
  readonly markets: number
}

/** Something counted, and what it means. Zeroes are left out for people. */
export interface Tally {
  readonly name: string
  readonly count: number
  readonly meaning: string
}

const tallies = (counted: ReadonlyArray<Tally>, look: Look): string =>
  table(
    [
      { title: "Count", align: "right" },
      { title: "What", give: "wrap" }
    ],
    counted.filter((each) => each.count > 0).map((each) => [count(each.count), each.meaning]),
    look
  )

/** A tape that was made, for people. */
export const madeText = (verb: string, made: TapeMade, counted: ReadonlyArray<Tally>, look: Look): string =>
  [
    ...(counted.some((each) => each.count > 0) ? [tallies(counted, look)] : []),
    `${verb}: ${made.out}, ${count(made.rows)} rows of ${count(made.markets)} markets in ${count(made.bytes)} bytes`
  ].join("\n")

/** The same for programs; what was counted under its name. */
export const madeJson = (made: TapeMade, counted: ReadonlyArray<Tally>) => ({
  ...made,
  ...(counted.length === 0 ? {} : { counts: Object.fromEntries(counted.map(({ count, name }) => [name, count])) })
})

/** What a tape holds of one market. `volume` is in micro-shares, times are epoch milliseconds. */
export interface TapeMarketRow {
  readonly market: {
    readonly slug: string
    readonly conditionId: string
    readonly outcomes: readonly [string, string]
    readonly tokenIds: readonly [string, string]
    readonly tick: bigint
    readonly minSize: bigint
    readonly fees: { readonly rate: bigint; readonly exponent: number } | null
    readonly source: string
  }
  readonly rows: number
  readonly books: number
  readonly levels: number
  readonly trades: number
  readonly volume: number
  readonly gaps: number
  readonly resolved: boolean
  readonly first: number
  readonly last: number
  readonly knownMillis: number
}

/** What a tape holds. */
export interface TapeRow {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly blocks: number
  readonly first: number | undefined
  readonly last: number | undefined
  readonly receipt: "recorded" | "venue" | "mixed"
  readonly finished: boolean
  readonly torn: number
  readonly markets: ReadonlyArray<TapeMarketRow>
}

const micro = (value: number): string => format(BigInt(value))

/** Share of the time from a market's first to its last row in which its book is known, in percent. */
const coverage = ({ first, knownMillis, last }: TapeMarketRow): string =>
  last > first ? ((100 * knownMillis) / (last - first)).toFixed(1) : "0"

/** A tape for people. */
export const tapeText = (tape: TapeRow, look: Look): string => {
  const { blocks, bytes, finished, first, last, receipt, rows, torn } = tape
  const facts: ReadonlyArray<readonly [string, string]> = [
    ["Rows", `${count(rows)} in ${count(blocks)} blocks, ${count(bytes)} bytes`],
    ["Received", first === undefined || last === undefined ? "nothing" : `${when(first)} to ${when(last)}`],
    [
      "Receipt times",
      { recorded: "recorded", venue: "not known: the venue's", mixed: "some recorded, others the venue's" }[receipt]
    ],
    ["End", finished ? "finished" : `not finished; ${count(torn)} bytes are no whole block and are left out`]
  ]
  return [
    table([{ title: "Tape" }, { title: tape.path, give: "wrap" }], facts, look),
    table(
      [
        { title: "Market", give: "middle" },
        { title: "Books", align: "right" },
        { title: "Levels", align: "right" },
        { title: "Trades", align: "right" },
        { title: "Shares traded", align: "right" },
        { title: "Gaps", align: "right" },
        { title: "Known %", align: "right" },
        { title: "Fee rate", align: "right" },
        { title: "Resolved" }
      ],
      tape.markets.map((each) => [
        each.market.slug,
        count(each.books),
        count(each.levels),
        count(each.trades),
        micro(each.volume),
        count(each.gaps),
        coverage(each),
        each.market.fees === null ? { text: "unknown", tone: "warn" } : format(each.market.fees.rate),
        each.resolved ? "yes" : "no"
      ]),
      look
    )
  ].join("\n")
}

/** A tape for programs. */
export const tapeJson = (tape: TapeRow) => ({
  ...tape,
  first: tape.first === undefined ? null : when(tape.first),
  last: tape.last === undefined ? null : when(tape.last),
  markets: tape.markets.map(({ knownMillis, market, ...each }) => ({
    slug: market.slug,
    conditionId: market.conditionId,
    outcomes: market.outcomes,
    tokenIds: market.tokenIds,
    tick: format(market.tick),
    minSize: format(market.minSize),
    feeRate: market.fees === null ? null : format(market.fees.rate),
    source: market.source,
    ...each,
    volume: micro(each.volume),
    first: each.rows === 0 ? null : when(each.first),
    last: each.rows === 0 ? null : when(each.last),
    knownSeconds: (knownMillis / 1000).toFixed(3)
  }))
})

/** What was found by checking a tape. */
export interface TapeVerdict {
  readonly path: string
  readonly ok: boolean
  readonly blocks: number
  readonly rows: number
  readonly problems: ReadonlyArray<string>
  readonly notes: ReadonlyArray<string>
}

/** A verdict for people. */
export const tapeVerdictText = ({ blocks, notes, ok, path, problems, rows }: TapeVerdict, look: Look): string =>
  [
    ...(problems.length + notes.length === 0
      ? []
      : [
          table(
            [{ title: "Holds" }, { title: "Found", give: "wrap" }],
            [
              ...problems.map((each) => [{ text: "NO", tone: "bad" as const }, each]),
              ...notes.map((each) => [{ text: "note", tone: "dim" as const }, each])
            ],
            look
          )
        ]),
    `${path}: ${count(rows)} rows in ${count(blocks)} blocks ${ok ? "are whole and in order" : "are NOT in order"}`
  ].join("\n")
