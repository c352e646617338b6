import { assert, describe, it } from "@effect/vitest"
import { keccak_256 } from "@noble/hashes/sha3.js"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { digestOf, submission } from "../../src/layers/chain/Batch.ts"
import { APPROVALS, chosen, PUSD, USDC_E } from "../../src/polymarket/Approvals.ts"
import { revoking, UNLIMITED, wrapping } from "../../src/polymarket/Permissions.ts"
import * as Secp256k1 from "../../src/polymarket/Secp256k1.ts"
import { chain, isHere, KEY } from "./anvil.ts"
import { type Meeting, RELAYER_KEY, relayer } from "./relayer.ts"
import { failureOf, grant, on } from "./wallet.ts"

const WALLET = "0x86b4C55A4DF1FBea0F325E842434E0a537CAa549"
const DOLLAR = 1_000_000n
const trading = Either.getOrThrow(chosen(undefined))

/** A deposit wallet of the key, its chain, and a relayer that meets submissions in this way. */
const deposited = (meet?: () => Meeting) =>
  Effect.gen(function* () {
    const node = yield* chain()
    const owner = yield* on(node.url, ({ wallet }) => Effect.succeed(wallet.address))
    yield* node.depositWallet(WALLET, owner)
    const { submissions, url } = yield* relayer(node, owner, meet)
    const options = {
      signatureType: 3,
      funder: Option.some(WALLET.toLowerCase()),
      relayerUrl: url,
      relayerKey: Option.some(Redacted.make(RELAYER_KEY)),
      patience: { seconds: 3, everySeconds: 0.02 }
    }
    return { node, owner, submissions, options }
  })

describe("what a deposit wallet's owner signs", () => {
  const word = (value: bigint | string) =>
    typeof value === "bigint"
      ? value.toString(16).padStart(64, "0")
      : value.replace(/^0x/, "").toLowerCase().padStart(64, "0")
  const keccak = (hex: string) => Buffer.from(keccak_256(Buffer.from(hex, "hex"))).toString("hex")
  const text = (value: string) => keccak(Buffer.from(value).toString("hex"))

  it("is the batch by the venue's published types, hashed by hand", () => {
    // keccak256 of the two type strings, as they are published with the venue's wallets.
    const BATCH = "712ef66e8362c387e862cabf0923c209db0fa24cfc97d25eccba7c86f3ee1dd3"
    const CALL = "84fa2cf05cd88e992eae77e851af68a4ee278dcff6ef504e487a55b3baadfbe5"
    const DOMAIN = text("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    const calls = [
      { to: PUSD.address, data: "0x095ea7b3" },
      { to: USDC_E.address, data: "0x" }
    ] as const
    const hashes = calls.map(({ data, to }) => keccak(CALL + word(to) + word(0n) + keccak(data.slice(2))))
    const batch = keccak(BATCH + word(WALLET) + word(7n) + word(1_760_000_000n) + keccak(hashes.join("")))
    const domain = keccak(DOMAIN + text("DepositWallet") + text("1") + word(137n) + word(WALLET))
    assert.strictEqual(
      Buffer.from(digestOf({ wallet: WALLET, nonce: 7n, deadline: 1_760_000_000n, calls }, 137)).toString("hex"),
      keccak(`1901${domain}${batch}`)
    )
  })

  it("and what is submitted is to the byte what the venue's relayer client 0.0.10 makes of it", () => {
    const key = Buffer.from(KEY, "hex")
    const batch = {
      wallet: WALLET,
      nonce: 7n,
      deadline: 1_760_000_000n,
      calls: [
        { to: PUSD.address, data: "0x095ea7b3" },
        { to: USDC_E.address, data: "0x" }
      ]
    } as const
    const owner = "0x5085dF58C2ABa3CFA962a5b1F7CDD0A134843e81"
    assert.strictEqual(
      submission(batch, owner, Secp256k1.sign(digestOf(batch, 137), key)),
      `{"type":"WALLET","from":"${owner}","to":"0x00000000000Fb5C9ADea0298D729A0CB3823Cc07","nonce":"7",` +
        '"signature":"0xbec60e379f52e7ff0d6aa805ac9c8875957f1777906f4db032e35d7755d98625' +
        '1e47ade98b964d3eb56e240866e34fb5b03a2a4a6eec74a9d2f8ca50e7fa7b7b1b",' +
        `"depositWalletParams":{"depositWallet":"${WALLET}","deadline":"1760000000","calls":[` +
        `{"target":"${PUSD.address}","value":"0","data":"0x095ea7b3"},` +
        `{"target":"${USDC_E.address}","value":"0","data":"0x"}]}}`
    )
  })
})

