import type { ErrorClass } from "./Errors.ts"

/**
 * What the venue's matching engine takes. After a restart (425) it takes only post-only orders for two minutes (venue:
 * matching engine); cancel-only takes cancels; disabled takes nothing, perhaps not even those.
 */
export type VenueMode =
  | { readonly _tag: "Running" }
  | { readonly _tag: "Restarting"; readonly untilMillis: number }
  | { readonly _tag: "PostOnly"; readonly untilMillis: number }
  | { readonly _tag: "CancelOnly"; readonly untilMillis: number }
  | { readonly _tag: "Disabled"; readonly untilMillis: number }

export const RUNNING: VenueMode = { _tag: "Running" }

/** How long the engine takes only post-only orders once it is back. */
export const POST_ONLY_MILLIS = 120_000
/** How long a mode that names no end is believed before it is tried again. */
export const RECHECK_MILLIS = 5_000
const RESTART_MILLIS = 2_000

/** The mode after an answer of the order path. `retryAfterMillis`: how long the venue asked to wait. */
export const afterError = (
  mode: VenueMode,
  of: ErrorClass,
  retryAfterMillis: number | undefined,
  nowMillis: number
): VenueMode => {
  switch (of) {
    case "restart":
      return { _tag: "Restarting", untilMillis: nowMillis + (retryAfterMillis ?? RESTART_MILLIS) }
    case "postOnlyMode":
      return { _tag: "PostOnly", untilMillis: nowMillis + (retryAfterMillis ?? POST_ONLY_MILLIS) }
    case "cancelOnly":
      return { _tag: "CancelOnly", untilMillis: nowMillis + (retryAfterMillis ?? RECHECK_MILLIS) }
    case "disabled":
      return { _tag: "Disabled", untilMillis: nowMillis + (retryAfterMillis ?? RECHECK_MILLIS) }
    default:
      return mode
  }
}

/** The mode after an order that was no post-only one was taken: whatever was believed, the engine runs. */
export const afterAcceptance = (mode: VenueMode, postOnly: boolean): VenueMode => (postOnly ? mode : RUNNING)

/** The mode as time alone makes it. Behind a restart the post-only window begins. */
export const at = (mode: VenueMode, nowMillis: number): VenueMode => {
  if (mode._tag === "Running" || nowMillis < mode.untilMillis) return mode
  return mode._tag === "Restarting"
    ? at({ _tag: "PostOnly", untilMillis: mode.untilMillis + POST_ONLY_MILLIS }, nowMillis)
    : RUNNING
}

const wait = (untilMillis: number, nowMillis: number): string =>
  `about ${Math.max(1, Math.ceil((untilMillis - nowMillis) / 1000))} s`

/** Why an order would not be taken now, and undefined where it would. */
export const obstacle = (mode: VenueMode, order: { readonly postOnly: boolean }, nowMillis: number) => {
  switch (mode._tag) {
    case "Running":
      return undefined
    case "Restarting":
      return `the matching engine is restarting, for ${wait(mode.untilMillis, nowMillis)}`
    case "PostOnly":
      return order.postOnly
        ? undefined
        : `the venue takes only post-only orders, for ${wait(mode.untilMillis, nowMillis)}`
    case "CancelOnly":
      return "the venue takes only cancels"
    case "Disabled":
      return "trading is disabled at the venue"
  }
}
