import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import type { InvalidInput } from "../../domain/Failure.ts"
import * as Feed from "./Feed.ts"
import * as Rows from "./Rows.ts"
import * as SimulatedTime from "./SimulatedTime.ts"
import type { World } from "./World.ts"

/** Lets the time that is due now happen: first what the exchanges and the clocks ring, then whoever slept until now. */
const happen = (world: World, time: SimulatedTime.SimulatedTime): void => {
  world.ring()
  time.moveTo(world.nowMillis)
  time.settle()
}

/**
 * Replays all rows at hand. Returns the track that has to read on, or undefined once there is nothing more to replay.
 * Rows of a time come before whatever is due at it: what was received by then is known.
 */
const replayOn = (
  world: World,
  feed: Feed.Feed,
  time: SimulatedTime.SimulatedTime,
  isDone: () => boolean
): Feed.Track | undefined => {
  while (!isDone()) {
    const hungry = Feed.hungry(feed)
    if (hungry !== undefined) return hungry
    const next = Feed.first(feed)
    if (next === undefined) return undefined
    const { alone, track } = next
    const { block, places } = track
    if (block === undefined) return undefined
    const due = Math.min(world.nextTimer, time.nextWake())
    if (due < Feed.nextMillis(track)) {
      world.nowMillis = due
    } else {
      world.stopMillis = Math.min(due, alone)
      track.row = Rows.apply(world, places, block, track.row, Rows.firstAfter(block, track.row, world.stopMillis))
    }
    happen(world, time)
  }
  return undefined
}

/** After the last row: answers still come back and sleepers wake, then the run is told that it is over. */
const end = (world: World, time: SimulatedTime.SimulatedTime, isDone: () => boolean): void => {
  world.end()
  happen(world, time)
  let isClosed = false
  while (!isDone()) {
    const due = world.mail.isBusy ? Math.min(world.nextTimer, time.nextWake()) : time.nextWake()
    if (Number.isFinite(due)) world.nowMillis = Math.max(world.nowMillis, due)
    else if (isClosed) return
    else {
      isClosed = true
      world.close()
    }
    happen(world, time)
  }
}

/**
 * Runs a program in simulated time while the tapes of the feed go by, and returns how it ended. Between two moments every
 * fiber of the program runs as far as it can, so a replay is one fixed sequence of steps. `onBlock` hears of every block that was
 * read, by its rows.
 */
export const run = Effect.fn("Replay.run")(function* <A, E>(
  world: World,
  feed: Feed.Feed,
  program: Effect.Effect<A, E>,
  onBlock: (rows: number) => Effect.Effect<void>
) {
  // Nobody reads the clock before the first row: until then it stands where no time is.
  const time = SimulatedTime.make(0)
  const runtime = yield* Effect.runtime()
  const fiber = Runtime.runFork(runtime)(Effect.withClock(program, time.clock), { scheduler: time.scheduler })
  const isDone = () => fiber.unsafePoll() !== null
  time.settle()
  for (let track = replayOn(world, feed, time, isDone); track !== undefined; ) {
    const rows: number = yield* Feed.load(track) satisfies Effect.Effect<number, InvalidInput>
    yield* onBlock(rows)
    track = replayOn(world, feed, time, isDone)
  }
  if (isDone()) world.end()
  else end(world, time, isDone)
  const exit = fiber.unsafePoll()
  if (exit === null) return yield* Effect.dieMessage("the replay is over and its program still waits for something")
  return yield* Exit.isExit(exit) ? exit : Effect.dieMessage("a fiber ended without an exit")
})
