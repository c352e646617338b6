import { assert, describe, it } from "@effect/vitest"
import { l1Digest, l2Signature } from "../../src/polymarket/Auth.ts"
import { EXCHANGES, type Exchange } from "../../src/polymarket/Contracts.ts"
import { orderJson, postBody } from "../../src/polymarket/OrderBody.ts"
import { hex, type OrderStruct, orderHash, unhex } from "../../src/polymarket/OrderStruct.ts"
import * as Secp256k1 from "../../src/polymarket/Secp256k1.ts"
import { signedBy, signingDigest, wireSignature } from "../../src/polymarket/Signature.ts"
import { FILES, OtherAuth, OtherSigning, read, Signing } from "./vectors.ts"

const exchangeAt = (address: string, version: string, chainId: number): Exchange => {
  const found = Object.values(EXCHANGES).find((each) => each.address === address && each.domainVersion === version)
  assert.isDefined(found, `${address} of version ${version}`)
  return { ...(found ?? EXCHANGES.exchangeV3), chainId }
}

interface Expected {
  readonly name: string
  readonly key: string
  readonly hash: string | undefined
  readonly signature: string
}

const holds = ({ hash, key, name, signature }: Expected, exchange: Exchange, order: OrderStruct) => {
  if (hash !== undefined) assert.strictEqual(hex(orderHash(exchange, order)), hash, name)
  const made = Secp256k1.sign(signingDigest(exchange, order), unhex(key))
  assert.strictEqual(wireSignature(exchange, order, made), signature, name)
  assert.strictEqual(signedBy(exchange, order, signature), Secp256k1.addressOf(unhex(key)), name)
}

describe("what others have signed is signed alike here:", () => {
  it.skipIf(FILES.signing === undefined)("orders of the venue's client, plain and nested, on every exchange", () => {
    const { orders, privateKey: key } = read(Signing, FILES.signing)
    for (const { chainId, domain, message, name, orderHash: hash, signature, signatureBytes } of orders) {
      const exchange = exchangeAt(domain.verifyingContract, domain.version, chainId)
      holds({ name, key, hash, signature }, exchange, message)
      assert.strictEqual(unhex(signature).length, signatureBytes, name)
    }
    assert.strictEqual(new Set(orders.map(({ domain }) => domain.verifyingContract)).size, 3)
    assert.sameMembers([...new Set(orders.map(({ signatureBytes }) => signatureBytes))], [65, 317])
  })

  it.skipIf(FILES.otherSigning === undefined)("orders of clients in other languages", () => {
    const { vectors } = read(OtherSigning, FILES.otherSigning)
    for (const { name, order, order_hash: hash, private_key: key, signature, ...at } of vectors) {
      holds({ name, key, hash, signature }, exchangeAt(at.verifying_contract, at.domain_version, at.chain_id), order)
    }
    assert.sameMembers([...new Set(vectors.map(({ order }) => order.signatureType))], [0, 1, 3])
  })

  it.skipIf(FILES.signing === undefined)("a login and requests of the venue's client", () => {
    const { address, l1, l2, privateKey } = read(Signing, FILES.signing)
    assert.strictEqual(Secp256k1.addressOf(unhex(privateKey)), address.toLowerCase())
    const digest = l1Digest(address, l1.timestamp, l1.nonce, l1.chainId)
    assert.strictEqual(hex(Secp256k1.sign(digest, unhex(privateKey))), l1.signature)
    assert.isAbove(l2.cases.length, 0)
    for (const { body, method, path, signature, timestamp } of l2.cases)
      assert.strictEqual(l2Signature(l2.secret, timestamp, method, path, body ?? undefined), signature)
  })

  it.skipIf(FILES.otherAuth === undefined)("logins and requests of clients in other languages", () => {
    const { l1_clob_auth, l2_hmac } = read(OtherAuth, FILES.otherAuth)
    assert.isAbove(l1_clob_auth.length, 0)
    for (const { address, chain_id, nonce, private_key, signature, timestamp } of l1_clob_auth)
      assert.strictEqual(
        hex(Secp256k1.sign(l1Digest(address, timestamp, nonce, chain_id), unhex(private_key))),
        signature
      )
    assert.isAbove(l2_hmac.length, 0)
    for (const { body, method, path, secret, signature, timestamp } of l2_hmac)
      assert.strictEqual(l2Signature(secret, timestamp, method, path, body ?? undefined), signature)
  })

  it.skipIf(FILES.signing === undefined)("the body of a posted order, to the last character", () => {
    const { orders, wire } = read(Signing, FILES.signing)
    const nested = orders.find(({ message }) => message.signatureType === 3)
    if (nested === undefined) return assert.fail("no nested signature was recorded")
    const order = orderJson(nested.message, nested.signature, 0n)
    const body = postBody(order, "00000000-0000-0000-0000-000000000001", "GTC", { postOnly: true, deferExec: false })
    assert.strictEqual(body, JSON.stringify(wire))
  })
})
