import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Db from "../../src/layers/Db.ts"
import { Ledger } from "../../src/persist/Ledger.ts"
import { environment } from "../database.ts"
import { recycledDatabase } from "../recycled.ts"

const MAIN = path.resolve(import.meta.dirname, "../../dist/main.js")

/** What a command came to: an exit code, or the signal that killed it. */
export interface Ended {
  readonly code: number | undefined
  readonly signal: NodeJS.Signals | undefined
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  readonly ended: Effect.Effect<Ended>
}

/** What is undefined is not set. */
type Environment = Readonly<Record<string, string | undefined>>

/** Starts the built program. Nothing of this process's environment is handed on. What is typed is all of its input. */
const launch = (args: ReadonlyArray<string>, cwd: string, env: Environment, typed?: string): Running => {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: ["pipe", "pipe", "pipe"] })
  child.stdin.on("error", () => undefined).end(typed ?? "")
  const said = { stdout: "", stderr: "" }
  let closed: Ended | undefined
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.stdout += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.stderr += text
  })
  child.once("close", (code, signal) => {
    closed = { code: code ?? undefined, signal: signal ?? undefined, ...said }
  })
  const ended = Effect.async<Ended>((resume) => {
    const finish = () => resume(Effect.sync(() => closed ?? { code: undefined, signal: undefined, ...said }))
    if (closed === undefined) child.once("close", finish)
    else finish()
  })
  return { child, stdout: () => said.stdout, stderr: () => said.stderr, ended }
}

/** Someone at a terminal, with a folder and a database of their own. */
export interface Operator {
  readonly folder: string
  readonly url: string
  readonly sql: SqlClient.SqlClient
  readonly ledger: typeof Ledger.Service
  /** Writes a file into the folder; what is no text is written as JSON. */
  readonly writes: (name: string, content: unknown) => Effect.Effect<string>
  /** Types a command and waits for its end. */
  readonly types: (args: ReadonlyArray<string>, env?: Environment, typed?: string) => Effect.Effect<Ended>
  /** Types a command and goes on; what still runs at the end is killed. */
  readonly starts: (
    args: ReadonlyArray<string>,
    env?: Environment,
    typed?: string
  ) => Effect.Effect<Running, never, Scope.Scope>
  /** Types a command with `--json`, which must end with the code, and reads its one document. */
  readonly asks: (args: ReadonlyArray<string>, code?: number, env?: Environment) => Effect.Effect<unknown>
}

const folder = Effect.acquireRelease(
  Effect.sync(() => {
    const made = fs.mkdtempSync(path.join(os.tmpdir(), "betteroms-operator-"))
    fs.chmodSync(made, 0o755)
    return made
  }),
  (made) => Effect.sync(() => fs.rmSync(made, { recursive: true, force: true, maxRetries: 5 }))
)

export const anOperator: Effect.Effect<Operator, never, Scope.Scope> = Effect.gen(function* () {
  const url = yield* recycledDatabase
  const home = yield* folder
  const db = Layer.orDie(Db.layerUnmigrated({ databaseUrl: Option.some(Redacted.make(url)), home: "" }))
  const context = yield* Layer.build(Layer.provideMerge(Ledger.layer, db))
  const { ledger, sql } = yield* Effect.all({ ledger: Ledger, sql: SqlClient.SqlClient }).pipe(Effect.provide(context))
  const starts: Operator["starts"] = (args, env = {}, typed) =>
    Effect.acquireRelease(
      Effect.sync(() => launch(args, home, { ...environment(url), ...env }, typed)),
      (running) => Effect.sync(() => running.child.kill("SIGKILL"))
    )
  const types: Operator["types"] = (args, env, typed) =>
    Effect.scoped(Effect.flatMap(starts(args, env, typed), (running) => running.ended))
  return {
    folder: home,
    url,
    sql,
    ledger,
    writes: (name, content) =>
      Effect.sync(() => {
        const file = path.join(home, name)
        fs.mkdirSync(path.dirname(file), { recursive: true })
        const raw = typeof content === "string" || content instanceof Uint8Array
        fs.writeFileSync(file, raw ? content : JSON.stringify(content, undefined, 2))
        return file
      }),
    starts,
    types,
    asks: (args, code = 0, env = {}) =>
      Effect.map(types([...args, "--json"], env), (ended) => {
        assert.strictEqual(ended.code, code, `${args.join(" ")}\n${ended.stdout}\n${ended.stderr}`)
        return oneDocument(ended)
      })
  }
})

/** The one JSON document on stdout: nothing before it, nothing behind it. */
export const oneDocument = (ended: Ended): unknown => {
  assert.match(ended.stdout, /^\{(.|\n)*\}\n$/, ended.stderr)
  return JSON.parse(ended.stdout)
}

/** What stands at a place of a document: names and indices with dots between, `*` for every element. */
export const at = (document: unknown, place: string): unknown => {
  const [name = "", ...rest] = place.split(".")
  if (name === "") return document
  if (name === "*") return Array.isArray(document) ? document.map((each) => at(each, rest.join("."))) : undefined
  const found: unknown = typeof document === "object" && document !== null ? Reflect.get(document, name) : undefined
  return at(found, rest.join("."))
}

/** Waits for something to come true. */
export const until = (what: () => boolean) =>
  Effect.sleep("5 millis").pipe(
    Effect.repeat({ until: what }),
    Effect.timeoutOption("20 seconds"),
    Effect.map((ended) => assert.isTrue(Option.isSome(ended), "it did not come to pass"))
  )

/** A recorded book of one market without a market record: no fees, a tick of 0.01, 5 shares at least. */
export const book = (
  bids: Readonly<Record<string, number | string>>,
  asks: Readonly<Record<string, number | string>>
) => ({
  market: `0x${"5e".repeat(32)}`,
  asset_id: "71321045679252212594626385532706912750332728571942532289631379312455583992563",
  timestamp: "1790000000000",
  bids: Object.entries(bids).map(([price, size]) => ({ price, size: String(size) })),
  asks: Object.entries(asks).map(([price, size]) => ({ price, size: String(size) })),
  min_order_size: "5",
  tick_size: "0.01",
  neg_risk: false
})

/** The ledger is proven against itself. */
export const proven = ({ ledger }: Operator) =>
  Effect.map(ledger.verify(), (verdict) =>
    assert.deepStrictEqual(
      verdict.checks.filter((check) => !check.ok),
      []
    )
  )
