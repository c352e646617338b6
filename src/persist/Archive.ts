import * as crypto from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { pipeline } from "node:stream"
import * as zlib from "node:zlib"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { InvalidInput } from "../domain/Failure.ts"

/** The last line: SHA-256 over every line before it, line ends included. */
const Trailer = Schema.parseJson(Schema.Struct({ sha256: Schema.String }))

const reason = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))
const unwritable = (file: string) => (cause: unknown) =>
  new InvalidInput({ code: "backup_unwritable", message: `cannot write ${file}: ${reason(cause)}`, issues: [] })
const damaged = (file: string, what: string) =>
  new InvalidInput({ code: "backup_damaged", message: `${file} is damaged: ${what}; nothing was restored`, issues: [] })
const unreadable = (file: string) => (cause: unknown) =>
  cause instanceof Error && Reflect.get(cause, "syscall") !== undefined
    ? new InvalidInput({ code: "backup_unreadable", message: `cannot read ${file}: ${reason(cause)}`, issues: [] })
    : damaged(file, reason(cause))

/** A compressed file that is being written under another name. */
const open = (file: string) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        const draft = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}`)
        const gzip = zlib.createGzip()
        const done = Deferred.unsafeMake<void, InvalidInput>(FiberId.none)
        // `flush` forces it to disk before the stream is closed.
        const out = fs.createWriteStream(draft, { flags: "w", mode: 0o600, flush: true })
        pipeline(gzip, out, (cause) =>
          Deferred.unsafeDone(done, cause ? Effect.fail(unwritable(file)(cause)) : Effect.void)
        )
        return { draft, gzip, done: Deferred.await(done) }
      },
      catch: unwritable(file)
    }),
    ({ draft, gzip }) =>
      Effect.sync(() => {
        gzip.destroy()
        fs.rmSync(draft, { force: true })
      })
  )

/** Writes lines and their checksum, compressed, with one chunk in memory at a time. The file appears when it is whole. */
export const write = <E, R>(file: string, lines: Stream.Stream<string, E, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { done, draft, gzip } = yield* open(file)
      const hash = crypto.createHash("sha256")
      const put = (text: string) =>
        Effect.raceFirst(
          Effect.async<void, InvalidInput>((resume) => {
            gzip.write(text, (cause) => resume(cause ? Effect.fail(unwritable(file)(cause)) : Effect.void))
          }),
          done
        )
      yield* Stream.runForEachChunk(lines, (chunk) => {
        let text = ""
        for (const line of chunk) text += `${line}\n`
        hash.update(text)
        return put(text)
      })
      yield* put(`${JSON.stringify({ sha256: hash.digest("hex") })}\n`)
      gzip.end()
      yield* done
      yield* Effect.try({ try: () => fs.renameSync(draft, file), catch: unwritable(file) })
    })
  )

const read = (file: string) =>
  Stream.unwrap(
    Effect.sync(() => {
      const gunzip = zlib.createGunzip()
      pipeline(fs.createReadStream(file), gunzip, () => undefined)
      return Stream.fromAsyncIterable(gunzip, unreadable(file)).pipe(Stream.decodeText("utf-8"), Stream.splitLines)
    })
  )

/** What a whole, unchanged file holds. */
export interface Verified {
  readonly first: string
  /** How many lines, without the checksum. */
  readonly lines: number
  readonly sha256: string
}

/** Reads a file to its end and checks it against its checksum. */
export const verify = Effect.fn("Archive.verify")(function* (file: string) {
  const hash = crypto.createHash("sha256")
  let first: string | undefined
  let last: string | undefined
  let lines = 0
  // Each line is held back until the next one comes, for the last one is not part of the sum.
  yield* Stream.runForEachChunk(read(file), (chunk) =>
    Effect.sync(() => {
      for (const line of chunk) {
        if (last !== undefined) {
          hash.update(`${last}\n`)
          first = first ?? last
          lines += 1
        }
        last = line
      }
    })
  )
  const sha256 = hash.digest("hex")
  const trailer = Schema.decodeUnknownOption(Trailer)(last)
  if (trailer._tag === "None" || first === undefined) return yield* damaged(file, "its end is missing")
  if (trailer.value.sha256 !== sha256) return yield* damaged(file, "its checksum does not fit")
  return { first, lines, sha256 } satisfies Verified
})

/** The lines of a verified file. Fails at the end when it is no longer the one that was verified. */
export const lines = (file: string, verified: Verified): Stream.Stream<string, InvalidInput> =>
  Stream.suspend(() => {
    const hash = crypto.createHash("sha256")
    const check = Effect.suspend(() =>
      hash.digest("hex") === verified.sha256 ? Effect.void : Effect.fail(damaged(file, "it changed while it was read"))
    )
    return read(file).pipe(
      Stream.take(verified.lines),
      Stream.tap((line) => Effect.sync(() => hash.update(`${line}\n`))),
      Stream.concat(Stream.drain(Stream.fromEffect(check)))
    )
  })
