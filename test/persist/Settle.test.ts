import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { UNIT, Usd } from "../../src/domain/Money.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { AT, bought, history, ledger, OPENING, rows, shares } from "./scene.ts"

const YES = [Usd(UNIT), Usd(0n)] as const

describe("settle", () => {
  it.effect("pays winners and retires losers of a resolved market, once", () =>
    Effect.gen(function* () {
      const { cash, flows, positions, settle, verify } = yield* Ledger
      yield* bought("yes")
      yield* bought("no", { outcomeIndex: 1, outcome: "No" })
      yield* bought("elsewhere", { conditionId: "0xother" })
      const spent = 3n * (44_000_000n + 500_000n)

      assert.isTrue(yield* settle("paper", "0xmarket", YES, AT + 5))
      const after = yield* rows
      assert.isFalse(yield* settle("paper", "0xmarket", YES, AT + 6))
      assert.isFalse(yield* settle("live", "0xmarket", YES, AT + 6))
      assert.isFalse(yield* settle("paper", "0xnever", YES, AT + 6))
      assert.deepStrictEqual(yield* rows, after)

      const held = yield* positions()
      assert.deepStrictEqual(
        held.map(({ cashFlow, conditionId, costBasis, outcome, qty, realizedPnl }) => [
          conditionId,
          outcome,
          qty,
          costBasis,
          realizedPnl,
          cashFlow
        ]),
        [
          ["0xmarket", "Yes", 0n, 0n, 56_000_000n, 56_000_000n],
          ["0xmarket", "No", 0n, 0n, -44_000_000n, -44_000_000n],
          ["0xother", "Yes", shares(100), 44_000_000n, 0n, -44_000_000n]
        ]
      )
      assert.deepStrictEqual(
        (yield* flows("paper"))
          .filter((flow) => flow.kind === "payout")
          .map((flow) => [flow.outcomeIndex, flow.amount, flow.shares]),
        [
          [0, Usd(100n * UNIT), shares(100)],
          [1, Usd(0n), shares(100)]
        ]
      )
      // A payout is in the positions' cash flow and on record in the ledger: it counts once.
      assert.deepStrictEqual(yield* cash("paper"), {
        flows: OPENING,
        trading: Usd(-3n * 44_000_000n),
        payouts: Usd(100n * UNIT),
        fees: Usd(1_500_000n),
        cash: Usd(OPENING - spent + 100n * UNIT)
      })
      assert.deepStrictEqual((yield* history).slice(-2), ["position_settled", "position_settled"])
      assert.isTrue((yield* verify()).ok)
    }).pipe(Effect.provide(ledger))
  )

  it.effect("pays again what was bought after a payout, and the fold still knows the order of both", () =>
    Effect.gen(function* () {
      const { positions, settle, verify } = yield* Ledger
      yield* bought("first")
      yield* settle("paper", "0xmarket", YES, AT)
      yield* bought("second")
      yield* settle("paper", "0xmarket", [Usd(UNIT / 2n), Usd(UNIT / 2n)], AT)
      yield* bought("third")
      const [held] = yield* positions("paper")
      assert.deepInclude(held, { qty: shares(100), costBasis: Usd(44_000_000n), realizedPnl: Usd(62_000_000n) })
      const verdict = yield* verify()
      assert.deepStrictEqual(
        verdict.checks.flatMap((check) => check.differences),
        []
      )
    }).pipe(Effect.provide(ledger))
  )
})
