import { assert, describe, it } from "@effect/vitest"
import { Usd } from "../../src/domain/Money.ts"
import { fillsCsv, ordersCsv, positionsCsv } from "../../src/report/Csv.ts"
import { mark } from "../../src/report/Marks.ts"
import { state } from "../domain/orders.ts"
import { filled, held, position } from "./runs.ts"

const rows = (csv: string) => csv.trimEnd().split("\n")

describe("exports for spreadsheets", () => {
  it("have a header even when there is nothing to export", () => {
    assert.match(ordersCsv([]), /^id,planId,instruction,/)
    assert.match(fillsCsv([]), /^id,executedAt,orderId,/)
    assert.match(positionsCsv([]), /^marketId,conditionId,outcome,/)
    assert.lengthOf(rows(fillsCsv([])), 1)
  })

  it("have decimals as they are, negative ones too, and nothing for what is not known", () => {
    const loss = mark(position({ realizedPnl: Usd(-1_500_000n) }), undefined, undefined)
    assert.deepStrictEqual(rows(positionsCsv([held, loss])).slice(1), [
      "sim-coin,sim-coin,Yes,paper,200,0.45,90,0.48,0,6,1.2",
      "sim-coin,sim-coin,Yes,paper,0,0,0,,-1.5,0,0"
    ])
  })

  it("never hand a formula to a spreadsheet", () => {
    for (const evil of ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "\tx", "\r=1", "＝1"]) {
      const csv = ordersCsv([state({ notes: evil, planId: evil })])
      assert.include(csv, `'${evil}`)
      assert.notInclude(csv.replaceAll(`'${evil}`, ""), evil)
    }
  })

  it("quote commas, quotes and line breaks", () => {
    assert.include(ordersCsv([state({ notes: 'a "dip", maybe\nnot' })]), '"a ""dip"", maybe\nnot"')
  })

  it("tell each band of fills in a column of its own", () => {
    const [header = "", row = ""] = rows(ordersCsv([filled]))
    const at = (name: string) => row.split(",")[header.split(",").indexOf(name)]
    assert.deepStrictEqual([at("pessimisticQty"), at("filledQty"), at("optimisticQty")], ["150", "200", "200"])
  })
})
