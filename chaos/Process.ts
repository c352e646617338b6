import { spawn } from "node:child_process"
import { join } from "node:path"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { Journal } from "../src/sandbox/Journal.ts"
import type { Moment } from "./Acts.ts"

/** Starts the trader's bundle, which lies beside this one. */
const QUICK = join(import.meta.dirname, "quick.cjs")
const TRADER = join(import.meta.dirname, "trader.cjs")
/** Short processes have no time to collect garbage often. */
const NODE = ["--max-semi-space-size=32"]

/** How a process ended, and what it said. */
export interface Ended {
  readonly code: number | null
  readonly said: string
}

/** A trader at work. */
export interface Process {
  readonly ended: Effect.Effect<Ended>
  readonly signal: (name: "SIGKILL" | "SIGSTOP" | "SIGCONT") => Effect.Effect<void>
  /** Waits until the moment has come, or the process has ended: then it is false. */
  readonly reached: (moment: Moment) => Effect.Effect<boolean>
}

/** What strikes every request and does nothing, so that the venue's journal tells of each as it arrives. */
export const PROBE = { op: "*", kind: "wrongHeartbeat" } as const

/** Waits for so many requests of a kind, counted from now. */
const requests = (journal: Journal, op: string, nth: number) =>
  Effect.async<void>((resume) => {
    let left = nth
    const listener: Parameters<Journal["listeners"]["add"]>[0] = (entry) => {
      if (entry.kind !== "fault" || entry.fault !== PROBE.kind || !entry.op.startsWith(op) || --left > 0) return
      journal.listeners.delete(listener)
      resume(Effect.void)
    }
    journal.listeners.add(listener)
    return Effect.sync(() => journal.listeners.delete(listener))
  })

/** Starts a trader; one that does not end is ended. */
export const start = Effect.fn("Chaos.start")(function* (
  env: Readonly<Record<string, string>>,
  args: ReadonlyArray<string>,
  journal: Journal
) {
  const begun = yield* Deferred.make<void>()
  const over = yield* Deferred.make<Ended>()
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [...NODE, QUICK, ...args], {
        env: { ...env, CHAOS_BUNDLE: TRADER },
        stdio: ["ignore", "pipe", "pipe"]
      })
    ),
    (spawned) => Effect.sync(() => spawned.kill("SIGKILL"))
  )
  const said: Array<string> = []
  child.stdout.on("data", (chunk) => {
    said.push(String(chunk))
    Deferred.unsafeDone(begun, Effect.void)
  })
  child.stderr.on("data", (chunk) => said.push(String(chunk)))
  child.on("close", (code) => Deferred.unsafeDone(over, Effect.succeed({ code, said: said.join("") })))
  const signal: Process["signal"] = (name) => Effect.sync(() => child.kill(name))
  const reached: Process["reached"] = ({ millis, nth, op }) =>
    Effect.raceFirst(
      Effect.as(
        Effect.zipRight(op === undefined ? Deferred.await(begun) : requests(journal, op, nth), Effect.sleep(millis)),
        true
      ),
      Effect.as(Deferred.await(over), false)
    )
  const ended = Effect.timeoutTo(Deferred.await(over), {
    duration: "60 seconds",
    onSuccess: (how) => how,
    onTimeout: (): Ended => ({ code: -1, said: `it never ended: ${said.join("")}` })
  })
  return { ended, reached, signal } satisfies Process
})
