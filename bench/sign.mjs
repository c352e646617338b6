// How fast orders are signed, on one core: the id, the signature and its text of each, held against viem's own signer over
// the same orders with the same key, which has to come to the same bytes.
import { performance } from "node:perf_hooks"
import { hashTypedData } from "viem"
import { privateKeyToAccount } from "viem/accounts"
import { load } from "./bundle.mjs"
import { interleaved, result } from "./measure.mjs"

const ORDERS = 600
const ROUNDS = 7
/** The development key of local chains that everybody knows. */
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
const WALLET = "0x1111111111111111111111111111111111111111"
const ZERO = `0x${"0".repeat(64)}`

const fields = (text) =>
  text.split(",").map((field) => {
    const [type, name] = field.split(" ")
    return { type, name }
  })
const ORDER = fields(
  "uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder"
)
const NESTED = fields(
  "Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt"
)

/** An order and its exchange as viem is told them: the order itself, or for a deposit wallet the nested one around it. */
const typedData = ({ exchange, order }, nested) => {
  const domain = {
    name: "Polymarket CTF Exchange",
    version: exchange.domainVersion,
    chainId: exchange.chainId,
    verifyingContract: exchange.address
  }
  const message = { ...order, side: order.side === "BUY" ? 0 : 1 }
  if (!nested) return { domain, types: { Order: ORDER }, primaryType: "Order", message }
  const wallet = { name: "DepositWallet", version: "1", chainId: 137, verifyingContract: order.signer, salt: ZERO }
  return {
    domain,
    types: { TypedDataSign: NESTED, Order: ORDER },
    primaryType: "TypedDataSign",
    message: { contents: message, ...wallet }
  }
}

const ordersOf = (exchanges, address, types) =>
  Array.from({ length: ORDERS }, (_, at) => {
    const signatureType = types[at % types.length]
    const cents = BigInt(1 + (at % 99))
    const order = {
      salt: BigInt(at) * 7_500_000_000_001n,
      maker: signatureType === 0 ? address : WALLET,
      signer: signatureType === 3 ? WALLET : address,
      tokenId: 71321045679252212594626385532706912750332728571942532289631379312455583992563n + BigInt(at),
      makerAmount: cents * 1_000_000n,
      takerAmount: 100_000_000n,
      side: at % 2 === 0 ? "BUY" : "SELL",
      signatureType,
      timestamp: 1_764_000_000_000n + BigInt(at),
      metadata: ZERO,
      builder: ZERO
    }
    return { exchange: exchanges[at % exchanges.length], order }
  })

const micros = (started) => ((performance.now() - started) * 1_000) / ORDERS

export const sign = async () => {
  const { Contracts, OrderStruct, Secp256k1, Signature } = await load("sign", {
    Contracts: "./src/polymarket/Contracts.ts",
    OrderStruct: "./src/polymarket/OrderStruct.ts",
    Secp256k1: "./src/polymarket/Secp256k1.ts",
    Signature: "./src/polymarket/Signature.ts"
  })
  const key = OrderStruct.unhex(KEY)
  const account = privateKeyToAccount(KEY)

  const line = async (name, what, types) => {
    const orders = ordersOf(Object.values(Contracts.EXCHANGES), Secp256k1.addressOf(key), types)
    const expected = []
    for (const each of orders) {
      const id = hashTypedData(typedData(each, false))
      const signature = await account.signTypedData(typedData(each, each.order.signatureType === 3))
      expected.push({ id, signature })
    }
    const { of, spread } = await interleaved(ROUNDS, {
      ours: () => {
        const made = []
        const started = performance.now()
        for (const { exchange, order } of orders) {
          // A copy, as every order is a new one: hashes are kept by order.
          const fresh = { ...order }
          const id = OrderStruct.hex(OrderStruct.orderHash(exchange, fresh))
          const signature = Secp256k1.sign(Signature.signingDigest(exchange, fresh), key)
          made.push({ id, signature: Signature.wireSignature(exchange, fresh, signature) })
        }
        const taken = micros(started)
        made.forEach(({ id, signature }, at) => {
          if (id !== expected[at].id || signature.slice(0, 132) !== expected[at].signature)
            throw new Error("the signatures differ")
        })
        return { micros: taken }
      },
      viem: async () => {
        const made = []
        const started = performance.now()
        for (const each of orders)
          made.push(await account.signTypedData(typedData(each, each.order.signatureType === 3)))
        const taken = micros(started)
        made.forEach((signature, at) => {
          if (signature !== expected[at].signature) throw new Error("the signatures differ")
        })
        return { micros: taken }
      }
    })
    const perSecond = (micros) => Math.round(1e6 / micros).toLocaleString("en-US")
    return result({
      name,
      unit: "us/order",
      ours: of("ours.micros"),
      other: of("viem.micros"),
      against: `viem's signTypedData, ${what}`,
      goal: 0.2,
      note: `ours ${spread("ours.micros")}, ${perSecond(of("ours.micros"))} orders/s with ids (${Secp256k1.curve().name} secp256k1); viem ${spread("viem.micros")}, ${perSecond(of("viem.micros"))} orders/s`
    })
  }
  return [
    await line("sign", "the same orders of plain accounts", [0, 1, 2]),
    await line("sign-nested", "the same orders of deposit wallets", [3])
  ]
}
