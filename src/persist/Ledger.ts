import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type { MarketMemory, Reply } from "../domain/Answer.ts"
import type { Conflict, DatabaseUnavailable, Halted, PlanExists, VenueUnavailable } from "../domain/Failure.ts"
import type { ConditionId, Payouts } from "../domain/Market.ts"
import type { Usd } from "../domain/Money.ts"
import type { News } from "../domain/News.ts"
import type { Mode, OrderState } from "../domain/Order.ts"
import type { Simulation } from "../domain/Plan.ts"
import type { Position } from "../domain/Position.ts"
import * as Account from "./Account.ts"
import { append } from "./Append.ts"
import { canonical } from "./Audit.ts"
import { available, observe, transact, transactAsking } from "./Database.ts"
import type { Barriers, Tenure } from "./Gate.ts"
import * as Gate from "./Gate.ts"
import { halt, resume } from "./Halting.ts"
import { type Foresight, foresee, hear, questions } from "./Hear.ts"
import { finish, journal } from "./Journal.ts"
import * as Reading from "./Reading.ts"
import { liveAccount, type Reckoning, reckon } from "./Reckoning.ts"
import type {
  AccountFacts,
  Cash,
  Ending,
  FillFilter,
  FillRecord,
  FlowRecord,
  Journal,
  JournalRequest,
  LiveAccount,
  OrderFilter,
  OrderRecord,
  RunFilter,
  RunRecord,
  SnapshotRecord,
  TrialRecord,
  Verdict
} from "./Records.ts"
import { settle } from "./Settle.ts"
import * as Snapshots from "./Snapshots.ts"
import { record } from "./Trail.ts"
import * as Trials from "./Trials.ts"
import { verify } from "./Verify.ts"

export type { Tenure } from "./Gate.ts"
export type { Reckoning } from "./Reckoning.ts"
export type * from "./Records.ts"
export type { Sighting } from "./Snapshots.ts"
export type { Note, Simulated } from "./Trials.ts"

type Asked<A, E = never> = Effect.Effect<A, DatabaseUnavailable | E>

/**
 * What happened, and the questions asked of it. Every method is one transaction or one statement: it happens wholly or not
 * at all. Where the database cannot be reached, or refuses, it fails with `DatabaseUnavailable`; a row that this program
 * could not have written is a defect.
 */
export class Ledger extends Context.Tag("betteroms/persist/Ledger")<
  Ledger,
  {
    readonly run: (planId: string) => Asked<Option.Option<RunRecord>>
    /** Newest first. */
    readonly runs: (filter?: RunFilter) => Asked<ReadonlyArray<RunRecord>>
    /** By time placed, then plan, instruction and attempt. */
    readonly orders: (filter: OrderFilter) => Asked<ReadonlyArray<OrderRecord>>
    /** In the order in which they fold into positions. */
    readonly fills: (filter: FillFilter) => Asked<ReadonlyArray<FillRecord>>
    /** Everything that was ever held, sold out or not. */
    readonly positions: (mode?: Mode) => Asked<ReadonlyArray<Position>>
    readonly cash: (mode: Mode) => Asked<Cash>
    readonly flows: (mode: Mode) => Asked<ReadonlyArray<FlowRecord>>
    /** How the simulated venue is to treat the orders of each plan, for as long as they rest. */
    readonly simulations: (planIds: ReadonlyArray<string>) => Asked<ReadonlyMap<string, Simulation>>
    /** The last record and book seen, of all markets or of those asked for. */
    readonly snapshots: (conditionIds?: ReadonlyArray<ConditionId>) => Asked<ReadonlyArray<SnapshotRecord>>
    /** What markets are called, by condition id. */
    readonly slugs: () => Asked<ReadonlyMap<ConditionId, string>>
    /** Which source (`Market.source`) the markets on record came from, by condition id. */
    readonly sources: (conditionIds: ReadonlyArray<ConditionId>) => Asked<ReadonlyMap<ConditionId, string>>
    /** What the simulated venue remembers, of those markets of which it remembers anything. */
    readonly memory: (conditionIds: ReadonlyArray<ConditionId>) => Asked<ReadonlyMap<ConditionId, MarketMemory>>
    /** Keeps the last record of each market and, where one was seen, its book. */
    readonly remember: (sightings: ReadonlyArray<Snapshots.Sighting>, atMillis: number) => Asked<void>
    /** What risk must know of an account, at one moment; writes nothing. */
    readonly facts: (
      mode: Mode,
      conditionIds: ReadonlyArray<ConditionId>,
      paperBalance: Usd | undefined
    ) => Asked<AccountFacts>
    /**
     * Decides about a plan and writes the decision down, in one commit that no other decision about the account can come
     * between. `PlanExists` when another process has taken the plan up since the caller looked.
     */
    readonly journal: <A>(
      request: JournalRequest,
      decide: (facts: AccountFacts) => Journal<A>
    ) => Asked<A, PlanExists | Halted | VenueUnavailable>
    /**
     * Writes what a venue answered, all of it or nothing, and returns the orders as they are now. `Conflict` when an
     * order no longer stands as in `before`, or a market's memory at the version it names: read again, ask again. An
     * answer that an order could not have had is a defect. News are folded into what stands, however late they come; an
     * order that is about to leave passes the gate (halt, stops, the lease it works under) in this commit.
     */
    readonly append: (
      reply: Reply,
      before: ReadonlyMap<string, OrderState>,
      mode: Mode,
      tenure?: Tenure | undefined,
      foreseen?: Foresight | undefined
    ) => Asked<ReadonlyMap<string, OrderState>, Conflict>
    /** Reads ahead what news of orders will need; `append` uses it where none of it has changed by then. */
    readonly foresee: (mode: Mode, orderIds: ReadonlyArray<string>) => Asked<Foresight | undefined>
    /** Ends a run; one that has completed already stays as it is. */
    readonly finish: (planId: string, ending: Ending) => Asked<void>
    /** Pays out what is held of a resolved market; false when nothing was. */
    readonly settle: (mode: Mode, conditionId: ConditionId, payouts: Payouts, atMillis: number) => Asked<boolean>
    /** Folds news of orders into what stands, however late they come; returns the orders as they are now. */
    readonly hear: (mode: Mode, news: ReadonlyArray<News>) => Asked<ReadonlyMap<string, OrderRecord>>
    /** What keeps orders of a mode from leaving. */
    readonly barriers: (mode: Mode) => Asked<Pick<Barriers, "halt" | "stops">>
    /** Halts a mode and voids its orders that were never sent, in one commit; returns those. */
    readonly halt: (mode: Mode, reason: string | undefined, atMillis: number) => Asked<ReadonlyArray<OrderRecord>>
    /** Ends a halt; false where there was none. */
    readonly resume: (mode: Mode, atMillis: number) => Asked<boolean>
    /** The account at the venue that the live books are about, once it has been seen. */
    readonly liveAccount: () => Asked<Option.Option<LiveAccount>>
    /** Books what was found when an account was laid beside its venue; `Conflict` when it has moved on meanwhile. */
    readonly reckon: (mode: Mode, reckoning: Reckoning, atMillis: number) => Asked<void, Conflict>
    /** Keeps what the simulator said of real orders as they left; what was said first stands. */
    readonly tried: (simulated: ReadonlyArray<Trials.Simulated>) => Asked<void>
    /** Real orders beside what was simulated of them, by time placed; with `watched`, those of which more is to be learned. */
    readonly trials: (filter: { readonly watched?: boolean }) => Asked<ReadonlyArray<TrialRecord>>
    /** Keeps what later books said of those. */
    readonly watched: (notes: ReadonlyArray<Trials.Note>) => Asked<void>
    /** Puts something else that happened on the audit log; `data` is JSON, amounts (bigint) become decimal text. */
    readonly event: (
      type: string,
      entityType: string,
      entityId: string,
      data: unknown,
      actor: string,
      atMillis: number
    ) => Asked<void>
    /** Proves the ledger against itself. */
    readonly verify: () => Asked<Verdict>
  }
