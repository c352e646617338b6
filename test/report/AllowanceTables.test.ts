import { assert, describe, it } from "@effect/vitest"
import { type AllowanceRow, allowancesText, changesText } from "../../src/report/AllowanceTables.ts"
import { PLAIN } from "../../src/report/Table.ts"

const row = (more: Partial<AllowanceRow> = {}): AllowanceRow => ({
  token: "pUSD",
  tokenAddress: "0xToken",
  spender: "exchangeV3",
  spenderAddress: "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa",
  kind: "erc20",
  version: "v2",
  purpose: "BUY in v2 markets",
  need: "trade",
  allowed: "0",
  ok: false,
  fix: "betteroms allowances set --only exchangeV3",
  ...more
})

describe("permissions for people", () => {
  it("say what to run where trading misses one, and only there", () => {
    const missing = allowancesText([row()], PLAIN)
    assert.include(missing, "set --only exchangeV3")
    assert.include(missing, "To permit all that trading needs: betteroms allowances set")
    for (const fine of [row({ ok: true, allowed: "1000" }), row({ need: "positions" }), row({ need: "reported" })]) {
      assert.notInclude(allowancesText([fine], PLAIN), "set")
    }
    assert.include(allowancesText([row({ need: "positions" })], PLAIN), "not needed")
  })

  it("that are to change show the spender's address in full", () => {
    const change = { ...row(), from: "0", to: "1000" }
    for (const width of [80, 120, 200]) {
      const drawn = changesText([change], { color: false, width })
      assert.include(drawn.replace(/[\s│]+/g, ""), change.spenderAddress)
      assert.notInclude(drawn, "Transaction")
    }
    assert.include(changesText([{ ...change, transaction: "0xabc" }], PLAIN), "0xabc")
  })
})
