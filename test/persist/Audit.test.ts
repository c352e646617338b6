import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { canonical, chain, type Event, GENESIS, hashOf, json } from "../../src/persist/Audit.ts"
import { iso } from "../../src/persist/Columns.ts"

const event = (parts: Partial<Event> = {}): Event => ({
  type: "order_placed",
  entityType: "order",
  entityId: "o-1",
  data: '{"price":"0.45","to":"pending"}',
  actor: "betteroms",
  atMillis: 1_790_000_000_000,
  ...parts
})

describe("canonical JSON", () => {
  it("orders keys, leaves out what is absent and spells amounts as decimals", () => {
    assert.strictEqual(
      canonical({ b: [1, null, true], a: { d: undefined, c: 450_000n }, é: 'q"\\' }),
      '{"a":{"c":"0.45"},"b":[1,null,true],"é":"q\\"\\\\"}'
    )
  })

  it("is the same text for the same data, in whatever order its keys came", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const shuffled: unknown = JSON.parse(JSON.stringify(value), (_, member: unknown) =>
          typeof member === "object" && member !== null && !Array.isArray(member)
            ? Object.fromEntries(Object.entries(member).reverse())
            : member
        )
        assert.strictEqual(canonical(shuffled), canonical(value))
        assert.strictEqual(canonical(JSON.parse(canonical(value))), canonical(value))
      })
    )
  })

  it("replaces what PostgreSQL cannot store: NUL and half a surrogate pair", () => {
    assert.strictEqual(canonical("a\u0000b\ud83dc😀"), '"a\ufffdb\ufffdc😀"')
  })
})

describe("JSON for a report", () => {
  it("reads as its canonical form does, amounts and what PostgreSQL cannot store included", () => {
    const value = fc.jsonValue({ stringUnit: "binary" })
    const amount = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n })
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(value, amount, fc.constant(undefined))), (report) =>
        assert.deepStrictEqual(JSON.parse(json(report)), JSON.parse(canonical(report)))
      )
    )
    assert.deepStrictEqual([undefined, null, "a\u0000", 450_000n, { note: "\\u0000" }].map(json), [
      "null",
      "null",
      '"a\ufffd"',
      '"0.45"',
      '{"note":"\\\\u0000"}'
    ])
  })
})

describe("the audit chain", () => {
  it("starts at 1 behind 64 zeros and hashes each row over the one before", () => {
    const [first, second] = chain(GENESIS, [event(), event({ type: "order_filled" })])
    assert.deepStrictEqual([first?.seq, second?.seq], [1, 2])
    assert.strictEqual(first?.prevHash, "0".repeat(64))
    assert.strictEqual(second?.prevHash, first?.hash)
    assert.strictEqual(first?.hash, hashOf("0".repeat(64), 1, event(), "2026-09-21T14:13:20.000Z"))
  })

  it("goes on where it ended, whichever way it was cut into commits", () => {
    const events = [event(), event({ entityId: "o-2" }), event({ actor: "operator" })]
    const whole = chain(GENESIS, events)
    const head = chain(GENESIS, events.slice(0, 1))
    assert.deepStrictEqual([...head, ...chain(head[0] ?? GENESIS, events.slice(1))], whole)
  })

  it("gives another hash to every other type, entity, data, actor, time, number and predecessor", () => {
    const of = (parts: Partial<Event>, seq = 1, prev = GENESIS.hash) => {
      const told = event(parts)
      return hashOf(prev, seq, told, iso(told.atMillis))
    }
    const hashes = [
      of({}),
      of({ type: "order_opened" }),
      of({ entityType: "run" }),
      of({ entityId: "o-2" }),
      of({ data: '{"price":"0.46","to":"pending"}' }),
      of({ actor: "operator" }),
      of({ atMillis: 1_790_000_000_001 }),
      of({}, 2),
      of({}, 1, "1".repeat(64))
    ]
    assert.strictEqual(new Set(hashes).size, hashes.length)
  })
})
