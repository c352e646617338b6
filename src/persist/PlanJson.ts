import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Micro, PriceText } from "../domain/Money.ts"
import type { Plan } from "../domain/Plan.ts"
import { canonical } from "./Audit.ts"

const SimulationJson = Schema.Struct({
  slippageTicks: Schema.Number,
  spreadCushion: PriceText,
  liquidityFraction: Micro
})

const decode = Schema.decodeUnknown(SimulationJson)

/** The decoded plan as it is kept: decimals are strings, what is absent is left out. */
export const encodePlan = (plan: Plan): string => canonical(plan)

/** The simulation settings out of a kept plan. */
export const simulationOf = (json: unknown) => Effect.orDie(decode(json))
