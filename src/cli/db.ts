import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { inWords, look, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

const load = Effect.promise(() => Promise.all([import("../app.ts"), import("../report/DatabaseTables.ts")]))
const file = Args.text({ name: "FILE" })
const replace = Options.boolean("replace").pipe(
  Options.withDescription("Throw away what the database holds now, in the same transaction")
)
const force = Options.boolean("force").pipe(Options.withDescription("Stop it although other commands are using it"))

const migrate = Command.make("migrate", { json: Flags.json }, ({ json }) =>
  Effect.gen(function* () {
    const [App, Tables] = yield* load
    const found = yield* App.migrations
    yield* print(json, {
      json: () => ({ migrations: Tables.migrationsJson(found) }),
      text: () => Tables.migrationsText(found, look())
    })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("db migrate")))

const status = Command.make("status", { json: Flags.json }, ({ json }) =>
  Effect.gen(function* () {
    const [App, Tables] = yield* load
    const found = yield* App.databaseStatus
    yield* print(json, { json: () => Tables.statusJson(found), text: () => Tables.statusText(found, look()) })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("db status")))

const stop = Command.make("stop", { force, json: Flags.json }, ({ force, json }) =>
  Effect.gen(function* () {
    const [App] = yield* load
    const found = yield* App.stopDatabase(force)
    const said = found ? "The embedded server has stopped." : "The embedded server was not running."
    yield* print(json, { json: () => ({ stopped: found }), text: () => said })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("db stop")))

const backup = Command.make("backup", { file, json: Flags.json }, ({ file, json }) =>
  Effect.gen(function* () {
    const [App, Tables] = yield* load
    const made = yield* App.backup(file)
    yield* print(json, { json: () => made, text: () => Tables.archiveText("Written", made, look()) })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("db backup")))

const restore = Command.make("restore", { file, replace, json: Flags.json }, ({ file, json, replace }) =>
  Effect.gen(function* () {
    const [App, Tables] = yield* load
    const restored = yield* App.restore(file, replace)
    yield* print(json, { json: () => restored, text: () => Tables.archiveText("Restored", restored, look()) })
  }).pipe(inWords(json))
).pipe(Command.withDescription(manual("db restore")))

/** `betteroms db ...`: care of the database. */
export const db = Command.make("db").pipe(
  Command.withDescription(manual("db")),
  Command.withSubcommands([migrate, status, stop, backup, restore])
)
