import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Decode from "./decode/Decode.ts"
import { type Failure, Halted, InvalidInput } from "./domain/Failure.ts"
import { format, type Usd } from "./domain/Money.ts"
import { isDue, type Order, type OrderState } from "./domain/Order.ts"
import type { Plan } from "./domain/Plan.ts"
import type { Run, RunStatus } from "./domain/Report.ts"
import type { MarketData } from "./layers/MarketData.ts"
import { type Memory, Venue } from "./layers/Venue.ts"
import { haltText } from "./persist/Gate.ts"
import { Ledger } from "./persist/Ledger.ts"
import {
  admission,
  assess,
  secondThoughts,
  stillRefused,
  stillToTry,
  totalOf,
  type Verdict
} from "./pipeline/Decision.ts"
import { asTheVenueHasIt, knownOf, onlyReal, resolve, sight, sound, wishesOf } from "./pipeline/Scene.ts"
import { type Executed, execute, preview, type Sending } from "./pipeline/Sending.ts"
import { mark } from "./report/Marks.ts"
import * as RunReport from "./report/RunReport.ts"
import type { Admitted } from "./risk/Admission.ts"
import * as Risk from "./risk/Risk.ts"
import { type Upkeep, upkeep } from "./upkeep.ts"

/** What a plan needs on its way. */
export type Needs = Ledger | MarketData | Venue

/** One plan on its way down the corridor. */
export interface Request extends Sending {
  readonly bytes: Uint8Array
  /** The file's name as the operator gave it. */
  readonly file: string
  /** Goes through everything and writes nothing. */
  readonly dryRun: boolean
  readonly retryRefused: boolean
  /** The total that the operator has agreed to: a plan that has come to more when it is decided sends nothing. */
  readonly confirmed?: Usd | undefined
  /** Dollars that a paper account starts with. */
  readonly paperBalance: Usd
}

/** What a run came to. A failure after the journal is part of it: what was placed is still told. */
export interface Outcome {
  readonly run: Run
  readonly failure: Failure | undefined
  /** Of a look ahead: the orders that the run would send. */
  readonly leaving?: ReadonlyArray<Order>
}

/** A halt is told before anything else is asked or done. It is asked for again by the gate that every order passes. */
const notHalted = Effect.fn("Pipeline.notHalted")(function* (mode: Plan["mode"]) {
  const ledger = yield* Ledger
  const { halt } = yield* ledger.barriers(mode)
  if (halt !== undefined) return yield* new Halted({ message: haltText(halt) })
})

/** A run that found no market data placed nothing, and is on record as failed. */
const noteFailure = Effect.fn("Pipeline.noteFailure")(function* (
  plan: Plan,
  { file, paperBalance }: Request,
  earlier: number,
  failure: Failure
) {
  const ledger = yield* Ledger
  const atMillis = yield* Clock.currentTimeMillis
  const balance = plan.mode === "paper" ? paperBalance : undefined
  const request = { mode: plan.mode, planId: plan.planId, planHash: plan.hash, plan, planFile: file, atMillis }
  const rejected = { summary: undefined, error: failure.message, status: "failed" } as const
  yield* Effect.ignore(
    ledger.journal({ ...request, paperBalance: balance, conditionIds: [], earlier }, () => ({
      orders: [],
      rejected,
      value: undefined
    }))
  )
})

const UNSEEN: Pick<Upkeep, "books" | "warnings"> = { books: new Map(), warnings: [] }

const inPlanOrder = (a: OrderState, b: OrderState) =>
  a.order.instruction - b.order.instruction || a.order.attempt - b.order.attempt

/**
 * Takes one plan through decode, risk, journal, execute, persist and report. Fails only while nothing is journalled;
 * from then on a failure is part of the outcome, beside all that was placed. A plan that stopped half way goes on.
 */
