import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { createTestClient, http, parseAbi, parseEther, publicActions, walletActions } from "viem"
import { polygon } from "viem/chains"
import { encodeFunctionData } from "viem/utils"
import * as PrivateKey from "../../src/layers/signer/PrivateKey.ts"
import * as Approvals from "../../src/polymarket/Approvals.ts"
import { codeOf } from "./compile.ts"

const program = Either.getOrUndefined(
  Either.try(() => createRequire(import.meta.url).resolve("@foundry-rs/anvil-linux-amd64/bin/anvil"))
)

/** Whether a chain can be run here: the package is optional, and built for one kind of machine. */
export const isHere = program !== undefined

/** A key whose digits are found wherever they are shown. */
export const KEY = "c0ffee0123456789abcdeffacade0123456789abcdefdecade0123456789ab5e"
/** Its account. */
export const OWN = "0x5085dF58C2ABa3CFA962a5b1F7CDD0A134843e81"
export const signer = PrivateKey.layer(Redacted.make(KEY))

const hex = (text: string): `0x${string}` => `0x${text.replace(/^0x/, "")}`

const listening = (args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly stop: () => void }>((resume) => {
      const child = spawn(program ?? "anvil", args, { stdio: ["ignore", "pipe", "inherit"] })
      let said = ""
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text
        const found = /Listening on ([\d.]+:\d+)/.exec(said)
        if (found !== null) resume(Effect.succeed({ url: `http://${found[1]}`, stop: () => child.kill("SIGKILL") }))
      })
      child.once("exit", () => resume(Effect.die(new Error(`anvil ended: ${said}`))))
    }),
    ({ stop }) => Effect.sync(stop)
  )

const TOKEN = parseAbi([
  "function mint(address to, uint256 amount)",
  "function refuse(string why)",
  "function approve(address spender, uint256 amount) returns (bool)",
  "function balanceOf(address account) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)"
])
const ONRAMP = parseAbi(["function pause(address asset)"])
const WALLET = parseAbi([
  "struct Call { address target; uint256 value; bytes data; }",
  "function own(address whose)",
  "function execute(uint256 deadline, Call[] calls, bytes signature)",
  "function nonce() view returns (uint256)"
])

/** An account of anvil's own, for whatever others do on the chain. */
const STRANGER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"

/** A chain of one's own, with contracts of ours at the venue's addresses. */
export const chain = (options: { readonly chainId?: number; readonly contracts?: boolean } = {}) =>
  Effect.gen(function* () {
    const { chainId = 137, contracts = true } = options
    const { url } = yield* listening(["--port", "0", "--host", "127.0.0.1", "--chain-id", `${chainId}`])
    const client = createTestClient({ mode: "anvil", chain: { ...polygon, id: chainId }, transport: http(url) })
      .extend(publicActions)
      .extend(walletActions)
    const place = (address: string, bytecode: `0x${string}`) =>
      Effect.promise(() => client.setCode({ address: hex(address), bytecode }))
    if (contracts) {
      for (const { address } of [Approvals.PUSD, Approvals.USDC, Approvals.USDC_E])
        yield* place(address, codeOf("Token"))
      for (const { address } of [Approvals.CONDITIONAL_TOKENS, Approvals.POSITION_MANAGER]) {
        yield* place(address, codeOf("Shares"))
      }
      // Spenders need only be there.
      for (const { spender } of Approvals.APPROVALS) yield* place(spender.address, codeOf("Shares"))
      yield* place(Approvals.ONRAMP.address, codeOf("Onramp"))
    }
    const inBlock = (hash: `0x${string}`) => client.waitForTransactionReceipt({ hash, pollingInterval: 10 })
    /** Sends a stranger's transaction; waits for its block, unless it is only to be sent. */
    const call = (to: string, data: `0x${string}`, only?: { readonly gwei: bigint }) =>
      Effect.promise(() =>
        client
          .sendUnsignedTransaction({
            from: STRANGER,
            to: hex(to),
            data,
            gasPrice: (only?.gwei ?? 50n) * 1_000_000_000n
          })
          .then((hash) => (only === undefined ? inBlock(hash) : undefined))
      )
    return {
      url,
      client,
      place,
      call,
      /** Gives an account POL. */
      fuel: (address: string, pol: string) =>
        Effect.promise(() => client.setBalance({ address: hex(address), value: parseEther(pol) })),
      mint: (token: Approvals.Contract, to: string, amount: bigint) =>
        call(token.address, encodeFunctionData({ abi: TOKEN, functionName: "mint", args: [hex(to), amount] })),
      /** From now on the token refuses every approval, in these words. */
      refuse: (token: Approvals.Contract, why: string, only?: { readonly gwei: bigint }) =>
        call(token.address, encodeFunctionData({ abi: TOKEN, functionName: "refuse", args: [why] }), only),
      pause: (asset: Approvals.Contract) =>
        call(
          Approvals.ONRAMP.address,
          encodeFunctionData({ abi: ONRAMP, functionName: "pause", args: [hex(asset.address)] })
        ),
      balance: (token: Approvals.Contract, of: string) =>
        Effect.promise(() =>
          client.readContract({ address: hex(token.address), abi: TOKEN, functionName: "balanceOf", args: [hex(of)] })
        ),
      allowance: (token: Approvals.Contract, of: string, spender: Approvals.Contract) =>
        Effect.promise(() =>
          client.readContract({
            address: hex(token.address),
            abi: TOKEN,
            functionName: "allowance",
            args: [hex(of), hex(spender.address)]
          })
        ),
      /** How many transactions an account has in blocks. */
      sent: (address: string) => Effect.promise(() => client.getTransactionCount({ address: hex(address) })),
      /** How many of them wait. */
      waiting: Effect.promise(() => client.getTxpoolStatus()),
      /** Leaves a transaction of an account on its way, as a run that was cut would. */
      waitingFrom: (address: string) =>
        Effect.promise(() =>
          client
            .impersonateAccount({ address: hex(address) })
            .then(() => client.sendUnsignedTransaction({ from: hex(address), to: STRANGER, gasPrice: 50_000_000_000n }))
        ),
      automine: (on: boolean) => Effect.promise(() => client.setAutomine(on)),
      mine: Effect.promise(() => client.mine({ blocks: 1 })),
      /** Places a deposit wallet of this owner. */
      depositWallet: (address: string, owner: string) =>
        Effect.zipRight(
          place(address, codeOf("DepositWallet")),
          call(address, encodeFunctionData({ abi: WALLET, functionName: "own", args: [hex(owner)] }))
        ),
      /** Carries a signed batch out as a relayer does; fails where the wallet does not take it. */
      execute: (
        wallet: string,
        deadline: bigint,
        calls: ReadonlyArray<{ readonly target: string; readonly data: string }>,
        signature: string
      ) =>
        Effect.tryPromise(() =>
          client.sendUnsignedTransaction({
            from: STRANGER,
            to: hex(wallet),
            gas: 2_000_000n,
            data: encodeFunctionData({
              abi: WALLET,
              functionName: "execute",
              args: [
                deadline,
                calls.map(({ data, target }) => ({ target: hex(target), value: 0n, data: hex(data) })),
                hex(signature)
              ]
            })
          })
        ).pipe(Effect.flatMap((hash) => Effect.promise(() => inBlock(hash))))
    }
  })

export type TestChain = Effect.Effect.Success<ReturnType<typeof chain>>
