import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { anOperator, at, book, oneDocument, proven } from "../cli/betteroms.ts"
import { instruction, plan } from "../pipeline/world.ts"
import * as Scene from "./scene.ts"

const FILE = ["--market-data", "file:book.json", "--json"]
/** Two blocks of answers each. */
const many = (planId: string, price: number) =>
  plan(
    planId,
    Array.from({ length: 520 }, () => instruction({ price, size: 5 }))
  )
const LEVELS = { 0.46: 1200.5, 0.47: 700, 0.48: 900.25, 0.49: 100, "0.50": 1000 }

const perLevel = (executions: ReadonlyArray<{ readonly price: string; readonly qty: string }>) =>
  executions.map(({ price, qty }) => [Number(price), Number(qty)])

describe("two processes at once", () => {
  it.live(
    "with different plans on one book never take the same shares nor spend the same cash: their sum is that of one after the other",
    () =>
      Effect.gen(function* () {
        for (let round = 0; round < 8; round++) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const operator = yield* anOperator
              yield* operator.writes("book.json", book({ 0.4: 100 }, LEVELS))
              yield* operator.writes("one.json", many("one", 0.49))
              yield* operator.writes("two.json", many("two", 0.49))
              const ended = yield* Effect.all(
                ["one", "two"].map((name) => operator.types(["trade", `${name}.json`, ...FILE])),
                { concurrency: 2 }
              )
              assert.deepStrictEqual(
                ended.map((each) => each.code),
                [0, 0],
                ended.map((each) => each.stdout + each.stderr).join("\n")
              )
              // 5,200 shares are wanted and 2,900.75 offered within the limit.
              const taken = yield* operator.sql<{ readonly price: string; readonly qty: string }>`select price,
                sum(qty) as qty from executions group by price order by price`
              assert.deepStrictEqual(perLevel(taken), [
                [0.46, 1200.5],
                [0.47, 700],
                [0.48, 900.25],
                [0.49, 100]
              ])
              const [orders] = yield* operator.sql`select count(*)::int as all,
                count(distinct (plan_id, instruction))::int as each from orders`
              assert.deepStrictEqual(orders, { all: 1040, each: 1040 })
              yield* proven(operator)
            })
          )
        }
      }),
    120_000
  )

  it.scopedLive("with cash for one of two plans let one of them through", () =>
    Effect.gen(function* () {
      const operator = yield* anOperator
      yield* operator.writes("book.json", book({ 0.4: 100 }, { 0.9: 100 }))
      yield* operator.writes("one.json", many("one", 0.5))
      yield* operator.writes("two.json", many("two", 0.5))
      // Each of them reserves 1,300 dollars.
      const ended = yield* Effect.all(
        ["one", "two"].map((name) =>
          operator.types(["trade", `${name}.json`, ...FILE], { PAPER_BALANCE_USD: "2599.999999" })
        ),
        { concurrency: 2 }
      )
      assert.sameMembers(
        ended.map((each) => each.code),
        [0, 4]
      )
      assert.sameMembers(
        ended.map((each) => at(oneDocument(each), "status")),
        ["completed", "rejected"]
      )
      yield* proven(operator)
    })
  )

  it.live(
    "with the same plan place each instruction once",
    () =>
      Effect.gen(function* () {
        const written = yield* Scene.plan("same", 700)
        const alone = yield* Effect.scoped(traded(written, 1))
        for (let round = 0; round < 5; round++) {
          const both = yield* Effect.scoped(traded(written, 2))
          assert.strictEqual(both, alone)
        }
      }),
    120_000
  )
})

/** The plan in as many processes at once, and what they leave together. */
const traded = Effect.fn("traded")(function* (written: unknown, processes: number) {
  const operator = yield* anOperator
  yield* operator.writes("book.json", Scene.recording)
  yield* operator.writes("holdings.json", Scene.holdings)
  yield* operator.writes("plan.json", written)
  yield* operator.types(["trade", "holdings.json", ...FILE])
  const ended = yield* Effect.all(
    Array.from({ length: processes }, () => operator.types(["trade", "plan.json", ...FILE])),
    { concurrency: processes }
  )
  const codes = ended.map((each) => each.code)
  assert.include(codes, 0, ended.map((each) => each.stdout + each.stderr).join("\n"))
  for (const code of codes) assert.include([0, 3], code)
  yield* proven(operator)
  return JSON.stringify(yield* Scene.leftBehind(operator.sql))
})
