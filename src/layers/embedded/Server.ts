import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { attempt, INSTEAD, reason, unavailable } from "./Attempt.ts"
import type { Binaries } from "./Binaries.ts"
import * as Draft from "./Draft.ts"
import { type Place, socketFolder } from "./Place.ts"

/** What a server says of itself in `postmaster.pid`; a killed one leaves it behind. */
export interface Postmaster {
  readonly pid: number
  readonly sockets: string
  readonly status: string
}

export interface Options {
  /** False only for databases nobody will miss: commits are not forced to disk. */
  readonly durable: boolean
}

const POLL = "5 millis"
const LARGEST_LOG = 1_000_000
const program = (binaries: Binaries, name: string) => path.join(binaries.root, "native", "bin", name)
const pidFile = (place: Place) => path.join(place.data, "postmaster.pid")

const childOptions = (place: Place) => ({
  cwd: "/",
  // PostgreSQL's messages are read below, so they must be English.
  env: { LC_ALL: "C" },
  ...(place.runAs ?? {})
})

/** The server that last said it holds the data; undefined when the last one ended in order. */
export const postmaster = (place: Place) =>
  Effect.try({
    try: (): Postmaster | undefined => {
      if (!fs.existsSync(pidFile(place))) return undefined
      const [pid = "", , , , sockets = "", , , status = ""] = fs.readFileSync(pidFile(place), "utf8").split("\n")
      return { pid: Number.parseInt(pid, 10), sockets: sockets.trim(), status: status.trim() }
    },
    catch: (cause) =>
      unavailable(`the database in ${place.base} was made by another user, run betteroms as him: ${reason(cause)}`)
  })

/** Whether the server that holds some data still runs, and is not a stranger who has its process id now. */
export const alive = (data: string, pid: number): boolean => {
  try {
    if (process.platform !== "linux") return process.kill(pid, 0)
    // A server works inside its data; a zombie works nowhere, though its number is still taken.
    return fs.readlinkSync(`/proc/${pid}/cwd`) === fs.realpathSync(data)
  } catch {
    return false
  }
}

const exists = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

// Between creating a lock file and writing into it lies one system call.
const BEGUN_MILLIS = 3_000
// Above any process id that Linux or macOS gives out.
const NO_PROCESS = "2147483646"

/** The process id in a lock file; undefined without a file, NaN in one that was begun and never written. */
const pidIn = (file: string): number | undefined =>
  fs.existsSync(file) ? Number.parseInt(fs.readFileSync(file, "utf8"), 10) : undefined

/** Gives a stranger's number back to him. A file that another server made meanwhile is left alone. */
const disown = (file: string, dead: number) => {
  const aside = `${file}.${process.pid}`
  fs.renameSync(file, aside)
  if (pidIn(aside) === dead) {
    const { gid, uid } = fs.statSync(aside)
    const text = fs.readFileSync(aside, "utf8").replace(/^\d+/, NO_PROCESS)
    fs.unlinkSync(aside)
    fs.writeFileSync(aside, text, { mode: 0o600, flag: "wx" })
    fs.lchownSync(aside, uid, gid)
  }
  fs.linkSync(aside, file)
  fs.unlinkSync(aside)
}

/**
 * Clears away what a killed server left and PostgreSQL itself would wait on for ever: files cut short while they were
 * begun, and a process id that is now a stranger's or a zombie's. The rest of `postmaster.pid` stays, for by it
 * PostgreSQL sees whether children of the killed server still write.
 */
export const clear = Effect.fn("Embedded.clear")(function* (place: Place, dead: Postmaster) {
  const lock = path.join(dead.sockets === "" ? yield* socketFolder(place) : dead.sockets, ".s.PGSQL.5432.lock")
  const now = yield* Clock.currentTimeMillis
  yield* attempt(`clear away ${pidFile(place)}`, () => {
    const abandoned = (file: string) => Number.isNaN(pidIn(file)) && now - fs.statSync(file).mtimeMs > BEGUN_MILLIS
    for (const file of [lock, pidFile(place)]) if (abandoned(file)) fs.rmSync(file, { force: true })
    const holder = pidIn(lock)
    if (holder !== undefined && exists(holder) && !alive(place.data, holder)) fs.rmSync(lock, { force: true })
    if (exists(dead.pid) && pidIn(pidFile(place)) === dead.pid) disown(pidFile(place), dead.pid)
  }).pipe(
    // Somebody else was quicker: what he left is looked at anew.
    Effect.ignore
  )
})

const cannotRun = (cause: unknown) =>
  unavailable(`the embedded PostgreSQL cannot run on this system (${reason(cause)}): ${INSTEAD}`)

