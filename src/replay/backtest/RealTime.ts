import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Block } from "../Block.ts"
import type { TapeMarket } from "../TapeMarket.ts"
import type { Observer } from "./Observer.ts"
import * as Rows from "./Rows.ts"
import type { World } from "./World.ts"

/** How often it is looked at what is due: answers and lifetimes are as exact as this. */
const GRAIN = "20 millis"

/** Nobody counts: what is traded stands in the ledger. */
export const UNOBSERVED: Observer = {
  horizons: [],
  sampleMillis: 60_000,
  begun: () => undefined,
  fill: () => undefined,
  settled: () => undefined,
  known: () => undefined,
  gap: () => undefined,
  look: () => Number.POSITIVE_INFINITY,
  sample: () => undefined,
  markedOut: () => undefined
}

const moveTo = (world: World, millis: number): void => {
  world.nowMillis = Math.max(world.nowMillis, millis)
  world.ring()
}

/** Rows of a stream happen in the world as they come: `from` to the end of the block. */
export const hear = (world: World, rows: Block, from: number, markets: ReadonlyArray<TapeMarket>): void => {
  const places = markets.map((market) => world.place(market.conditionId))
  const before = world.nowMillis
  for (let row = from; row < rows.rows; ) {
    world.stopMillis = Number.POSITIVE_INFINITY
    row = Rows.apply(world, places, rows, row, rows.rows)
    // That a connection is lost may be found out later than it was.
    moveTo(world, before)
  }
}

/** The time of this process passes in the world, for ever. */
export const passing = (world: World): Effect.Effect<never> =>
  Effect.zipRight(
    Effect.repeat(
      Effect.map(Clock.currentTimeMillis, (now) => moveTo(world, now)),
      Schedule.spaced(GRAIN)
    ),
    Effect.never
  )
