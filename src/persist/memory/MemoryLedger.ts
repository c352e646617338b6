import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { MarketMemory, Reply } from "../../domain/Answer.ts"
import { Conflict, PlanExists } from "../../domain/Failure.ts"
import { type ConditionId, instrumentKey } from "../../domain/Market.ts"
import { Shares, Usd } from "../../domain/Money.ts"
import { EXPOSED, type Mode, type OrderState } from "../../domain/Order.ts"
import { placed } from "../../domain/OrderState.ts"
import type { Plan } from "../../domain/Plan.ts"
import { Ledger } from "../Ledger.ts"
import type { AccountFacts, Journal, JournalRequest, RunRecord, SnapshotRecord, Verdict } from "../Records.ts"
import * as Account from "./MemoryAccount.ts"

/** Of each key wanted, what there is. */
const chosen = <K, V>(from: ReadonlyMap<K, V>, keys: ReadonlyArray<K>): ReadonlyMap<K, V> =>
  new Map(
    keys.flatMap((key) => {
      const found = from.get(key)
      return found === undefined ? [] : [[key, found] as const]
    })
  )

/** The run as its journal leaves it: what has orders on record already is never "rejected". */
const journalled = (request: JournalRequest, journal: Journal<unknown>, before: RunRecord | undefined): RunRecord => {
  const { atMillis, earlier, mode, planFile, planHash, planId } = request
  const { rejected } = journal
  const goesOn = earlier > 0
  const told = rejected === undefined ? journal.summary : rejected.summary
  return {
    planId,
    mode,
    planHash,
    planFile,
    status: rejected === undefined ? "running" : goesOn ? "failed" : (rejected.status ?? "rejected"),
    startedMillis: goesOn ? (before?.startedMillis ?? atMillis) : atMillis,
    completedMillis: rejected === undefined ? undefined : atMillis,
    error: rejected?.error,
    summary: goesOn ? (told ?? before?.summary) : told
  }
}

const byCondition = (a: SnapshotRecord, b: SnapshotRecord) => (a.market.conditionId < b.market.conditionId ? -1 : 1)

const verdictOf = (account: Account.MemoryAccount): Verdict => {
  const differences = Account.differences(account)
  const check = {
    name: "positions are the fold of executions and payouts",
    ok: differences.length === 0,
    checked: account.fills.length,
    differences
  }
  return { ok: check.ok, checks: [check] }
}

