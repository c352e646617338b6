import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { News, TradeFill, Word } from "../../src/domain/News.ts"
import type { Order } from "../../src/domain/Order.ts"
import { foresee, hearForeseen } from "../../src/persist/Hear.ts"
import { Ledger, type OrderRecord } from "../../src/persist/Ledger.ts"
import { AT, fill, journalled, order, price, shares, ledger as stored } from "./scene.ts"

const of = (planId: string, instruction: number) => order(planId, instruction, { mode: "live" })

const says = ({ id }: Order, word: Word, atMillis: number, fills: ReadonlyArray<TradeFill> = []): News => ({
  orderId: id,
  word,
  matched: undefined,
  fills,
  reason: undefined,
  atMillis
})

const filled = (one: Order, externalId: string): TradeFill => ({
  ...fill(one, shares(100), price(0.44)),
  externalId,
  stage: "provisional"
})

/** Two live orders, the first one announced; what an answer to it will need is foreseen, then something happens. */
const foreseen = <A, E, R>(planId: string, meanwhile: (orders: readonly [Order, Order]) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const ledger = yield* Ledger
    const [first, second] = [of(planId, 0), of(planId, 1)]
    yield* journalled(planId, [first, second], { mode: "live", paperBalance: undefined })
    yield* ledger.append({ answers: [], memory: [], news: [says(first, "sent", AT + 1)] }, new Map(), "live")
    const foresight = yield* ledger.foresee("live", [first.id, second.id])
    yield* meanwhile([first, second])
    const news = [says(first, "done", AT + 5, [filled(first, "trade-1")]), says(second, "sent", AT + 5)]
    const after = yield* ledger.append({ answers: [], memory: [], news }, new Map(), "live", undefined, foresight)
    const [one, two] = [after.get(first.id), after.get(second.id)]
    const stored = yield* ledger.orders({ planId })
    const { checks } = yield* ledger.verify()
    return {
      told: [one?.status, two?.status],
      stored: stored.map(({ filled, sentMillis, status }) => ({ filled, sentMillis, status })),
      positions: (yield* ledger.positions("live")).map(({ qty }) => qty),
      differences: checks.flatMap(({ differences }) => differences)
    }
  })

const SENT: Array<Pick<OrderRecord, "filled" | "sentMillis" | "status">> = [
  { filled: shares(100), sentMillis: AT + 1, status: "filled" },
  { filled: shares(0), sentMillis: AT + 5, status: "pending" }
]

describe("news of orders that were foreseen", () => {
  it.effect("are written in one go where nothing has changed, and not at all where anything has", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const ledger = yield* Ledger
      const [first, second] = [of("go", 0), of("go", 1)]
      yield* journalled("go", [first, second], { mode: "live", paperBalance: undefined })
      const foresight = yield* foresee(sql, "live", [first.id, second.id])
      const after = yield* hearForeseen(sql, "live", [says(first, "sent", AT + 1)], foresight)
      assert.strictEqual(after?.get(first.id)?.sentMillis, AT + 1)
      const late = yield* hearForeseen(sql, "live", [says(second, "sent", AT + 2)], foresight)
      assert.strictEqual(late, undefined)
      const [, unsent] = yield* ledger.orders({ planId: "go" })
      assert.strictEqual(unsent?.sentMillis, undefined)
    }).pipe(Effect.provide(stored))
  )

  it.effect("are folded into what was foreseen, as long as that stands", () =>
    Effect.gen(function* () {
      const found = yield* foreseen("foreseen", () => Effect.void)
      assert.deepStrictEqual(found, {
        told: ["filled", "pending"],
        stored: SENT,
        positions: [shares(100)],
        differences: []
      })
    }).pipe(Effect.provide(stored))
  )

  it.effect("are folded into what stands by now, where the same trade was heard of meanwhile", () =>
    Effect.gen(function* () {
      const found = yield* foreseen("heard", ([first]) =>
        Effect.flatMap(Ledger, (ledger) =>
          ledger.hear("live", [says(first, "done", AT + 3, [filled(first, "trade-1")])])
        )
      )
      assert.deepStrictEqual(found.stored, SENT)
      assert.deepStrictEqual([found.positions, found.differences], [[shares(100)], []])
    }).pipe(Effect.provide(stored))
  )

  it.effect("let no order out where trading was halted meanwhile", () =>
    Effect.gen(function* () {
      const found = yield* foreseen("halted", () =>
        Effect.flatMap(Ledger, (ledger) => ledger.halt("live", "x", AT + 3))
      )
      assert.deepStrictEqual(
        found.stored.map(({ sentMillis, status }) => [status, sentMillis]),
        [
          ["filled", AT + 1],
          ["blocked", undefined]
        ]
      )
      assert.deepStrictEqual(found.differences, [])
    }).pipe(Effect.provide(stored))
  )

  it.effect("let no order out that another process has let out meanwhile", () =>
    Effect.gen(function* () {
      const found = yield* foreseen("taken", ([, second]) =>
        Effect.flatMap(Ledger, (ledger) =>
          ledger.append({ answers: [], memory: [], news: [says(second, "sent", AT + 3)] }, new Map(), "live")
        )
      )
      assert.deepStrictEqual(
        found.stored.map(({ sentMillis }) => sentMillis),
        [AT + 1, AT + 3]
      )
    }).pipe(Effect.provide(stored))
  )
})
