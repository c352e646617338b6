import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Sandbox from "../src/sandbox/Sandbox.ts"
import { administer } from "../test/cluster.ts"
import { type Act, ENDS, type Fate, type Step } from "./Acts.ts"
import { ledgerOn } from "./Cluster.ts"
import { differences, neverSo, onlyUnknown, restless } from "./Compare.ts"
import { type Ended, PROBE, type Process, start } from "./Process.ts"
import { HELD, type Scene } from "./Scene.ts"

/** A pause ends at last when the step beside it has taken so long: it may wait for what is paused. */
const LONGEST_PAUSE = "2 seconds"
const MOST_LOOKS = 14

const recordOf = (database: string) => Layer.build(ledgerOn(database))

/** What is tried in one scene: its venue, its database, and where its plans lie. */
interface Stage {
  readonly scene: Scene
  readonly sandbox: Sandbox.Sandbox
  readonly database: string
  /** What is on record there. */
  readonly ledger: Effect.Effect.Success<ReturnType<typeof recordOf>>
  readonly env: Readonly<Record<string, string>>
  readonly files: ReadonlyArray<string>
  readonly folder: string
  /** Which of the files is traded when all is over. */
  readonly last: number
  /** Puts a line into the story of a seed. */
  readonly note: (line: string) => Effect.Effect<unknown>
  /** What no process may do, whatever goes wrong. */
  readonly wrong: Array<string>
}

const argsOf = (step: Step, { files, folder }: Stage): ReadonlyArray<string> | undefined => {
  switch (step._tag) {
    case "Trade":
      return ["trade", files[step.plan] ?? ""]
    case "Retry":
      return ["retry", files[step.plan] ?? ""]
    case "Schedule":
      return ["schedule", join(folder, "plans")]
    case "Reconcile":
    case "Accept":
    case "Cancel":
    case "Halt":
    case "Resume":
      return [step._tag.toLowerCase()]
    default:
      return undefined
  }
}

const momentText = (fate: Fate): string => {
  if (fate._tag !== "Killed" && fate._tag !== "Paused") return fate._tag === "Ends" ? "" : " beside what follows"
  const { millis, nth, op } = fate.at
  return ` ${fate._tag.toLowerCase()} ${millis} ms after ${op === undefined ? "it began" : `${op} no. ${nth}`}`
}

/** What a process came to; a defect, or no end at all, is wrong whatever happened to it. */
const told = (stage: Stage, step: Step, fate: Fate, { code, said }: Ended) =>
  Effect.suspend(() => {
    const words = said.trim().replace(/\s+/g, " ").slice(0, 1_500)
    if (code === 1 || code === -1) stage.wrong.push(`${step._tag} ended with ${code}: ${words.slice(0, 600)}`)
    return stage.note(`${step._tag}${"plan" in step ? ` ${step.plan}` : ""}${momentText(fate)} -> ${code}: ${words}`)
  })

const run = (stage: Stage, step: Step) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { ended } = yield* start(stage.env, argsOf(step, stage) ?? [], stage.sandbox.house.journal)
      return yield* Effect.tap(ended, (how) => told(stage, step, ENDS, how))
    })
  )

/** What is done to the venue. */
const turn = (step: Step, { note, sandbox }: Stage) => {
  switch (step._tag) {
    case "Move":
      return Effect.zipRight(
        note(`book of ${step.market} moves by ${step.ticks}`),
        sandbox.moveBook(step.market, step.ticks)
      )
    case "Tick":
      return Effect.zipRight(
        note(`tick of ${step.market} becomes ${step.tick}`),
        sandbox.setTick(step.market, step.tick)
      )
    case "Resolve":
      return Effect.zipRight(
        note(`${step.market} is resolved: ${step.winner}`),
        sandbox.resolve(step.market, step.winner)
      )
    case "Redeem":
      return Effect.zipRight(note(`${step.market} is redeemed`), sandbox.redeem(step.market))
    default:
      return Effect.void
  }
}

/** A process that still goes on, or stands still, while the next step is done. */
interface Left {
  readonly process: Process
  readonly step: Step
  readonly fate: Fate
}

/** A scheduler that was killed keeps others waiting for a minute: lets it have passed. One that lives loses its lease. */
const expireLease = ({ database }: Stage) =>
  administer(database, "update scheduler_lease set expires_at = expires_at - interval '2 minutes'")

