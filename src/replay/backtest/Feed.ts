import * as Effect from "effect/Effect"
import type { InvalidInput } from "../../domain/Failure.ts"
import type { Block } from "../Block.ts"
import type { Cursor, Tape } from "../TapeReader.ts"
import { charge, type Place } from "./Place.ts"
import type { World } from "./World.ts"

/** A tape on its way: the block it is in, and the market of the run behind each index of its table. */
export interface Track {
  readonly cursor: Cursor
  readonly places: ReadonlyArray<Place | undefined>
  block: Block | undefined
  row: number
  isOver: boolean
}

/** Tapes that run side by side, as one stream in order of receipt. */
export type Feed = ReadonlyArray<Track>

/** All of the tapes from their beginning. A market that several of them hold is one market. */
export const make = (tapes: ReadonlyArray<Tape>, world: World): Feed =>
  tapes.map((tape) => {
    const places = tape.markets.map((market) => world.place(market.conditionId))
    return {
      cursor: tape.cursorOf((market) => places[market] !== undefined),
      places,
      block: undefined,
      row: 0,
      isOver: false
    }
  })

/** Reads the next block of a track, and what its market records say from there on. */
export const load = (track: Track): Effect.Effect<number, InvalidInput> =>
  Effect.map(track.cursor.next, (block) => {
    const fromMillis = Math.min(block?.receipt[0] ?? 0, block?.venue[0] ?? 0)
    for (const { index, market } of track.cursor.entries()) {
      const place = track.places[index]
      // A tape of trades alone may know nothing of the fee: that does not take away what another tape knows.
      if (place !== undefined && market.fees !== null) charge(place, market.fees, fromMillis)
    }
    track.block = block
    track.row = 0
    track.isOver = block === undefined
    return track.cursor.passed() + (block?.rows ?? 0)
  })

/** A track that must read on before its next row is known. */
export const hungry = (feed: Feed): Track | undefined =>
  feed.find((track) => !track.isOver && (track.block === undefined || track.row >= track.block.rows))

/** When a track's next row was received; infinite after its last. */
export const nextMillis = ({ block, row }: Track): number => block?.receipt[row] ?? Number.POSITIVE_INFINITY

/** The track whose row is next, and the time up to which no other has one; of equal times the first track's come first. */
export const first = (feed: Feed): { readonly track: Track; readonly alone: number } | undefined => {
  let track: Track | undefined
  let alone = Number.POSITIVE_INFINITY
  for (const each of feed) {
    if (each.isOver) continue
    const millis = nextMillis(each)
    if (track === undefined || millis < nextMillis(track)) {
      if (track !== undefined) alone = Math.min(alone, nextMillis(track))
      track = each
    } else alone = Math.min(alone, millis)
  }
  return track === undefined ? undefined : { track, alone }
}
