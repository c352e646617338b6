import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Decode from "./decode/Decode.ts"
import type { BookSnapshot, DataFault } from "./domain/Book.ts"
import { type Failure, Halted, InvalidInput, VenueUnavailable } from "./domain/Failure.ts"
import { type ConditionId, instrumentKey, isSimulated, type Market, outcomeIndex } from "./domain/Market.ts"
import { format, Usd } from "./domain/Money.ts"
import { isDue, type Order, type OrderState } from "./domain/Order.ts"
import { answered, placed } from "./domain/OrderState.ts"
import type { Plan } from "./domain/Plan.ts"
import { empty as emptyPosition } from "./domain/Position.ts"
import type { Refused, Run, RunStatus } from "./domain/Report.ts"
import { notionalAt } from "./domain/Reserve.ts"
import { reply, word } from "./execute/Announce.ts"
import type { Conversation } from "./execute/Conversation.ts"
import { place } from "./execute/Place.ts"
import type { Patience } from "./execute/Resolve.ts"
import { MarketData, type UnknownMarket } from "./layers/MarketData.ts"
import { type Desk, type Memory, type Session, Venue, type Wish } from "./layers/Venue.ts"
import { haltText } from "./persist/Gate.ts"
import { type AccountFacts, Ledger, type Tenure } from "./persist/Ledger.ts"
import { converse } from "./reconcile.ts"
import { mark } from "./report/Marks.ts"
import * as RunReport from "./report/RunReport.ts"
import { type Admitted, admit } from "./risk/Admission.ts"
import * as Risk from "./risk/Risk.ts"
import * as Trials from "./trials.ts"
import { upkeep } from "./upkeep.ts"

/** What a plan needs on its way. */
export type Needs = Ledger | MarketData | Venue

/** One plan on its way down the corridor. */
export interface Request {
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
  readonly progress: (done: number, of: number) => Effect.Effect<void>
  /** The scheduler's lease that the run is part of, where it is. */
  readonly tenure?: Tenure | undefined
  /** How long the fate of an order is looked for before the run stops at it. */
  readonly patience?: Patience
}

/** What a run came to. A failure after the journal is part of it: what was placed is still told. */
export interface Outcome {
  readonly run: Run
  readonly failure: Failure | undefined
  /** Of a look ahead: the orders that the run would send. */
  readonly leaving?: ReadonlyArray<Order>
}

/** What orders come to at their limits, fees apart. */
export const totalOf = (orders: ReadonlyArray<Order>): Usd =>
  Usd(orders.reduce((sum, { price, quantity }) => sum + notionalAt(price, quantity), 0n))

/** The markets of a plan and the books its decisions are made on. */
interface Scene {
  readonly markets: ReadonlyMap<string, Either.Either<Market, UnknownMarket>>
  readonly known: ReadonlyMap<ConditionId, Market>
  readonly books: ReadonlyMap<ConditionId, Either.Either<BookSnapshot, DataFault>>
  readonly warnings: ReadonlyArray<string>
}

type Records = Scene["markets"]

const knownOf = (markets: Records): Scene["known"] =>
  new Map(
    [...markets.values()].flatMap((market) =>
      Either.isRight(market) ? [[market.right.conditionId, market.right]] : []
    )
  )

const idsOf = (plan: Plan): ReadonlyArray<string> => [...new Set(plan.instructions.map((each) => each.marketId))]

/** How long market records that were looked up on the way may serve for the decision. */
const RECENT_MILLIS = 5_000

/** What a plan's markets are, once for all that is done with a real account before the plan is decided. */
const sight = Effect.fn("Pipeline.sight")(function* (plan: Plan) {
  const data = yield* MarketData
  const atMillis = yield* Clock.currentTimeMillis
  const found = yield* Effect.option(data.markets(idsOf(plan)))
  return Option.map(found, (markets) => ({ markets, atMillis }))
})

