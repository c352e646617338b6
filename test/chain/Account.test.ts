import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { APPROVALS, chosen, ONRAMP, PUSD, USDC, USDC_E } from "../../src/polymarket/Approvals.ts"
import { type Change, granting, revoking, UNLIMITED, wrapping } from "../../src/polymarket/Permissions.ts"
import { chain, isHere, type TestChain } from "./anvil.ts"
import { closedPort, door, RPC_KEY, RPC_TOKEN } from "./door.ts"
import { failureOf, grant as granted, on } from "./wallet.ts"

const DOLLAR = 1_000_000n
const silent = () => Effect.void

const trading = Either.getOrThrow(chosen(undefined))
const everything = Either.getOrThrow(chosen("all"))

const grant = (amount: bigint, approvals = trading) => granted(amount, approvals)

const fuelled = Effect.gen(function* () {
  const node = yield* chain()
  const address = yield* on(node.url, ({ wallet }) => Effect.succeed(wallet.address))
  yield* node.fuel(address, "10")
  return { ...node, address }
})

describe.skipIf(!isHere)("an account of one's own on the chain", () => {
  it.scopedLive("shows what it holds, what it may, and what stands at its address", () =>
    Effect.gen(function* () {
      const node = yield* fuelled
      yield* node.mint(PUSD, node.address, 5n)
      yield* node.mint(USDC, node.address, 6n)
      yield* node.mint(USDC_E, node.address, 7n)
      const [holdings, standings] = yield* on(node.url, (wallet) =>
        Effect.all([wallet.holdings, wallet.standings(APPROVALS)])
      )
      assert.deepStrictEqual(holdings, { code: "none", pusd: 5n, usdc: 6n, usdce: 7n, pol: 10n ** 19n })
      assert.deepStrictEqual(
        standings.map(({ allowed, approval }) => [approval, allowed]),
        APPROVALS.map((approval) => [approval, 0n])
      )
    })
  )

  it.scopedLive("tells an account that lends itself to a contract, and one that is a contract", () =>
    Effect.gen(function* () {
      const node = yield* fuelled
      for (const [code, told] of [
        ["0xef0100e111180000d2663c0091e4f400237545b87b996b", "delegated"],
        ["0x6001", "contract"]
      ] as const) {
        yield* node.place(node.address, code)
        assert.strictEqual((yield* on(node.url, (wallet) => wallet.holdings)).code, told)
      }
    })
  )

  it.scopedLive("permits up to the cap, one transaction each, and nothing a second time", () =>
    Effect.gen(function* () {
      const node = yield* fuelled
      const done = yield* on(node.url, grant(1000n * DOLLAR))
      assert.strictEqual(done.length, 6)
      assert.strictEqual(yield* node.sent(node.address), 6)
      const standings = yield* on(node.url, (wallet) => wallet.standings(APPROVALS))
      for (const { allowed, approval } of standings) {
        const granted = approval.kind === "erc20" ? 1000n * DOLLAR : UNLIMITED
        assert.strictEqual(allowed, approval.need === "trade" ? granted : 0n, approval.purpose)
      }
      assert.deepStrictEqual(yield* on(node.url, grant(1000n * DOLLAR)), [])
      assert.strictEqual(yield* node.sent(node.address), 6)
    })
  )

  it.scopedLive("permits without limit where that is asked for, and takes everything back", () =>
    Effect.gen(function* () {
      const node = yield* fuelled
      yield* on(node.url, grant(UNLIMITED, everything))
      const granted = yield* on(node.url, (wallet) => wallet.standings(APPROVALS))
      assert.isTrue(granted.every(({ allowed }) => allowed === UNLIMITED))
      const back = yield* on(node.url, (wallet) =>
        wallet.change(
          revoking(granted).map(({ change }) => change),
          silent
        )
      )
      assert.strictEqual(back.length, APPROVALS.length)
      const left = yield* on(node.url, (wallet) => wallet.standings(APPROVALS))
      assert.deepStrictEqual(revoking(left), [])
    })
  )

  it.scopedLive("raises an allowance that was used up in part back to the cap", () =>
    Effect.gen(function* () {
      const node = yield* fuelled
      const only = Either.getOrThrow(chosen("exchangeV3"))
      yield* on(node.url, grant(10n * DOLLAR, only))
      const done = yield* on(node.url, grant(25n * DOLLAR, only))
      assert.strictEqual(done.length, 1)
      for (const { spender, token } of only.filter(({ kind }) => kind === "erc20")) {
        assert.strictEqual(yield* node.allowance(token, node.address, spender), 25n * DOLLAR)
      }
    })
  )

  it.scopedLive("wraps after permitting the onramp just that amount", () =>
    Effect.gen(function* () {
      const node = yield* fuelled
      for (const asset of [USDC_E, USDC]) {
        yield* node.mint(asset, node.address, 100n * DOLLAR)
        const done = yield* on(node.url, (wallet) => wallet.change(wrapping(asset, 60n * DOLLAR, 0n), silent))
        assert.strictEqual(done.length, 2)
        assert.strictEqual(yield* node.balance(asset, node.address), 40n * DOLLAR)
        assert.strictEqual(yield* node.allowance(asset, node.address, ONRAMP), 0n)
      }
      assert.strictEqual(yield* node.balance(PUSD, node.address), 120n * DOLLAR)
    })
  )
})

