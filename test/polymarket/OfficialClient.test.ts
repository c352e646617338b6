import { assert, describe, it } from "@effect/vitest"
import {
  Chain,
  createL1Headers,
  createL2Headers,
  isV2Order,
  OrderBuilder,
  OrderType,
  orderToJsonV2,
  Side,
  SignatureTypeV2
} from "@polymarket/clob-client-v2"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { createWalletClient, custom, getAddress } from "viem"
import { privateKeyToAccount } from "viem/accounts"
import { floorTo, format, type Price, Shares, UNIT, Usd } from "../../src/domain/Money.ts"
import { SHARE_STEP } from "../../src/domain/Sizing.ts"
import { amountsOf } from "../../src/polymarket/Amounts.ts"
import { l1Digest, l1Headers, l2Headers } from "../../src/polymarket/Auth.ts"
import { CHAIN_ID, EXCHANGES } from "../../src/polymarket/Contracts.ts"
import { orderJson, postBody } from "../../src/polymarket/OrderBody.ts"
import { type OrderStruct, unhex } from "../../src/polymarket/OrderStruct.ts"
import * as Secp256k1 from "../../src/polymarket/Secp256k1.ts"
import { signingDigest, wireSignature } from "../../src/polymarket/Signature.ts"
import { tickAndPrice } from "../domain/arbitraries.ts"
import * as Arbitrary from "./arbitraries.ts"

const walletOf = (key: `0x${string}`) =>
  createWalletClient({ account: privateKeyToAccount(key), transport: custom({ request: () => Promise.reject() }) })

const TICKS = { 100000: "0.1", 10000: "0.01", 5000: "0.005", 2500: "0.0025", 1000: "0.001", 100: "0.0001" } as const
const tickText = (tick: Price) =>
  Object.entries(TICKS).flatMap(([micro, text]) => (BigInt(micro) === tick ? [text] : []))[0] ?? "0.01"

/** What the client rounds shares bought for an amount to, in micro-shares. */
const STEPS = { "0.1": 1_000n, "0.01": 100n, "0.005": 10n, "0.0025": 1n, "0.001": 10n, "0.0001": 1n } as const

const TYPES = [
  SignatureTypeV2.EOA,
  SignatureTypeV2.POLY_PROXY,
  SignatureTypeV2.POLY_GNOSIS_SAFE,
  SignatureTypeV2.POLY_1271
] as const

// The client computes with floats, which are exact for a limit order of so much.
const hundredths = fc.bigInt(1n, 1_000_000n).map((count) => count * SHARE_STEP)

const asked = {
  key: Arbitrary.privateKey,
  signatureType: Arbitrary.signatureType,
  at: Arbitrary.exchange,
  wallet: Arbitrary.address.map((wallet) => getAddress(wallet)),
  tokenId: fc.bigInt(1n, (1n << 256n) - 1n),
  side: fc.constantFrom(Side.BUY, Side.SELL),
  grid: tickAndPrice,
  size: hundredths,
  metadata: Arbitrary.bytes32,
  builder: Arbitrary.bytes32,
  owner: fc.uuid(),
  postOnly: fc.boolean(),
  deferExec: fc.boolean()
}

type Asked = { readonly [K in keyof typeof asked]: (typeof asked)[K] extends fc.Arbitrary<infer A> ? A : never }

const builderOf = ({ key, signatureType, wallet }: Asked) =>
  new OrderBuilder(walletOf(key), Chain.POLYGON, TYPES[signatureType], signatureType === 0 ? undefined : wallet)

const optionsOf = ({ at, grid }: Asked) => ({
  tickSize: tickText(grid.tick),
  negRisk: at === EXCHANGES.negRiskExchangeV2
})

const common = ({ builder, grid, metadata, side, tokenId }: Asked) => ({
  tokenID: `${tokenId}`,
  price: Number(format(grid.price)),
  side,
  metadata,
  builderCode: builder
})

/** Our order of the same content, with their salt and time, which they draw themselves. */
const ours = (
  { builder, key, metadata, side, signatureType, tokenId, wallet }: Asked,
  drawn: { readonly salt: string; readonly timestamp: string },
  amounts: { readonly makerAmount: bigint; readonly takerAmount: bigint }
): OrderStruct => {
  const eoa = Secp256k1.addressOf(unhex(key))
  const maker = signatureType === 0 ? eoa : wallet.toLowerCase()
  return {
    salt: BigInt(drawn.salt),
    maker,
    signer: signatureType === 3 ? maker : eoa,
    tokenId,
    ...amounts,
    side,
    signatureType,
    timestamp: BigInt(drawn.timestamp),
    metadata,
    builder
  }
}

const signed = ({ at, key }: Asked, order: OrderStruct) =>
  wireSignature(at, order, Secp256k1.sign(signingDigest(at, order), unhex(key)))

