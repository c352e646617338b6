import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { act } from "./Act.ts"
import { Action } from "./Action.ts"
import { type Answer, NOT_FOUND, ok, refused } from "./Answer.ts"
import type { House } from "./House.ts"
import { environment } from "./Operator.ts"
import { json, type Request } from "./Request.ts"
import { stateOf } from "./State.ts"

const decode = Schema.decodeUnknownEither(Action, { onExcessProperty: "error" })

const doing = (house: House, request: Request, now: number): Answer =>
  Either.match(
    Either.flatMap(Either.mapLeft(decode(json(request)), ParseResult.TreeFormatter.formatErrorSync), (action) =>
      act(house, action, now)
    ),
    { onLeft: (message) => refused(400, message), onRight: (answer) => ok(answer ?? {}) }
  )

/** Whoever runs the sandbox looks into it and changes it under `/sandbox`. Pages of the web are kept out. */
export const adminRoutes = (house: House, request: Request, now: number): Answer | undefined => {
  if (request.path !== "/sandbox" && !request.path.startsWith("/sandbox/")) return undefined
  if (request.headers.origin !== undefined) return refused(403, "not for pages of the web")
  switch (`${request.method} ${request.path}`) {
    case "POST /sandbox":
      return doing(house, request, now)
    case "GET /sandbox/journal": {
      const after = Number(request.query.get("after") ?? "-1")
      return ok(house.journal.entries.filter(({ seq }) => seq > after))
    }
    case "GET /sandbox/state":
      return ok(stateOf(house))
    case "GET /sandbox/faults":
      return ok(house.faults)
    case "GET /sandbox/env": {
      const operator = house.operators.get(request.query.get("who") ?? "operator")
      return operator === undefined ? NOT_FOUND : ok(environment(operator, `http://${String(request.headers.host)}`))
    }
    default:
      return NOT_FOUND
  }
}