describe.skipIf(!isHere)("a change that a contract refuses", () => {
  it.scopedLive("is told with its reason before anything is sent", () =>
    Effect.gen(function* () {
      const node = yield* fuelled
      yield* node.refuse(PUSD, "not on Sundays")
      const failure = yield* failureOf(on(node.url, grant(DOLLAR)))
      assert.strictEqual(failure.tag, "Reverted")
      assert.include(failure.said, "not on Sundays")
      yield* node.mint(USDC_E, node.address, DOLLAR)
      yield* node.pause(USDC_E)
      const paused = yield* failureOf(
        on(node.url, (wallet) => wallet.change([{ _tag: "Wrap", asset: USDC_E, amount: DOLLAR }], silent))
      )
      assert.strictEqual(paused.tag, "Reverted")
      assert.include(paused.said, "the venue has paused wrapping of this asset")
      assert.strictEqual(yield* node.sent(node.address), 0)
    })
  )

  it.scopedLive("in a block is told with reason and transaction, and what came before stays", () =>
    Effect.gen(function* () {
      const node = yield* fuelled
      const [first, second] = trading
      assert.isDefined(first)
      assert.isDefined(second)
      if (first === undefined || second === undefined) return
      yield* on(node.url, grant(DOLLAR, [first]))
      yield* node.automine(false)
      const fiber = yield* Effect.fork(failureOf(on(node.url, grant(DOLLAR, [second]))))
      yield* until(node, 1)
      // Pays more, and so comes first in the block.
      yield* node.refuse(PUSD, "no more", { gwei: 500n })
      yield* node.mine
      const failure = yield* Fiber.join(fiber)
      assert.strictEqual(failure.tag, "Reverted")
      const { said } = failure
      assert.include(said, "no more")
      assert.match(said, /"transaction":"0x[0-9a-f]{64}"/)
      assert.strictEqual(yield* node.allowance(PUSD, node.address, first.spender), DOLLAR)
    })
  )

  it.scopedLive("P-73: for want of POL is told, with how much it takes", () =>
    Effect.gen(function* () {
      const node = yield* chain()
      const failure = yield* failureOf(on(node.url, grant(DOLLAR)))
      assert.strictEqual(failure.tag, "ChainRefused")
      assert.match(failure.said, /takes up to 0\.\d+ POL for gas, and 0x\w+ has 0; nothing was sent/)
    })
  )

  it.scopedLive("is not even tried where no contract stands at one of the venue's addresses", () =>
    Effect.gen(function* () {
      const node = yield* fuelled
      const [first] = trading
      yield* node.place(first?.spender.address ?? "", "0x")
      const failure = yield* failureOf(on(node.url, grant(DOLLAR)))
      assert.strictEqual(failure.tag, "ChainRefused")
      assert.include(failure.said, first?.spender.address ?? "?")
      assert.strictEqual(yield* node.sent(node.address), 0)
      const bare = yield* chain({ contracts: false })
      const unread = yield* failureOf(on(bare.url, (wallet) => wallet.standings(APPROVALS)))
      assert.include(unread.said, "no contract answers at 0x")
    })
  )
})

/** Waits until so many transactions wait for a block. */
const until = (node: TestChain, count: number) =>
  node.waiting.pipe(
    Effect.filterOrFail(({ pending }) => pending >= count),
    Effect.retry(Schedule.spaced("20 millis")),
    Effect.timeout("5 seconds"),
    Effect.orDie
  )

describe.skipIf(!isHere)("a run that was interrupted", () => {
  it.scopedLive(
    "P-74: leaves its transaction on the way; the next one waits for it, looks, and sends only the rest",
    () =>
      Effect.gen(function* () {
        const node = yield* fuelled
        yield* node.automine(false)
        const cut = yield* Effect.fork(on(node.url, grant(DOLLAR)))
        yield* until(node, 1)
        yield* Fiber.interrupt(cut)
        const next = yield* Effect.fork(on(node.url, (wallet) => Effect.zip(wallet.settle, grant(DOLLAR)(wallet))))
        yield* Effect.sleep("300 millis")
        assert.strictEqual((yield* node.waiting).pending, 1)
        yield* node.automine(true)
        yield* node.mine
        const [waited, done] = yield* Fiber.join(next)
        assert.isTrue(waited)
        assert.strictEqual(done.length, 5)
        assert.strictEqual(yield* node.sent(node.address), 6)
      })
  )

  it.scopedLive("is told where the earlier transaction comes into no block; nothing more is sent", () =>
    Effect.gen(function* () {
      const node = yield* fuelled
      yield* node.automine(false)
      const cut = yield* failureOf(on(node.url, grant(DOLLAR), { patience: { seconds: 0.3, everySeconds: 0.05 } }))
      assert.strictEqual(cut.tag, "Unsettled")
      assert.match(cut.said, /transaction 0x[0-9a-f]{64} was sent/)
      const next = yield* failureOf(
        on(node.url, (wallet) => wallet.settle, { patience: { seconds: 0.3, everySeconds: 0.05 } })
      )
      assert.strictEqual(next.tag, "Unsettled")
      assert.strictEqual((yield* node.waiting).pending, 1)
    })
  )

  it.scopedLive("whose answer was lost finds its transaction by its hash, sent once", () =>
    Effect.gen(function* () {
      const node = yield* fuelled
      const { asked, url } = yield* door(node.url, (method) => (method === "eth_sendRawTransaction" ? "lost" : "pass"))
      const done = yield* on(url, grant(DOLLAR))
      assert.strictEqual(done.length, 6)
      assert.strictEqual(asked.filter((method) => method === "eth_sendRawTransaction").length, 6)
      assert.strictEqual(yield* node.sent(node.address), 6)
    })
  )
})

