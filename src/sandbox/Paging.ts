import { type Answer, ok, refused } from "./Answer.ts"

/** The first page (`MA==` is base64 of 0), and the mark behind the last one. */
export const FIRST = "MA=="
export const END = "LTE="

const LIMIT = 100

/** One page of a list as the CLOB hands it out: cursors are the offset in base64. */
export const page = <A>(
  all: ReadonlyArray<A>,
  cursor: string | null,
  record: (each: A) => unknown,
  limit = LIMIT
): Answer => {
  const text = cursor === null || cursor === "" ? FIRST : cursor
  const offset = Number(Buffer.from(text, "base64").toString("utf8"))
  if (!Number.isInteger(offset)) return refused(400, "invalid next_cursor")
  if (offset < 0) return refused(400, "next item should be greater than or equal to 0")
  const data = all.slice(offset, offset + limit).map(record)
  const next = offset + limit
  return ok({
    limit,
    count: data.length,
    next_cursor: next < all.length ? Buffer.from(String(next)).toString("base64") : END,
    data
  })
}