describe("the venue's own client", () => {
  it.effect.prop(
    "makes of a limit order the same amounts, signature and body, on every exchange and for every type of account",
    { ...asked, expiration: fc.integer({ min: 0, max: 4_000_000_000 }), type: fc.constantFrom("GTC", "GTD") },
    ({ expiration, type, ...each }) =>
      Effect.gen(function* () {
        const { at, grid, owner, side, size } = each
        const limit = { ...common(each), size: Number(format(size)), expiration }
        const version = Number(at.domainVersion)
        const theirs = yield* Effect.promise(() => builderOf(each).buildOrder(limit, optionsOf(each), version))
        if (!isV2Order(theirs)) return assert.fail("an order of another version")
        const quantity = { _tag: "Shares", shares: Shares(size) } as const
        const order = ours(
          each,
          theirs,
          amountsOf({ side, price: grid.price, quantity, timeInForce: "GTC" }, grid.tick)
        )
        const wire = signed(each, order)
        assert.strictEqual(wire, theirs.signature)
        const [theirType, ourType] =
          type === "GTC" ? ([OrderType.GTC, "GTC"] as const) : ([OrderType.GTD, "GTD"] as const)
        assert.strictEqual(
          postBody(orderJson(order, wire, BigInt(expiration)), owner, ourType, each),
          JSON.stringify(orderToJsonV2(theirs, owner, theirType, each.postOnly, each.deferExec))
        )
      }),
    { fastCheck: { numRuns: 150 } }
  )

  it.effect.prop(
    "makes of an order that must fill at once the same, but for shares beyond 4 decimals, which the venue refuses",
    { ...asked, type: fc.constantFrom("FOK", "FAK") },
    ({ type, ...each }) =>
      Effect.gen(function* () {
        const { at, grid, owner, side, size } = each
        const market = { ...common(each), amount: Number(format(size)) }
        const version = Number(at.domainVersion)
        const theirs = yield* Effect.promise(() => builderOf(each).buildMarketOrder(market, optionsOf(each), version))
        if (!isV2Order(theirs)) return assert.fail("an order of another version")
        const buying = side === Side.BUY
        const [theirType, ourType] =
          type === "FOK" ? ([OrderType.FOK, "FOK"] as const) : ([OrderType.FAK, "FAK"] as const)
        const quantity = buying
          ? ({ _tag: "Budget", usd: Usd(size) } as const)
          : ({ _tag: "Shares", shares: Shares(size) } as const)
        const amounts = amountsOf({ side, price: grid.price, quantity, timeInForce: ourType }, grid.tick)
        const taker = BigInt(theirs.takerAmount)
        assert.strictEqual(amounts.makerAmount, BigInt(theirs.makerAmount))
        const off = buying ? taker - floorTo((size * UNIT) / grid.price, STEPS[optionsOf(each).tickSize]) : 0n
        if (off === 0n) assert.strictEqual(amounts.takerAmount, buying ? taker - (taker % 100n) : taker)
        else assert.strictEqual(off, -STEPS[optionsOf(each).tickSize], "one step too few, by its floats")
        const order = ours(each, theirs, { ...amounts, takerAmount: taker })
        const wire = signed(each, order)
        assert.strictEqual(wire, theirs.signature)
        assert.strictEqual(
          postBody(orderJson(order, wire, 0n), owner, ourType, each),
          JSON.stringify(orderToJsonV2(theirs, owner, theirType, each.postOnly, each.deferExec))
        )
      }),
    { fastCheck: { numRuns: 150 } }
  )

  it.effect.prop(
    "signs exact amounts on the newest exchange alike, from one unit to a hundred billion dollars",
    { ...asked, give: fc.bigInt(1n, 10n ** 11n * UNIT), want: fc.bigInt(1n, 10n ** 11n * UNIT) },
    ({ give, want, ...each }) =>
      Effect.gen(function* () {
        const { builder, metadata, side, tokenId } = each
        const theirs = yield* Effect.promise(() =>
          builderOf(each).buildExchangeV3OrderFromAmounts({
            tokenID: `${tokenId}`,
            makerAmount: `${give}`,
            takerAmount: `${want}`,
            side,
            metadata,
            builderCode: builder
          })
        )
        const order = ours(each, theirs, { makerAmount: give, takerAmount: want })
        assert.strictEqual(signed({ ...each, at: EXCHANGES.exchangeV3 }, order), theirs.signature)
      }),
    { fastCheck: { numRuns: 50 } }
  )

  const seconds = fc.integer({ min: 0, max: 4_000_000_000 })

  it.effect.prop(
    "logs in with the same headers",
    { key: Arbitrary.privateKey, at: seconds, nonce: fc.nat(), signatureType: Arbitrary.signatureType },
    ({ at, key, nonce }) =>
      Effect.gen(function* () {
        const theirs = yield* Effect.promise(() => createL1Headers(walletOf(key), Chain.POLYGON, nonce, at))
        const address = Secp256k1.addressOf(unhex(key))
        const signature = Secp256k1.sign(l1Digest(address, at, nonce, CHAIN_ID), unhex(key))
        assert.deepStrictEqual(theirs, { ...theirs, ...l1Headers(address, signature, at, nonce) })
        assert.sameMembers(Object.keys(l1Headers(address, signature, at, nonce)), Object.keys(theirs))
      })
  )

  it.effect.prop(
    "signs requests with the same headers, whatever alphabet the secret is written in",
    {
      key: Arbitrary.privateKey,
      at: seconds,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
      encoding: fc.constantFrom("base64", "base64url"),
      method: fc.constantFrom("GET", "POST", "DELETE"),
      path: fc.webPath(),
      body: fc.option(fc.json(), { nil: undefined })
    },
    ({ at, body, bytes, encoding, key, method, path }) =>
      Effect.gen(function* () {
        const secret = Buffer.from(bytes).toString(encoding === "base64" ? "base64" : "base64url")
        const credentials = { key: "00000000-0000-0000-0000-000000000001", secret, passphrase: "pass" }
        const request = { method, requestPath: path, ...(body === undefined ? {} : { body }) }
        const theirs = yield* Effect.promise(() => createL2Headers(walletOf(key), credentials, request, at))
        const address = Secp256k1.addressOf(unhex(key))
        const found = l2Headers(address, credentials, at, method, path, body)
        assert.deepStrictEqual<unknown>(found, theirs)
      })
  )
})
