import { closeSync, openSync, writeSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Queue from "effect/Queue"
import { Price, UNIT, Usd } from "../domain/Money.ts"
import * as Agenda from "../exchange/EventAgenda.ts"
import { act } from "./Act.ts"
import type { Action } from "./Action.ts"
import * as Controls from "./Controls.ts"
import * as Door from "./Door.ts"
import * as Engine from "./Engine.ts"
import * as Faults from "./Faults.ts"
import * as House from "./House.ts"
import type { Entered } from "./Journal.ts"
import type { Listing } from "./Listing.ts"
import * as Markets from "./Markets.ts"
import * as Operator from "./Operator.ts"
import { type Options, RULES } from "./Options.ts"
import { place, type Wanted } from "./Placing.ts"
import { handle } from "./Routes.ts"
import { SandboxUnavailable } from "./SandboxUnavailable.ts"
import * as Settlement from "./Settlement.ts"
import { type State, stateOf } from "./State.ts"
import * as Streams from "./Streams.ts"
import * as UsualBook from "./UsualBook.ts"
import * as Wallet from "./Wallet.ts"

type Do<A = void> = Effect.Effect<A, SandboxUnavailable>

/** A running sandbox. Markets are named by slug, numeric id, condition id or token id. */
export interface Sandbox {
  readonly url: string
  readonly wsUrl: string
  /** All `POLYMARKET_*` variables of the operator, whose wallet is funded. */
  readonly env: Readonly<Record<string, string>>
  readonly operator: Operator.Operator
  /** Another funded account, with a key of its own; the same name is the same one. */
  readonly another: (
    name: string,
    cash?: Usd,
    signatureType?: Operator.SignatureType
  ) => Effect.Effect<Operator.Operator>
  readonly environmentOf: (operator: Operator.Operator) => Readonly<Record<string, string>>
  readonly market: (id: string) => Do<Listing>
  readonly journal: () => ReadonlyArray<Entered>
  readonly state: () => State
  /** The liquidity that belongs to nobody becomes this; what crosses resting orders fills them. */
  readonly setBook: (market: string, book: Controls.BookText) => Do
  /** All of a market's liquidity that belongs to nobody, so many ticks higher. */
  readonly moveBook: (market: string, ticks: number) => Do
  readonly setTick: (market: string, tick: string) => Do
  readonly resolve: (market: string, winner: keyof typeof Controls.PAYOUTS) => Do
  /** Pays holders of a resolved market out. */
  readonly redeem: (market: string) => Do
  /** Adds to a wallet (the operator's by default) micro-dollars, or micro-shares of a token. May take away. */
  readonly credit: (amount: bigint, asset?: string, wallet?: Wallet.Wallet) => Effect.Effect<void>
  readonly fault: (spec: Faults.FaultSpec) => Effect.Effect<number>
  readonly clearFaults: Effect.Effect<void>
  readonly setMode: (mode: House.Mode, millis?: number) => Effect.Effect<void>
  /** Goes on in time, doing what falls due. */
  readonly advance: (millis: number) => Effect.Effect<void>
  /** Settles every trade that is neither stuck nor failing. */
  readonly settle: Effect.Effect<void>
  /** Ends a trade that is stuck. */
  readonly finish: (trade: string, as: "CONFIRMED" | "FAILED") => Do
  /** Posts an order for somebody from inside the venue, by the rules for everybody; what the venue answers. */
  readonly place: (operator: Operator.Operator, market: string, wanted: Wanted) => Do<unknown>
  /** Looks at it or changes it when whatever is due has been done. */
  readonly doing: <A>(what: (now: number) => A) => Effect.Effect<A>
  /** Does anything that can be done from outside. */
  readonly act: (action: Action) => Do<unknown>
  /** Everything it knows, for what has no words of its own. */
  readonly house: House.House
}

const openMarkets = (house: House.House, options: Options, now: number): void => {
  for (const wish of options.markets ?? Markets.USUAL) {
    const terms = "tokens" in wish ? wish : Markets.termsOf(house.rules.seed, wish)
    const listing = Markets.list(house, terms, now)
    const { asks, bids } = UsualBook.around(UsualBook.firstAsk(house.rules.seed, terms.slug), terms.tick)
    Engine.show(house, listing, bids, asks, now)
  }
}

/** Moves every book by the seed, a step each time. */
const moving = (house: House.House, millis: number, now: number, step = 0): void => {
  Agenda.add(house.agenda, now + millis, (at) => {
    for (const listing of house.listings.values()) {
      if (listing.payouts !== undefined) continue
      const drift = UsualBook.stepAt(house.rules.seed, listing.slug, step)
      const ask = Price(UsualBook.askAfter(listing, drift))
      const { asks, bids } = UsualBook.around(ask, Price(BigInt(listing.ladder.book.tick)))
      Engine.show(house, listing, bids, asks, at)
    }
    moving(house, millis, at, step + 1)
  })
}

/** Appends every entry of the journal to a file, before anything else happens. */
const keep = (house: House.House, file: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.try({
        try: () => openSync(file, "a", 0o600),
        catch: () => new SandboxUnavailable({ message: `the journal ${file} cannot be written` })
      }),
      (handle) => Effect.sync(() => closeSync(handle))
    ),
    (handle) => {
      house.journal.listeners.add((entry) => writeSync(handle, `${JSON.stringify(entry)}\n`))
    }
  )

