import * as JSONSchema from "effect/JSONSchema"
import { TradePlan } from "./TradePlan.ts"

/** The JSON Schema (draft-07, which every editor reads) of plan files, made from the schema that decodes them. */
export const jsonSchema = (): object => JSONSchema.make(TradePlan)

/** The exact text of `src/domain/schemas/trade-plan-v1.schema.json`. */
export const schemaText = (): string => `${JSON.stringify(jsonSchema(), null, 2)}\n`