const resolve = Effect.fn("Pipeline.resolve")(function* (
  plan: Plan,
  sighted: Effect.Effect.Success<ReturnType<typeof sight>>,
  checked: ReturnType<(typeof Venue.Service)["check"]> | undefined
) {
  const data = yield* MarketData
  const venue = yield* Venue
  const now = yield* Clock.currentTimeMillis
  const recent = Option.filter(sighted, ({ atMillis }) => now - atMillis < RECENT_MILLIS)
  const markets = Option.isSome(recent) ? recent.value.markets : yield* data.markets(idsOf(plan))
  const known = knownOf(markets)
  const [books, cautions] = yield* Effect.all(
    [data.books([...known.values()]), checked ?? venue.check(plan.mode, wishesOf(plan, markets))],
    { concurrency: 2 }
  )
  const simulated = [...known.values()].filter(isSimulated)
  const free = [...known.values()].filter((market) => market.source.startsWith("file:") && market.fees?.rate === 0n)
  return {
    markets,
    known,
    books,
    cautions,
    warnings: [
      ...(simulated.length === 0 ? [] : ["simulated market data: prices and fills are invented"]),
      ...free.map(
        (market) => `${market.marketId}: the recording tells no fee, so none is taken; the venue may take one`
      )
    ]
  }
})

const sound = (books: Scene["books"]): ReadonlyMap<ConditionId, BookSnapshot> =>
  new Map([...books].flatMap(([id, book]) => (Either.isRight(book) ? [[id, book.right] as const] : [])))

const admission = Effect.fn("Pipeline.admission")(function* (plan: Plan, retryRefused: boolean) {
  const ledger = yield* Ledger
  const found = yield* ledger.run(plan.planId)
  if (Option.isNone(found)) return yield* admit(plan, undefined, retryRefused)
  const refused = RunReport.refusedOf(found.value.summary)
  const orders = yield* ledger.orders({ planId: plan.planId })
  return yield* admit(plan, { ...found.value, orders, refused }, retryRefused)
})

/** A halt is told before anything else is asked or done. It is asked for again by the gate that every order passes. */
const notHalted = Effect.fn("Pipeline.notHalted")(function* (mode: Plan["mode"]) {
  const ledger = yield* Ledger
  const { halt } = yield* ledger.barriers(mode)
  if (halt !== undefined) return yield* new Halted({ message: haltText(halt) })
})

/** What risk says of the whole plan: it stands when nothing was refused, or where refusals are skipped and some remain. */
interface Verdict {
  readonly approved: ReadonlyArray<Risk.Approved>
  readonly refused: ReadonlyArray<Refused>
  readonly stands: boolean
}

/** What earlier runs of the plan have placed, neither refused nor kept back: it counts against the plan's limits. */
const soFar = (earlier: ReadonlyArray<OrderState>) => {
  const placed = earlier.filter(({ status }) => status !== "rejected" && status !== "blocked")
  const notional = placed.reduce((sum, { order }) => sum + notionalAt(order.price, order.quantity), 0n)
  return { orders: placed.length, notional: Usd(notional) }
}

const faultsOf = (session: Session) =>
  session.faults.map((fault) => `no fills in ${fault.conditionId}: ${fault.reason}`)

const assess =
  (plan: Plan, scene: Scene, ours: Memory, admitted: Admitted, nowMillis: number) =>
  (account: AccountFacts): Verdict => {
    const { attempts, earlier } = admitted
    const already = soFar(earlier)
    const decisions = Risk.decide(plan, { ...account, ...scene, ours, attempts, already, nowMillis })
    const approved = decisions.flatMap(({ outcome }) => Option.toArray(Either.getRight(outcome)))
    const refused = decisions.flatMap(({ outcome }) => Option.toArray(Either.getLeft(outcome)))
    const stands = refused.length === 0 || (plan.onReject === "skip" && approved.length + earlier.length > 0)
    return { refused: [...admitted.refused, ...refused], approved: stands ? approved : [], stands }
  }

const deskOf = (plan: Plan, scene: Scene): Desk => ({
  mode: plan.mode,
  markets: [...scene.known.values()],
  simulation: plan.simulation,
  decidedOn: sound(scene.books),
  stopAtRefusal: plan.onReject === "stop"
})

/** Why a run ended at an order: it was refused, its fate is unknown, or the gate kept it back. */
const stoppedAt = Effect.fn("Pipeline.stoppedAt")(function* ({ order, reasons, sentMillis, status }: OrderState) {
  const ledger = yield* Ledger
  const why = reasons.at(-1) ?? "nobody could be asked what became of it"
  const message =
    status === "pending" && sentMillis === undefined
      ? `instruction ${order.instruction + 1} was not sent: another scheduler has taken over`
      : `instruction ${order.instruction + 1} ended ${status}: ${why}; nothing was sent after it`
  const barriers = status === "blocked" ? yield* Effect.option(ledger.barriers(order.mode)) : Option.none()
  const halted = Option.isSome(barriers) && (barriers.value.halt !== undefined || barriers.value.stops.length > 0)
  return halted ? new Halted({ message }) : new VenueUnavailable({ message })
})

