import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { encodeFunctionData } from "viem/utils"
import { type Contract, PUSD, USDC, USDC_E } from "../../polymarket/Approvals.ts"
import { type Grant, UNLIMITED } from "../../polymarket/Permissions.ts"
import { ChainRefused, type ChainUnreachable, type Code, type Holdings, type Wallet } from "../Chain.ts"
import { DEPOSIT_WALLET, ERC20, ERC1155, hex } from "./Abi.ts"
import { Bytes, Quantity, type Rpc, type RpcRefused } from "./Rpc.ts"

/** At once, so that no public node takes it for an attack. */
const CONCURRENCY = 4

/** One value as contracts return it: 32 bytes. */
const Word = Schema.transformOrFail(Bytes, Schema.BigIntFromSelf, {
  strict: true,
  decode: (bytes, _, ast) =>
    bytes.length === 66
      ? ParseResult.succeed(BigInt(bytes))
      : ParseResult.fail(new ParseResult.Type(ast, bytes, "expected 32 bytes")),
  encode: (value) => ParseResult.succeed(hex(value.toString(16).padStart(64, "0")))
})
const decodeWord = Schema.decodeEither(Word)

/** A refusal of the node where only silence or an answer was expected. */
export const refusedIn = (rpc: Rpc, doing: string) => (error: ChainUnreachable | RpcRefused) =>
  error._tag === "ChainUnreachable"
    ? error
    : new ChainRefused({ message: `Polygon node ${rpc.host}: ${doing}: ${error.message} (${error.code})` })

/** What a wallet has and may, read at the newest block. */
export const make = (rpc: Rpc, wallet: Wallet) => {
  const view = Effect.fn("Chain.Reads.view")(function* (contract: Contract, data: string) {
    const doing = `reading ${contract.name}`
    const answer = yield* Effect.mapError(
      rpc.ask("eth_call", [{ to: contract.address, data }, "latest"], Bytes),
      refusedIn(rpc, doing)
    )
    const word = decodeWord(answer)
    if (Either.isRight(word)) return word.right
    return yield* new ChainRefused({
      message:
        answer === "0x"
          ? `no contract answers at ${contract.address}, where ${contract.name} should be`
          : `${contract.name} at ${contract.address} answered something else`
    })
  })

  const balance = (token: Contract) =>
    view(token, encodeFunctionData({ abi: ERC20, functionName: "balanceOf", args: [hex(wallet.address)] }))

  const code = Effect.fn("Chain.Reads.code")(function* (address: string) {
    const found = yield* Effect.mapError(
      rpc.ask("eth_getCode", [address, "latest"], Bytes),
      refusedIn(rpc, "reading code")
    )
    if (found === "0x") return "none"
    return found.toLowerCase().startsWith("0xef0100") ? "delegated" : "contract"
  })

  const holdings = Effect.all(
    {
      code: Effect.map(code(wallet.address), (found): Code => found),
      pusd: balance(PUSD),
      usdc: balance(USDC),
      usdce: balance(USDC_E),
      pol: Effect.mapError(
        rpc.ask("eth_getBalance", [wallet.signer, "latest"], Quantity),
        refusedIn(rpc, "reading POL")
      )
    },
    { concurrency: CONCURRENCY }
  ) satisfies Effect.Effect<Holdings, ChainUnreachable | ChainRefused>

  /** Base units for ERC-20; 0 or UNLIMITED for ERC-1155. */
  const allowed = ({ kind, spender, token }: Grant) =>
    kind === "erc20"
      ? view(
          token,
          encodeFunctionData({
            abi: ERC20,
            functionName: "allowance",
            args: [hex(wallet.address), hex(spender.address)]
          })
        )
      : Effect.map(
          view(
            token,
            encodeFunctionData({
              abi: ERC1155,
              functionName: "isApprovedForAll",
              args: [hex(wallet.address), hex(spender.address)]
            })
          ),
          (word) => (word === 0n ? 0n : UNLIMITED)
        )

  const standings = <A extends Grant>(grants: ReadonlyArray<A>) =>
    Effect.forEach(grants, (approval) => Effect.map(allowed(approval), (found) => ({ approval, allowed: found })), {
      concurrency: CONCURRENCY
    })

  /** Fails where no contract stands at one of the addresses. */
  const present = (contracts: ReadonlyArray<Contract>) =>
    Effect.forEach(
      contracts,
      (contract) =>
        Effect.flatMap(code(contract.address), (found) =>
          found === "none"
            ? Effect.fail(
                new ChainRefused({
                  message: `no contract stands at ${contract.address}, where ${contract.name} should be`
                })
              )
            : Effect.void
        ),
      { concurrency: CONCURRENCY, discard: true }
    )

  const self: Contract = { name: "the deposit wallet", address: wallet.address }
  /** How many batches this deposit wallet has made: the number the next one must carry. */
  const batches = view(self, encodeFunctionData({ abi: DEPOSIT_WALLET, functionName: "nonce" }))
  /** Who may sign for this deposit wallet, lower case. */
  const owner = Effect.map(
    view(self, encodeFunctionData({ abi: DEPOSIT_WALLET, functionName: "owner" })),
    (word) => `0x${word.toString(16).padStart(40, "0")}`
  )

  return { holdings, standings, present, code, batches, owner }
}

export type Reads = ReturnType<typeof make>
