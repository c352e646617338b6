import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { TransactionSerializableEIP1559 } from "viem"
import { formatUnits, keccak256, serializeTransaction } from "viem/utils"
import type { Change } from "../../polymarket/Permissions.ts"
import { ChainRefused, Reverted, Unsettled, type Wallet } from "../Chain.ts"
import { callOf, contractsOf, hex, reasonOf, wordsOf } from "./Abi.ts"
import { type Reads, refusedIn } from "./Reads.ts"
import { Bytes, orNone, Quantity, type Rpc, type RpcRefused } from "./Rpc.ts"
import { type Patience, type Sender, watch } from "./Sender.ts"

/** What Polygon's validators ask at least for including a transaction. */
const LEAST_TIP = 30_000_000_000n

const Block = Schema.Struct({ baseFeePerGas: Quantity })
const Receipt = Schema.Struct({ status: Quantity, blockNumber: Schema.String })

/** A revert, as nodes tell it apart from other refusals: code 3, or data, or the word itself. */
const isRevert = ({ code, data, message }: RpcRefused) =>
  code === 3 || (data !== undefined && data !== "0x") || /revert/i.test(message)

/** A wallet that is its own account (type 0): it sends its transactions itself, and pays for them in POL. */
export const make = (options: {
  readonly rpc: Rpc
  readonly reads: Reads
  readonly wallet: Wallet
  readonly chainId: number
  readonly sign: (digest: Uint8Array) => Effect.Effect<Uint8Array>
  readonly patience: Patience
}): Sender => {
  const { chainId, patience, reads, rpc, sign, wallet } = options
  const from = wallet.signer

  const count = (upTo: "latest" | "pending") =>
    Effect.mapError(rpc.ask("eth_getTransactionCount", [from, upTo], Quantity), refusedIn(rpc, "counting transactions"))

  const settle = Effect.gen(function* () {
    const [mined, sent] = yield* Effect.all([count("latest"), count("pending")])
    if (sent <= mined) return false
    const arrived = Effect.map(count("latest"), (now) => (now >= sent ? Option.some(now) : Option.none()))
    if (Option.isSome(yield* watch(arrived, patience))) return true
    return yield* new Unsettled({
      message: `${sent - mined} earlier transaction(s) of ${from}, the first with nonce ${mined}, came into no block within ${patience.seconds} s; nothing more was sent`
    })
  })

  const priced = Effect.fn("Chain.Account.priced")(function* (change: Change) {
    const { data, to } = callOf(change, wallet.address)
    const doing = wordsOf(change)
    const gas = yield* Effect.mapError(rpc.ask("eth_estimateGas", [{ from, to, data }], Quantity), (error) =>
      error._tag === "RpcRefused" && isRevert(error)
        ? new Reverted({ message: `${doing} would fail: ${reasonOf(error.data, error.message)}; nothing was sent` })
        : refusedIn(rpc, doing)(error)
    )
    const [{ baseFeePerGas }, asked, pol, nonce] = yield* Effect.all([
      rpc.ask("eth_getBlockByNumber", ["latest", false], Block),
      rpc
        .ask("eth_maxPriorityFeePerGas", [], Quantity)
        .pipe(Effect.catchTag("RpcRefused", () => Effect.succeed(LEAST_TIP))),
      rpc.ask("eth_getBalance", [from, "latest"], Quantity),
      count("pending")
    ]).pipe(Effect.mapError((error) => (error._tag === "RpcRefused" ? refusedIn(rpc, doing)(error) : error)))
    const tip = asked > LEAST_TIP ? asked : LEAST_TIP
    const transaction: TransactionSerializableEIP1559 = {
      type: "eip1559",
      chainId,
      nonce: Number(nonce),
      to: hex(to),
      data,
      value: 0n,
      gas: (gas * 12n) / 10n,
      maxPriorityFeePerGas: tip,
      maxFeePerGas: baseFeePerGas * 2n + tip
    }
    const most = (gas * 12n * (baseFeePerGas * 2n + tip)) / 10n
    if (most > pol) {
      return yield* new ChainRefused({
        message: `${doing} takes up to ${formatUnits(most, 18)} POL for gas, and ${from} has ${formatUnits(pol, 18)}; nothing was sent`
      })
    }
    return transaction
  })

  const signed = Effect.fn("Chain.Account.signed")(function* (transaction: TransactionSerializableEIP1559) {
    const signature = yield* sign(keccak256(serializeTransaction(transaction), "bytes"))
    const text = Buffer.from(signature).toString("hex")
    return serializeTransaction(transaction, {
      r: hex(text.slice(0, 64)),
      s: hex(text.slice(64, 128)),
      yParity: signature[64] === 28 ? 1 : 0
    })
  })

  const why = (change: Change, blockNumber: string) =>
    rpc.ask("eth_call", [{ from, ...callOf(change, wallet.address) }, blockNumber], Bytes).pipe(
      Effect.match({
        onFailure: (error) =>
          error._tag === "RpcRefused" ? reasonOf(error.data, error.message) : "no reason was given",
        onSuccess: () => "no reason was given"
      })
    )

  const send = Effect.fn("Chain.Account.send")(function* (change: Change) {
    const doing = wordsOf(change)
    const raw = yield* Effect.flatMap(priced(change), signed)
    const transaction = keccak256(raw)
    // Silence is no refusal: the hash is known before sending, and the chain is asked what became of it.
    const sent = yield* rpc.tell("eth_sendRawTransaction", [raw], Bytes).pipe(
      Effect.as(true),
      Effect.catchTag("ChainUnreachable", () => Effect.succeed(false)),
      Effect.catchTag("RpcRefused", (error) =>
        /already known|known transaction/i.test(error.message)
          ? Effect.succeed(true)
          : Effect.fail(refusedIn(rpc, doing)(error))
      )
    )
    const looked = rpc
      .ask("eth_getTransactionReceipt", [transaction], orNone(Receipt))
      .pipe(Effect.orElseSucceed(() => Option.none<typeof Receipt.Type>()))
    const found = yield* watch(looked, patience)
    if (Option.isNone(found)) {
      return yield* new Unsettled({
        message: `${doing}: transaction ${transaction} ${sent ? "was sent" : "may have been sent"} and came into no block within ${patience.seconds} s; run the command again, it looks before it sends`
      })
    }
    const receipt = found.value
    if (receipt.status === 1n) return { change, transaction }
    return yield* new Reverted({
      message: `${doing} failed in transaction ${transaction}: ${yield* why(change, receipt.blockNumber)}`,
      transaction
    })
  })

  const change: Sender["change"] = Effect.fn("Chain.Account.change")(function* (changes, told) {
    yield* reads.present(changes.flatMap(contractsOf))
    return yield* Effect.forEach(changes, (each) => Effect.tap(send(each), told))
  })

  return { settle, change }
}
