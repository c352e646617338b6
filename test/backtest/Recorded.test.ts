import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { format } from "../../src/domain/Money.ts"
import { KINDS } from "../../src/replay/Block.ts"
import type { TapeMarket } from "../../src/replay/TapeMarket.ts"
import * as TapeReader from "../../src/replay/TapeReader.ts"
import { verify } from "../../src/replay/Verify.ts"
import type { BacktestRun } from "../../src/report/BacktestReport.ts"
import { BANDS } from "../../src/report/BacktestTally.ts"
import { folder, importing, readRows } from "../replay/tape/scene.ts"
import { shared } from "../shared.ts"
import { backtest, type Line, micro, plan } from "./tapes.ts"

const resting: ReadonlyArray<Line> = [
  { price: 0.45, size: 100, sizeUnit: "SHARES" },
  { price: 0.45, size: 100, sizeUnit: "SHARES", outcome: "NO", cancelAfterSec: 300 }
]
const taking: ReadonlyArray<Line> = [
  { price: 0.6, size: 250, timeInForce: "FAK" },
  { price: 0.99, size: 100, timeInForce: "FOK" }
]

/** What the venue would say of a market, with the fee of its kind: recordings carry no records. */
const record = ({ conditionId, outcomes, slug, tokenIds }: TapeMarket) => ({
  id: slug,
  conditionId,
  slug,
  question: slug,
  outcomes: JSON.stringify(outcomes),
  clobTokenIds: JSON.stringify(tokenIds),
  active: true,
  closed: false,
  acceptingOrders: true,
  enableOrderBook: true,
  orderPriceMinTickSize: 0.01,
  orderMinSize: 5,
  feesEnabled: true,
  feeSchedule: { rate: 0.07, exponent: 1, takerOnly: true }
})

const hashOf = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16)

const counted = (words: ReadonlyArray<string>): string =>
  [...new Set(words)]
    .sort()
    .map((word) => `${words.filter((each) => each === word).length} ${word}`)
    .join(", ")

/** What runs came to together, in all three bands; the hash is of all of their reports. */
const summary = (runs: ReadonlyArray<BacktestRun>): string => {
  const sum = (of: (run: BacktestRun) => string) => format(runs.reduce((total, run) => total + micro(of(run)), 0n))
  const filled = BANDS.map((band) => sum((run) => run.bands[band].filledQty))
  const gained = BANDS.map((band) => sum((run) => run.bands[band].pnl))
  const orders = counted(runs.flatMap((run) => run.orders.map((order) => order.status)))
  return `${orders}; shares ${filled.join(" < ")}; P&L ${gained.join(" < ")}; ${hashOf(runs)}`
}

/** Imports files, first to learn which markets they tell of, then with records of these. */
const tapeOf = Effect.fnUntraced(function* (files: ReadonlyArray<string>, quoteShares: string | undefined) {
  const dir = yield* folder
  const [first, out, info] = ["first.tape", "whole.tape", "markets.jsonl"].map((name) => join(dir, name))
  yield* importing(files, first ?? "", { quoteShares })
  const { markets } = yield* TapeReader.open(first ?? "")
  writeFileSync(info ?? "", markets.map((market) => JSON.stringify(record(market))).join("\n"))
  yield* importing(files, out ?? "", { quoteShares, marketInfo: [info ?? ""] })
  return { path: out ?? "", markets }
})

const run = (path: string, { slug }: TapeMarket, lines: ReadonlyArray<Line>) =>
  backtest(plan(lines.map((line) => ({ ...line, marketId: slug }))), [path], {
    latency: { _tag: "LogNormal", median: 100, sigma: 0.5 }
  })

const found = Effect.fnUntraced(function* (files: ReadonlyArray<string>, quoteShares: string | undefined) {
  const { markets, path } = yield* tapeOf(files, quoteShares)
  const verdict = yield* verify(path)
  assert.isTrue(verdict.ok, JSON.stringify(verdict))
  const rows = yield* readRows(path)
  return {
    tape: `${markets.length} markets; ${counted(rows.map(({ kind }) => KINDS[kind] ?? "?"))}; ${hashOf(rows)}`,
    resting: summary(yield* Effect.forEach(markets, (market) => run(path, market, resting))),
    taking: summary(yield* Effect.forEach(markets, (market) => run(path, market, taking)))
  }
})

