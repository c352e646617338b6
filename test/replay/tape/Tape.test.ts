import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as fc from "fast-check"
import * as Block from "../../../src/replay/Block.ts"
import * as Codec from "../../../src/replay/Codec.ts"
import * as TapeReader from "../../../src/replay/TapeReader.ts"
import * as TapeWriter from "../../../src/replay/TapeWriter.ts"
import { verify } from "../../../src/replay/Verify.ts"
import { anyRows, folder, fullBook, level, marketOf, pushRow, type Row, readRows, rowsOf, writeTape } from "./scene.ts"

const markets = ["first", "second", "third", "fourth"].map(marketOf)

const packed = (rows: ReadonlyArray<Row>) => {
  const block = Block.make(1)
  for (const row of rows) pushRow(block, row)
  const bytes = new Uint8Array(Codec.bytesFor(rows.length))
  const length = Codec.encode(block, rows[0]?.receipt ?? 0, bytes)
  return { block, bytes: bytes.subarray(0, length), length }
}

describe("a block", () => {
  it("reads as it was written, whatever its rows", () => {
    // One block for all, as the reader has: what an earlier one left must not show.
    const used = Block.make(1)
    fc.assert(
      fc.property(anyRows(200), (rows) => {
        const { bytes } = packed(rows)
        assert.isTrue(Codec.decode(bytes, rows.length, rows[0]?.receipt ?? 0, used))
        assert.deepStrictEqual(rowsOf(used), rows)
      })
    )
  })
  it("is refused where bytes are missing or too many", () => {
    fc.assert(
      fc.property(anyRows(20), fc.nat(), (rows, at) => {
        fc.pre(rows.length > 0)
        const { bytes } = packed(rows)
        const cut = bytes.subarray(0, at % bytes.length)
        assert.isFalse(Codec.decode(cut, rows.length, 0, Block.make(1)))
        assert.isFalse(Codec.decode(Buffer.concat([bytes, Buffer.of(1)]), rows.length, 0, Block.make(1)))
      })
    )
  })
  it("is not written when its rows are out of order of receipt", () => {
    assert.strictEqual(packed([level(0, 2, 0, 5000, 1), level(0, 1, 0, 5000, 1)]).length, -1)
  })
  it("tells the markets in it and the ends of groups", () => {
    const { block } = packed([...fullBook(2, 10, [[0, 4000, 5]]), level(0, 10, 0, 1, 1), level(0, 11, 0, 1, 1)])
    assert.deepStrictEqual([...Block.marketsOf(block)], [0, 2])
    assert.deepStrictEqual(
      [0, 3, 4].map((row) => Block.groupEnd(block, row)),
      [3, 4, 5]
    )
  })
})

describe("a tape", () => {
  it.scoped("reads as it was written, in blocks of any size", () =>
    Effect.gen(function* () {
      const [path, random] = [join(yield* folder, "t.tape"), fc.sample(anyRows(600, 400), { numRuns: 3, seed: 7 })]
      const rows = random.flatMap((part, index) =>
        part.map((row) => ({ ...row, receipt: row.receipt + index * 1e13, venue: row.venue }))
      )
      const half = rows.length >> 1
      yield* writeTape(path, markets, [rows.slice(0, half), [], rows.slice(half)])
      assert.deepStrictEqual(yield* readRows(path), rows)
      assert.isAbove(rows.length, 1000)
    })
  )
  it.scoped("gives the rows of a span of time, wherever blocks end", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "t.tape")
      const rows = Array.from({ length: 40 }, (_, at) => level(at % 4, 1000 + (at >> 1), 0, 1 + at, at))
      yield* writeTape(path, markets, [rows.slice(0, 7), rows.slice(7, 8), rows.slice(8, 31), rows.slice(31)])
      for (const [from, to] of [
        [0, 9999],
        [1003, 1004],
        [1003, 1016],
        [1010, 1010],
        [1019, 5000],
        [2000, 3000]
      ] as const) {
        const expected = rows.filter(({ receipt }) => receipt >= from && receipt < to)
        assert.deepStrictEqual(yield* readRows(path, { from, to }), expected)
      }
    })
  )
  it.scoped("keeps what is known better of a market later", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "t.tape")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const writer = yield* TapeWriter.make(path, { append: true, durable: true })
          writer.table.put(marketOf("first"))
          pushRow(writer.rows, level(0, 1, 0, 1, 1))
          yield* writer.flush
          writer.table.put({ ...marketOf("first"), question: "better" })
          writer.table.put(marketOf("second"))
          pushRow(writer.rows, level(1, 2, 0, 1, 1))
        })
      )
      const { markets: found, index } = yield* TapeReader.open(path)
      assert.deepStrictEqual(
        found.map(({ question, slug }) => [slug, question]),
        [
          ["first", "better"],
          ["second", "recorded"]
        ]
      )
      // The same without the index: the blocks carry the table.
      truncateSync(path, index.end)
      assert.deepStrictEqual((yield* TapeReader.open(path)).markets, found)
    })
  )
  it.scoped("is refused where the file is something else", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "t.tape")
      for (const [content, words] of [
        ["", "no tape"],
        ['{"a": 1}\n'.repeat(9), "no tape"]
      ] as const) {
        writeFileSync(path, content)
        const found = yield* Effect.flip(TapeReader.open(path))
        assert.include(found.message, words)
      }
      assert.include((yield* Effect.flip(TapeReader.open(`${path}.none`))).message, "there is no such file")
    })
  )
})