describe.skipIf(!isHere)("the way to the chain", () => {
  it.scopedLive("is refused where it leads to another chain, whatever stands at the addresses there", () =>
    Effect.gen(function* () {
      const node = yield* chain({ chainId: 80_002 })
      const failure = yield* failureOf(on(node.url, grant(DOLLAR)))
      assert.strictEqual(failure.tag, "WrongChain")
      assert.deepStrictEqual(
        yield* on(node.url, (wallet) => Effect.map(wallet.standings(trading), (found) => found.length), {
          chainId: 80_002
        }),
        trading.length
      )
    })
  )

  it.scopedLive("that leads nowhere is told by its host alone", () =>
    Effect.gen(function* () {
      const port = yield* closedPort
      for (const url of [
        `http://127.0.0.1:${port}/v2/${RPC_KEY}`,
        `http://user:${RPC_KEY}@127.0.0.1:${port}/?apikey=${RPC_TOKEN}`
      ]) {
        const failure = yield* failureOf(on(url, (wallet) => wallet.holdings))
        assert.strictEqual(failure.tag, "ChainUnreachable")
        assert.include(failure.said, `Polygon node 127.0.0.1:${port}: eth_chainId: no answer (ECONNREFUSED)`)
      }
    })
  )

  it.scopedLive("that is silent is given up after three deadlines", () =>
    Effect.gen(function* () {
      const node = yield* chain()
      const { asked, url } = yield* door(node.url, (method) => (method === "eth_call" ? "hang" : "pass"))
      const failure = yield* failureOf(
        on(url, (wallet) => wallet.standings(trading.slice(0, 1)), { deadline: "100 millis" })
      )
      assert.strictEqual(failure.tag, "ChainUnreachable")
      assert.include(failure.said, "no answer within 100ms")
      assert.strictEqual(asked.filter((method) => method === "eth_call").length, 3)
    })
  )

  it.scopedLive("that is busy for a moment is asked again, and one that has no JSON-RPC is not", () =>
    Effect.gen(function* () {
      const node = yield* chain()
      const busy = yield* door(node.url, (_, nth) => (nth === 1 ? 429 : "pass"))
      assert.strictEqual((yield* on(busy.url, (wallet) => wallet.holdings)).pusd, 0n)
      const none = yield* door(node.url, () => 404)
      const failure = yield* failureOf(on(none.url, (wallet) => wallet.holdings))
      assert.include(failure.said, "HTTP 404")
      assert.strictEqual(none.asked.length, 1)
    })
  )
})

describe.skipIf(!isHere)("a wallet whose settings do not fit together", () => {
  it.scopedLive("P-24: is refused", () =>
    Effect.gen(function* () {
      const node = yield* chain()
      for (const options of [
        { signatureType: 0, funder: Option.some(PUSD.address) },
        { signatureType: 3, funder: Option.none() },
        { signatureType: 1, funder: Option.some(yield* on(node.url, ({ wallet }) => Effect.succeed(wallet.address))) }
      ]) {
        const failure = yield* failureOf(on(node.url, (wallet) => wallet.holdings, options))
        assert.strictEqual(failure.tag, "WalletUnfit")
      }
    })
  )

  it.scopedLive("of type 1 or 2, or 3 without a relayer key, is told what to call by hand", () =>
    Effect.gen(function* () {
      const node = yield* chain()
      const changes: ReadonlyArray<Change> = [
        ...granting(
          trading.map((approval) => ({ approval, allowed: 0n })),
          DOLLAR
        ).map(({ change }) => change),
        { _tag: "Wrap", asset: USDC_E, amount: DOLLAR }
      ]
      for (const signatureType of [1, 2, 3]) {
        const failure = yield* failureOf(
          on(node.url, (wallet) => wallet.change(changes, silent), {
            signatureType,
            funder: Option.some(ONRAMP.address)
          })
        )
        assert.strictEqual(failure.tag, "WalletUnfit")
        for (const { spender } of trading) assert.include(failure.said, spender.address)
        assert.include(failure.said, `CollateralOnramp ${ONRAMP.address}: wrap(${USDC_E.address}`)
      }
    })
  )
})
