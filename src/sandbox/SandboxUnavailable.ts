import * as Data from "effect/Data"

/** The sandbox cannot start, or cannot do what it was told: its port is taken, there is no such market. */
export class SandboxUnavailable extends Data.TaggedError("SandboxUnavailable")<{ readonly message: string }> {}