describe("a tape whose writer died", () => {
  it.scoped("keeps every whole block, at whatever byte the last one was torn", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const [whole, torn] = [join(dir, "whole.tape"), join(dir, "torn.tape")]
      const blocks = [0, 1, 2].map((at) => [
        ...fullBook(0, 1000 + at, [
          [0, 4000, 7],
          [1, 6000 + at, 9]
        ])
      ])
      yield* writeTape(whole, markets, blocks)
      const { index } = yield* TapeReader.open(whole)
      const [, , last] = index.blocks
      const bytes = readFileSync(whole)
      const start = last?.offset ?? 0
      assert.isAbove(start, 0)
      for (let end = start; end < index.end; end++) {
        writeFileSync(torn, bytes.subarray(0, end))
        assert.deepStrictEqual(yield* readRows(torn), blocks.slice(0, 2).flat(), `torn at ${end}`)
        const verdict = yield* verify(torn)
        assert.isTrue(verdict.ok)
        assert.include(verdict.notes[0], "not finished")
        assert.strictEqual(verdict.notes.length, end === start ? 1 : 2)
      }
      // Torn in the index only: nothing is lost.
      for (let end = index.end; end < bytes.length; end += 97) {
        writeFileSync(torn, bytes.subarray(0, end))
        assert.deepStrictEqual(yield* readRows(torn), blocks.flat())
      }
    })
  )
  it.scoped("is written further after its last whole block, as if nothing had happened", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const [path, plain] = [join(dir, "t.tape"), join(dir, "plain.tape")]
      const blocks = [0, 1, 2].map((at) => [level(at, 1000 + at, 0, 4000, 7)])
      yield* writeTape(plain, markets, blocks)
      const { index } = yield* TapeReader.open(plain)
      const bytes = readFileSync(plain)
      const start = index.blocks[2]?.offset ?? 0
      for (const end of [0, 5, 19, 60, start, start + 1, start + 39, index.end - 1]) {
        writeFileSync(path, bytes.subarray(0, end))
        yield* Effect.scoped(
          Effect.gen(function* () {
            const writer = yield* TapeWriter.make(path, { append: true, durable: false })
            const kept = writer.written().blocks
            for (const market of markets) if (kept === 0) writer.table.put(market)
            for (const rows of blocks.slice(kept)) {
              for (const row of rows) pushRow(writer.rows, row)
              yield* writer.flush
            }
          })
        )
        assert.isTrue(readFileSync(path).equals(bytes), `torn at ${end}`)
      }
    })
  )
  it.scoped("is never written over where it is none, or was meant to be new", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "notes.txt")
      writeFileSync(path, "something that somebody needs\n")
      const both = [
        { append: true, durable: false },
        { append: false, durable: false }
      ]
      for (const options of both) {
        const found = yield* Effect.either(Effect.scoped(TapeWriter.make(path, options)))
        assert.isTrue(Either.isLeft(found))
        assert.strictEqual(readFileSync(path, "utf8"), "something that somebody needs\n")
      }
    })
  )
})

describe("verify", () => {
  it.scoped("finds any byte of a block that has changed", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const [path, bad] = [join(dir, "t.tape"), join(dir, "bad.tape")]
      yield* writeTape(
        path,
        markets,
        [0, 1, 2].map((at) =>
          fullBook(at, 1000 + at, [
            [0, 4000, 7_000_001],
            [1, 6000, 9]
          ])
        )
      )
      const { index } = yield* TapeReader.open(path)
      assert.isTrue((yield* verify(path)).ok)
      const bytes = readFileSync(path)
      const [, second, third] = index.blocks
      for (let at = second?.offset ?? 0; at < (third?.offset ?? 0); at++) {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ 0x10
        writeFileSync(bad, changed)
        const verdict = yield* verify(bad)
        assert.isFalse(verdict.ok, `byte ${at}`)
        assert.match(verdict.problems[0] ?? "", /^block 1 at byte \d+: its checksum differs$/)
        // A damaged tape is never read as if it were whole.
        assert.include((yield* Effect.flip(readRows(bad))).message, "damaged")
        // The same where there is no index to say so: other blocks follow.
        writeFileSync(bad, changed.subarray(0, index.end))
        assert.isFalse((yield* verify(bad)).ok)
        assert.include((yield* Effect.flip(readRows(bad))).message, "damaged")
        assert.include(
          (yield* Effect.flip(Effect.scoped(TapeWriter.make(bad, { append: true, durable: false })))).message,
          "damaged"
        )
      }
      assert.strictEqual(statSync(bad).size, index.end)
    })
  )
  it.scoped("finds rows that cannot be", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "t.tape")
      const good = fullBook(0, 1000, [
        [0, 4000, 7],
        [1, 6000, 9]
      ])
      const row = level(0, 1001, 0, 4000, 1)
      const bad: ReadonlyArray<readonly [ReadonlyArray<Row>, string]> = [
        [[{ ...row, kind: 7 }], "kind 7"],
        [[{ ...row, market: 4 }], "market 4 is not in the table"],
        [[{ ...row, price: 0 }], "not between 0 and 1"],
        [[{ ...row, price: 10_000 }], "not between 0 and 1"],
        [[{ ...row, kind: Block.TICK, size: 30 }], "tick 30"],
        [[{ ...row, kind: Block.SEAL }], "did not begin"],
        [fullBook(0, 1001, [[0, 4000, 7]]).slice(0, 2), "not complete"],
        [[level(0, 1001, 0, 6000, 1)], "crossed"]
      ]
      for (const [at, [rows, words]] of bad.entries()) {
        const tape = `${path}.${at}`
        yield* writeTape(tape, markets, [good, rows])
        const { ok, problems } = yield* verify(tape)
        assert.isFalse(ok, words)
        assert.include(problems.join("; "), words)
      }
      yield* writeTape(path, markets, [good, [row]])
      assert.deepStrictEqual((yield* verify(path)).problems, [])
    })
  )
})