/** Begins a step; what is neither killed nor at its end by then is left to the next one. */
const begin = Effect.fn("Chaos.begin")(function* (stage: Stage, { fate, step }: Act, alone: boolean) {
  const args = argsOf(step, stage)
  if (args === undefined) {
    yield* Effect.ignore(turn(step, stage))
    return undefined
  }
  if (step._tag === "Schedule") yield* expireLease(stage)
  const process = yield* start(stage.env, args, stage.sandbox.house.journal)
  const end = Effect.tap(process.ended, (how) => told(stage, step, fate, how))
  switch (fate._tag) {
    case "Killed":
      yield* Effect.fork(Effect.whenEffect(process.signal("SIGKILL"), process.reached(fate.at)))
      return yield* step._tag === "Schedule" ? Effect.zipLeft(end, expireLease(stage)) : end
    case "Paused":
      if (!alone || !(yield* process.reached(fate.at))) return yield* end
      yield* process.signal("SIGSTOP")
      return { process, step, fate } satisfies Left
    case "Beside":
      return alone ? ({ process, step, fate } satisfies Left) : yield* end
    case "Ends":
      return yield* end
  }
})

/** Whether a plan has run to its end: there is nothing left of it to be done, by anybody. */
const isOver = ({ code, said }: Ended): boolean =>
  code === 0 || (code === 3 && !said.includes("is being run by another process"))

/** Everything that a scene has in store, one step after the other or two at once. */
const perform = Effect.fn("Chaos.perform")(function* (stage: Stage, completed: Set<number>) {
  const { ledger, sandbox, scene, wrong } = stage
  let left: Left | undefined
  /** Where the venue's journal stood when a halt had come to its end. */
  let haltedAt: number | undefined
  const note = (step: Step, found: Ended | Left | undefined, alone: boolean) => {
    if (found === undefined || !("code" in found)) return
    if (step._tag === "Trade" && isOver(found)) completed.add(step.plan)
    // A new attempt may have been put on record, and no more than that.
    if (step._tag === "Retry" && !isOver(found)) completed.delete(step.plan)
    if (step._tag === "Halt" && found.code === 0 && alone) haltedAt = sandbox.house.journal.seq
  }
  for (const act of scene.acts) {
    const { step } = act
    if (step._tag === "Trade" && completed.has(step.plan) && left === undefined) continue
    if (step._tag === "Resume" && haltedAt !== undefined) {
      const since = haltedAt
      if (sandbox.journal().some((entry) => entry.kind === "accepted" && entry.seq >= since))
        wrong.push("an order left while trading was halted")
      haltedAt = undefined
    }
    const before: Left | undefined = left
    left = undefined
    const going =
      before === undefined
        ? undefined
        : yield* Effect.fork(Effect.zipRight(Effect.sleep(LONGEST_PAUSE), before.process.signal("SIGCONT")))
    const found = yield* begin(stage, act, before === undefined)
    note(step, found, before === undefined)
    if (found !== undefined && !("code" in found)) left = found
    if (before !== undefined) {
      if (going !== undefined) yield* Fiber.interrupt(going)
      yield* before.process.signal("SIGCONT")
      const how = yield* Effect.tap(before.process.ended, (ended) => told(stage, before.step, before.fate, ended))
      note(before.step, how, false)
    }
    if (left === undefined) wrong.push(...(yield* Effect.provide(neverSo(sandbox), ledger)))
  }
  if (left !== undefined) {
    yield* left.process.signal("SIGCONT")
    const { fate, process, step } = left
    note(step, yield* Effect.tap(process.ended, (how) => told(stage, step, fate, how)), false)
  }
})

/** Looks, as the operator would, until there is nothing left to see. */
const settleDown = Effect.fn("Chaos.settleDown")(function* (stage: Stage) {
  const { ledger, sandbox, scene } = stage
  for (let look = 0; look < MOST_LOOKS; look++) {
    if (look > 0) yield* Effect.sleep("250 millis")
    yield* sandbox.settle
    // A trade that is stuck shows it only once its time has come.
    for (const trade of sandbox.house.trades.values()) {
      if (trade.status === "RETRYING") yield* Effect.ignore(sandbox.finish(trade.id, scene.stuck))
    }
    for (const listing of sandbox.house.listings.values()) {
      if (look > 0 && listing.payouts !== undefined) yield* Effect.ignore(sandbox.redeem(listing.conditionId))
    }
    // What the venue never saw stays unknown until the operator says so: nothing goes wrong any more, so it is certain.
    const unknown = yield* Effect.provide(onlyUnknown, ledger)
    yield* run(stage, look >= 3 && unknown ? { _tag: "Accept" } : { _tag: "Reconcile" })
    // Orders that a taker delay holds are listed as resting: only a second look sees what became of them.
    if (look > 0 && (yield* Effect.provide(restless(sandbox), ledger)).length === 0) return
  }
})

