import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as BacktestJobs from "../../src/cli/BacktestJobs.ts"
import * as Grid from "../../src/cli/Grid.ts"
import * as Decode from "../../src/decode/Decode.ts"
import { vary } from "../../src/decode/Vary.ts"
import { format, UNIT, Usd } from "../../src/domain/Money.ts"
import { plan } from "./tapes.ts"

const right = <A>(found: Either.Either<A, unknown>): A => Either.getOrThrow(found)
const varied = (changes: ReadonlyArray<readonly [string, string]>) =>
  right(
    Either.flatMap(
      vary(
        plan([
          { price: 0.4, size: 10 },
          { side: "SELL", price: 0.6, size: 10 },
          { price: 0.3, size: 20 }
        ]),
        changes
      ),
      Decode.plan
    )
  )

describe("a grid", () => {
  it("has both ends of a range, to the last digit", () => {
    assert.deepStrictEqual(right(Grid.axis("price=0.40..0.46:0.02")).values, ["0.4", "0.42", "0.44", "0.46"])
    assert.deepStrictEqual(right(Grid.axis("price=0.1..0.35:0.1")).values, ["0.1", "0.2", "0.3"])
    assert.deepStrictEqual(right(Grid.axis(" BUY.size = 5, 10 ")), { path: "BUY.size", values: ["5", "10"] })
  })

  it("refuses what leads nowhere", () => {
    for (const text of [
      "price",
      "=1",
      "price=",
      "price=1,,2",
      "price=0.5..0.4:0.1",
      "price=0.1..0.2:0",
      "price=a..b:c"
    ])
      assert.isTrue(Either.isLeft(Grid.axis(text)), text)
    assert.isTrue(Either.isLeft(Grid.axis("price=0..1000000:0.000001")))
  })

  it("tries every combination, the last field turning fastest", () => {
    const axes = [right(Grid.axis("a=1,2")), right(Grid.axis("b=3,4"))]
    assert.deepStrictEqual(
      right(Grid.variants(axes)).map((variant) => variant.map((each) => each.join("=")).join(" ")),
      ["a=1 b=3", "a=1 b=4", "a=2 b=3", "a=2 b=4"]
    )
    assert.deepStrictEqual(right(Grid.variants([])), [[]])
  })
})

describe("a variant of a plan", () => {
  const prices = (changes: ReadonlyArray<readonly [string, string]>) =>
    varied(changes).instructions.map((each) => format(each.price))

  it("changes all instructions, those of one side, or one of them", () => {
    assert.deepStrictEqual(prices([["price", "0.45"]]), ["0.45", "0.45", "0.45"])
    assert.deepStrictEqual(prices([["BUY.price", "0.45"]]), ["0.45", "0.6", "0.45"])
    assert.deepStrictEqual(prices([["2.price", "0.7"]]), ["0.4", "0.7", "0.3"])
  })

  it("changes settings that the plan did not write", () => {
    assert.strictEqual(varied([["simulation.slippageTicks", "2"]]).simulation.slippageTicks, 2)
    assert.strictEqual(varied([["cancelAfterSec", "60"]]).instructions[0]?.lifetimeSeconds, 60)
  })

  it("is refused where its path leads to no instruction, and by the decoder where its field is none", () => {
    assert.isTrue(Either.isLeft(vary(plan([{ price: 0.4, size: 10 }]), [["7.price", "0.5"]])))
    assert.isTrue(Either.isLeft(vary(plan([{ price: 0.4, size: 10 }]), [["a.b.c", "0.5"]])))
    const rest = { tapes: [], notBefore: undefined, balance: Usd(UNIT) }
    const options = { seed: "1", latency: "100", answerLatency: "", cancelShare: "proportional" }
    const jobs = (...grid: ReadonlyArray<string>) =>
      BacktestJobs.jobs(
        [{ file: "p.json", bytes: plan([{ price: 0.4, size: 10 }]) }],
        grid,
        options,
        new Map([["measured.txt", [80, 95]]]),
        rest
      )
    assert.isTrue(Either.isLeft(jobs("prize=0.5")))
    assert.isTrue(Either.isLeft(jobs("price=1.5")))
    assert.isTrue(Either.isLeft(jobs("latency=soon")))
    const found = right(jobs("price=0.4,0.5", "latency=0,250:0.5"))
    assert.strictEqual(found.length, 4)
    assert.deepStrictEqual(found[3]?.latency, { _tag: "LogNormal", median: 250, sigma: 0.5 })
    // Answers take as long as orders unless they are told to take another time.
    assert.deepStrictEqual(found[3]?.answerLatency, found[3]?.latency)
    const [drawn] = right(jobs("latency=file:measured.txt", "answerLatency=30"))
    assert.deepStrictEqual(drawn?.latency, { _tag: "Measured", millis: [80, 95] })
    assert.deepStrictEqual(drawn?.answerLatency, { _tag: "Constant", millis: 30 })
  })

  it("reads measured times of a file, however they are set apart, and refuses words", () => {
    const read = (text: string) => Either.getOrUndefined(BacktestJobs.measurements("m.txt", text))
    assert.deepStrictEqual(read("85\n92.5\n110\n"), [85, 92.5, 110])
    assert.deepStrictEqual(read("[85, 92.5, 110]"), [85, 92.5, 110])
    for (const text of ["", "85 fast", "-3"]) assert.strictEqual(read(text), undefined)
  })
})
