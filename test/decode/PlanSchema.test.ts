import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Decode from "../../src/decode/Decode.ts"
import { jsonSchema, schemaText } from "../../src/decode/PlanSchema.ts"

const root = resolve(import.meta.dirname, "../..")
const FILE = "src/domain/schemas/trade-plan-v1.schema.json"
const plans = join(root, "plans")

const Property = Schema.Record({ key: Schema.String, value: Schema.Unknown })
const Shape = Schema.Struct({
  $defs: Schema.Record({
    key: Schema.String,
    value: Schema.Struct({
      required: Schema.Array(Schema.String),
      additionalProperties: Schema.Boolean,
      properties: Schema.Record({ key: Schema.String, value: Property })
    })
  }),
  anyOf: Schema.Array(Schema.Struct({ $ref: Schema.String }))
})

const schema = Schema.decodeUnknownSync(Shape)(jsonSchema())
const bounds = (of: string, field: string) => {
  const { title, description, examples, default: _, ...rest } = schema.$defs[of]?.properties[field] ?? {}
  return rest
}

describe("the JSON Schema of plans", () => {
  it("is the file that plans name", () => {
    assert.strictEqual(readFileSync(join(root, FILE), "utf8"), schemaText(), `run: npm run schema -- --out ${FILE}`)
  })

  it("writes amounts as numbers within their bounds", () => {
    const open = { type: "number", exclusiveMinimum: 0 }
    for (const field of ["price", "priceCeil", "priceFloor", "stopLoss", "takeProfit"])
      assert.deepStrictEqual<unknown>(bounds("TradeInstruction", field), { ...open, exclusiveMaximum: 1 })
    assert.deepStrictEqual<unknown>(bounds("TradeInstruction", "size"), { ...open, maximum: 1_000_000_000 })
    assert.deepStrictEqual<unknown>(bounds("Simulation", "spreadCushion"), {
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1
    })
    assert.deepStrictEqual<unknown>(bounds("Simulation", "liquidityFraction"), { ...open, maximum: 1 })
    assert.deepStrictEqual<unknown>(bounds("TradeInstruction", "cancelAfterSec"), {
      type: "integer",
      minimum: 1,
      maximum: 31_536_000
    })
    assert.deepStrictEqual<unknown>(bounds("Risk", "maxOrders"), { type: "integer", minimum: 1, maximum: 10_000 })
  })

  it("knows both kinds of plan and refuses unknown fields", () => {
    assert.deepStrictEqual(
      schema.anyOf.map((each) => each.$ref),
      ["#/$defs/OrdersPlan", "#/$defs/StrategyPlan"]
    )
    assert.deepStrictEqual(schema.$defs.OrdersPlan?.required, ["planId", "mode", "tradeInstructions"])
    assert.deepStrictEqual(schema.$defs.StrategyPlan?.required, ["planId", "mode", "strategy", "marketMakingConfig"])
    assert.deepStrictEqual(schema.$defs.TradeInstruction?.required, ["marketId", "outcome", "side", "price", "size"])
    assert.deepStrictEqual<unknown>(bounds("OrdersPlan", "mode"), { type: "string", enum: ["paper", "live"] })
    assert.deepStrictEqual<unknown>(bounds("OrdersPlan", "$schema"), { type: "string" })
    for (const each of Object.values(schema.$defs)) assert.isFalse(each.additionalProperties)
  })

  it("tells editors what every field is", () => {
    for (const { properties } of Object.values(schema.$defs)) {
      for (const [name, property] of Object.entries(properties)) {
        if ("$ref" in property) continue
        assert.isString(property.title, name)
        assert.isString(property.description, name)
      }
    }
  })
})

describe("the plans that come with it", () => {
  const files = readdirSync(plans).filter((name) => name.endsWith(".json"))
  const named = files.map((name) => {
    const bytes = readFileSync(join(plans, name))
    return { name, plan: Decode.plan(bytes), file: Decode.file(bytes) }
  })

  it.each(named)("$name decodes and names its schema", ({ plan, file, name }) => {
    assert.isTrue(Either.isRight(plan), JSON.stringify(Either.getLeft(plan)))
    const at = Either.map(file, (value) => value.$schema ?? "")
    assert.isTrue(
      existsSync(
        join(
          plans,
          Either.getOrElse(at, () => name)
        )
      )
    )
    assert.isTrue(Either.isRight(at) && at.right !== "")
  })

  it("have names of their own", () => {
    const ids = named.flatMap(({ plan }) => (Either.isRight(plan) ? [plan.right.planId] : []))
    assert.isAtLeast(ids.length, 4)
    assert.strictEqual(new Set(ids).size, named.length)
  })
})