/** Orders that an earlier run of the plan saw refused or kept back, and that this one leaves so. */
const stillRefused = (states: ReadonlyArray<OrderState>) =>
  states
    .filter((state) => state.status === "rejected" || state.status === "blocked")
    .map(
      ({ order, reasons, status }) =>
        `instruction ${order.instruction + 1} was ${status === "blocked" ? "never sent" : "refused"} (${reasons.at(-1) ?? "no reason given"}); --retry-refused tries it again`
    )

/** Where a run's orders stand, and what they stood on. */
interface Executed {
  readonly states: ReadonlyArray<OrderState>
  readonly books: ReadonlyMap<ConditionId, BookSnapshot>
  readonly warnings: ReadonlyArray<string>
  readonly failure: Failure | undefined
}

/** Orders through the venue with nothing written: what the plan would come to now. */
const preview = Effect.fn("Pipeline.preview")(function* (
  plan: Plan,
  scene: Scene,
  orders: ReadonlyArray<Risk.Approved>
) {
  const ledger = yield* Ledger
  // A preview is paper, whatever the plan is: it shows what the displayed book would give.
  const session = yield* Effect.flatMap(Venue, (venue) => venue.open({ ...deskOf(plan, scene), mode: "paper" }))
  const reply = yield* session.place(orders, yield* ledger.memory([...scene.known.keys()]))
  const answers = new Map(reply.answers.map((answer) => [answer.orderId, answer]))
  const states = orders.map((order) => {
    const answer = answers.get(order.id)
    return answer === undefined ? placed(order) : answered(placed(order), answer)
  })
  return { states, books: session.books, warnings: faultsOf(session), failure: undefined } satisfies Executed
})

/** Orders that an earlier run journalled and risk would not let out any more: they were never sent, and never will be. */
const keepBack = (conversation: Conversation, faults: ReadonlyMap<string, string>) =>
  conversation.about([...faults.keys()], (now) =>
    Effect.map(Clock.currentTimeMillis, (atMillis) =>
      reply(now.map((state) => word(state, "blocked", atMillis, faults.get(state.order.id))))
    )
  )

