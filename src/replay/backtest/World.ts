import * as Effect from "effect/Effect"
import type { Answer } from "../../domain/Answer.ts"
import type { ConditionId, Market } from "../../domain/Market.ts"
import type { Bands, Order } from "../../domain/Order.ts"
import type { Simulation } from "../../domain/Plan.ts"
import * as Agenda from "../../exchange/EventAgenda.ts"
import { BUILDING, KNOWN, make as makeEngine } from "../../exchange/EventMarket.ts"
import * as Matching from "../../exchange/EventMatching.ts"
import { rulesOf } from "../../exchange/EventRules.ts"
import type { DatedFees } from "../../exchange/Fees.ts"
import type { Latency } from "../../exchange/Latency.ts"
import type { Share } from "../../exchange/Queue.ts"
import { Mailbox } from "./Mailbox.ts"
import type { Observer } from "./Observer.ts"
import * as Place from "./Place.ts"

/** How a replay is simulated. */
export interface Settings {
  readonly simulation: Simulation
  readonly latency: Latency
  /** What part of a cancellation the neutral band gives to those ahead. */
  readonly cancellations: Share
  /** The run begins once the books of all its markets are known, and not before this time (epoch milliseconds). */
  readonly notBefore: number
}

/** What has happened since it was last asked: the orders that answers came back about, and whether a market was resolved. */
export interface News {
  readonly orders: ReadonlyArray<string>
  readonly isResolved: boolean
}

/** What is timed: `isData` marks what only counts while there is data. */
interface Timer {
  readonly isData: boolean
  readonly ring: () => void
}

/**
 * Everything that has been replayed so far: markets with their exchanges, answers on their way, and what is due. Plain
 * calls, no Effect in the path of an event. `nowMillis` is the time of receipt of the last event, or of the last timer.
 */
export class World {
  nowMillis = Number.NEGATIVE_INFINITY
  /** Rows may be applied up to this time before timers are looked at again; whatever makes a timer lowers it. */
  stopMillis = Number.POSITIVE_INFINITY
  readonly places: ReadonlyArray<Place.Place>
  hasBegun = false
  /** There is no more data. */
  hasEnded = false
  /** Rows of the markets of this run. */
  rows = 0
  readonly #byId: ReadonlyMap<ConditionId, Place.Place>
  readonly #observer: Observer
  readonly #settings: Settings
  readonly #timers = Agenda.make<Timer>()
  readonly mail = new Mailbox()
  #heardOf = new Set<string>()
  #isResolved = false
  #isOver = false
  #begin: (() => void) | undefined
  #tell: (() => void) | undefined

  constructor(markets: ReadonlyArray<Market>, settings: Settings, observer: Observer) {
    this.#settings = settings
    this.#observer = observer
    this.places = markets.map((market) => {
      const fees = [{ fromMillis: Number.NEGATIVE_INFINITY, fees: market.fees }]
      return Place.make(market, this.#engine(market, fees), fees)
    })
    this.#byId = new Map(this.places.map((place) => [place.market.conditionId, place]))
    if (Number.isFinite(settings.notBefore)) this.at(settings.notBefore, true, () => this.beginIfKnown())
  }

  #engine(market: Market, fees: ReadonlyArray<DatedFees>) {
    const { cancellations, latency, simulation } = this.#settings
    const { conditionId, takerDelayMillis, tick } = market
    return makeEngine(
      {
        ...rulesOf(conditionId, tick, fees),
        takerDelayMillis,
        simulation,
        cancellations,
        latency: { ...latency, seed: `${latency.seed}|${conditionId}` }
      },
      {
        answer: (answer, _, knownMillis) => this.#post(answer, knownMillis),
        fill: (order, band, fill) => {
          this.#observer.fill(band, order, fill)
          if (band !== "neutral") return
          for (const [horizon, millis] of this.#observer.horizons.entries()) {
            this.at(fill.atMillis + millis, true, () =>
              this.#observer.markedOut(horizon, order, fill, this.quoteOf(order.conditionId))
            )
          }
        }
      }
    )
  }

