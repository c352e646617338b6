import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import type { Answer } from "../../src/domain/Answer.ts"
import { Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { isTerminal, type OrderState, remaining } from "../../src/domain/Order.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { AT, answer, answered, fill, journalled, ledger, OPENING, order } from "./scene.ts"

const MARKETS = ["0xa", "0xb"] as const

/** One thing that may happen next; what does not apply to the order it meets is passed over. */
const step = fc.record({
  kind: fc.constantFrom("buy", "sell", "open", "part", "part", "fill", "cancel", "settle"),
  market: fc.constantFrom(...MARKETS),
  outcome: fc.constantFrom(0 as const, 1 as const),
  micros: fc.bigInt(1n, 500n * UNIT),
  ticks: fc.bigInt(1n, 9_999n),
  fee: fc.bigInt(0n, 2n * UNIT),
  pays: fc.constantFrom(0n, UNIT / 2n, UNIT)
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Plays steps against the ledger and against plain sums of whatever came and went. */
const play = Effect.fn("play")(function* (steps: ReadonlyArray<Step>) {
  const { cash, positions, settle, verify } = yield* Ledger
  const open = new Map<string, OrderState>()
  const held = new Map<string, bigint>()
  let money: bigint = OPENING
  yield* journalled("opening", [])

  for (const [at, { fee, kind, market, micros, outcome, pays, ticks }] of steps.entries()) {
    const key = (state: OrderState) => `${state.order.conditionId}#${state.order.outcomeIndex}`
    const reserved = (of: string) =>
      [...open.values()]
        .filter((state) => state.order.side === "SELL" && key(state) === of)
        .reduce((sum, state) => sum + remaining(state), 0n)

    if (kind === "buy" || kind === "sell") {
      const free = (held.get(`${market}#${outcome}`) ?? 0n) - reserved(`${market}#${outcome}`)
      const size = kind === "buy" ? micros : micros < free ? micros : free
      if (size <= 0n) continue
      const [placed] = yield* journalled(`p${at}`, [
        order(`p${at}`, 0, {
          conditionId: market,
          outcomeIndex: outcome,
          outcome: outcome === 0 ? "Yes" : "No",
          side: kind === "buy" ? "BUY" : "SELL",
          price: Price(ticks * 100n),
          quantity: { _tag: "Shares", shares: Shares(size) }
        })
      ])
      if (placed !== undefined) open.set(placed.order.id, placed)
      continue
    }
    if (kind === "settle") {
      const payouts =
        outcome === 0 ? ([Usd(pays), Usd(UNIT - pays)] as const) : ([Usd(UNIT - pays), Usd(pays)] as const)
      if ([...open.values()].some((state) => state.order.conditionId === market)) continue
      yield* settle("paper", market, payouts, AT + at)
      for (const index of [0, 1] as const) {
        money += ((held.get(`${market}#${index}`) ?? 0n) * payouts[index]) / UNIT
        held.delete(`${market}#${index}`)
      }
      continue
    }
    const [state] = [...open.values()].filter((each) => each.order.conditionId === market)
    if (state === undefined) continue
    const left = remaining(state)
    const part = kind === "fill" ? left : kind === "part" && left > 1n ? (micros % (left - 1n)) + 1n : 0n
    if (kind === "part" && part === 0n) continue
    if (kind === "open" && state.status !== "pending") continue
    const fills = part === 0n ? [] : [fill(state.order, Shares(part), state.order.price, Usd(fee))]
    const status: Answer["status"] = kind === "cancel" ? "cancelled" : part === left ? "filled" : "open"
    const [after] = yield* answered([state], [answer(state.order, status, { fills, atMillis: AT + at })])
    if (after === undefined || isTerminal(after.status)) open.delete(state.order.id)
    else open.set(state.order.id, after)
    const sign = state.order.side === "BUY" ? 1n : -1n
    held.set(key(state), (held.get(key(state)) ?? 0n) + sign * part)
    for (const { fee, notional } of fills) money -= sign * notional + fee
  }

  assert.strictEqual((yield* cash("paper")).cash, money)
  for (const position of yield* positions("paper"))
    assert.strictEqual(position.qty, held.get(`${position.conditionId}#${position.outcomeIndex}`) ?? 0n)
  const verdict = yield* verify()
  assert.deepStrictEqual(
    verdict.checks.flatMap((check) => check.differences),
    []
  )
})

describe("the ledger", () => {
  it.effect("balances to the micro-unit and stays provable, whatever happens in whatever order", () =>
    Effect.forEach(
      fc.sample(fc.array(step, { minLength: 10, maxLength: 60 }), { numRuns: 12, seed: 20_261_123 }),
      (steps) => Effect.provide(play(steps), ledger),
      { discard: true }
    )
  )
})
