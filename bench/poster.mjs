// node poster.js FILE: what the least program does that places orders. It signs and posts those of the file, one after the
// other over one connection, each after the answer to the one before, and tells how long that took. It writes nothing down.
import { readFileSync } from "node:fs"
import { performance } from "node:perf_hooks"
import { amountsOf } from "../src/polymarket/Amounts.ts"
import { l2Signature } from "../src/polymarket/Auth.ts"
import { EXCHANGES } from "../src/polymarket/Contracts.ts"
import { orderJson, postBody } from "../src/polymarket/OrderBody.ts"
import { hex, orderHash, unhex, ZERO_32 } from "../src/polymarket/OrderStruct.ts"
import { addressOf, sign } from "../src/polymarket/Secp256k1.ts"
import { signingDigest, wireSignature } from "../src/polymarket/Signature.ts"

const { env, orders } = JSON.parse(readFileSync(process.argv[2], "utf8"))
const key = unhex(env.POLYMARKET_PRIVATE_KEY)
const address = addressOf(key)
const url = `${env.POLYMARKET_CLOB_URL}/order`

const post = async (body) => {
  const seconds = Math.floor(Date.now() / 1000)
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      POLY_ADDRESS: address,
      POLY_API_KEY: env.POLYMARKET_API_KEY,
      POLY_PASSPHRASE: env.POLYMARKET_API_PASSPHRASE,
      POLY_TIMESTAMP: String(seconds),
      POLY_SIGNATURE: l2Signature(env.POLYMARKET_API_SECRET, seconds, "POST", "/order", body)
    },
    body
  })
  return response.json()
}

// The connection stands before the time is taken.
await fetch(`${env.POLYMARKET_CLOB_URL}/time`).then((response) => response.text())
let matched = 0
const busy = process.cpuUsage()
const started = performance.now()
for (const [at, { exchange, price, shares, tick, tokenId }] of orders.entries()) {
  const struct = {
    salt: BigInt(at + 1),
    maker: address,
    signer: address,
    tokenId: BigInt(tokenId),
    ...amountsOf(
      {
        price: BigInt(price),
        quantity: { _tag: "Shares", shares: BigInt(shares) },
        side: "BUY",
        timeInForce: "GTC"
      },
      BigInt(tick)
    ),
    side: "BUY",
    signatureType: 0,
    timestamp: BigInt(Date.now()),
    metadata: ZERO_32,
    builder: ZERO_32
  }
  const settled = EXCHANGES[exchange]
  const signature = wireSignature(settled, struct, sign(signingDigest(settled, struct), key))
  const answer = await post(
    postBody(orderJson(struct, signature, 0n), env.POLYMARKET_API_KEY, "GTC", { postOnly: false, deferExec: true })
  )
  if (answer.orderID !== hex(orderHash(settled, struct))) throw new Error(JSON.stringify(answer))
  if (answer.status === "matched") matched++
}
const millis = performance.now() - started
const { system, user } = process.cpuUsage(busy)
console.log(JSON.stringify({ millis, matched, cpu: (user + system) / 1_000 }))
