import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { getAddress } from "viem/utils"
import {
  APPROVALS,
  type Approval,
  CONDITIONAL_TOKENS,
  chosen,
  DEPOSIT_WALLET_FACTORY,
  neededFor,
  ONRAMP,
  POSITION_MANAGER,
  PUSD,
  USDC,
  USDC_E
} from "../../src/polymarket/Approvals.ts"
import { granting, revoking, type Standing, UNLIMITED, wrapping } from "../../src/polymarket/Permissions.ts"

const said = (approvals: ReadonlyArray<Approval>) =>
  approvals.map(({ spender, token }) => `${token.name} ${spender.name}`)

describe("the permissions that a market needs", () => {
  for (const [version, negRisk, side, needed] of [
    ["v1", false, "BUY", "pUSD ctfExchangeV2"],
    ["v1", false, "SELL", "ConditionalTokens ctfExchangeV2"],
    ["v1", true, "BUY", "pUSD negRiskExchangeV2"],
    ["v1", true, "SELL", "ConditionalTokens negRiskExchangeV2"],
    ["v2", false, "BUY", "pUSD exchangeV3"],
    ["v2", false, "SELL", "PositionManager exchangeV3"],
    ["v2", true, "BUY", "pUSD exchangeV3"],
    ["v2", true, "SELL", "PositionManager exchangeV3"]
  ] as const) {
    it(`P-23: ${side} in ${version}${negRisk ? " neg-risk" : ""} markets needs ${needed}`, () => {
      const found = neededFor({ version, negRisk }, side)
      assert.deepStrictEqual(said(found), [needed])
      assert.isTrue(found.every(({ need }) => need === "trade"))
    })
  }

  it("are together those that trading needs", () => {
    const needed = (["v1", "v2"] as const).flatMap((version) =>
      [false, true].flatMap((negRisk) =>
        (["BUY", "SELL"] as const).flatMap((side) => said(neededFor({ version, negRisk }, side)))
      )
    )
    assert.sameMembers([...new Set(needed)], [...said(Either.getOrThrow(chosen(undefined)))])
  })
})

describe("what somebody means by --only", () => {
  it("is a version, a spender by name or address, or all", () => {
    const spenders = (only: string) =>
      Either.map(chosen(only), (found) => [...new Set(found.map(({ spender }) => spender.name))])
    assert.deepStrictEqual(spenders("V2"), Either.right(["exchangeV3"]))
    assert.deepStrictEqual(spenders("v1"), Either.right(["ctfExchangeV2", "negRiskExchangeV2"]))
    assert.deepStrictEqual(spenders("AutoRedeemer"), Either.right(["autoRedeemer"]))
    assert.deepStrictEqual(
      spenders("0xd91e80cf2e7be2e162c6513ced06f1dd0da35296"),
      Either.right(["legacyNegRiskAdapter"])
    )
    assert.deepStrictEqual(
      Either.map(chosen("all"), (found) => found.length),
      Either.right(15)
    )
    assert.isTrue(Either.isLeft(chosen("v3")))
    assert.isTrue(Either.isLeft(chosen("")))
  })
})

describe("the venue's addresses", () => {
  it("carry their checksum", () => {
    const spenders = APPROVALS.map(({ spender }) => spender)
    for (const { address } of [
      PUSD,
      USDC,
      USDC_E,
      CONDITIONAL_TOKENS,
      POSITION_MANAGER,
      ONRAMP,
      DEPOSIT_WALLET_FACTORY,
      ...spenders
    ]) {
      assert.strictEqual(getAddress(`0x${address.slice(2).toLowerCase()}`), address)
    }
  })

  it("are each asked for once", () => {
    assert.strictEqual(new Set(said(APPROVALS)).size, APPROVALS.length)
  })
})

const amounts = FastCheck.oneof(FastCheck.constantFrom(0n, 1n, UNLIMITED), FastCheck.bigInt(0n, 10n ** 15n))
const standings = FastCheck.tuple(
  ...APPROVALS.map((approval) =>
    amounts.map(
      (allowed): Standing<Approval> => ({
        approval,
        allowed: approval.kind === "erc20" || allowed === 0n ? allowed : UNLIMITED
      })
    )
  )
)

/** The standings after the steps have been made. */
const made = (before: ReadonlyArray<Standing<Approval>>, steps: ReturnType<typeof granting>) =>
  before.map(({ allowed, approval }) => ({
    approval,
    allowed: steps.find((step) => step.approval === approval)?.to ?? allowed
  }))

describe("a plan of permissions", () => {
  it.prop(
    "permits enough, lowers nothing, and leaves nothing to do",
    [standings, FastCheck.bigInt(1n, 10n ** 15n)],
    ([before, amount]) => {
      const steps = granting(before, amount)
      const then = made(before, steps)
      return (
        steps.every(({ from, to }) => to > from) &&
        then.every(({ allowed, approval }) =>
          approval.kind === "erc20" ? allowed >= amount : allowed === UNLIMITED
        ) &&
        granting(then, amount).length === 0 &&
        steps.every(({ change, to }) => change._tag !== "Approve" || change.amount === to)
      )
    }
  )

  it.prop("that takes back leaves none", [standings], ([before]) => {
    const steps = revoking(before)
    return (
      steps.length === before.filter(({ allowed }) => allowed > 0n).length &&
      made(before, steps).every(({ allowed }) => allowed === 0n)
    )
  })

  it.prop(
    "of wrapping permits the onramp the amount, and only where less is permitted",
    [FastCheck.bigInt(1n, 10n ** 12n), FastCheck.bigInt(0n, 10n ** 12n)],
    ([amount, permitted]) => {
      const changes = wrapping(USDC_E, amount, permitted)
      const [first] = changes
      const asks =
        first?._tag === "Approve" && first.token === USDC_E && first.spender === ONRAMP && first.amount === amount
      return (
        (permitted < amount ? asks && changes.length === 2 : changes.length === 1) && changes.at(-1)?._tag === "Wrap"
      )
    }
  )
})