/** Starts a sandbox on the loopback address; it ends with its scope. */
export const make = Effect.fn("Sandbox.make")(function* (options: Options = {}) {
  const clock = yield* Effect.clock
  const { cash, faults, journalFile, latencyMillis, markets, moveMillis, port, schedule, signatureType, ...rules } =
    options
  const house = House.make({ ...RULES, ...rules })
  const now = () => clock.unsafeCurrentTimeMillis() + house.ahead
  if (journalFile !== undefined) yield* keep(house, journalFile)
  openMarkets(house, options, now())
  const operator = Operator.open(house, "operator", signatureType ?? 0, cash ?? Usd(10_000n * UNIT), now())
  for (const spec of faults ?? []) Faults.add(house, spec)
  for (const { action, atMs } of schedule ?? []) {
    Agenda.add(house.agenda, now() + atMs, (at) => void act(house, action, at))
  }
  if (moveMillis !== undefined) moving(house, moveMillis, now())

  const woken = yield* Queue.sliding<void>(1)
  /** One thing at a time: first whatever is due, then what is asked for. */
  const at = <A>(what: (now: number) => A): A => {
    const present = now()
    House.runDue(house, present)
    const found = what(present)
    Queue.unsafeOffer(woken, undefined)
    return found
  }
  const door = yield* Door.open({
    port: port ?? 0,
    latencyMillis: latencyMillis ?? 0,
    strike: (op) => (op.includes(" /sandbox") ? [] : Faults.strike(house, op, now())),
    handle: (request) => at((present) => handle(house, request, present))
  })
  yield* Streams.open(house, door.server, now)
  const wait = Effect.suspend(() => {
    const next = Math.min(house.agenda.next, house.modeUntil)
    const pause = Number.isFinite(next)
      ? Effect.sleep(Math.min(Math.max(0, next - now()), 2_000_000_000))
      : Effect.never
    return Effect.race(pause, Queue.take(woken))
  })
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.zipRight(
        wait,
        Effect.sync(() => House.runDue(house, now()))
      )
    )
  )

  const url = `http://127.0.0.1:${door.port}`
  const doing = <A>(what: (now: number) => A): Effect.Effect<A> => Effect.sync(() => at(what))
  const trying = <A>(what: (now: number) => Controls.Done<A>): Do<A> =>
    Effect.suspend(() => Either.mapLeft(at(what), (message) => new SandboxUnavailable({ message })))
  const sandbox: Sandbox = {
    url,
    wsUrl: `ws://127.0.0.1:${door.port}/ws`,
    env: Operator.environment(operator, url),
    operator,
    another: (name, cash, signatureType) =>
      doing((now) => Operator.open(house, name, signatureType ?? 0, cash ?? Usd(10_000n * UNIT), now)),
    environmentOf: (operator) => Operator.environment(operator, url),
    market: (id) => trying(() => Controls.marketOf(house, id)),
    journal: () => house.journal.entries,
    state: () => at(() => stateOf(house)),
    setBook: (market, book) => trying((now) => Controls.setBook(house, market, book, now)),
    moveBook: (market, ticks) => trying((now) => Controls.moveBook(house, market, ticks, now)),
    setTick: (market, tick) => trying((now) => Controls.setTick(house, market, tick, now)),
    resolve: (market, winner) => trying((now) => Controls.resolve(house, market, winner, now)),
    redeem: (market) => trying((now) => Controls.redeem(house, market, now)),
    credit: (amount, asset = Wallet.CASH, wallet = operator.wallet) =>
      doing((now) => Controls.credit(house, wallet, asset, amount, now)),
    fault: (spec) => doing(() => Faults.add(house, spec)),
    clearFaults: doing(() => Faults.clear(house)),
    setMode: (mode, millis) => doing((now) => House.setMode(house, mode, now, millis)),
    advance: (millis) =>
      doing((now) => {
        house.ahead += millis
        House.runDue(house, now + millis)
      }),
    settle: doing((now) => Settlement.settleAll(house, now)),
    place: (operator, market, wanted) =>
      trying((now) =>
        Either.map(Controls.marketOf(house, market), (listing) => place(house, operator, listing, wanted, now).body)
      ),
    doing,
    act: (action) => trying((now) => act(house, action, now)),
    finish: (trade, as) => trying((now) => Controls.finish(house, trade, as, now)),
    house
  }
  return sandbox
})
