import { type ApiKeyCreds, ClobClient, type CreateOrderOptions } from "@polymarket/clob-client-v2"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { createWalletClient, http } from "viem"
import { privateKeyToAccount } from "viem/accounts"
import { polygon } from "viem/chains"
import type { Operator, SignatureType } from "../../src/sandbox/Operator.ts"
import type { Sandbox } from "../../src/sandbox/Sandbox.ts"

/** Private keys as viem takes them. */
const keyOf = ({ privateKey }: Operator): `0x${string}` => `0x${privateKey.slice(2)}`

/** The venue's official client, unchanged, for an operator of a sandbox. */
export const clientFor = (
  sandbox: Sandbox,
  operator: Operator = sandbox.operator,
  signatureType: SignatureType = operator.wallet.signatureType
): ClobClient => {
  const account = privateKeyToAccount(keyOf(operator))
  const { id, passphrase, secret } = operator.key
  const creds: ApiKeyCreds = { key: id, secret, passphrase }
  return new ClobClient({
    host: sandbox.url,
    chain: 137,
    signer: createWalletClient({ account, chain: polygon, transport: http(sandbox.url) }),
    creds,
    signatureType,
    funderAddress: operator.wallet.address
  })
}

/** Options of its orders: the usual tick, and the protocol where it is not the usual one. */
export const options = (version?: 3): CreateOrderOptions =>
  version === undefined ? { tickSize: "0.01" } : { tickSize: "0.01", version, negRisk: false }

/** A call of the client. */
export const asks = <A>(call: () => PromiseLike<A>): Effect.Effect<A> => Effect.promise(call)

/** The refusal in an answer: the client hands errors back as values. */
export const errorOf = (answer: unknown): unknown => (Predicate.hasProperty(answer, "error") ? answer.error : undefined)
