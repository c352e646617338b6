import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as path from "node:path"
import { assert } from "@effect/vitest"
import * as Schema from "effect/Schema"

const FOLDER = path.join(import.meta.dirname, "contracts")

const isCompile = (found: unknown): found is (input: string) => string => typeof found === "function"
const Compiler = Schema.Struct({ compile: Schema.declare(isCompile) })
const Artefact = Schema.Struct({ evm: Schema.Struct({ deployedBytecode: Schema.Struct({ object: Schema.String }) }) })
const Output = Schema.parseJson(
  Schema.Struct({
    errors: Schema.optionalWith(Schema.Array(Schema.Struct({ formattedMessage: Schema.String })), {
      default: () => []
    }),
    contracts: Schema.Record({ key: Schema.String, value: Schema.Record({ key: Schema.String, value: Artefact }) })
  })
)

const compile = () => {
  const compiler = Schema.decodeUnknownSync(Compiler)(createRequire(import.meta.url)("solc"))
  const source = (file: string) => [file, { content: fs.readFileSync(path.join(FOLDER, file), "utf8") }] as const
  const output = Schema.decodeSync(Output)(
    compiler.compile(
      JSON.stringify({
        language: "Solidity",
        sources: Object.fromEntries(fs.readdirSync(FOLDER).map(source)),
        settings: { evmVersion: "cancun", outputSelection: { "*": { "*": ["evm.deployedBytecode.object"] } } }
      })
    )
  )
  assert.deepStrictEqual(output.errors, [])
  return output.contracts
}

let contracts: ReturnType<typeof compile> | undefined

/** The code of a contract in `contracts/`, as it stands at an address; compiled once for each test file. */
export const codeOf = (name: string): `0x${string}` => {
  contracts ??= compile()
  return `0x${contracts[`${name}.sol`]?.[name]?.evm.deployedBytecode.object ?? ""}`
}
