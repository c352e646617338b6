import { spawn } from "node:child_process"
import { rmSync, statSync } from "node:fs"
import { join, resolve } from "node:path"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import { assert, describe, it } from "@effect/vitest"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as esbuild from "esbuild"
import { afterAll, beforeAll } from "vitest"
import type { BookSnapshot } from "../../../src/domain/Book.ts"
import { MarketDataUnavailable } from "../../../src/domain/Failure.ts"
import { Price, Shares } from "../../../src/domain/Money.ts"
import { MarketData } from "../../../src/layers/MarketData.ts"
import * as Block from "../../../src/replay/Block.ts"
import { noCounts } from "../../../src/replay/FeedCore.ts"
import * as Recorder from "../../../src/replay/Recorder.ts"
import { toMarket } from "../../../src/replay/TapeMarket.ts"
import * as TapeReader from "../../../src/replay/TapeReader.ts"
import { verify } from "../../../src/replay/Verify.ts"
import { stream } from "./channel.ts"
import { folder, marketOf, readRows } from "./scene.ts"

const market = toMarket(marketOf("first"))
const [UP, DOWN] = market.tokenIds

let clock = 1_790_000_000_000
const book = (
  asset_id: string,
  bids: ReadonlyArray<readonly [string, string]>,
  asks: ReadonlyArray<readonly [string, string]>
) => ({
  event_type: "book",
  market: market.conditionId,
  asset_id,
  timestamp: String(clock++),
  hash: "",
  bids: bids.map(([price, size]) => ({ price, size })),
  asks: asks.map(([price, size]) => ({ price, size }))
})
const change = (price: string, size: string) => ({
  event_type: "price_change",
  market: market.conditionId,
  price_changes: [{ asset_id: UP, price, size, side: "BUY" }],
  timestamp: String(clock++)
})
const both = () => [book(UP, [["0.4", "10"]], [["0.6", "20"]]), book(DOWN, [["0.4", "20"]], [["0.6", "10"]])]

const restBook = (size: bigint): BookSnapshot => ({
  conditionId: market.conditionId,
  bids: [{ price: Price(400_000n), size: Shares(size) }],
  asks: [{ price: Price(600_000n), size: Shares(20_000_000n) }],
  tick: Price(10_000n),
  venueMillis: undefined,
  fetchedMillis: 0
})
const noRest = new MarketDataUnavailable({ source: "test", message: "none" })

const patience: Recorder.Patience = {
  pingEvery: "40 millis",
  silence: "10 seconds",
  flushEvery: "30 millis",
  firstRetry: "20 millis",
  lastRetry: "60 millis"
}

const recording = (
  url: string,
  out: string,
  forMillis: number,
  more: { readonly patience?: Partial<Recorder.Patience>; readonly rest?: BookSnapshot } = {}
) =>
  Effect.gen(function* () {
    const progress = Recorder.noProgress(noCounts())
    const rest =
      more.rest === undefined
        ? Effect.fail(noRest)
        : Effect.succeed(new Map([[market.conditionId, Either.right(more.rest)]]))
    const data = MarketData.of({ markets: () => Effect.fail(noRest), books: () => rest })
    const options = { url, out, markets: [market], patience: { ...patience, ...more.patience } }
    yield* Recorder.run(options, progress).pipe(
      Effect.timeoutOption(forMillis),
      Effect.provide(Layer.succeed(MarketData, data)),
      Effect.provide(NodeSocket.layerWebSocketConstructor)
    )
    return progress
  })

const kinds = Effect.map((rows: Effect.Effect.Success<ReturnType<typeof readRows>>) =>
  rows.map(({ kind }) => Block.KINDS[kind])
)

const BOOK = ["clear", "level", "level", "seal"] as const
/** How far the recording reached: the tick once more. */
const END = "tick"