/** A ledger that lives as long as its run: the operator's tables are never touched. */
const make = Effect.sync(() => {
  const account = Account.make()
  const runs = new Map<string, RunRecord>()
  const plans = new Map<string, Plan>()
  const snapshots = new Map<ConditionId, SnapshotRecord>()
  const memories = new Map<ConditionId, MarketMemory>()

  const factsOf = (
    mode: Mode,
    conditionIds: ReadonlyArray<ConditionId>,
    paperBalance: Usd | undefined
  ): AccountFacts => {
    const { cash } = Account.cash(account, mode)
    const unfinalShares = new Map<string, Shares>()
    for (const fill of account.fills) {
      if (fill.final || fill.side !== "BUY" || fill.mode !== mode) continue
      const key = instrumentKey(fill)
      unfinalShares.set(key, Shares((unfinalShares.get(key) ?? 0n) + fill.shares))
    }
    return {
      cash: paperBalance === undefined ? cash : Usd(cash - Account.balance(account, mode) + paperBalance),
      positions: Account.positions(account, mode).filter(
        (each) => each.qty !== 0n || conditionIds.includes(each.conditionId)
      ),
      exposed: Account.orders(account, { mode, statuses: EXPOSED }),
      unfinalShares
    }
  }

  const journal = <A>(request: JournalRequest, decide: (facts: AccountFacts) => Journal<A>) =>
    Effect.gen(function* () {
      const { atMillis, conditionIds, earlier, mode, paperBalance, plan, planHash, planId } = request
      const refuse = (why: string) => new PlanExists({ planId, message: `planId already exists: "${planId}" ${why}` })
      const before = runs.get(planId)
      const known = Account.orders(account, { planId }).length
      if (known !== earlier) return yield* refuse("is being run by another process")
      if (before !== undefined && known > 0 && before.planHash !== planHash)
        return yield* refuse("has placed other orders")
      if (paperBalance !== undefined) Account.bookBalance(account, mode, paperBalance, atMillis)
      const decided = decide(factsOf(mode, conditionIds, paperBalance))
      if (decided.orders.some((order) => account.orders.has(order.id)))
        return yield* refuse("has just been taken up by another process")
      runs.set(planId, journalled(request, decided, before))
      plans.set(planId, plan)
      for (const order of decided.orders)
        Account.put(account, {
          ...placed(order),
          externalOrderId: undefined,
          sentMillis: undefined,
          updatedMillis: order.placedMillis
        })
      return decided.value
    })

  const append = (reply: Reply, before: ReadonlyMap<string, OrderState>) =>
    Effect.gen(function* () {
      const stale = reply.memory.some((each) => (memories.get(each.conditionId)?.version ?? 0) !== each.version)
      const written = stale ? ({ _tag: "MovedOn" } as const) : Account.append(account, reply, before)
      if (written._tag === "Impossible") return yield* Effect.dieMessage(written.why)
      if (written._tag === "MovedOn")
        return yield* new Conflict({ message: "an order or a market has moved on since its venue was asked about it" })
      for (const each of reply.memory) memories.set(each.conditionId, { ...each, version: each.version + 1 })
      return written.after
    })

  return Ledger.of({
    run: (planId) => Effect.sync(() => Option.fromNullable(runs.get(planId))),
    runs: (filter = {}) =>
      Effect.sync(() =>
        [...runs.values()]
          .filter(
            (run) =>
              (filter.mode === undefined || run.mode === filter.mode) && (filter.statuses?.includes(run.status) ?? true)
          )
          .sort((a, b) => b.startedMillis - a.startedMillis || (a.planId < b.planId ? -1 : 1))
      ),
    orders: (filter) => Effect.sync(() => Account.orders(account, filter)),
    fills: ({ mode, orderId, planId, sinceMillis = Number.NEGATIVE_INFINITY, unfinal }) =>
      Effect.sync(() =>
        account.fills.filter(
          (fill) =>
            (unfinal !== true || !fill.final) &&
            fill.atMillis >= sinceMillis &&
            (mode === undefined || fill.mode === mode) &&
            (planId === undefined || fill.planId === planId) &&
            (orderId === undefined || fill.orderId === orderId)
        )
      ),
    positions: (mode) => Effect.sync(() => Account.positions(account, mode)),
    cash: (mode) => Effect.sync(() => Account.cash(account, mode)),
    flows: (mode) => Effect.sync(() => account.flows.filter((flow) => flow.mode === mode)),
    simulations: (planIds) =>
      Effect.sync(() => new Map([...chosen(plans, planIds)].map(([id, plan]) => [id, plan.simulation] as const))),
    snapshots: (ids) =>
      Effect.sync(() => [...(ids === undefined ? snapshots : chosen(snapshots, ids)).values()].sort(byCondition)),
    slugs: () => Effect.sync(() => new Map([...snapshots].map(([id, { market }]) => [id, market.slug] as const))),
    sources: (ids) =>
      Effect.sync(() => new Map([...chosen(snapshots, ids)].map(([id, { market }]) => [id, market.source] as const))),
    memory: (ids) => Effect.sync(() => chosen(memories, ids)),
    remember: (sightings, takenMillis) =>
      Effect.sync(() => {
        for (const { book, market } of sightings) {
          const { conditionId } = market
          const known = snapshots.get(conditionId)
          if (known !== undefined && known.takenMillis > takenMillis) continue
          snapshots.set(conditionId, { market, book: book ?? known?.book, takenMillis })
        }
      }),
    facts: (mode, conditionIds, paperBalance) => Effect.sync(() => factsOf(mode, conditionIds, paperBalance)),
    journal,
    append,
    foresee: () => Effect.succeed(undefined),
    finish: (planId, { atMillis, error, status, summary }) =>
      Effect.sync(() => {
        const run = runs.get(planId)
        if (run !== undefined && run.status !== "completed")
          runs.set(planId, { ...run, status, error, summary, completedMillis: atMillis })
      }),
    settle: (mode, conditionId, payouts, atMillis) =>
      Effect.sync(() => Account.settle(account, mode, conditionId, payouts, atMillis)),
    // What is replayed has no operator and no venue behind it.
    hear: () => Effect.succeed(new Map()),
    barriers: () => Effect.succeed({ halt: undefined, stops: [] }),
    halt: () => Effect.succeed([]),
    resume: () => Effect.succeed(false),
    liveAccount: () => Effect.succeed(Option.none()),
    reckon: () => Effect.void,
    tried: () => Effect.void,
    trials: () => Effect.succeed([]),
    watched: () => Effect.void,
    event: () => Effect.void,
    verify: () => Effect.sync(() => verdictOf(account))
  })
})

/** Fits `Ledger` with plain maps. Deterministic: what it tells depends on what it was told, in that order. */
export const layer: Layer.Layer<Ledger> = Layer.effect(Ledger, make)
