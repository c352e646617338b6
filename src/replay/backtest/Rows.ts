import * as Matching from "../../exchange/EventMatching.ts"
import { type Block, CLEAR, GAP, LEVEL, RESOLUTION, SEAL, TICK, TRADE } from "../Block.ts"
import * as Place from "./Place.ts"
import type { World } from "./World.ts"

/** Applies a row that is no level. */
const applyOther = (world: World, place: Place.Place, block: Block, row: number, atMillis: number): void => {
  const price = block.price[row] ?? 0
  const size = block.size[row] ?? 0
  const kind = block.kind[row]
  if (kind === CLEAR) Matching.clear(place.engine, atMillis)
  else if (kind === SEAL) {
    Matching.seal(place.engine, atMillis)
    world.sealed(place)
  } else if (kind === TRADE) Place.trade(place, price, size, atMillis)
  else if (kind === TICK) Place.retick(place, size, atMillis)
  else if (kind === RESOLUTION) world.resolved(place, price, atMillis)
  else if (kind === GAP) {
    world.breaks(place)
    Matching.gap(place.engine, atMillis)
  }
}

/**
 * Applies the rows from `from` to before `to` of a block, or fewer: it returns at the end of a group once something is due
 * before the next row. Returns the first row that was not applied. `places` tells the market of each index of the tape;
 * rows of others are passed over.
 */
export const apply = (
  world: World,
  places: ReadonlyArray<Place.Place | undefined>,
  block: Block,
  from: number,
  to: number
): number => {
  const { kind, market, price, receipt, side, size, venue } = block
  let row = from
  while (row < to) {
    const index = market[row] ?? 0
    const place = places[index]
    if (place === undefined) {
      row++
      // A group before them may have made something due by now.
      if (row < to && world.stopMillis < (receipt[row] ?? 0)) break
      continue
    }
    const received = receipt[row] ?? 0
    const happened = venue[row] ?? 0
    world.nowMillis = received
    const first = row
    do {
      if (kind[row] === LEVEL) Place.level(place, side[row] ?? 0, price[row] ?? 0, size[row] ?? 0, happened)
      else applyOther(world, place, block, row, happened)
      row++
    } while (row < to && market[row] === index && receipt[row] === received && venue[row] === happened)
    world.rows += row - first
    Place.arrived(place, happened, received)
    const { engine } = place
    if (engine.orders.size > 0 && (engine.dirty || engine.agenda.next !== Number.POSITIVE_INFINITY)) world.watch(place)
    if (row < to && world.stopMillis < (receipt[row] ?? 0)) break
  }
  // Rows of other markets pass time, too.
  if (row > from) world.nowMillis = receipt[row - 1] ?? world.nowMillis
  return row
}

/** The first row from `from` on that was received after a time. */
export const firstAfter = ({ receipt, rows }: Block, from: number, millis: number): number => {
  let [low, high] = [from, rows]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((receipt[middle] ?? 0) <= millis) low = middle + 1
    else high = middle
  }
  return low
}