const ETH = "ethereum-up-or-down-december-11-6am-et"
const SOL = "sol-updown-15m-1765450800"
const sides = (pattern: string) => ["up", "down"].map((side) => pattern.replace("*", side))

/** Recordings of every kind, and what they came to when they were last looked at closely. */
const CASES: Readonly<
  Record<
    string,
    {
      readonly files: ReadonlyArray<string>
      readonly quoteShares?: string
      readonly expected: Effect.Effect.Success<ReturnType<typeof found>>
    }
  >
> = {
  "books and trades of both outcomes of an hourly market": {
    files: [...sides(`books/${ETH}.*.books.jsonl.gz`), ...sides(`trades/${ETH}.*.ws_trades.jsonl.gz`)],
    expected: {
      tape: "1 markets; 200 clear, 19464 level, 200 seal, 200 trade; da59b69a719d7fff",
      resting: "2 filled; shares 17.807956 < 200 < 200; P&L 0.890397 < 7.999998 < 8; 45cf643921f2e3e7",
      taking: "2 filled; shares 716.3139 < 716.3139 < 716.3139; P&L -4.36885 < -4.36885 < -4.36885; cb4a80aa8d0ad07f"
    }
  },
  "books and trades of both outcomes of a market of 15 minutes": {
    files: [...sides(`books/${SOL}.*.books.jsonl.gz`), ...sides(`trades/${SOL}.*.ws_trades.jsonl.gz`)],
    expected: {
      tape: "1 markets; 248 clear, 22680 level, 248 seal, 247 trade; 1ba5c74934d1e60a",
      resting: "2 filled; shares 200 < 200 < 200; P&L 9 < 9 < 9; 393a22c913b68c05",
      taking: "2 filled; shares 709.8 < 709.8 < 709.8; P&L 340.28603 < 340.28603 < 340.28603; 5a670e3452100137"
    }
  },
  "full books as messages, hourly": {
    files: [`ws/${ETH}.full.jsonl.gz`],
    expected: {
      tape: "1 markets; 200 clear, 19464 level, 200 seal, 200 trade; 8461f7fc860c0f3d",
      resting: "2 filled; shares 100 < 200 < 200; P&L 4.999999 < 7.999998 < 8; 25835772e0334974",
      taking: "2 filled; shares 716.3139 < 716.3139 < 716.3139; P&L -4.36885 < -4.36885 < -4.36885; c5a256185019dfa3"
    }
  },
  "full books as messages, 15 minutes": {
    files: [`ws/${SOL}.full.jsonl.gz`],
    expected: {
      tape: "1 markets; 248 clear, 22680 level, 248 seal, 247 trade; 63e8b7a9c173a24a",
      resting: "2 filled; shares 200 < 200 < 200; P&L 9 < 9 < 9; cbe6f6f38acae14e",
      taking: "2 filled; shares 709.8 < 709.8 < 709.8; P&L 340.28603 < 340.28603 < 340.28603; 5f9da085849e96da"
    }
  },
  "changes as messages, hourly": {
    files: [`ws/${ETH}.delta.jsonl.gz`],
    expected: {
      tape: "1 markets; 2 clear, 3002 level, 2 seal, 200 trade; 9d91d18d3fccc17f",
      resting: "2 filled; shares 100 < 200 < 200; P&L 4.999999 < 7.999998 < 8; 0840679ee7ca225f",
      taking: "2 filled; shares 716.3139 < 716.3139 < 716.3139; P&L -4.36885 < -4.36885 < -4.36885; 6dc377644c346811"
    }
  },
  "changes as messages, 15 minutes": {
    files: [`ws/${SOL}.delta.jsonl.gz`],
    expected: {
      tape: "1 markets; 2 clear, 3887 level, 2 seal, 247 trade; 6a96ca226219fb65",
      resting: "2 filled; shares 200 < 200 < 200; P&L 9 < 9 < 9; ae0f24a336bc8af7",
      taking: "2 filled; shares 709.8 < 709.8 < 709.8; P&L 340.28603 < 340.28603 < 340.28603; c033b35b4e48396b"
    }
  },
  "best quotes as CSV, 26 December": {
    files: ["bbo/market_data_20251226.csv.gz"],
    expected: {
      tape: "32 markets; 28205 clear, 52942 level, 28205 seal, 1 tick; a7ace641d572e873",
      resting:
        "15 expired, 40 filled, 9 open; shares 3965 < 4440 < 5300; P&L -507.54106 < -489.68606 < -109.43606; 508bc238d3ef2bec",
      taking: "64 cancelled; shares 150 < 150 < 150; P&L -2.70652 < -2.70652 < -2.70652; 781cfecad3a30ddb"
    }
  },
  "best quotes as CSV, 29 December": {
    files: ["bbo/market_data_20251229.csv.gz"],
    expected: {
      tape: "36 markets; 31907 clear, 60328 level, 31907 seal, 2 tick; 3832c0fd7c03febc",
      resting:
        "13 expired, 54 filled, 5 open; shares 4890 < 5770 < 6105; P&L -261.74128 < -208.45128 < -27.01128; 8cdabb43b9f0626a",
      taking: "72 cancelled; shares 180 < 180 < 180; P&L -19.72462 < -19.72462 < -19.72462; 3f952f14101106ab"
    }
  },
  "best quotes as CSV with the trades of a wallet, 26 December": {
    files: ["bbo/market_data_20251226.csv.gz", "trades/user_data_20251226.csv.gz"],
    expected: {
      tape: "32 markets; 28205 clear, 52942 level, 28205 seal, 1 tick, 24155 trade; e6a61bd15bd0ed87",
      resting:
        "7 expired, 53 filled, 4 open; shares 3572.342984 < 5300 < 5300; P&L -353.459838 < -109.436066 < -109.436061; 9f140a31400e8fd5",
      taking: "64 cancelled; shares 150 < 150 < 150; P&L -2.70652 < -2.70652 < -2.70652; df6fe9de719534ae"
    }
  },
  "best quotes as messages, 26 December": {
    files: ["ws/market_data_20251226.best_bid_ask.jsonl.gz"],
    quoteShares: "5",
    expected: {
      tape: "32 markets; 28494 clear, 53407 level, 28494 seal, 1 tick; 1cf02229f621a989",
      resting:
        "15 expired, 40 filled, 9 open; shares 3960 < 4440 < 5300; P&L -505.29106 < -489.68606 < -109.43606; e236870809254295",
      taking: "64 cancelled; shares 150 < 150 < 150; P&L -2.70652 < -2.70652 < -2.70652; 319a5d640fe35dc6"
    }
  },
  "best quotes as messages, 29 December": {
    files: ["ws/market_data_20251229.best_bid_ask.jsonl.gz"],
    quoteShares: "5",
    expected: {
      tape: "36 markets; 31949 clear, 60381 level, 31949 seal, 2 tick; e443c4237b27f6a8",
      resting:
        "13 expired, 54 filled, 5 open; shares 4905 < 5785 < 6105; P&L -253.50628 < -200.21628 < -27.01128; 53fed2bca7d65868",
      taking: "72 cancelled; shares 180 < 180 < 180; P&L -19.72462 < -19.72462 < -19.72462; ac72b958735f3e4b"
    }
  },
  "trades as messages, ETH": {
    files: ["ws/eth-updown-15m-1765450800.trades.jsonl.gz"],
    expected: {
      tape: "1 markets; 1059 trade; a7052fc07cfe14fb",
      resting: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; a3f3ffc1aa1c27df",
      taking: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; 10b9ba7810f3f572"
    }
  },
  "trades of both outcomes, ETH": {
    files: [...sides("trades/eth-updown-15m-1765450800.*.ws_trades.jsonl.gz")],
    expected: {
      tape: "1 markets; 1059 trade; 0290ac1fc214fc19",
      resting: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; d6ee9adf4bae7b9a",
      taking: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; 5302742c7b6e7de2"
    }
  },
  "trades as messages, XRP": {
    files: ["ws/xrp-updown-15m-1765450800.trades.jsonl.gz"],
    expected: {
      tape: "1 markets; 471 trade; ce7424010d9795a5",
      resting: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; fc2ea63921b2383a",
      taking: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; ef5dd25c763d45c6"
    }
  },
  "trades of both outcomes, XRP": {
    files: [...sides("trades/xrp-updown-15m-1765450800.*.ws_trades.jsonl.gz")],
    expected: {
      tape: "1 markets; 471 trade; 20e1423b746cc0fb",
      resting: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; 8ab2345adde9e6c7",
      taking: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; 6f1dfd958ebcdb9e"
    }
  },
  "all public trades of a market of 5 minutes": {
    files: ["trades/btc-updown-5m-1779805500.tape.jsonl.gz"],
    expected: {
      tape: "1 markets; 3982 trade; 454492e2174c4d6e",
      resting: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; c6f356da21ce33b8",
      taking: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; 96de2f59631914ec"
    }
  },
  "trades of a wallet in one market": {
    files: ["trades/data_api_baguette_trades.json"],
    expected: {
      tape: "1 markets; 35 trade; 1ab5346bdb25efbf",
      resting: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; bad07b225f35f88d",
      taking: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; 19e122d0073dcc55"
    }
  },
  "trades of another wallet in one market": {
    files: ["trades/data_api_gabagool_945pm.json"],
    expected: {
      tape: "1 markets; 45 trade; e8ba671a7d1be1c4",
      resting: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; ff77c2002fb21036",
      taking: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; 071422a9af9b9b0b"
    }
  },
  "trades of a wallet in many markets": {
    files: ["trades/data_api_wallet_2026-02-27_late.jsonl.gz"],
    expected: {
      tape: "147 markets; 1976 trade; 9dc7794b64bb347c",
      resting: "294 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; aaa7fece95666c68",
      taking: "294 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; bf254e8b03293ed6"
    }
  },
  "trades of a wallet as CSV, 29 December": {
    files: ["trades/user_data_20251229.csv.gz"],
    expected: {
      tape: "54 markets; 32046 trade; ce2887a84d75f5e4",
      resting: "108 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; 6e113ded4d52f6fd",
      taking: "108 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; a4a0c8ff65ce8100"
    }
  },
  "trades as they came off the stream": {
    files: ["market_ws/last_trade_price_2026-10.jsonl"],
    expected: {
      tape: "1 markets; 8 trade; 870faa3acf18cb9e",
      resting: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; e2bca3f42050110f",
      taking: "2 rejected; shares 0 < 0 < 0; P&L 0 < 0 < 0; 5b1ef8fc3fa7e6f2"
    }
  },
  "one book as it came off the stream": {
    files: ["market_ws/ws_book_snapshot_captured.json"],
    expected: {
      tape: "1 markets; 1 clear, 64 level, 1 seal; c2ee6217c6ae8484",
      resting: "2 open; shares 0 < 0 < 0; P&L 0 < 0 < 0; e8be0ecaaf5655fa",
      taking: "2 cancelled; shares 0 < 0 < 0; P&L 0 < 0 < 0; 9f9c53b3ce9e3dc3"
    }
  }
}

describe("a recorded market", () => {
  for (const [name, { expected, files, quoteShares }] of Object.entries(CASES)) {
    const paths = files.map((file) => shared(`data/${file}`))
    it.effect.skipIf(paths.includes(undefined))(
      `imports, verifies, and comes to the same as ever with a resting and a taking plan: ${name}`,
      () =>
        Effect.gen(function* () {
          const known = paths.flatMap((path) => path ?? [])
          assert.deepStrictEqual(yield* found(known, quoteShares), expected)
        }).pipe(Effect.scoped),
      120_000
    )
  }
})
