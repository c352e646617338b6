import * as Effect from "effect/Effect"
import { type Label, labelOf, labelOfSlug } from "../../domain/Label.ts"
import { fault } from "../TapeFault.ts"
import * as Bytes from "./Bytes.ts"
import { BROKEN, HUNGRY, READY, type Source } from "./Source.ts"

/** The columns that are used. Their order is free, others are ignored. */
const COLUMNS = ["Timestamp", "TargetTime", "Expiration", "UpBid", "UpAsk"] as const

const HOUR = 3_600_000
const UTC = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)$/

const timeOf = (text: string | undefined): number => {
  const found = UTC.exec(text ?? "")
  return found === null ? Number.NaN : Date.parse(`${found[1]}T${found[2]}Z`)
}

const sideOf = (price: string | undefined, shares: string) =>
  price === undefined || Number(price) === 0 ? [] : [[price, shares]]

/**
 * Best bid and ask of up/down markets that were polled into CSV: `Timestamp, TargetTime, Expiration, UpBid, UpAsk, ...`. Each
 * row becomes a full book of one level a side. The liquidity columns are the sum of the best five levels, which is not
 * what stands at the best price, so `shares` is assumed there instead. `TargetTime` is UTC; a `Timestamp` that lies whole hours
 * off it is local time and is set right.
 */
export const open = Effect.fn("Import.BestQuotes.open")(function* (path: string, shares: string) {
  const lines = yield* Bytes.lines(path)
  yield* lines.more
  const header = (Bytes.takeLine(lines) ?? "").trim().split(",")
  const missing = COLUMNS.filter((name) => !header.includes(name))
  if (missing.length > 0) {
    return yield* fault(
      "malformed_recording",
      `${path}:1`,
      `expected best quotes with the columns ${missing.join(", ")}`
    )
  }
  const [at, target, expiration, bid, ask] = COLUMNS.map((name) => header.indexOf(name))
  let line = 1
  let label: Label = labelOf(path)
  let value: unknown
  const labels = new Map<string, Label>()

  const read = (cells: ReadonlyArray<string>) => {
    const [now, start, end] = [at, target, expiration].map((column) => timeOf(cells[column ?? -1]))
    if (now === undefined || start === undefined || end === undefined || Number.isNaN(now + start + end)) return BROKEN
    const slug = `btc-updown-${Math.round((end - start) / 60_000)}m-${start / 1000}`
    label = labels.get(slug) ?? labelOfSlug(slug, 0, ["Up", "Down"])
    labels.set(slug, label)
    value = {
      event_type: "book",
      market: label.market,
      asset_id: label.tokens[0],
      timestamp: now - Math.floor((now - start) / HOUR) * HOUR,
      bids: sideOf(cells[bid ?? -1], shares),
      asks: sideOf(cells[ask ?? -1], shares)
    }
    return READY
  }

  const source: Source = {
    path,
    label: () => label,
    advance: () => {
      for (let text = Bytes.takeLine(lines); text !== undefined; text = Bytes.takeLine(lines)) {
        line++
        if (text.trim() !== "") return read(text.trim().split(","))
      }
      return HUNGRY
    },
    value: () => value,
    fault: () => "expected times as 2025-12-26 11:34:14",
    place: () => `${path}:${line}`,
    more: lines.more
  }
  return source
})
