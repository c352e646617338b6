import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Chain, type Done, failureOf } from "../layers/Chain.ts"
import { amountText, fixOf } from "../layers/ChainChecks.ts"
import type { Approval } from "../polymarket/Approvals.ts"
import type { Change, Standing, Step } from "../polymarket/Permissions.ts"
import type { AllowanceChange, AllowanceRow } from "../report/AllowanceTables.ts"

/** Tells the venue, which remembers balances and allowances, that they have changed. It never fails the command. */
export type Reread<R> = (changes: ReadonlyArray<Change>) => Effect.Effect<void, never, R>

const namesOf = ({ spender, token }: Approval) => ({
  token: token.name,
  tokenAddress: token.address,
  spender: spender.name,
  spenderAddress: spender.address
})

const allowedText = ({ kind }: Approval, amount: bigint) =>
  kind === "erc20" ? amountText(amount) : amount > 0n ? "all" : "none"

/** A permission to be shown. An allowance of any size holds: how much is left is the operator's wish. */
export const rowOf = ({ allowed, approval }: Standing<Approval>): AllowanceRow => ({
  ...namesOf(approval),
  kind: approval.kind,
  version: approval.version,
  purpose: approval.purpose,
  need: approval.need,
  allowed: allowedText(approval, allowed),
  ok: allowed > 0n,
  fix: fixOf(approval)
})

const changeOf = ({ approval, from, to }: Step): AllowanceChange => ({
  ...namesOf(approval),
  purpose: approval.purpose,
  from: allowedText(approval, from),
  to: allowedText(approval, to)
})

const told = ({ transaction }: Done) => Console.error(`in a block: ${transaction}`)

/** Makes changes, tells each on stderr as it comes into a block, then lets the venue look again. */
export const make = Effect.fn("Approving.make")(function* <R>(changes: ReadonlyArray<Change>, reread: Reread<R>) {
  const chain = yield* Chain
  const done = yield* Effect.mapError(chain.change(changes, told), failureOf)
  if (done.length > 0) yield* reread(changes)
  return done
})

/**
 * Changes permissions: lets earlier transactions settle, looks, plans, asks, changes, and looks again. What stands
 * already is left alone, so the same command twice sends nothing the second time.
 */
export const permit = Effect.fn("Approving.permit")(function* <E, R>(options: {
  readonly approvals: ReadonlyArray<Approval>
  readonly plan: (standings: ReadonlyArray<Standing<Approval>>) => ReadonlyArray<Step>
  readonly confirm: (changes: ReadonlyArray<AllowanceChange>, wallet: string) => Effect.Effect<void, E>
  readonly reread: Reread<R>
}) {
  const chain = yield* Chain
  const { address } = chain.wallet
  yield* Effect.mapError(chain.settle, failureOf)
  const before = yield* Effect.mapError(chain.standings(options.approvals), failureOf)
  const steps = options.plan(before)
  const kept = before.filter(({ approval }) => steps.every((step) => step.approval !== approval)).map(rowOf)
  if (steps.length === 0) return { wallet: address, changes: [], kept, after: before.map(rowOf) }
  yield* options.confirm(steps.map(changeOf), address)
  const done = yield* make(
    steps.map(({ change }) => change),
    options.reread
  )
  const after = yield* Effect.mapError(chain.standings(options.approvals), failureOf)
  const transactions = new Map(done.map(({ change, transaction }) => [change, transaction]))
  const changes = steps.map(
    (step): AllowanceChange => ({ ...changeOf(step), transaction: transactions.get(step.change) ?? "" })
  )
  return { wallet: address, changes, kept, after: after.map(rowOf) }
})