  /** Rings at a time, or at once where it is past. */
  at(millis: number, isData: boolean, ring: () => void): void {
    const due = Math.max(millis, this.nowMillis)
    Agenda.add(this.#timers, due, { isData, ring })
    if (due < this.stopMillis) this.stopMillis = due
  }

  get nextTimer(): number {
    return this.#timers.next
  }

  /** Rings everything that is due by now, in order. */
  ring(): void {
    while (this.#timers.next <= this.nowMillis) {
      const due = Agenda.take(this.#timers)
      if (due !== undefined && !(this.hasEnded && due.what.isData)) due.what.ring()
    }
  }

  place(conditionId: ConditionId): Place.Place | undefined {
    return this.#byId.get(conditionId)
  }

  readonly quoteOf = (conditionId: ConditionId) => {
    const place = this.#byId.get(conditionId)
    return place === undefined ? undefined : Place.quote(place)
  }

  /** Begins the run when the books of all markets are known and it is time. */
  beginIfKnown(): void {
    if (this.hasBegun || this.nowMillis < this.#settings.notBefore) return
    if (this.places.every((place) => place.engine.knowledge === KNOWN)) this.begin()
  }

  /** Begins the run now, whatever is known. */
  begin(): void {
    if (this.hasBegun) return
    this.hasBegun = true
    const known = this.places.filter((place) => place.engine.knowledge === KNOWN)
    this.#observer.begun(
      this.nowMillis,
      known.map((place) => place.market.conditionId)
    )
    const every = () => {
      this.#observer.sample(this.nowMillis, this.quoteOf)
      this.at(this.nowMillis + this.#observer.sampleMillis, true, every)
    }
    every()
    const look = () => this.at(this.nowMillis + this.#observer.look(this.nowMillis, this.quoteOf), true, look)
    look()
    this.stopMillis = this.nowMillis
    this.#begin?.()
  }

  sealed(place: Place.Place): void {
    if (this.hasBegun) this.#observer.known(place.market.conditionId, this.nowMillis)
    else this.beginIfKnown()
  }

  /** The stream of a market is about to break. */
  breaks(place: Place.Place): void {
    if (this.hasBegun) this.#observer.gap(place.market.conditionId, this.nowMillis, Place.quote(place))
  }

  resolved(place: Place.Place, pips: number, atMillis: number): void {
    const payouts = Place.resolve(place, pips, atMillis)
    this.#observer.settled(place.market.conditionId, payouts, this.nowMillis)
    this.#isResolved = true
    this.#news()
  }

  /**
   * Looks at an exchange with own orders once all that happened there up to what is due has arrived: a group of events that
   * may have met them is over a millisecond later.
   */
  watch(place: Place.Place): void {
    const { engine } = place
    const due = Math.min(engine.dirty ? engine.now + 1 : Number.POSITIVE_INFINITY, Matching.nextMillis(engine))
    if (Number.isFinite(due)) this.#lookAt(place, Math.max(due + place.lag, this.nowMillis))
  }

  #lookAt(place: Place.Place, lookMillis: number): void {
    if (lookMillis >= place.lookMillis) return
    place.lookMillis = lookMillis
    this.at(lookMillis, false, () => {
      if (place.lookMillis > this.nowMillis) return
      place.lookMillis = Number.POSITIVE_INFINITY
      const { engine } = place
      Matching.advance(engine, Place.horizon(place, this.nowMillis))
      // While a full book comes in nothing happens, and its end is looked at anyway.
      const next = engine.knowledge === BUILDING ? Number.POSITIVE_INFINITY : Matching.nextMillis(engine)
      if (Number.isFinite(next)) this.#lookAt(place, Math.max(next + place.lag, this.nowMillis + 1))
    })
  }

  /** An order leaves now; false where no market of this run is its market. */
  submit(order: Order): boolean {
    const place = this.#byId.get(order.conditionId)
    if (place === undefined) return false
    this.mail.open(order.id)
    Matching.submit(place.engine, order, this.nowMillis)
    this.watch(place)
    return true
  }

  /** A cancel leaves now. */
  cancel(order: Order, as: "cancelled" | "expired", reason: string): void {
    const place = this.#byId.get(order.conditionId)
    if (place === undefined) return
    Matching.cancel(place.engine, order.id, this.nowMillis, as, reason)
    this.watch(place)
  }

  /** How far an order that has not ended has come beside the neutral band. */
  bandsOf(order: Order): Bands | undefined {
    const place = this.#byId.get(order.conditionId)
    return place === undefined ? undefined : Matching.bandsOf(place.engine, order.id)
  }

  #post(answer: Answer, knownMillis: number): void {
    this.mail.sent()
    this.at(knownMillis, false, () => {
      if (!this.mail.arrive(answer)) return
      this.#heardOf.add(answer.orderId)
      this.#news()
    })
  }

  #news(): void {
    this.stopMillis = this.nowMillis
    this.#tell?.()
  }

  /** Waits until the run may begin. */
  readonly begun: Effect.Effect<void> = Effect.async<void>((resume) => {
    if (this.hasBegun) resume(Effect.void)
    else this.#begin = () => resume(Effect.void)
  })

  /** Waits until something has happened to own orders or a market was resolved; undefined once the data are over. */
  readonly news: Effect.Effect<News | undefined> = Effect.async<News | undefined>((resume) => {
    const tell = () => {
      const found = { orders: [...this.#heardOf], isResolved: this.#isResolved }
      const isNews = found.isResolved || found.orders.length > 0
      if (!isNews && !this.#isOver) return
      this.#heardOf = new Set()
      this.#isResolved = false
      this.#tell = undefined
      resume(Effect.succeed(isNews ? found : undefined))
    }
    this.#tell = tell
    tell()
  })

  /**
   * The data are over: a last sample is taken, and from here on nothing is known of any book. Answers that are on their
   * way still come.
   */
  end(): void {
    if (!this.hasBegun) this.begin()
    this.#observer.look(this.nowMillis, this.quoteOf)
    this.#observer.sample(this.nowMillis, this.quoteOf)
    this.hasEnded = true
    for (const { engine } of this.places) if (engine.orders.size > 0) Matching.gap(engine, this.nowMillis)
  }

  /** Nothing more will happen. */
  close(): void {
    this.#isOver = true
    this.#tell?.()
  }
}