describe("a recording", () => {
  it.scopedLive("subscribes to both tokens, keeps the connection alive and writes down one book", () =>
    Effect.gen(function* () {
      const out = join(yield* folder, "r.tape")
      const { heard, url } = yield* stream((say) =>
        Effect.gen(function* () {
          yield* say(both())
          yield* say("PONG")
          yield* say(change("0.41", "5"))
          yield* Effect.never
        })
      )
      const progress = yield* recording(url, out, 800)
      assert.deepStrictEqual(JSON.parse(heard[0] ?? ""), {
        assets_ids: [UP, DOWN],
        type: "market",
        custom_feature_enabled: true
      })
      assert.isAbove(heard.filter((each) => each === "PING").length, 2)
      assert.deepStrictEqual(yield* kinds(readRows(out)), [...BOOK, "level", END])
      assert.deepInclude({ ...progress, counts: 0 }, { rows: 6, connections: 1, drops: 0, garbage: 0 })
      const { finished } = (yield* TapeReader.open(out)).index
      assert.isTrue(finished)
      // Received when it came, not when the venue says.
      const [row] = yield* readRows(out)
      assert.isAbove(row?.receipt ?? 0, 1_700_000_000_000)
      assert.notStrictEqual(row?.receipt, row?.venue)
    })
  )
  it.scopedLive("has a gap from a lost connection to the fresh books", () =>
    Effect.gen(function* () {
      const out = join(yield* folder, "r.tape")
      const { url } = yield* stream((say, connection) =>
        Effect.gen(function* () {
          // Before its book a change means nothing.
          if (connection > 0) yield* say(change("0.45", "5"))
          yield* say(both())
          yield* say(change("0.41", "5"))
          yield* connection < 2 ? Effect.sleep(50) : Effect.never
        })
      )
      const progress = yield* recording(url, out, 1500)
      const part = [...BOOK, "level"] as const
      assert.deepStrictEqual(yield* kinds(readRows(out)), [...part, "gap", ...part, "gap", ...part, END])
      assert.deepInclude({ ...progress, counts: 0 }, { connections: 3, drops: 2 })
      assert.isTrue((yield* verify(out)).ok)
    })
  )
  it.scopedLive("goes on over frames that are no JSON, and asks for fresh books after a message it cannot read", () =>
    Effect.gen(function* () {
      const out = join(yield* folder, "r.tape")
      const { url } = yield* stream((say, connection) =>
        Effect.gen(function* () {
          yield* say(both())
          for (const frame of ['{"event_type":', "<html>", "\u0000\u0001", ""]) yield* say(frame)
          yield* say(change("0.41", "5"))
          if (connection === 0) yield* say(change("0.42", "lots"))
          yield* Effect.never
        })
      )
      const progress = yield* recording(url, out, 1000)
      assert.deepStrictEqual(yield* kinds(readRows(out)), [...BOOK, "level", "gap", ...BOOK, "level", END])
      assert.deepInclude({ ...progress, counts: 0 }, { connections: 2, drops: 1, garbage: 6, unreadable: 1 })
    })
  )
  it.scopedLive("P-41: keeps a quiet connection as long as the REST API shows the same book", () =>
    Effect.gen(function* () {
      const out = join(yield* folder, "r.tape")
      const { url } = yield* stream((say) => Effect.zipRight(say(both()), Effect.never))
      const progress = yield* recording(url, out, 500, {
        patience: { silence: "100 millis" },
        rest: restBook(10_000_000n)
      })
      assert.deepInclude({ ...progress, counts: 0 }, { connections: 1, drops: 0 })
      assert.isAbove(progress.quiet, 1)
      assert.deepStrictEqual(yield* kinds(readRows(out)), [...BOOK, END])
    })
  )
  it.scopedLive(
    "P-40: gives up a connection that says nothing while the book moves on, and knows nothing since its last word",
    () =>
      Effect.gen(function* () {
        const dir = yield* folder
        // Another size than the stream told, or no answer at all.
        for (const [at, more] of [{ rest: restBook(11_000_000n) }, {}].entries()) {
          const out = join(dir, `${at}.tape`)
          const { url } = yield* stream((say) =>
            Effect.zipRight(say(both()), Effect.forever(Effect.delay(say("PONG"), 20)))
          )
          const progress = yield* recording(url, out, 1000, { patience: { silence: "150 millis" }, ...more })
          assert.isAbove(progress.connections, 1)
          assert.strictEqual(progress.quiet, 0)
          const rows = yield* readRows(out)
          const gap = rows.findIndex(({ kind }) => kind === Block.GAP)
          assert.strictEqual(gap, 4)
          assert.strictEqual(rows[gap]?.receipt, rows[gap - 1]?.receipt)
          assert.isAbove((rows[gap + 1]?.receipt ?? 0) - (rows[gap]?.receipt ?? 0), 140)
        }
      })
  )
  it.scopedLive("tries again, ever slower, while nothing answers, and goes on in a tape that is there", () =>
    Effect.gen(function* () {
      const out = join(yield* folder, "r.tape")
      const progress = yield* recording("ws://127.0.0.1:1/market", out, 500, {
        patience: { firstRetry: "20 millis", lastRetry: "80 millis" }
      })
      assert.isAbove(progress.connections, 3)
      assert.isBelow(progress.connections, 20)
      assert.strictEqual(progress.rows, 0)
      const { url } = yield* stream((say) => Effect.zipRight(say(both()), Effect.never))
      yield* recording(url, out, 400)
      yield* recording(url, out, 400)
      const rows = yield* readRows(out)
      assert.deepStrictEqual(
        rows.map(({ kind }) => Block.KINDS[kind]),
        [...BOOK, END, "gap", ...BOOK, END]
      )
      // A quiet market is known as long as it was listened to, and no longer.
      assert.isAbove((rows[4]?.receipt ?? 0) - (rows[3]?.receipt ?? 0), 100)
      assert.strictEqual(rows[5]?.receipt, rows[4]?.receipt)
      assert.strictEqual((yield* TapeReader.open(out)).markets.length, 1)
    })
  )
})