export const trade = Effect.fn("Pipeline.trade")(function* (request: Request) {
  const ledger = yield* Ledger
  const startedMillis = yield* Clock.currentTimeMillis
  const plan = yield* Decode.plan(request.bytes)
  if (!request.dryRun) yield* notHalted(plan.mode)
  const found = yield* admission(plan, request.retryRefused)
  const venue = yield* Venue
  const isReal = venue.isReal(plan.mode)
  // The way to the venue is made ready while the markets are looked up; what is amiss with it shows when it is used.
  const [sighted] =
    isReal && !request.dryRun
      ? yield* Effect.all([sight(plan), Effect.ignore(venue.wallet(plan.mode))], { concurrency: 2 })
      : [Option.none()]
  const markets = Option.map(sighted, (found) => found.markets)
  if (Option.isSome(markets)) yield* onlyReal(markets.value)
  const named = Option.match(markets, { onNone: () => [], onSome: (found) => [...knownOf(found).values()] })
  const { tenure } = request
  const patience = request.patience === undefined ? {} : { patience: request.patience }
  // Whether the venue would take orders is asked while the account is laid beside it, and told after that.
  const checks = Option.map(markets, (found) => Effect.either(venue.check(plan.mode, wishesOf(plan, found))))
  const [{ books: seen, warnings: upkept }, checked] = yield* Effect.all(
    [
      request.dryRun ? Effect.succeed(UNSEEN) : upkeep(plan.mode, { held: false, markets: named, tenure, ...patience }),
      Option.getOrElse(checks, () => Effect.succeed(undefined))
    ],
    { concurrency: 2 }
  )
  // Upkeep may have moved orders of an earlier run of this plan: one that was refused may turn out to be there.
  const earlier = found.earlier.length === 0 ? [] : yield* ledger.orders({ planId: plan.planId })
  const admitted: Admitted = { ...found, earlier, attempts: stillToTry(found.attempts, earlier) }
  const { cautions, ...scene } = yield* Effect.tapError(resolve(plan, sighted, checked, seen), (failure) =>
    request.dryRun ? Effect.void : noteFailure(plan, request, admitted.earlier.length, failure)
  )
  const atMillis = yield* Clock.currentTimeMillis
  const conditionIds = [...scene.known.keys()]
  const paperBalance = plan.mode === "paper" ? request.paperBalance : undefined
  const ours: Memory = isReal ? new Map() : yield* ledger.memory(conditionIds)
  const judge = assess(plan, scene, ours, admitted, atMillis)

  const tell = Effect.fn("Pipeline.tell")(function* (status: RunStatus, refused: Verdict["refused"], done: Executed) {
    const completedMillis = yield* Clock.currentTimeMillis
    // The report must not fail where the run did: without a database it tells the orders alone.
    const positions = yield* Effect.orElseSucceed(ledger.positions(plan.mode), () => [])
    return {
      planId: plan.planId,
      mode: plan.mode,
      status,
      dryRun: request.dryRun,
      startedMillis,
      completedMillis,
      orders: [...done.states].sort(inPlanOrder).map((state) => ({
        placed: !request.dryRun,
        state,
        externalOrderId: state.order.sealed?.externalOrderId
      })),
      refused,
      positions: positions.flatMap((position) => {
        const market = scene.known.get(position.conditionId)
        return market === undefined ? [] : [mark(position, done.books.get(position.conditionId), market.payouts)]
      }),
      warnings: [...upkept, ...cautions, ...scene.warnings, ...done.warnings],
      slugs: new Map([...scene.known.values()].map(({ conditionId, slug }) => [conditionId, slug])),
      error: done.failure && { code: RunReport.codeOf(done.failure), message: done.failure.message }
    } satisfies Run
  })
  const unplaced: Executed = { states: [], books: sound(scene.books), warnings: [], failure: undefined }

  const [unsent, finished] = Arr.partition(admitted.earlier, (state) => state.status !== "pending")
  /** What is to be sent now, in plan order. */
  const waiting = (states: ReadonlyArray<OrderState>, { approved }: Verdict) =>
    [...states.map((state) => Risk.journalled(state.order)), ...approved].sort((a, b) => a.instruction - b.instruction)

  if (request.dryRun) {
    const facts = yield* asTheVenueHasIt(plan, scene, yield* ledger.facts(plan.mode, conditionIds, paperBalance))
    // A run would end first what is due, and so must a look at what it would come to.
    const alive = (state: OrderState) => !isDue(state, atMillis)
    const verdict = judge({ ...facts, exposed: facts.exposed.filter(alive) })
    const leaving = verdict.stands ? waiting(unsent.filter(alive), verdict) : []
    const done = verdict.stands ? yield* preview(plan, scene, leaving) : unplaced
    const states = [...finished, ...done.states]
    const run = yield* tell(verdict.stands ? "previewed" : "rejected", verdict.refused, { ...done, states })
    return { run, failure: undefined, leaving } satisfies Outcome
  }

  let faults: ReadonlyMap<string, string> = new Map()
  let unconfirmed: string | undefined
  let sealed: ReadonlyMap<string, Order> = new Map()
  const seal = (orders: ReadonlyArray<Order>) =>
    Effect.tap(venue.seal(plan.mode, orders, scene.known), (all) =>
      Effect.sync(() => {
        sealed = new Map(all.map((order) => [order.id, order]))
      })
    )

  const planId = plan.planId
  const rejected = yield* tell("rejected", [], { ...unplaced, states: admitted.earlier })
  const verdict = yield* ledger.journal(
    {
      mode: plan.mode,
      planId,
      planHash: plan.hash,
      plan,
      planFile: request.file,
      atMillis,
      paperBalance,
      conditionIds,
      earlier: admitted.earlier.length,
      ...(isReal ? { seal } : {})
    },
    (account) => {
      if (isReal && unsent.length > 0) faults = secondThoughts(plan, scene, unsent, account, atMillis)
      const value = judge(account)
      const summary = RunReport.toJson({ ...rejected, refused: value.refused })
      if (!value.stands) return { orders: [], rejected: { summary, error: "refused by risk" }, value }
      const total = totalOf(
        waiting(
          unsent.filter(({ order }) => !faults.has(order.id)),
          value
        )
      )
      if (request.confirmed !== undefined && total > request.confirmed) {
        unconfirmed = `it comes to ${format(total)} by now, and ${format(request.confirmed)} was agreed to`
        return { orders: [], rejected: { summary, error: unconfirmed }, value }
      }
      return { orders: value.approved, value, ...(value.refused.length === 0 ? {} : { summary }) }
    }
  )
  if (unconfirmed !== undefined) {
    return yield* new InvalidInput({
      code: "not_confirmed",
      message: `nothing was sent: ${unconfirmed}`,
      issues: [{ path: "", message: "look at the plan once more, and type its new total" }]
    })
  }
  if (!verdict.stands) {
    return { run: { ...rejected, refused: verdict.refused }, failure: undefined } satisfies Outcome
  }

  const leaving = waiting(unsent, verdict).map((order) => Risk.journalled(sealed.get(order.id) ?? order))
  const done = yield* execute(plan, scene, leaving, faults, request)
  const status = done.failure === undefined ? "completed" : "failed"
  const left = stillRefused(finished.filter((state) => !admitted.attempts.has(state.order.instruction)))
  const run = yield* tell(status, verdict.refused, {
    ...done,
    states: [...finished, ...done.states],
    warnings: [...left, ...done.warnings]
  })
  const books = [...scene.known.values()].map((market) => ({ market, book: done.books.get(market.conditionId) }))
  const kept = yield* Effect.either(
    Effect.zipRight(
      ledger.remember(books, run.completedMillis),
      ledger.finish(planId, {
        status,
        summary: RunReport.toJson(run),
        error: done.failure?.message,
        atMillis: run.completedMillis
      })
    )
  )
  if (Either.isRight(kept) || done.failure !== undefined) return { run, failure: done.failure } satisfies Outcome
  const error = { code: RunReport.codeOf(kept.left), message: kept.left.message }
  return { run: { ...run, status: "failed", error }, failure: kept.left } satisfies Outcome
})