const run = (binaries: Binaries, name: string, args: ReadonlyArray<string>, place: Place) =>
  Effect.async<{ readonly code: number | null; readonly said: string }, ReturnType<typeof unavailable>>((resume) => {
    const child = spawn(program(binaries, name), args, { ...childOptions(place), stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    child.stdout.on("data", (chunk) => (said += String(chunk)))
    child.stderr.on("data", (chunk) => (said += String(chunk)))
    child.on("error", (cause) => resume(Effect.fail(cannotRun(cause))))
    child.on("close", (code) => resume(Effect.succeed({ code, said })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** Creates the data folder, or waits for another process that is about to; the name appears only when it is whole. */
export const create = Effect.fn("Embedded.create")(function* (place: Place, binaries: Binaries, options: Options) {
  if (Draft.elsewhere(place.data, yield* Clock.currentTimeMillis)) return yield* Effect.sleep("20 millis")
  const now = yield* Clock.currentTimeMillis
  const draft = yield* attempt(`create ${place.data}`, () => {
    const folder = Draft.begin(place.data, now)
    if (place.runAs !== undefined) fs.lchownSync(folder, place.runAs.uid, place.runAs.gid)
    return folder
  })
  // Who may reach the socket is said by its folder, which is the server user's own.
  const args = [
    "-D",
    draft,
    "-U",
    "betteroms",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--locale=C",
    "--no-instructions",
    ...(options.durable ? [] : ["--no-sync"])
  ]
  const { code, said } = yield* run(binaries, "initdb", args, place)
  if (code === 0) return void Draft.finish(draft, place.data)
  if (/error while loading shared libraries|GLIBC_/.test(said)) return yield* cannotRun(said.trim())
  return yield* unavailable(`the embedded database could not be created: ${said.trim()}`)
})

/** Opens the log for one more server, anew when it has grown large. */
const openLog = (place: Place) =>
  attempt(`write ${place.log}`, () => {
    const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = fs.constants
    const log = fs.openSync(place.log, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)
    if (place.runAs !== undefined) fs.fchownSync(log, place.runAs.uid, place.runAs.gid)
    if (fs.fstatSync(log).size > LARGEST_LOG) fs.ftruncateSync(log, 0)
    return { log, from: fs.fstatSync(log).size }
  })

/** What was written to the log since a place in it. The folder may be gone by the time a server ends. */
const written = (place: Place, from: number): string => {
  try {
    return fs.readFileSync(place.log, "utf8").slice(from).trim()
  } catch {
    return ""
  }
}

const settings = (sockets: string, options: Options) => [
  "listen_addresses=",
  `unix_socket_directories="${sockets.replaceAll('"', '""')}"`,
  "unix_socket_permissions=0700",
  "port=5432",
  "timezone=UTC",
  "log_timezone=UTC",
  "log_checkpoints=off",
  "log_min_messages=warning",
  ...(options.durable ? [] : ["fsync=off", "synchronous_commit=off", "full_page_writes=off"])
]

/** A server that another process started in between, or the children of a killed one that have not ended yet. */
const TAKEN = /lock file "[^"]*" (already exists|is empty)|pre-existing shared memory block/

/** Starts a server that outlives us, and waits until it takes connections or has made way for another one. */
export const start = Effect.fn("Embedded.start")(function* (place: Place, binaries: Binaries, options: Options) {
  const sockets = yield* socketFolder(place)
  const { from, log } = yield* openLog(place)
  const ended = yield* Deferred.make<void, ReturnType<typeof unavailable>>()
  yield* attempt("start the embedded PostgreSQL", () => {
    const args = ["-D", place.data, ...settings(sockets, options).flatMap((setting) => ["-c", setting])]
    // A session of its own: Ctrl-C in our terminal must not reach it.
    const child = spawn(program(binaries, "postgres"), args, {
      ...childOptions(place),
      detached: true,
      stdio: ["ignore", log, log]
    })
    child.on("error", (cause) => Deferred.unsafeDone(ended, Effect.fail(cannotRun(cause))))
    child.on("exit", (code) => {
      const said = written(place, from)
      const again = code === null || TAKEN.test(said)
      const failed = unavailable(`the embedded PostgreSQL did not start, see ${place.log}: ${said}`)
      Deferred.unsafeDone(ended, again ? Effect.void : Effect.fail(failed))
    })
    child.unref()
    fs.closeSync(log)
  })
  const ready = postmaster(place).pipe(
    Effect.repeat({
      until: (found) => found?.status === "ready",
      schedule: Schedule.spaced(POLL)
    })
  )
  yield* Effect.raceFirst(ready, Effect.zipRight(Deferred.await(ended), Effect.sleep("20 millis")))
})

/** Asks a server to end: its sessions are cut, what is committed is on disk. */
export const shutDown = (pid: number) =>
  Effect.sync(() => {
    try {
      process.kill(pid, "SIGINT")
    } catch {
      // It is gone already.
    }
  })
