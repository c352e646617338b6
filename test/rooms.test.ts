import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const src = resolve(import.meta.dirname, "../src")

const files = (dir: string): ReadonlyArray<string> =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(dir, entry.name)) : entry.name.endsWith(".ts") ? [join(dir, entry.name)] : []
  )

/** Ports stand directly in layers/; what implements them is in its folders, or is wiring that only app.ts may know. */
const ADAPTERS = /^layers\/(venue|marketdata|embedded|signer|clob|chain)\/|^layers\/(Db|Embedded|Migrations|Http)\.ts$/

const room = (path: string): string => {
  const [first = ""] = path.split("/")
  return path.includes("/") ? first : path.replace(/\.ts$/, "")
}

const corridor = ["decode", "risk", "execute", "persist", "report", "layers", "domain", "exchange"]
const DOORS: Readonly<Record<string, ReadonlyArray<string>>> = {
  domain: [],
  exchange: ["domain"],
  polymarket: ["domain"],
  layers: ["domain", "exchange", "polymarket"],
  decode: ["domain", "exchange"],
  risk: ["domain", "exchange"],
  persist: ["domain", "exchange"],
  report: ["domain", "exchange"],
  execute: ["domain", "risk", "layers"],
  pipeline: [...corridor, "upkeep", "reconcile", "trials"],
  upkeep: [...corridor, "reconcile"],
  reconcile: [...corridor, "trials"],
  trials: corridor,
  halting: [...corridor, "reconcile"],
  readouts: [...corridor, "upkeep"],
  schedule: ["persist"],
  tick: [...corridor, "pipeline", "upkeep"],
  replay: ["domain", "exchange", "layers"],
  sandbox: ["domain", "exchange", "layers", "polymarket"],
  backtest: [...corridor, "replay", "pipeline", "upkeep"],
  worker: ["backtest", "cli"],
  paper: [...corridor, "replay", "pipeline", "upkeep"],
  cli: [
    ...corridor,
    "polymarket",
    "replay",
    "sandbox",
    "cli",
    "app",
    "pipeline",
    "upkeep",
    "readouts",
    "schedule",
    "tick",
    "backtest",
    "paper",
    "reconcile",
    "halting",
    "trials"
  ],
  app: ["layers", "persist", "domain", "polymarket"],
  main: ["cli", "layers"]
}

const imports = files(src).flatMap((file) => {
  const from = relative(src, file)
  const found = readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)
  return [...found].map((match) => ({ from, to: relative(src, resolve(dirname(file), match[1] ?? "")) }))
})

describe("rooms", () => {
  it("import only through their doors", () => {
    const wrong = imports.filter(({ from, to }) => {
      const [here, there] = [room(from), room(to)]
      return here !== there && !(DOORS[here] ?? []).includes(there)
    })
    assert.deepStrictEqual(wrong, [])
    assert.isAbove(imports.length, 100)
  })

  it("know adapters only in app.ts", () => {
    const wrong = imports.filter(({ from, to }) => ADAPTERS.test(to) && from !== "app.ts" && room(from) !== "layers")
    assert.deepStrictEqual(wrong, [])
  })
})
