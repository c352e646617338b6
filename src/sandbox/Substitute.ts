import { type Answer, refused } from "./Answer.ts"
import { type FaultSpec, has, type Kind } from "./Faults.ts"

const html = (status: number, title: string): Answer => ({
  status,
  body: `<html><head><title>${status} ${title}</title></head></html>`,
  headers: { "Content-Type": "text/html" }
})

const later = (answer: Answer, millis: number | undefined): Answer => ({
  ...answer,
  headers: { "Retry-After": String(Math.max(1, Math.ceil((millis ?? 1_000) / 1_000))) }
})

/** The answers that faults give in place of the right one. */
const ANSWERS: ReadonlyArray<readonly [Kind, (spec: FaultSpec) => Answer]> = [
  ["rateLimit", ({ ms }) => later(refused(429, "Too Many Requests"), ms)],
  ["restart", ({ ms }) => later(refused(425, "Service is not ready"), ms)],
  ["timeout", () => refused(500, "order timed out")],
  ["couldNotInsert", () => refused(500, "could not insert order")],
  ["badGateway", () => html(502, "Bad Gateway")],
  ["unavailable", () => html(503, "Service Temporarily Unavailable")],
  ["forbidden", () => html(403, "Forbidden")],
  ["contextCanceled", () => refused(400, "context canceled")],
  ["unauthorized", () => refused(401, "Unauthorized/Invalid api key")],
  ["answer", ({ body, headers, status }) => ({ status: status ?? 200, body: body ?? "", headers: headers ?? {} })]
]

/** What stands in for the answer where a fault says so, and whether the request is carried out all the same. */
export const substitute = (
  struck: ReadonlyArray<FaultSpec>
): { readonly answer: Answer; readonly booked: boolean } | undefined => {
  for (const [kind, answer] of ANSWERS) {
    const spec = has(struck, kind)
    if (spec !== undefined) return { answer: answer(spec), booked: spec.booked === true }
  }
  return undefined
}