const project = resolve(import.meta.dirname, "../../..")
const built = join(project, "node_modules", ".cache", `betteroms-recording-${process.pid}`)
const command = join(built, "recording.mjs")

describe("a recorder that is killed", () => {
  beforeAll(() =>
    esbuild.build({
      entryPoints: [join(import.meta.dirname, "recording.ts")],
      outfile: command,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      external: ["ws"],
      banner: { js: "import{createRequire as c}from'node:module';const require=c(import.meta.url);" }
    })
  )
  afterAll(() => rmSync(built, { recursive: true, force: true }))

  const start = (url: string, out: string) =>
    Effect.acquireRelease(
      Effect.sync(() => spawn(process.execPath, [command, url, out], { stdio: ["ignore", "inherit", "inherit"] })),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
  const sizeOf = (path: string) => Effect.sync(() => statSync(path, { throwIfNoEntry: false })?.size ?? 0)
  const until = (done: Effect.Effect<boolean>, pause: Duration.DurationInput = "20 millis") =>
    Effect.repeat(Effect.delay(done, pause), { until: (is) => is }).pipe(Effect.timeout("20 seconds"))

  it.scopedLive("leaves every block that was written, and goes on there", () =>
    Effect.gen(function* () {
      const out = join(yield* folder, "r.tape")
      const { url } = yield* stream((say) =>
        Effect.gen(function* () {
          yield* say(both())
          for (let size = 1; ; size++) yield* Effect.delay(say(change("0.41", String(size))), 2)
        })
      )
      let before = 0
      for (const round of [1, 2, 3]) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const child = yield* start(url, out)
            const size = yield* sizeOf(out)
            yield* until(Effect.map(sizeOf(out), (now) => now > size + 400))
            const gone = yield* Effect.fork(
              Effect.async<void>((resume) => void child.once("exit", () => resume(Effect.void)))
            )
            child.kill("SIGKILL")
            yield* Fiber.join(gone)
          })
        )
        const rows = yield* readRows(out)
        assert.isAbove(rows.length, before)
        before = rows.length
        assert.strictEqual(rows.filter(({ kind }) => kind === Block.GAP).length, round - 1)
        const verdict = yield* verify(out)
        assert.deepStrictEqual(verdict.problems, [])
        assert.include(verdict.notes[0], "not finished")
      }
    })
  )
})