>() {
  static readonly layer = Layer.effect(
    Ledger,
    Effect.map(SqlClient.SqlClient, (sql) =>
      Ledger.of({
        run: (planId) => available(Reading.run(sql, planId)),
        runs: (filter = {}) => available(Reading.runs(sql, filter)),
        orders: (filter) => available(Reading.orders(sql, filter)),
        fills: (filter) => available(Reading.fills(sql, filter)),
        positions: (mode) => available(Reading.positions(sql, mode)),
        cash: (mode) => available(Account.cash(sql, mode)),
        flows: (mode) => available(Reading.flows(sql, mode)),
        simulations: (planIds) => available(Reading.simulations(sql, planIds)),
        snapshots: (conditionIds) => available(Snapshots.snapshots(sql, conditionIds)),
        slugs: () => available(Snapshots.slugs(sql)),
        sources: (conditionIds) => available(Snapshots.sources(sql, conditionIds)),
        memory: (conditionIds) => available(Snapshots.memory(sql, conditionIds)),
        remember: (sightings, atMillis) => available(Snapshots.remember(sql, sightings, atMillis)),
        facts: (mode, conditionIds, paperBalance) => observe(sql, Account.facts(sql, mode, conditionIds, paperBalance)),
        journal: (request, decide) => journal(sql, request, decide),
        append: (reply, before, mode, tenure, foreseen) => append(sql, reply, before, mode, tenure, foreseen),
        foresee: (mode, orderIds) => available(foresee(sql, mode, orderIds)),
        hear: (mode, news) =>
          transactAsking(sql, mode, questions(mode, news), (answers, leave) =>
            hear(sql, news, undefined, answers, leave)
          ),
        barriers: (mode) => available(Gate.barriers(sql, mode)),
        halt: (mode, reason, atMillis) => halt(sql, mode, reason, atMillis),
        resume: (mode, atMillis) => resume(sql, mode, atMillis),
        liveAccount: () => available(liveAccount(sql)),
        reckon: (mode, reckoning, atMillis) => reckon(sql, mode, reckoning, atMillis),
        finish: (planId, ending) => finish(sql, planId, ending),
        settle: (mode, conditionId, payouts, atMillis) => settle(sql, mode, conditionId, payouts, atMillis),
        tried: (simulated) => (simulated.length === 0 ? Effect.void : available(Trials.keep(sql, simulated))),
        trials: (filter) => available(Trials.trials(sql, filter)),
        watched: (notes) => (notes.length === 0 ? Effect.void : available(Trials.note(sql, notes))),
        event: (type, entityType, entityId, data, actor, atMillis) =>
          transact(sql, record(sql, [{ type, entityType, entityId, data: canonical(data), actor, atMillis }])),
        verify: () => verify(sql)
      })
    )
  )
}
