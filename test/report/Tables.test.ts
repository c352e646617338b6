import { assert, describe, it } from "@effect/vitest"
import { Halted, InvalidInput } from "../../src/domain/Failure.ts"
import { Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { checksText } from "../../src/report/CheckTables.ts"
import { failureText } from "../../src/report/Failures.ts"
import { mark } from "../../src/report/Marks.ts"
import { ordersText, reconciledText } from "../../src/report/OrderTables.ts"
import { toJson } from "../../src/report/RunReport.ts"
import { recordText, runText } from "../../src/report/RunTables.ts"
import { clean, money, PLAIN, shorten, table, wrap } from "../../src/report/Table.ts"
import { balancesText, fillsText, positionsText, runsText, verdictText } from "../../src/report/Tables.ts"
import { state } from "../domain/orders.ts"
import { fill } from "./fills.ts"
import { filled, held, position, run } from "./runs.ts"

const COLOR = { color: true, width: 120 }
const LONG = `0x${"ab".repeat(32)}`
const widest = (text: string) => Math.max(...text.split("\n").map((line) => [...line].length))

describe("a run for people", () => {
  it("tells orders, every reason against refused ones, what was not spent, totals, positions and warnings", () => {
    const text = runText(run(), PLAIN)
    for (const part of [
      "Plan demo (paper): completed",
      "BUY 100 USDC of Yes at 0.5 GTC",
      "#2 refused: sim-coin, BUY 10 USDC of NO at 0.405 GTC",
      "    PRICE_OFF_TICK: 0.405 is not a multiple",
      "    MAX_ORDERS: the plan allows 1 orders",
      "#1: 10 USDC not spent",
      "pessimistically 150, optimistically 200",
      "1 placed: 1 filled, 0 open, 1 refused",
      "Notional 90.00 USDC, fees 1.20",
      "unrealized +6.00, total after fees +4.80",
      "Warning: simulated market data"
    ])
      assert.include(text, part)
  })

  it("does not call money unspent that still works in an open order", () => {
    const orders = [{ placed: true, state: state(), externalOrderId: undefined }]
    assert.notInclude(runText(run({ orders, refused: [] }), PLAIN), "not spent")
  })

  it("says of a preview that nothing was written, and of a failure what stopped it", () => {
    assert.include(runText(run({ dryRun: true, status: "previewed" }), PLAIN), "a preview: nothing was written")
    assert.include(
      runText(run({ error: { code: "x", message: "the venue is gone" } }), PLAIN),
      "Error: the venue is gone"
    )
  })

  it("on record is the same as when it ended; one without a report says how far it came", () => {
    const record = {
      planId: "demo",
      mode: "paper",
      status: "completed",
      startedMillis: 0,
      completedMillis: 1,
      planFile: undefined,
      error: undefined
    } as const
    assert.strictEqual(recordText({ ...record, summary: toJson(run()) }, PLAIN), runText(run(), PLAIN))
    assert.include(
      recordText({ ...record, status: "running", summary: null }, PLAIN),
      "running; it has not reported yet"
    )
  })
})

describe("tables", () => {
  it("keep simulated markets apart from real ones", () => {
    const real = mark(
      position({ marketId: "512", conditionId: LONG, qty: Shares(UNIT), costBasis: Usd(UNIT) }),
      undefined,
      undefined
    )
    const text = positionsText([held, real], PLAIN)
    const [first, second] = text.split("\n\n")
    assert.match(first ?? "", /^Positions\n[\s\S]*512/)
    assert.match(second ?? "", /^Positions in SIMULATED markets\n[\s\S]*sim-coin/)
    assert.notInclude(first, "sim-coin")
  })

  it("fit the columns at hand, however long the ids are", () => {
    const order = {
      marketId: LONG,
      conditionId: LONG,
      planId: "p".repeat(80),
      outcome: "the outcome with the longest name there is"
    }
    const long = { ...held, position: { ...held.position, ...order } }
    const record = {
      planId: order.planId,
      mode: "paper",
      status: "failed",
      startedMillis: 0,
      completedMillis: 1,
      planFile: "x".repeat(90),
      error: "word ".repeat(40)
    } as const
    for (const width of [100, 110, 120]) {
      const look = { color: false, width }
      const texts = [
        positionsText([long], look),
        ordersText([state(order)], look),
        fillsText([{ ...fill, ...order }], look),
        runsText([record], look)
      ]
      for (const text of texts) assert.isAtMost(widest(text), width, text)
    }
  })

  it("show whole order ids, which cancel needs", () => {
    assert.include(ordersText([filled], { color: false, width: 110 }), filled.order.id)
  })

  it("align money right and mark gains and losses by sign", () => {
    const loss = { ...held, unrealizedPnl: Usd(-2_500_000n) }
    assert.include(positionsText([held], PLAIN), "+6.00 │")
    assert.include(positionsText([loss], PLAIN), "-2.50 │")
  })

  it("are coloured only on demand, and read the same without", () => {
    const colored = runText(run(), COLOR)
    assert.include(colored, "\u001b[")
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g")
    assert.strictEqual(colored.replace(escapes, ""), runText(run(), PLAIN))
  })

  it("say in words when there is nothing to show", () => {
    const empty = [
      positionsText([], PLAIN),
      ordersText([], PLAIN),
      fillsText([], PLAIN),
      runsText([], PLAIN),
      balancesText([], PLAIN)
    ]
    for (const text of empty) assert.match(text, /^No [a-z]+ yet/)
    assert.match(reconciledText({ changed: [], settled: [] }, PLAIN), /^Nothing changed/)
  })

  it("let no control character of a foreign text reach the terminal", () => {
    assert.strictEqual(clean("a\u001b[2Jb\u202ec\nd"), "a [2Jb c d")
    const evil = { ...held, position: { ...held.position, outcome: "Yes\u001b[31m" } }
    assert.notInclude(positionsText([evil], PLAIN), "\u001b")
  })
})

describe("balances", () => {
  it("tell cash, what is reserved, equity, and what of it is simulated", () => {
    const text = balancesText(
      [{ mode: "paper", opening: 1000n * UNIT, cash: 908_800_000n, reserved: 50n * UNIT, positions: [held] }],
      PLAIN
    )
    for (const part of ["908.80", "50.00", "858.80", "1004.80", "+4.80", "96.00 of positions is in SIMULATED markets"])
      assert.include(text, part)
  })
})

describe("checks", () => {
  const differs = { name: "positions", ok: false, checked: 3, differences: ["sim-coin Yes: 100 on record, 90 folded"] }

  it("of the database name every difference", () => {
    const text = verdictText(
      { ok: false, checks: [{ name: "audit chain", ok: true, checked: 7, differences: [] }, differs] },
      PLAIN
    )
    assert.include(text, "positions: sim-coin Yes: 100 on record, 90 folded")
    assert.include(text, "does NOT agree")
    assert.include(verdictText({ ok: true, checks: [] }, PLAIN), "agrees with itself")
  })

  it("tell what holds, what does not, and what is not needed", () => {
    const text = checksText(
      [
        { check: "database", ok: true, detail: "runs" },
        { check: "api key", ok: false, needed: false, detail: "paper needs none" },
        { check: "clock", ok: false, detail: "3 s off" }
      ],
      PLAIN
    )
    assert.match(text, /database\s+│ ok\s+│ runs/)
    assert.match(text, /api key\s+│ absent/)
    assert.match(text, /clock\s+│ NO\s+│ 3 s off/)
  })
})

describe("failures for people", () => {
  it("name file, line and column as editors understand them", () => {
    const failure = new InvalidInput({
      code: "invalid_plan",
      message: "the plan has 1 problem",
      issues: [
        { path: "tradeInstructions[0].marketId", line: 7, column: 5, message: "missing: expected a slug" },
        { path: "mode", message: "unknown" },
        { path: "", message: "see README" }
      ]
    })
    assert.strictEqual(
      failureText(failure, { file: "plans/x.json", color: false }),
      [
        "Error: the plan has 1 problem",
        "  plans/x.json:7:5 tradeInstructions[0].marketId: missing: expected a slug",
        "  plans/x.json mode: unknown",
        "  plans/x.json: see README"
      ].join("\n")
    )
    assert.include(failureText(failure, { color: false }), "  line 7:5 tradeInstructions[0].marketId: missing")
  })

  it("of other kinds are one line", () => {
    assert.strictEqual(
      failureText(new Halted({ message: "trading is halted" }), { color: false }),
      "Error: trading is halted"
    )
  })
})

describe("text", () => {
  it("is shortened in its middle, and not at all where it fits", () => {
    assert.strictEqual(shorten(LONG, 11), "0xaba…babab")
    assert.strictEqual(shorten("short", 5), "short")
  })

  it("wraps between words, and inside them only where it must", () => {
    assert.deepStrictEqual(wrap("one two three", 7), ["one two", "three"])
    assert.deepStrictEqual(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"])
  })

  it("of money has two decimals or more", () => {
    assert.deepStrictEqual(["90", "1.2", "0.123456", "-5"].map(money), ["90.00", "1.20", "0.123456", "-5.00"])
  })

  it("in a table stays one cell per column when rows are short", () => {
    assert.include(table([{ title: "A" }, { title: "B" }], [["x"]], PLAIN), "│ x │   │")
  })
})
