import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type ChainFailure, ChainRefused, Reverted, Unsettled, type Wallet, WalletUnfit } from "../Chain.ts"
import { callOf, contractsOf, wordsOf } from "./Abi.ts"
import { type Batch, digestOf, submission } from "./Batch.ts"
import type { Reads } from "./Reads.ts"
import { type Patience, type Sender, watch } from "./Sender.ts"

/** How long a signed batch may be carried out; the venue's own client gives as much. */
const LIFETIME_SECONDS = 600n
const DEADLINE = Duration.seconds(15)

const Accepted = Schema.parseJson(Schema.Struct({ transactionID: Schema.NonEmptyString }))
const Refusal = Schema.parseJson(Schema.Struct({ error: Schema.String }))
const Progress = Schema.Struct({
  state: Schema.String,
  transactionHash: Schema.optional(Schema.NullOr(Schema.String)),
  errorMsg: Schema.optional(Schema.NullOr(Schema.String))
})
const Progresses = Schema.parseJson(Schema.Union(Schema.Array(Progress), Progress))

interface Answer {
  readonly status: number
  readonly text: string
}

/**
 * A deposit wallet (type 3): its owner signs a batch of calls, and the venue's relayer sends it and pays for it. The number
 * in the batch is read from the wallet itself, so that of two batches made from the same state only one can be carried out.
 * Source: DOC `trading/deposit-wallets` and `api-reference/relayer`, and the venue's relayer client (bodies, states, reading
 * `nonce` from the wallet); `owner`, and the words of refusals, are 3P. The relayer takes calls to contracts of its own list
 * only, which is not published.
 */
export const make = (options: {
  readonly client: HttpClient.HttpClient
  readonly url: string
  readonly key: Redacted.Redacted
  readonly reads: Reads
  readonly wallet: Wallet
  readonly chainId: number
  readonly sign: (digest: Uint8Array) => Effect.Effect<Uint8Array>
  readonly patience: Patience
}): Sender => {
  const { chainId, key, patience, reads, sign, url, wallet } = options
  const { host } = new URL(url)
  const quiet = options.client.pipe(
    HttpClient.withTracerPropagation(false),
    HttpClient.withTracerDisabledWhen(() => true)
  )
  const words = (text: string) => {
    const error = Option.getOrElse(
      Option.map(Schema.decodeOption(Refusal)(text), (refusal) => refusal.error),
      () => "no reason was given"
    )
    return error.replaceAll(Redacted.value(key), "…").slice(0, 300)
  }

  /** None: no answer, or none that can be read; the error of the client holds the key and ends here. */
  const exchange = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<Option.Option<Answer>> =>
    quiet.execute(request).pipe(
      Effect.flatMap((response) => Effect.map(response.text, (text) => ({ status: response.status, text }))),
      Effect.timeout(DEADLINE),
      Effect.option
    )

  const fit = Effect.gen(function* () {
    if ((yield* reads.code(wallet.address)) !== "contract") {
      return yield* new WalletUnfit({
        message: `no deposit wallet stands at ${wallet.address}`,
        instead: [
          "POLYMARKET_FUNDER is the account's address in the profile menu of the venue's site; signing in there makes the wallet"
        ]
      })
    }
    // A wallet that does not tell its owner leaves the judgement to the relayer.
    const owner = yield* Effect.option(reads.owner)
    if (Option.isSome(owner) && owner.value !== wallet.signer.toLowerCase()) {
      return yield* new WalletUnfit({
        message: `the deposit wallet ${wallet.address} belongs to ${owner.value}, and the key is that of ${wallet.signer}`,
        instead: ["POLYMARKET_PRIVATE_KEY must be the key of the wallet's owner"]
      })
    }
  })

  const refused = (doing: string, { status, text }: Answer): ChainFailure => {
    const said = `the relayer ${host} refused ${doing}: HTTP ${status}: ${words(text)}`
    if (status === 401 || status === 403) {
      return new WalletUnfit({
        message: said,
        instead: [`POLYMARKET_RELAYER_API_KEY must be a relayer key that was made for ${wallet.signer}`]
      })
    }
    if (/wallet busy|in-flight action|does not match on-chain nonce/i.test(text)) {
      return new ChainRefused({
        message: `${said}; an earlier batch of this wallet is on its way: try again in a minute`
      })
    }
    return new ChainRefused({ message: said })
  }

  const ended = (doing: string, id: string) => {
    const request = HttpClientRequest.get(`${url}/transaction`).pipe(HttpClientRequest.setUrlParam("id", id))
    const look = Effect.map(exchange(request), (answer) =>
      answer.pipe(
        Option.filter(({ status }) => status === 200),
        Option.flatMap(({ text }) => Schema.decodeOption(Progresses)(text)),
        Option.flatMap((found) => Option.fromNullable("state" in found ? found : found[0])),
        Option.filter(({ state }) => /^STATE_(CONFIRMED|FAILED|INVALID)$/.test(state))
      )
    )
    return Effect.flatMap(watch(look, patience), (found) =>
      Either.fromOption(
        found,
        () =>
          new Unsettled({
            message: `${doing}: the relayer ${host} took it as ${id} and did not finish it within ${patience.seconds} s; run the command again, it looks before it sends`
          })
      )
    )
  }

  const change: Sender["change"] = Effect.fn("Chain.Relayer.change")(function* (changes, told) {
    if (changes.length === 0) return []
    const doing = changes.map(wordsOf).join(", ")
    yield* fit
    yield* reads.present(changes.flatMap(contractsOf))
    const now = yield* Clock.currentTimeMillis
    const batch: Batch = {
      wallet: wallet.address,
      nonce: yield* reads.batches,
      deadline: BigInt(Math.floor(now / 1000)) + LIFETIME_SECONDS,
      calls: changes.map((each) => callOf(each, wallet.address))
    }
    const body = submission(batch, wallet.signer, yield* sign(digestOf(batch, chainId)))
    const answer = yield* exchange(
      HttpClientRequest.post(`${url}/submit`).pipe(
        HttpClientRequest.setHeaders({
          RELAYER_API_KEY: Redacted.value(key),
          RELAYER_API_KEY_ADDRESS: wallet.signer
        }),
        HttpClientRequest.bodyText(body, "application/json")
      )
    )
    if (Option.isSome(answer) && answer.value.status >= 400 && answer.value.status < 500) {
      return yield* refused(doing, answer.value)
    }
    const accepted = Option.flatMap(answer, ({ text }) => Schema.decodeOption(Accepted)(text))
    if (Option.isNone(accepted)) {
      const until = DateTime.formatIso(DateTime.unsafeMake(Number(batch.deadline) * 1000))
      return yield* new Unsettled({
        message: `${doing}: the relayer ${host} gave no usable answer; it may still carry the batch out until ${until}. Run the command again then: it looks before it sends`
      })
    }
    const { errorMsg, state, transactionHash } = yield* ended(doing, accepted.value.transactionID)
    const transaction = transactionHash ?? accepted.value.transactionID
    if (state !== "STATE_CONFIRMED") {
      return yield* new Reverted({
        message: `${doing} failed (${state}): ${errorMsg ?? "no reason was given"}`,
        transaction
      })
    }
    const done = changes.map((each) => ({ change: each, transaction }))
    yield* Effect.forEach(done, told, { discard: true })
    return done
  })

  return { settle: Effect.succeed(false), change }
}