describe.skipIf(!isHere)("a deposit wallet", () => {
  it.scopedLive(
    "permits all in one batch, which its contract takes for signed by the owner, and nothing a second time",
    () =>
      Effect.gen(function* () {
        const { node, options, owner, submissions } = yield* deposited()
        const done = yield* on(node.url, grant(1000n * DOLLAR, trading), options)
        assert.strictEqual(done.length, 6)
        assert.strictEqual(new Set(done.map(({ transaction }) => transaction)).size, 1)
        assert.match(done[0]?.transaction ?? "", /^0x[0-9a-f]{64}$/)
        const [submission] = submissions
        assert.deepInclude(submission, { from: owner, nonce: "0" })
        assert.strictEqual(submission?.depositWalletParams.depositWallet, WALLET)
        const standings = yield* on(node.url, (wallet) => wallet.standings(APPROVALS), options)
        for (const { allowed, approval } of standings) {
          const granted = approval.kind === "erc20" ? 1000n * DOLLAR : UNLIMITED
          assert.strictEqual(allowed, approval.need === "trade" ? granted : 0n, approval.purpose)
        }
        assert.deepStrictEqual(yield* on(node.url, grant(1000n * DOLLAR, trading), options), [])
        assert.strictEqual(submissions.length, 1)
        yield* on(
          node.url,
          (wallet) =>
            wallet.change(
              revoking(standings).map(({ change }) => change),
              () => Effect.void
            ),
          options
        )
        const left = yield* on(node.url, (wallet) => wallet.standings(APPROVALS), options)
        assert.deepStrictEqual(revoking(left), [])
        assert.deepStrictEqual(
          submissions.map(({ nonce }) => nonce),
          ["0", "1"]
        )
        assert.strictEqual(yield* node.sent(owner), 0)
      })
  )

  it.scopedLive("wraps its USDC.e in one batch, for itself", () =>
    Effect.gen(function* () {
      const { node, options } = yield* deposited()
      yield* node.mint(USDC_E, WALLET, 50n * DOLLAR)
      yield* on(node.url, (wallet) => wallet.change(wrapping(USDC_E, 50n * DOLLAR, 0n), () => Effect.void), options)
      assert.strictEqual(yield* node.balance(PUSD, WALLET), 50n * DOLLAR)
    })
  )

  it.scopedLive("that fails on the chain is told, with its transaction", () =>
    Effect.gen(function* () {
      const { node, options } = yield* deposited()
      yield* node.refuse(PUSD, "not on Sundays")
      const failure = yield* failureOf(on(node.url, grant(DOLLAR, trading), options))
      assert.strictEqual(failure.tag, "Reverted")
      assert.include(failure.said, "STATE_FAILED")
    })
  )

  it.scopedLive("of another owner, or that is not there, is refused before anything is signed", () =>
    Effect.gen(function* () {
      const { node, options, submissions } = yield* deposited()
      yield* node.depositWallet(WALLET, PUSD.address)
      const foreign = yield* failureOf(on(node.url, grant(DOLLAR, trading), options))
      assert.strictEqual(foreign.tag, "WalletUnfit")
      assert.include(foreign.said, PUSD.address.toLowerCase())
      yield* node.place(WALLET, "0x")
      const absent = yield* failureOf(on(node.url, grant(DOLLAR, trading), options))
      assert.strictEqual(absent.tag, "WalletUnfit")
      assert.strictEqual(submissions.length, 0)
    })
  )
})

describe.skipIf(!isHere)("the relayer", () => {
  for (const [what, status, error, tag, said] of [
    ["a key it does not know", 401, "unknown", "WalletUnfit", "POLYMARKET_RELAYER_API_KEY"],
    ["a wallet that is busy", 400, "wallet busy: has active action", "ChainRefused", "try again in a minute"],
    ["an old number", 400, "batch nonce 3 does not match on-chain nonce 7", "ChainRefused", "try again in a minute"],
    [
      "a spender it does not allow",
      400,
      "call blocked: call[0] blocked: operator is not in the allowed list",
      "ChainRefused",
      "allowed list"
    ],
    ["too many submissions", 429, "slow down", "ChainRefused", "slow down"]
  ] as const) {
    it.scopedLive(`refuses ${what}: told, and not sent again`, () =>
      Effect.gen(function* () {
        let met = 0
        const { node, options } = yield* deposited(() => {
          met += 1
          return { status, body: JSON.stringify({ error: `${error} ${RELAYER_KEY}` }) }
        })
        const failure = yield* failureOf(on(node.url, grant(DOLLAR, trading), options))
        assert.strictEqual(failure.tag, tag)
        assert.include(failure.said, said)
        assert.strictEqual(met, 1)
      })
    )
  }

  it.scopedLive(
    "whose answer is lost has carried the batch out: it is not doubled, the next run finds nothing to do",
    () =>
      Effect.gen(function* () {
        const { node, options, submissions } = yield* deposited(() => "lose")
        const failure = yield* failureOf(on(node.url, grant(DOLLAR, trading), options))
        assert.strictEqual(failure.tag, "Unsettled")
        assert.match(failure.said, /may still carry the batch out until \d{4}-/)
        assert.deepStrictEqual(yield* on(node.url, grant(DOLLAR, trading), options), [])
        assert.strictEqual(submissions.length, 1)
      })
  )

  it.scopedLive("that answers with nonsense or an error of its own leaves it unsettled", () =>
    Effect.gen(function* () {
      for (const meeting of [
        { status: 502, body: "<html>" },
        { status: 200, body: "{}" }
      ]) {
        const { node, options } = yield* deposited(() => meeting)
        const failure = yield* failureOf(on(node.url, grant(DOLLAR, trading), options))
        assert.strictEqual(failure.tag, "Unsettled")
      }
    })
  )

  it.scopedLive("that never finishes is waited for as long as patience goes", () =>
    Effect.gen(function* () {
      const { node, options } = yield* deposited(() => "never finish")
      const failure = yield* failureOf(
        on(node.url, grant(DOLLAR, trading), { ...options, patience: { seconds: 0.3, everySeconds: 0.02 } })
      )
      assert.strictEqual(failure.tag, "Unsettled")
      assert.include(failure.said, "took it as 0")
    })
  )
})
