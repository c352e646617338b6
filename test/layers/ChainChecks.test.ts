import { assert, describe, it } from "@effect/vitest"
import type { Holdings, Wallet } from "../../src/layers/Chain.ts"
import { amountText, approvalChecks, polText, walletChecks } from "../../src/layers/ChainChecks.ts"
import { APPROVALS, neededFor } from "../../src/polymarket/Approvals.ts"
import { UNLIMITED } from "../../src/polymarket/Permissions.ts"

const DOLLAR = 1_000_000n
const wallet = (signatureType: number): Wallet => ({ address: "0xWallet", signer: "0xSigner", signatureType })
const holdings = (more: Partial<Holdings> = {}): Holdings => ({
  code: "none",
  pusd: 5n * DOLLAR,
  usdc: 0n,
  usdce: 0n,
  pol: 10n ** 18n,
  ...more
})

describe("what stands at the wallet's address", () => {
  for (const [signatureType, code, ok, said] of [
    [0, "none", true, "own account"],
    [0, "delegated", false, "EIP-7702"],
    [0, "contract", false, "POLYMARKET_SIGNATURE_TYPE"],
    [1, "contract", true, "type 1"],
    [2, "none", false, "POLYMARKET_FUNDER"],
    [3, "contract", true, "type 3"],
    [3, "delegated", false, "POLYMARKET_FUNDER"]
  ] as const) {
    it(`P-24: ${code} ${ok ? "fits" : "does not fit"} type ${signatureType}`, () => {
      const [account] = walletChecks(holdings({ code }), wallet(signatureType))
      assert.deepInclude(account, { check: "Wallet", ok, needed: true })
      assert.include(account?.detail, said)
    })
  }
})

describe("what the wallet holds", () => {
  it("is told, with the command that wraps the larger of what can be wrapped", () => {
    const checks = walletChecks(holdings({ pusd: 0n, usdc: 3n, usdce: 12n * DOLLAR }), wallet(0))
    assert.deepInclude(checks[1], { check: "pUSD", ok: false, needed: false })
    assert.include(checks[1]?.detail, "betteroms wrap 12 --from usdc.e")
    const other = walletChecks(holdings({ usdc: 3n * DOLLAR, usdce: 1n }), wallet(0))
    assert.include(other[1]?.detail, "betteroms wrap 3 --from usdc")
    assert.notInclude(walletChecks(holdings(), wallet(0))[1]?.detail, "wrap")
  })

  it("counts gas only where the wallet pays for its transactions itself", () => {
    const names = (type: number) =>
      walletChecks(holdings({ pol: 0n }), wallet(type)).map(({ check, ok }) => [check, ok])
    assert.deepInclude(names(0), ["POL for gas", false])
    assert.notInclude(names(3).flat(), "POL for gas")
  })

  it("is shown as decimals, POL cut after six of them", () => {
    assert.strictEqual(amountText(1_500_000n), "1.5")
    assert.strictEqual(amountText(UNLIMITED), "unlimited")
    assert.strictEqual(polText(1_234_567_899_999_999_999n), "1.234567")
  })
})

describe("a permission as a check", () => {
  it("P-23: is needed where orders need it, and says what to run where it is missing", () => {
    const checks = approvalChecks(APPROVALS.map((approval) => ({ approval, allowed: 0n })))
    assert.deepStrictEqual(
      checks.map(({ needed, ok }) => [ok, needed]),
      APPROVALS.map(({ need }) => [false, need === "trade"])
    )
    assert.include(checks[2]?.detail, "betteroms allowances set --only exchangeV3")
  })

  it("must reach as far as what is planned", () => {
    const [buy] = neededFor({ version: "v2", negRisk: false }, "BUY")
    assert.isDefined(buy)
    if (buy === undefined) return
    const holds = (allowed: bigint, atLeast: bigint) => approvalChecks([{ approval: buy, allowed }], atLeast)[0]?.ok
    assert.isTrue(holds(10n, 10n))
    assert.isFalse(holds(9n, 10n))
    assert.isTrue(holds(UNLIMITED, 10n))
    const [sell] = neededFor({ version: "v2", negRisk: false }, "SELL")
    if (sell !== undefined) assert.isTrue(approvalChecks([{ approval: sell, allowed: UNLIMITED }], 10n)[0]?.ok)
  })
})
