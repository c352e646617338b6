import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Chain } from "../../src/layers/Chain.ts"
import * as Polygon from "../../src/layers/chain/Polygon.ts"
import type { Approval } from "../../src/polymarket/Approvals.ts"
import { granting } from "../../src/polymarket/Permissions.ts"
import { KEY, signer } from "./anvil.ts"
import { RPC_KEY, RPC_TOKEN } from "./door.ts"
import { RELAYER_KEY } from "./relayer.ts"

export type Options = Partial<Polygon.PolygonOptions>

/** Does work with the key's own account on the chain, or with the wallet that the options name. */
export const on = <A, E>(
  url: string,
  work: (wallet: typeof Chain.Service) => Effect.Effect<A, E>,
  options: Options = {}
) =>
  Effect.provide(
    Effect.flatMap(Chain, work),
    Polygon.layer({
      rpcUrl: Redacted.make(url),
      relayerUrl: "http://127.0.0.1:1",
      relayerKey: Option.none(),
      signatureType: 0,
      funder: Option.none(),
      deadline: "2 seconds",
      patience: { seconds: 5, everySeconds: 0.05 },
      ...options
    }).pipe(Layer.provide(Layer.merge(signer, FetchHttpClient.layer)))
  )

/** Permits up to an amount. */
export const grant = (amount: bigint, approvals: ReadonlyArray<Approval>) => (chain: typeof Chain.Service) =>
  Effect.gen(function* () {
    const steps = granting(yield* chain.standings(approvals), amount)
    return yield* chain.change(
      steps.map(({ change }) => change),
      () => Effect.void
    )
  })

/** How work failed; no failure shows a key. */
export const failureOf = <A, E extends { readonly _tag: string }>(work: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(work), (failure) => {
    const said = JSON.stringify(failure) + String("message" in failure ? failure.message : "")
    for (const secret of [KEY, RPC_KEY, RPC_TOKEN, RELAYER_KEY])
      assert.notInclude(said.toLowerCase(), secret.toLowerCase())
    return { tag: failure._tag, said }
  })
