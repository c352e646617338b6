import * as Effect from "effect/Effect"
import { InvalidInput, VenueUnavailable } from "../domain/Failure.ts"
import * as Money from "../domain/Money.ts"
import { Chain, failureOf } from "../layers/Chain.ts"
import { type Contract, ONRAMP, PUSD, USDC } from "../polymarket/Approvals.ts"
import { onrampGrant, wrapping } from "../polymarket/Permissions.ts"
import { make, type Reread } from "./Approving.ts"

/**
 * Wraps `amount` (base units) of an asset. Wrapping twice is twice as much, so where an earlier transaction of this
 * wallet was still on its way it only waits for that one and sends nothing.
 */
export const wrap = Effect.fn("Wrapping.wrap")(function* <E, R>(options: {
  readonly asset: Contract
  readonly amount: bigint
  readonly confirm: (what: string) => Effect.Effect<void, E>
  readonly reread: Reread<R>
}) {
  const { amount, asset } = options
  const chain = yield* Chain
  const { address } = chain.wallet
  const waited = yield* Effect.mapError(chain.settle, failureOf)
  const read = Effect.map(Effect.mapError(chain.holdings, failureOf), ({ pusd, usdc, usdce }) => ({
    pusd,
    asset: asset.address === USDC.address ? usdc : usdce
  }))
  const before = yield* read
  const has = `${address} holds ${Money.format(before.asset)} ${asset.name} and ${Money.format(before.pusd)} ${PUSD.name}`
  if (waited) {
    return yield* new VenueUnavailable({
      message: `an earlier transaction of this wallet has only now come into a block: ${has}; nothing more was sent. Run the command again if it is still wanted`
    })
  }
  if (before.asset < amount) {
    return yield* new InvalidInput({ code: "not_enough", message: `${has}; nothing was sent`, issues: [] })
  }
  const [standing] = yield* Effect.mapError(chain.standings([onrampGrant(asset)]), failureOf)
  const changes = wrapping(asset, amount, standing?.allowed ?? 0n)
  yield* options.confirm(
    [
      `${has}.`,
      ...(changes.length > 1
        ? [`It permits ${ONRAMP.name} ${ONRAMP.address} to take ${Money.format(amount)} ${asset.name},`]
        : []),
      `${changes.length > 1 ? "and wraps" : `Through ${ONRAMP.name} ${ONRAMP.address} it wraps`} ${Money.format(amount)} ${asset.name} into as much ${PUSD.name}, for itself.`
    ].join("\n")
  )
  const done = yield* make(changes, options.reread)
  const after = yield* read
  return {
    wallet: address,
    transaction: done.at(-1)?.transaction ?? "",
    pUSD: Money.format(after.pusd),
    left: Money.format(after.asset)
  }
})
