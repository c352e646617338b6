import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidInput } from "../domain/Failure.ts"
import { inWords, print } from "./Ending.ts"
import * as Flags from "./Flags.ts"
import { manual } from "./Manual.ts"

type What = "orders" | "fills" | "positions"
const what = Args.choice<What>(
  [
    ["orders", "orders"],
    ["fills", "fills"],
    ["positions", "positions"]
  ],
  { name: "orders|fills|positions" }
)
const format = Options.choice("format", ["csv", "json"] as const).pipe(Options.withDefault("csv"))
const out = Options.file("out").pipe(Options.withDescription("Write to this file"), Options.optional)

const REASONS: Readonly<Record<string, string>> = {
  NotFound: "no such directory",
  PermissionDenied: "it may not be written by this user"
}
const unwritable = (file: string, reason = "it cannot be written") =>
  new InvalidInput({ code: "unwritable_file", message: `${file}: ${reason}`, issues: [] })

/** `betteroms export`: everything there is of one kind, for spreadsheets and tax. */
export const exporting = Command.make(
  "export",
  { what, format, mode: Flags.mode, plan: Flags.plan, out, json: Flags.json },
  ({ format, json, mode, out, plan, what }) =>
    Effect.gen(function* () {
      const [App, Reading, ReadOuts, Csv, Rows, OrderRows] = yield* Effect.promise(() =>
        Promise.all([
          import("../app.ts"),
          import("./Reading.ts"),
          import("../readouts.ts"),
          import("../report/Csv.ts"),
          import("../report/Rows.ts"),
          import("../report/OrderRows.ts")
        ])
      )
      const filter = { mode: Option.getOrUndefined(mode), planId: Option.getOrUndefined(plan) }
      const asJson = json || format === "json"
      const text = (value: unknown) => JSON.stringify(value, null, 2)
      const body = {
        orders: () =>
          Effect.map(
            Reading.ask((ledger) => ledger.orders(filter)),
            (found) => [asJson ? text(OrderRows.ordersJson(found)) : Csv.ordersCsv(found), found.length] as const
          ),
        fills: () =>
          Effect.map(
            Reading.ask((ledger) => ledger.fills(filter)),
            (found) => [asJson ? text(Rows.fillsJson(found)) : Csv.fillsCsv(found), found.length] as const
          ),
        positions: () =>
          Effect.map(
            App.run(Option.none(), () => ReadOuts.positions(mode)),
            ({ positions: found }) =>
              [asJson ? text(Rows.positionsJson(found)) : Csv.positionsCsv(found), found.length] as const
          )
      } as const
      const [rendered, count] = yield* body[what]()
      if (Option.isNone(out)) return yield* Console.log(rendered.trimEnd())
      const files = yield* FileSystem.FileSystem
      yield* Effect.mapError(files.writeFileString(out.value, `${rendered.trimEnd()}\n`, { mode: 0o600 }), (error) =>
        unwritable(out.value, error._tag === "SystemError" ? REASONS[error.reason] : undefined)
      )
      yield* print(json, {
        json: () => ({ what, format: asJson ? "json" : "csv", file: out.value, rows: count }),
        text: () => `${count} ${what} written to ${out.value}`
      })
    }).pipe(inWords(json || format === "json"))
).pipe(Command.withDescription(manual("export")))
