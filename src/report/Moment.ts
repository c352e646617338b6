import * as DateTime from "effect/DateTime"

/** A moment as the contract writes it: ISO 8601, UTC. */
export const iso = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))
