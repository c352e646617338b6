import * as fs from "node:fs"
import * as path from "node:path"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { DatabaseUnavailable } from "../domain/Failure.ts"
import { attempt, unavailable } from "./embedded/Attempt.ts"
import * as Binaries from "./embedded/Binaries.ts"
import * as Door from "./embedded/Door.ts"
import * as Place from "./embedded/Place.ts"
import * as Server from "./embedded/Server.ts"

/** Where to connect: a unix socket, so only users who may enter its folder can. */
export interface Address {
  /** The folder of the socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

/** What there is of a home's database. */
export interface Status {
  readonly state: "running" | "stopped" | "absent"
  readonly pid: Option.Option<number>
  readonly dataDir: string
  readonly socketDir: Option.Option<string>
  readonly log: string
  /** PostgreSQL's major version, as the data folder tells it. */
  readonly version: Option.Option<string>
  /** Process ids of the commands that use it now. */
  readonly users: ReadonlyArray<string>
}

export interface Options extends Server.Options {
  /** Where the server's user finds what lies in folders that he may not enter. */
  readonly shared: string
}

const DEFAULTS: Options = { durable: true, shared: Place.SHARED }
const DEADLINE = "60 seconds"

/** A server keeps real time, whatever clock its user is under. */
const realTime = Clock.make()

const address = (sockets: string): Address => ({ host: sockets, port: 5432, user: "betteroms", database: "betteroms" })

const majorOf = (place: Place.Place) =>
  attempt(`read the version of ${place.data}`, () =>
    fs.readFileSync(path.join(place.data, "PG_VERSION"), "utf8").trim()
  )

/** One try to get inside: through the door of a running server, or by creating and starting one. */
const tryEnter = Effect.fn("Embedded.tryEnter")(function* (home: string, options: Options) {
  const place = yield* Place.locate(home, options.shared)
  const found = yield* Server.postmaster(place)
  if (found !== undefined) {
    const open = found.status === "ready" && found.sockets !== ""
    const door = open ? yield* Door.open(found.sockets) : undefined
    if (door !== undefined) {
      // The lock also comes free when the last one out has ended the server: then its end is on record by now.
      const still = yield* Server.postmaster(place)
      if (still?.status === "ready" && still.pid === found.pid) {
        return Option.some({ place, door, address: address(found.sockets) })
      }
      yield* Door.shut(door)
    }
    if (Server.alive(place.data, found.pid)) return yield* Effect.as(Effect.sleep("10 millis"), Option.none())
    yield* Server.clear(place, found)
  }
  yield* Place.prepare(place)
  const binaries = yield* Binaries.find(place)
  if (!fs.existsSync(place.data)) yield* Server.create(place, binaries, options)
  if (!fs.existsSync(place.data)) return Option.none()
  yield* Place.point(place)
  const major = yield* majorOf(place)
  if (major !== binaries.version.split(".")[0]) {
    return yield* unavailable(
      `the database in ${place.base} was made by PostgreSQL ${major}, this is ${binaries.version}: make a backup with the program that made it, and restore that`
    )
  }
  yield* Server.start(place, binaries, options)
  return Option.none()
})

/** Folder by folder: Node's recursive way never returns where the system answers that a folder it just saw is not there (/proc). */
const createFolder = (folder: string): void => {
  if (fs.existsSync(folder)) return
  createFolder(path.dirname(folder))
  try {
    fs.mkdirSync(folder)
  } catch {
    // Another command was first, or this fails again and says why.
    if (!fs.existsSync(folder)) fs.mkdirSync(folder)
  }
}

const enter = Effect.fn("Embedded.enter")(function* (home: string, options: Options) {
  yield* attempt(`create ${home}`, () => createFolder(path.resolve(home)))
  return yield* tryEnter(home, options).pipe(
    Effect.repeat({ until: Option.isSome }),
    Effect.flatMap((found) => (Option.isSome(found) ? Effect.succeed(found.value) : Effect.never)),
    Effect.timeoutFail({
      duration: DEADLINE,
      onTimeout: () =>
        unavailable(`the embedded PostgreSQL in ${home} was not ready within ${DEADLINE}; its log may say why`)
    })
  )
})

const ended = (place: Place.Place, pid: number) =>
  Effect.sync(() => Server.alive(place.data, pid)).pipe(
    Effect.repeat({ until: (runs) => !runs, schedule: Schedule.spaced("5 millis") })
  )

/**
 * Ends the server of a place; the caller is connected to it, so the process id is its. Waits until it no longer says
 * that it is ready, so that the door is not given to somebody in between, and then as long as an idle server needs: a
 * checkpoint of much new data goes on without us.
 */
const shutDown = Effect.fn("Embedded.shutDown")(function* (place: Place.Place) {
  const found = yield* Server.postmaster(place)
  if (found === undefined) return
  yield* Server.shutDown(found.pid)
  yield* Server.postmaster(place).pipe(
    Effect.repeat({
      until: (now) => now?.status !== "ready" || !Server.alive(place.data, found.pid),
      schedule: Schedule.spaced("2 millis")
    })
  )
  yield* Effect.timeoutOption(ended(place, found.pid), "250 millis")
})

/**
 * Uses the database of a home as long as the scope is open: creates it when it is not there, starts its server when it
 * does not run, and ends that server when this was the last process to use it. A server that is killed meanwhile is
 * started again; queries in between fail.
 */
export const acquire = (
  home: string,
  options: Partial<Options> = {}
): Effect.Effect<Address, DatabaseUnavailable, Scope.Scope> =>
  Effect.gen(function* () {
    const current = yield* Ref.make(Option.none<Effect.Effect.Success<ReturnType<typeof enter>>>())
    yield* Effect.addFinalizer(() =>
      Effect.flatMap(
        Ref.get(current),
        Option.match({
          onNone: () => Effect.void,
          onSome: ({ door, place }) => Door.leave(door, shutDown(place))
        })
      ).pipe(Effect.withClock(realTime))
    )
    const step = Effect.uninterruptibleMask((restore) =>
      Effect.tap(restore(enter(home, { ...DEFAULTS, ...options })), (entered) => Ref.set(current, Option.some(entered)))
    )
    const first = yield* step
    yield* Effect.iterate(first, {
      while: () => true,
      body: ({ door }) =>
        Deferred.await(door.closed).pipe(
          Effect.zipRight(Ref.set(current, Option.none())),
          // A command that fails of it has ended by then, and needs no server any more.
          Effect.zipLeft(Effect.sleep("1 second")),
          Effect.zipRight(Effect.retry(step, Schedule.spaced("1 second")))
        )
    }).pipe(Effect.forkScoped)
    return first.address
  }).pipe(Effect.withClock(realTime))

/** What there is of a home's database now. Creates and starts nothing. */
export const status = Effect.fn("Embedded.status")(function* (home: string) {
  const place = yield* Place.locate(home, Place.SHARED)
  const found = yield* Server.postmaster(place)
  const running = found !== undefined && Server.alive(place.data, found.pid)
  const users = running ? yield* Door.inside(found.sockets) : undefined
  const made = yield* attempt(`look into ${place.base}`, () => fs.existsSync(place.data))
  return {
    state: running ? "running" : made ? "stopped" : "absent",
    pid: running ? Option.some(found.pid) : Option.none(),
    dataDir: place.data,
    socketDir: running ? Option.some(found.sockets) : Option.none(),
    log: place.log,
    version: yield* Effect.option(majorOf(place)),
    users: users ?? []
  } satisfies Status
})

/**
 * Ends the server of a home and waits until it has; true when one ran. Refuses while commands use it, unless forced:
 * then they are cut off, and fail as they would with a server that was killed.
 */
export const stop = Effect.fn("Embedded.stop")(function* (home: string, options: { readonly force: boolean }) {
  const place = yield* Place.locate(home, Place.SHARED)
  const found = yield* Server.postmaster(place)
  if (found === undefined || !Server.alive(place.data, found.pid)) return false
  if (options.force) yield* Server.shutDown(found.pid)
  else {
    const door = yield* Door.open(found.sockets)
    if (door !== undefined) yield* Door.leave(door, shutDown(place))
    const others = Server.alive(place.data, found.pid) ? yield* Door.inside(found.sockets) : undefined
    if (others !== undefined && others.length > 0) {
      return yield* unavailable(
        `the embedded PostgreSQL is in use by process ${others.join(", ")}; end it first, or stop by force`
      )
    }
  }
  yield* Effect.timeoutFail(ended(place, found.pid), {
    duration: DEADLINE,
    onTimeout: () => unavailable(`the embedded PostgreSQL, process ${found.pid}, does not end`)
  })
  return true
})

/** Ends a home's server, whoever uses it, and removes the home with all its data, wherever that lies. */
export const discard = Effect.fn("Embedded.discard")(function* (home: string) {
  yield* stop(home, { force: true })
  yield* Place.remove(home, yield* Place.locate(home, Place.SHARED))
})
