import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { BookSnapshot } from "./domain/Book.ts"
import type { ConditionId } from "./domain/Market.ts"
import { Usd } from "./domain/Money.ts"
import { EXPOSED, type Mode } from "./domain/Order.ts"
import type { MarkedPosition } from "./domain/Report.ts"
import { reservedCash } from "./domain/Reserve.ts"
import { MarketData } from "./layers/MarketData.ts"
import { Ledger } from "./persist/Ledger.ts"
import { mark } from "./report/Marks.ts"

/** Positions marked to the book as it is now, and what could not be marked freshly. */
export interface Marked {
  readonly positions: ReadonlyArray<MarkedPosition>
  readonly warnings: ReadonlyArray<string>
}

/**
 * Positions of one mode or of all. Each is marked to the current book of the source its market came from; where that
 * source does not answer, to the last book on record, with a warning.
 */
export const positions = Effect.fn("ReadOuts.positions")(function* (mode: Option.Option<Mode>) {
  const ledger = yield* Ledger
  const data = yield* MarketData
  const found = yield* ledger.positions(Option.getOrUndefined(mode))
  const held = new Set(found.filter((position) => position.qty > 0n).map((position) => position.conditionId))
  const snapshots = new Map(
    (yield* ledger.snapshots([...held])).map((snapshot) => [snapshot.market.conditionId, snapshot] as const)
  )
  const fetched = yield* Effect.either(data.books([...snapshots.values()].map((snapshot) => snapshot.market)))
  const warnings: Array<string> = []
  if (Either.isLeft(fetched)) warnings.push(`marked to the last known books: ${fetched.left.message}`)
  const bookOf = (conditionId: ConditionId): BookSnapshot | undefined => {
    const current = Either.isRight(fetched) ? fetched.right.get(conditionId) : undefined
    if (current === undefined) return snapshots.get(conditionId)?.book
    if (Either.isRight(current)) return current.right
    warnings.push(`${conditionId} is marked to its last known book: ${current.left.reason}`)
    return snapshots.get(conditionId)?.book
  }
  return {
    positions: found.map((position) =>
      mark(position, bookOf(position.conditionId), snapshots.get(position.conditionId)?.market.payouts)
    ),
    warnings
  } satisfies Marked
})

/** Cash, reserves and equity of each mode that has any. */
export const balances = Effect.fn("ReadOuts.balances")(function* (mode: Option.Option<Mode>) {
  const ledger = yield* Ledger
  const marked = yield* positions(mode)
  const modes: ReadonlyArray<Mode> = Option.match(mode, { onNone: () => ["paper", "live"], onSome: (one) => [one] })
  const rows = yield* Effect.forEach(modes, (each) =>
    Effect.gen(function* () {
      const { cash, flows } = yield* ledger.cash(each)
      const exposed = yield* ledger.orders({ mode: each, statuses: EXPOSED })
      const reserved = exposed.reduce((sum, state) => sum + reservedCash(state), 0n)
      const own = marked.positions.filter(({ position }) => position.mode === each)
      return { mode: each, opening: flows, cash, reserved: Usd(reserved), positions: own }
    })
  )
  return {
    balances: rows.filter((row) => row.mode === "paper" || row.cash !== 0n || row.positions.length > 0),
    warnings: marked.warnings
  }
})
