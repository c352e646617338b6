import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { hashTypedData } from "viem"
import { privateKeyToAccount, privateKeyToAddress } from "viem/accounts"
import { checksummed } from "../../src/polymarket/Address.ts"
import { EXCHANGES, type Exchange } from "../../src/polymarket/Contracts.ts"
import { hex, type OrderStruct, orderHash, unhex } from "../../src/polymarket/OrderStruct.ts"
import * as Secp256k1 from "../../src/polymarket/Secp256k1.ts"
import { signedBy, signingDigest, wireSignature } from "../../src/polymarket/Signature.ts"
import * as Arbitrary from "./arbitraries.ts"

const ORDER = [
  { name: "salt", type: "uint256" },
  { name: "maker", type: "address" },
  { name: "signer", type: "address" },
  { name: "tokenId", type: "uint256" },
  { name: "makerAmount", type: "uint256" },
  { name: "takerAmount", type: "uint256" },
  { name: "side", type: "uint8" },
  { name: "signatureType", type: "uint8" },
  { name: "timestamp", type: "uint256" },
  { name: "metadata", type: "bytes32" },
  { name: "builder", type: "bytes32" }
] as const

const NESTED = [
  { name: "contents", type: "Order" },
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
  { name: "salt", type: "bytes32" }
] as const

const ox = (text: string) => `0x${text.slice(2)}` as const

const domainOf = ({ address, chainId, domainVersion }: Exchange) => ({
  name: "Polymarket CTF Exchange",
  version: domainVersion,
  chainId,
  verifyingContract: ox(address)
})

const messageOf = (order: OrderStruct) => ({
  ...order,
  maker: ox(order.maker),
  signer: ox(order.signer),
  side: order.side === "BUY" ? 0 : 1,
  metadata: ox(order.metadata),
  builder: ox(order.builder)
})

const plain = (exchange: Exchange, order: OrderStruct) =>
  ({ domain: domainOf(exchange), types: { Order: ORDER }, primaryType: "Order", message: messageOf(order) }) as const

const nested = (exchange: Exchange, order: OrderStruct) =>
  ({
    domain: domainOf(exchange),
    types: { TypedDataSign: NESTED, Order: ORDER },
    primaryType: "TypedDataSign",
    message: {
      contents: messageOf(order),
      name: "DepositWallet",
      version: "1",
      chainId: BigInt(exchange.chainId),
      verifyingContract: ox(order.signer),
      salt: ox(`0x${"0".repeat(64)}`)
    }
  }) as const

const { exchange, order, privateKey } = Arbitrary

describe("an order", () => {
  it("has the hash that viem makes of it, whatever is in its fields", () => {
    fc.assert(
      fc.property(exchange, order, (at, made) => {
        assert.strictEqual(hex(orderHash(at, made)), hashTypedData(plain(at, made)))
        const expected = made.signatureType === 3 ? hashTypedData(nested(at, made)) : hashTypedData(plain(at, made))
        assert.strictEqual(hex(signingDigest(at, made)), expected)
      }),
      { numRuns: 500 }
    )
  })

  it("keeps its exchanges apart, asked in any order", () => {
    fc.assert(
      fc.property(order, (made) => {
        const all = Object.values(EXCHANGES)
        const hashes = [...all, ...all.toReversed()].map((at) => hex(orderHash(at, made)))
        assert.deepStrictEqual(hashes.slice(3), hashes.slice(0, 3).toReversed())
        assert.strictEqual(new Set(hashes).size, 3)
      })
    )
  })

  it.effect.prop(
    "is signed as viem signs it, to the byte",
    { at: exchange, made: order, key: privateKey },
    ({ at, key, made }) =>
      Effect.gen(function* () {
        const account = privateKeyToAccount(key)
        const theirs = yield* Effect.promise(() =>
          made.signatureType === 3 ? account.signTypedData(nested(at, made)) : account.signTypedData(plain(at, made))
        )
        const wire = wireSignature(at, made, Secp256k1.sign(signingDigest(at, made), unhex(key)))
        assert.strictEqual(wire.slice(0, 132), theirs)
        assert.strictEqual(unhex(wire).length, made.signatureType === 3 ? 317 : 65)
        assert.strictEqual(signedBy(at, made, wire), account.address.toLowerCase())
      }),
    { fastCheck: { numRuns: 200 } }
  )
})

describe("a wire signature", () => {
  const signed = fc.record({ at: exchange, made: order, key: privateKey }).map((each) => ({
    ...each,
    wire: wireSignature(each.at, each.made, Secp256k1.sign(signingDigest(each.at, each.made), unhex(each.key)))
  }))

  it("stands for nobody, or somebody else, once any byte of it is changed", () => {
    fc.assert(
      fc.property(signed, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ at, key, made, wire }, index, flip) => {
        const bytes = unhex(wire)
        const place = index % bytes.length
        bytes[place] = (bytes[place] ?? 0) ^ flip
        const found = signedBy(at, made, hex(bytes))
        assert.notStrictEqual(found, Secp256k1.addressOf(unhex(key)))
        if (place > 64) assert.isUndefined(found)
      }),
      { numRuns: 500 }
    )
  })

  it("stands for nobody, or somebody else, over another order or exchange", () => {
    fc.assert(
      fc.property(signed, exchange, ({ at, key, made, wire }, other) => {
        const owner = Secp256k1.addressOf(unhex(key))
        assert.notStrictEqual(signedBy(at, { ...made, makerAmount: made.makerAmount ^ 1n }, wire), owner)
        assert.notStrictEqual(signedBy(at, { ...made, side: made.side === "BUY" ? "SELL" : "BUY" }, wire), owner)
        if (other !== at) assert.notStrictEqual(signedBy(other, made, wire), owner)
        if (made.signatureType === 3)
          assert.notStrictEqual(signedBy(at, { ...made, signer: ox(`0x${"1".repeat(40)}`) }, wire), owner)
      })
    )
  })

  it("of any length or text but the right one is malformed", () => {
    fc.assert(
      fc.property(signed, fc.nat(), fc.string(), ({ at, made, wire }, cut, text) => {
        assert.isUndefined(signedBy(at, made, wire.slice(0, cut % wire.length)))
        assert.isUndefined(signedBy(at, made, `${wire}00`))
        assert.isUndefined(signedBy(at, made, wire.slice(2)))
        assert.isUndefined(signedBy(at, made, text))
        assert.isUndefined(signedBy(at, made, `0x${text}`))
      })
    )
  })

  it("may be in capitals", () => {
    fc.assert(
      fc.property(signed, ({ at, key, made, wire }) => {
        assert.strictEqual(signedBy(at, made, `0x${wire.slice(2).toUpperCase()}`), Secp256k1.addressOf(unhex(key)))
      }),
      { numRuns: 20 }
    )
  })
})

describe("an address", () => {
  it("is that of viem, and so is its mixed case", () => {
    fc.assert(
      fc.property(privateKey, (key) => {
        const mixed = privateKeyToAddress(key)
        assert.strictEqual(Secp256k1.addressOf(unhex(key)), mixed.toLowerCase())
        assert.strictEqual(checksummed(mixed.toLowerCase()), mixed)
        assert.strictEqual(checksummed(`0x${mixed.slice(2).toUpperCase()}`), mixed)
      })
    )
  })
})
