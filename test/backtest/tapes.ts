import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Backtest from "../../src/backtest.ts"
import { Price, parse, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { type Block, CLEAR, GAP, LEVEL, push, RESOLUTION, SEAL, TICK, TRADE } from "../../src/replay/Block.ts"
import type { TapeMarket } from "../../src/replay/TapeMarket.ts"
import * as TapeWriter from "../../src/replay/TapeWriter.ts"

/** When every tape here begins: 2026-09-21T15:06:40Z. */
export const START = 1_790_003_200_000

export const micro = (text: number | string): bigint => {
  const found = parse(String(text))
  return found._tag === "Some" ? found.value : -1n
}

/** A market of the usual kind. */
export const market = (slug: string, parts: Partial<TapeMarket> = {}): TapeMarket => ({
  marketId: slug,
  slug,
  conditionId: `0x${slug}`,
  question: `Will ${slug} come to pass?`,
  outcomes: ["Yes", "No"],
  tokenIds: [`${slug}-yes`, `${slug}-no`],
  tick: Price(10_000n),
  minSize: Shares(5n * UNIT),
  fees: { rate: 0n, exponent: 1 },
  negRisk: false,
  version: "v2",
  takerDelayMillis: 0,
  source: "test",
  ...parts
})

type Sizes = Readonly<Record<string, number>>

/** What happens, at milliseconds after START; it arrives `late` milliseconds later. */
export type Happening = { readonly at: number; readonly late?: number; readonly in?: number } & (
  | { readonly book: { readonly bids?: Sizes; readonly asks?: Sizes } }
  | { readonly bid: readonly [price: number, size: number] }
  | { readonly ask: readonly [price: number, size: number] }
  | { readonly trade: readonly [price: number, size: number] }
  | { readonly tick: number }
  | { readonly pays: number }
  | { readonly gap: true }
)

const pips = (price: number | string): number => Math.round(Number(price) * 10_000)
const shares = (size: number): number => Math.round(size * 1_000_000)

const write = (rows: Block, each: Happening): void => {
  const venue = START + each.at
  const receipt = venue + (each.late ?? 0)
  const row = (kind: number, side: number, price: number, size: number) =>
    push(rows, kind, each.in ?? 0, side, price, size, venue, receipt)
  if ("book" in each) {
    row(CLEAR, 0, 0, 0)
    for (const [price, size] of Object.entries(each.book.bids ?? {})) row(LEVEL, 0, pips(price), shares(size))
    for (const [price, size] of Object.entries(each.book.asks ?? {})) row(LEVEL, 1, pips(price), shares(size))
    row(SEAL, 0, 0, 0)
  } else if ("bid" in each) row(LEVEL, 0, pips(each.bid[0]), shares(each.bid[1]))
  else if ("ask" in each) row(LEVEL, 1, pips(each.ask[0]), shares(each.ask[1]))
  else if ("trade" in each) row(TRADE, 0, pips(each.trade[0]), shares(each.trade[1]))
  else if ("tick" in each) row(TICK, 0, 0, pips(each.tick))
  else if ("pays" in each) row(RESOLUTION, 0, pips(each.pays), 0)
  else row(GAP, 0, 0, 0)
}

/** Writes a tape into a folder of its own; it is gone with the scope. Happenings come in order of arrival. */
export const tape = Effect.fn(function* (
  happenings: ReadonlyArray<Happening>,
  markets: ReadonlyArray<TapeMarket> = [market("rain")],
  rowsInBlock = 1_000_000
) {
  const files = yield* FileSystem.FileSystem
  const path = `${yield* files.makeTempDirectoryScoped()}/test.tape`
  yield* Effect.scoped(
    Effect.gen(function* () {
      const writer = yield* TapeWriter.make(path, { append: false, durable: false })
      for (const each of markets) writer.table.put(each)
      for (const each of happenings) {
        write(writer.rows, each)
        if (writer.rows.rows >= rowsInBlock) yield* writer.flush
      }
      yield* writer.finish
    })
  )
  return path
})

/** An instruction as a plan writes it. */
export type Line = Readonly<Record<string, unknown>>

export const plan = (lines: ReadonlyArray<Line>, parts: Line = {}): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({
      planId: "test",
      mode: "paper",
      ...parts,
      tradeInstructions: lines.map((line) => ({ marketId: "rain", outcome: "YES", side: "BUY", ...line }))
    })
  )

/** Runs a plan over tapes, without latency unless told otherwise. */
export const backtest = (bytes: Uint8Array, tapes: ReadonlyArray<string>, parts: Partial<Backtest.Job> = {}) =>
  Backtest.run(
    {
      file: "test.json",
      bytes,
      variant: [],
      tapes,
      seed: "1",
      latency: { _tag: "Constant", millis: 0 },
      cancellations: "proportional",
      notBefore: undefined,
      balance: Usd(1_000n * UNIT),
      answerLatency: parts.latency ?? { _tag: "Constant", millis: 0 },
      ...parts
    },
    () => Effect.void
  )