/** Sends what is journalled and not yet sent. A failure is told beside what was placed until then. */
const execute = Effect.fn("Pipeline.execute")(function* (
  plan: Plan,
  scene: Scene,
  orders: ReadonlyArray<Risk.Approved>,
  faults: ReadonlyMap<string, string>,
  { patience, progress, tenure }: Request
) {
  const venue = yield* Venue
  const ids = orders.map((order) => order.id)
  const unsent = orders.map(placed)
  const nothing = { states: unsent, books: sound(scene.books), warnings: [] }
  const opened = yield* Effect.either(
    Effect.all([venue.open(deskOf(plan, scene)), converse(plan.mode, unsent, tenure)])
  )
  if (Either.isLeft(opened)) return { ...nothing, failure: opened.left } satisfies Executed
  const [session, conversation] = opened.right
  const leaving = orders.filter((order) => !faults.has(order.id))
  // What is simulated of them is for later: it keeps nothing from being sent.
  if (venue.isReal(plan.mode)) yield* Effect.ignore(Trials.begin(deskOf(plan, scene), session.books, leaving))
  const options = { onReject: plan.onReject, progress, ...(patience === undefined ? {} : { patience }) }
  const work = Effect.zipRight(keepBack(conversation, faults), place(session, conversation, leaving, options))
  const stop = yield* Effect.either(work)
  const stoppedBy = Either.getOrUndefined(stop)
  return {
    states: conversation.current(ids),
    books: session.books,
    warnings: faultsOf(session),
    failure: Either.isLeft(stop) ? stop.left : stoppedBy === undefined ? undefined : yield* stoppedAt(stoppedBy)
  } satisfies Executed
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

/** What the plan is to trade, of what was found of it. */
const wishesOf = (plan: Plan, markets: Records): ReadonlyArray<Wish> =>
  plan.instructions.flatMap(({ marketId, outcome, side }) => {
    const market = Option.getOrUndefined(Option.flatMap(Option.fromNullable(markets.get(marketId)), Either.getRight))
    const index = market === undefined ? undefined : outcomeIndex(market.outcomes, outcome)
    return market === undefined || index === undefined ? [] : [{ market, side, tokenId: market.tokenIds[index] }]
  })

/** Why orders that were journalled and never sent may not go out any more, by their id: they are decided again. */
const secondThoughts = (
  plan: Plan,
  scene: Scene,
  unsent: ReadonlyArray<OrderState>,
  account: AccountFacts,
  nowMillis: number
): ReadonlyMap<string, string> => {
  const ids = new Set(unsent.map(({ order }) => order.id))
  const decisions = Risk.decide(plan, {
    ...account,
    ...scene,
    exposed: account.exposed.filter(({ order }) => !ids.has(order.id)),
    attempts: new Map(unsent.map(({ order }) => [order.instruction, order.attempt])),
    nowMillis
  })
  const faults = new Map<string, string>()
  for (const { instruction, outcome } of decisions) {
    const state = unsent.find(({ order }) => order.instruction === instruction)
    if (state !== undefined && Either.isLeft(outcome)) faults.set(state.order.id, outcome.left.reasons.join("; "))
  }
  return faults
}

/**
 * What an account comes to by its venue's own word, where that is a real one: a look ahead books nothing, and must decide
 * on what the run will find once it has.
 */
const asTheVenueHasIt = Effect.fn("Pipeline.asTheVenueHasIt")(function* (
  plan: Plan,
  scene: Scene,
  facts: AccountFacts
) {
  const venue = yield* Venue
  const wishes = wishesOf(plan, scene.markets)
  const statement = yield* venue.statement(plan.mode, {
    tradesAfterMillis: yield* Clock.currentTimeMillis,
    tokens: wishes.map(({ market, tokenId }) => ({ tokenId, version: market.version }))
  })
  if (statement === undefined) return facts
  const held = new Map(facts.positions.map((position) => [instrumentKey(position), position]))
  for (const { market, tokenId } of wishes) {
    const index = market.tokenIds[0] === tokenId ? 0 : 1
    const at = { ...market, outcomeIndex: index, outcome: market.outcomes[index], mode: plan.mode } as const
    const position = held.get(instrumentKey(at)) ?? emptyPosition(at)
    held.set(instrumentKey(at), { ...position, qty: statement.holdings.get(tokenId) ?? position.qty })
  }
  return { ...facts, cash: statement.cash, positions: [...held.values()] } satisfies AccountFacts
})

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
  const sighted = !request.dryRun && venue.isReal(plan.mode) ? yield* sight(plan) : Option.none()
  const markets = Option.map(sighted, (found) => found.markets)
  const named = Option.match(markets, { onNone: () => [], onSome: (found) => [...knownOf(found).values()] })
  const { tenure } = request
  const patience = request.patience === undefined ? {} : { patience: request.patience }
  // Whether the venue would take orders is asked while the account is laid beside it, and told after that.
  const checks = Option.map(markets, (found) => Effect.either(venue.check(plan.mode, wishesOf(plan, found))))
  const [upkept, checked] = yield* Effect.all(
    [
      request.dryRun
        ? Effect.succeed([])
        : Effect.map(
            upkeep(plan.mode, { held: false, markets: named, tenure, ...patience }),
            ({ warnings }) => warnings
          ),
      Option.getOrElse(checks, () => Effect.succeed(undefined))
    ],
    { concurrency: 2 }
  )
  // Upkeep may have moved orders of an earlier run of this plan.
  const earlier = found.earlier.length === 0 ? [] : yield* ledger.orders({ planId: plan.planId })
  const admitted: Admitted = { ...found, earlier }
  const { cautions, ...scene } = yield* Effect.tapError(resolve(plan, sighted, checked), (failure) =>
    request.dryRun ? Effect.void : noteFailure(plan, request, admitted.earlier.length, failure)
  )
  const atMillis = yield* Clock.currentTimeMillis
  const conditionIds = [...scene.known.keys()]
  const paperBalance = plan.mode === "paper" ? request.paperBalance : undefined
  const isReal = venue.isReal(plan.mode)
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
