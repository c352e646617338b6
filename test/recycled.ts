import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { afterAll } from "vitest"
import { administer } from "./cluster.ts"
import { freshDatabase } from "./database.ts"

// Children before their parents. Making and dropping a database costs many times as much as emptying one.
const EMPTY = `do $$ declare t record; begin
  delete from simulated_verdicts; delete from executions; delete from orders;
  for t in select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name <> 'schema_migrations'
  loop execute format('delete from %I', t.name); end loop;
  for t in select table_name as of, column_name as name from information_schema.columns
    where table_schema = current_schema() and is_identity = 'YES'
  loop execute format('alter table %I alter column %I restart', t.of, t.name); end loop;
end $$`

const file = Effect.runSync(Scope.make())
const idle: Array<string> = []

afterAll(() => Effect.runPromise(Scope.close(file, Exit.void)))

/** A database that nobody else uses while the scope lasts, empty but for the schema: made for a file, emptied for each test. */
export const recycledDatabase: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.suspend(() => {
    const url = idle.pop()
    return url === undefined ? Scope.extend(freshDatabase, file) : Effect.succeed(url)
  }),
  (url) =>
    Effect.map(administer(url, EMPTY), () => {
      idle.push(url)
    })
)
