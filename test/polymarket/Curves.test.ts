import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { buildSync } from "esbuild"
import { hex, unhex } from "../../src/polymarket/OrderStruct.ts"
import * as Secp256k1 from "../../src/polymarket/Secp256k1.ts"
import { signingDigest } from "../../src/polymarket/Signature.ts"

const root = resolve(import.meta.dirname, "../..")
const base = mkdtempSync(join(tmpdir(), "betteroms-curves-"))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const KEY = "11".repeat(32)
const DIGEST = "22".repeat(32)

const SCRIPT = `
  import { addressOf, curve, sign } from "./src/polymarket/Secp256k1.ts"
  const bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"))
  try {
    const signature = Buffer.from(sign(bytes("${DIGEST}"), bytes("${KEY}"))).toString("hex")
    console.log(JSON.stringify([curve().name, addressOf(bytes("${KEY}")), "0x" + signature]))
  } catch (cause) {
    console.log(JSON.stringify([cause.message]))
  }
`

/** What a bundled program makes of a digest where only these packages are installed. */
const bundledWith = (packages: ReadonlyArray<string>): ReadonlyArray<string> => {
  const folder = join(base, packages.join("-") || "none")
  mkdirSync(join(folder, "node_modules"), { recursive: true })
  for (const name of packages) symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name))
  const outfile = join(folder, "main.mjs")
  buildSync({
    stdin: { contents: SCRIPT, resolveDir: root },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["secp256k1"]
  })
  return JSON.parse(execFileSync(process.execPath, [outfile], { encoding: "utf8", cwd: folder }))
}

describe("what signs", () => {
  it("is not loaded before something is signed", () => {
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((path) => /secp256k1|viem/.test(path))
    assert.isFunction(signingDigest)
    assert.deepStrictEqual(loaded(), [])
    Secp256k1.curve()
    assert.isAbove(loaded().length, 0)
  })

  it("is native in the bundled program, portable where that is missing, and says what to do where both are", () => {
    const signature = hex(Secp256k1.sign(unhex(DIGEST), unhex(KEY)))
    const expected = [Secp256k1.addressOf(unhex(KEY)), signature]
    if (Secp256k1.native() !== undefined)
      assert.deepStrictEqual(bundledWith(["secp256k1", "viem"]), ["native", ...expected])
    assert.deepStrictEqual(bundledWith(["viem"]), ["portable", ...expected])
    assert.match(bundledWith([]).join(), /neither secp256k1 nor viem can be loaded: run npm ci/)
  })
})
