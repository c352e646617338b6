// From file to report: the whole command, `betteroms backtest --json`, with its start, over a tape of one market and a plan of
// 1,000 orders that rest in it. Time and memory are taken from outside. Tapes of two lengths tell whether memory grows with them.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { columns, ladder, source, stream, TICKS, timed, upTo } from "./flow.mjs"
import { interleaved, result, run } from "./measure.mjs"
import { CHUNK, MARKET, writeTape } from "./tape.mjs"
import { MAIN } from "./world.mjs"

/** Long enough that the start of the process is a small part; the full length takes a minute and more, and half a gigabyte. */
const EVENTS = 20_000_000
const FULL = 100_000_000
const PLAIN = 1_000_000
const MOST_MEGABYTES = 300
const PEAK = fileURLToPath(new URL("./peak.mjs", import.meta.url))

/** A stream of so many events in chunks that are used again; ends as soon as there are as many. */
const chunks = function* (events, told) {
  const write = source({ prints: true })
  const room = columns(CHUNK)
  for (let left = events; left > 0; ) {
    const chunk = upTo(room, Math.min(left, write(room)))
    left -= chunk.kind.length
    told.last = chunk.at[chunk.at.length - 1]
    yield chunk
  }
}

/** Half of them buy the first outcome, half the second, each a tick lower than the one before. */
const plan = {
  planId: "bench",
  mode: "paper",
  tradeInstructions: Array.from({ length: 1_000 }, (_, at) => ({
    marketId: MARKET.slug,
    outcome: at % 2 === 0 ? "YES" : "NO",
    side: "BUY",
    price: (490 - ((at >> 1) % 490)) / TICKS,
    size: 100,
    sizeUnit: "SHARES"
  }))
}

export const fileToReport = async ({ base, env, file, full }) => {
  const most = full ? FULL : EVENTS
  const lengths = [most / 10, most]
  process.stderr.write(`writing tapes of ${lengths.map((each) => each / 1e6).join(" and ")} million events ...\n`)
  const tapes = []
  for (const length of lengths) {
    const told = { last: 0 }
    const path = join(base, `${length}.tape`)
    const { bytes } = await writeTape(path, chunks(length, told))
    tapes.push({ length, path, bytes, last: told.last })
  }
  const planned = file("backtest.json", plan)
  const peak = join(base, "peak")
  const whole = async ({ last, length, path }) => {
    const args = ["--import", PEAK, MAIN, "backtest", planned, "--tape", path, "--json"]
    const { millis, text } = await run(args, { cwd: base, env: { ...env, BENCH_PEAK: peak } })
    const [report] = JSON.parse(text).runs
    // A full book of no levels comes first, and rows are received 5 ms after they happened.
    if (report.rows !== length + 2 || Date.parse(report.to) !== last + 5)
      throw new Error("the tape was not replayed to its end")
    if (report.orders.length !== 1_000 || report.fills.length === 0) throw new Error("the plan was not traded")
    return { nanos: (millis * 1e6) / length, megabytes: Number(readFileSync(peak, "utf8")), fills: report.fills.length }
  }
  const events = stream(PLAIN, { prints: true })
  ladder(events)
  const { of, spread } = await interleaved(full ? 1 : 3, {
    // As many events as ours, so that what else the machine does falls on both alike.
    plain: () =>
      timed(most, () => {
        for (let left = most; left > 0; left -= events.kind.length) ladder(events)
      }),
    short: () => whole(tapes[0]),
    long: () => whole(tapes[1])
  })
  const [short, long] = tapes
  const perEvent = of("long.nanos")
  return [
    result({
      name: "file-to-report",
      unit: "ns/event",
      ours: perEvent,
      other: of("plain.nanos"),
      against: "a loop over two typed arrays that has all events in memory; ours is the whole command",
      goal: 20,
      note: `${long.length / 1e6} million events in ${(long.bytes / 1e6).toFixed(0)} MB, ${(1e3 / perEvent).toFixed(1)} million a second, ${of("long.fills")} fills; ours ${spread("long.nanos")}, other ${spread("plain.nanos")}${full ? "" : "; --full replays 100 million"}`
    }),
    result({
      name: "file-to-report-memory",
      unit: "MB",
      ours: of("long.megabytes"),
      other: MOST_MEGABYTES,
      against: "a ceiling on the most memory held at once",
      goal: 1,
      note: `${of("short.megabytes").toFixed(0)} MB for ${short.length / 1e6} million events, ${of("long.megabytes").toFixed(0)} MB for ${long.length / 1e6} million`
    })
  ]
}