/** Each refusal ends a run that stops at refusals, and the next one goes on behind it. */
const MOST_RUNS = 6

/** Takes a plan to its end, or to the risk that refuses it; returns what is in the way of that. */
const finish = Effect.fn("Chaos.finish")(function* (stage: Stage, plan: number) {
  let how = yield* run(stage, { _tag: "Trade", plan })
  for (let runs = 1; how.code === 5 && runs < MOST_RUNS; runs++) how = yield* run(stage, { _tag: "Trade", plan })
  const isFine = isOver(how) || (how.code === 4 && plan !== stage.last)
  return isFine ? [] : [{ plan, why: `plan ${plan} does not come to its end: ${how.said.trim()}` }]
})

/** Nothing goes wrong any more: every plan comes to its end, the account trades as ever, and all comes to rest. */
const quieten = Effect.fn("Chaos.quieten")(function* (stage: Stage, completed: ReadonlySet<number>) {
  const { ledger, sandbox, scene, wrong } = stage
  yield* sandbox.clearFaults
  yield* sandbox.setMode("normal")
  yield* sandbox.settle
  if (scene.acts.some(({ step }) => step._tag === "Halt")) yield* run(stage, { _tag: "Resume" })
  const plans = [...scene.plans.keys(), stage.last].filter((plan) => !completed.has(plan))
  const open = yield* Effect.forEach(plans, (plan) => finish(stage, plan))
  yield* settleDown(stage)
  // What nobody could know yet stood in their way: now it is known.
  const again = open.flat().map(({ plan }) => plan)
  const left = yield* Effect.forEach(again, (plan) => finish(stage, plan))
  if (again.length > 0) yield* settleDown(stage)
  wrong.push(...left.flat().map(({ why }) => why))
  return [
    ...(yield* Effect.provide(restless(sandbox), ledger)),
    ...(yield* Effect.provide(differences(sandbox), ledger))
  ]
})

/** What buys the shares that the plans of a scene sell. */
const HOLDING = {
  planId: "held",
  mode: "live",
  tradeInstructions: [{ marketId: HELD, outcome: "YES", side: "BUY", price: 0.46, size: 60, sizeUnit: "SHARES" }]
}

/** What is bought in the end, in a market that nothing has happened to: all of it is to be had at once. */
const LAST = {
  planId: "last",
  mode: "live",
  tradeInstructions: [
    { marketId: "sandbox-fine", outcome: "YES", side: "BUY", price: 0.9, size: 5, timeInForce: "FOK" }
  ]
}

/** Plays a scene on a venue and a database of its own; returns everything that was wrong, or differs once all is quiet. */
export const play = Effect.fn("Chaos.play")(function* (
  scene: Scene,
  database: string,
  folder: string,
  note: Stage["note"]
) {
  const sandbox = yield* Sandbox.make({
    ...scene.venue,
    minedMillis: 60,
    confirmedMillis: 60,
    postOnlyMillis: 400,
    delayFactor: 0.2
  })
  const env = {
    ...sandbox.env,
    DATABASE_URL: database,
    LOG_LEVEL: "error",
    PATH: "/usr/bin:/bin",
    HOME: folder,
    BETTEROMS_HOME: folder
  }
  const write = (file: string, plan: unknown) => {
    writeFileSync(join(folder, file), JSON.stringify(plan))
    return join(folder, file)
  }
  yield* Effect.sync(() => mkdirSync(join(folder, "plans")))
  const files = scene.plans.map((plan, index) => write(join("plans", `plan-${index}.json`), plan))
  const held = files.length
  const stage: Stage = {
    scene,
    sandbox,
    database,
    env,
    files: [...files, write("held.json", HOLDING), write("last.json", LAST)],
    last: held + 1,
    ledger: yield* recordOf(database),
    folder,
    note,
    wrong: []
  }
  if (scene.holds) {
    yield* Effect.orDie(sandbox.setBook(HELD, { bids: [["0.44", "300"]], asks: [["0.46", "300"]] }))
    yield* run(stage, { _tag: "Trade", plan: held })
    yield* sandbox.settle
  }
  for (const [market, book] of Object.entries(scene.books)) yield* Effect.orDie(sandbox.setBook(market, book))
  yield* Effect.forEach(scene.faults, (spec) => sandbox.fault(spec))
  yield* sandbox.fault(PROBE)
  const completed = new Set<number>()
  yield* perform(stage, completed)
  const left = yield* quieten(stage, completed)
  return [...new Set([...stage.wrong, ...left])]
}, Effect.scoped)
