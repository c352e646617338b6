/** Random plans against the sandbox with random faults, processes killed at random instants; then both books compared. */

import { mkdirSync, rmSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { administer, at } from "../test/cluster.ts"
import * as Cluster from "./Cluster.ts"
import { play } from "./Play.ts"
import { scene } from "./Scene.ts"

const flag = (name: string, fallback: number) => {
  const index = process.argv.indexOf(`--${name}`)
  const value = Number(process.argv[index + 1])
  return index >= 0 && Number.isSafeInteger(value) && value >= 0 ? value : fallback
}

/** What a seed came to: its story, and every difference that was left. */
interface Told {
  readonly seed: number
  readonly story: ReadonlyArray<string>
  readonly wrong: ReadonlyArray<string>
}

const playSeed = Effect.fn("Chaos.playSeed")(function* (
  cluster: Cluster.Cluster,
  copying: Effect.Semaphore,
  seed: number
) {
  const name = `chaos_${seed}`
  const folder = join(cluster.home, name)
  yield* Effect.sync(() => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
  })
  yield* copying.withPermits(1)(administer(cluster.address, `create database ${name} template template_chaos`))
  const found = yield* scene(seed)
  const story = [
    JSON.stringify(found.venue),
    JSON.stringify(found.faults),
    JSON.stringify(found.acts),
    ...found.plans.map((plan) => JSON.stringify(plan))
  ]
  const note = (line: string) => Effect.sync(() => story.push(line))
  const wrong = yield* Effect.catchAllDefect(play(found, at(cluster.address, name), folder, note), (defect) =>
    Effect.succeed([`a defect: ${String(defect)}`])
  )
  yield* administer(cluster.address, `drop database if exists ${name} with (force)`)
  return { seed, story, wrong } satisfies Told
})

const program = Effect.gen(function* () {
  const [seeds, first, jobs] = [flag("seeds", 50), flag("first", 1), flag("jobs", 2 * availableParallelism())]
  const [stories, verbose] = [process.argv.includes("--story"), process.argv.includes("--verbose")]
  const place = yield* Cluster.make
  const copying = yield* Effect.makeSemaphore(1)
  const [passed, failed] = [yield* Ref.make(0), yield* Ref.make(0)]
  const tell = Effect.fn("Chaos.tell")(function* ({ seed, story, wrong }: Told) {
    const lines = story.map((line) => `    ${line}`)
    yield* Ref.update(wrong.length === 0 ? passed : failed, (count) => count + 1)
    if (stories) yield* Console.log([`seed ${seed}`, ...lines].join("\n"))
    if (wrong.length > 0) {
      yield* Console.log([`seed ${seed}: ${wrong.join("; ")}`, ...(verbose && !stories ? lines : [])].join("\n"))
    }
    const done = (yield* Ref.get(passed)) + (yield* Ref.get(failed))
    if (seeds > 1 && done % 10 === 0) yield* Console.error(`${done} of ${seeds} seeds`)
  })
  yield* Effect.forEach(
    Array.from({ length: seeds }, (_, at) => first + at),
    (seed) => Effect.flatMap(playSeed(place, copying, seed), tell),
    { concurrency: Math.max(1, jobs), discard: true }
  )
  const wrong = yield* Ref.get(failed)
  yield* Console.log(`${yield* Ref.get(passed)} passed, ${wrong} failed`)
  if (wrong > 0) process.exitCode = 1
}).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

NodeRuntime.runMain(program)
