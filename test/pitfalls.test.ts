import { readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const root = resolve(import.meta.dirname, "..")

/** What has cost others money at this venue, by the number that the tests about it carry in their names. */
const PITFALLS: Readonly<Record<string, string>> = {
  "P-01": "an answer is lost and the order is live",
  "P-02": "a delayed order is taken for one that did not fill",
  "P-03": "a 400 that is no refusal",
  "P-04": "a library that posts again behind one's back",
  "P-05": "a 5xx after which nobody knows",
  "P-06": "a batch of which some were taken",
  "P-10": "a match that fails afterwards",
  "P-11": "a fill that is taken back by half",
  "P-12": "a trade as its maker sees it",
  "P-13": "more shares than were asked for",
  "P-14": "an order that never ends here",
  "P-15": "fills told in two units",
  "P-16": "a transaction hash that changes",
  "P-20": "no balance, with money in the wallet",
  "P-21": "money that open orders hold",
  "P-22": "a sale right after a purchase",
  "P-23": "one approval of several is missing",
  "P-24": "a signature of the wrong kind of account",
  "P-30": "a tick that gets finer, and a cache that does not know",
  "P-31": "more decimals than are taken",
  "P-32": "less than a dollar at once",
  "P-33": "fewer shares than can be sold",
  "P-34": "a market order without a price",
  "P-35": "a post-only order that crosses",
  "P-36": "own orders that meet",
  "P-37": "a dead book with the widest of spreads",
  "P-40": "a stream that is open and silent",
  "P-41": "no number tells that something was missed",
  "P-42": "a resolution that is never told",
  "P-43": "the best level comes last",
  "P-44": "a record that lags, with lists as text",
  "P-45": "a number that is an empty text",
  "P-46": "token ids of the wrong protocol",
  "P-47": "a neg-risk flag that two places tell differently",
  "P-50": "a restart, then two minutes of post-only",
  "P-51": "a heartbeat that cancels one's own quotes",
  "P-52": "a blocked place, and a retry storm",
  "P-53": "a game that begins",
  "P-54": "a version that changes under way",
  "P-55": "a cancel that does nothing",
  "P-56": "a limit that slows before it refuses",
  "P-57": "fills between a cancel and its answer",
  "P-60": "errors returned like answers",
  "P-61": "a list that is an error",
  "P-62": "keys that cannot be derived",
  "P-63": "calls without a deadline",
  "P-64": "a post that waits for the chain",
  "P-65": "a salt by chance",
  "P-66": "a version remembered for ever",
  "P-67": "prices and sizes as doubles",
  "P-68": "old libraries in the luggage"
}

const files = (folder: string, ends: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? files(path, ends) : entry.name.endsWith(ends) ? [path] : []
  })

/** Numbers at the beginning of a test's name, several of them apart by commas, by the file they stand in. */
const named = files(join(root, "test"), ".test.ts").flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(/["`]((?:P-\d\d(?:, )?)+):/g)].flatMap(([, numbers = ""]) =>
    numbers.split(", ").map((number) => ({ number, file }))
  )
)

describe("the venue's pitfalls", () => {
  for (const [number, what] of Object.entries(PITFALLS)) {
    it(`${number} (${what}) is the subject of a test`, () => {
      assert.isNotEmpty(named.filter((each) => each.number === number))
    })
  }
})

describe("the program that trades", () => {
  it("P-68: carries neither the venue's own client nor what that brings along", () => {
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
    const carried = Object.keys({ ...dependencies, ...optionalDependencies })
    const unwanted = /^(@polymarket\/|ethers$|@ethersproject\/|axios$)/
    assert.deepStrictEqual(
      carried.filter((name) => unwanted.test(name)),
      []
    )
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))
    const installed = Object.entries<{ readonly dev?: boolean }>(lock.packages).flatMap(([path, { dev }]) =>
      dev === true ? [] : [path.split("node_modules/").at(-1) ?? ""]
    )
    assert.isAbove(installed.length, 50)
    assert.deepStrictEqual(
      installed.filter((name) => unwanted.test(name)),
      []
    )
    const imported = files(join(root, "src"), ".ts").flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"([^".][^"]*)"/g)].map(([, name = ""]) => name)
    )
    assert.isAbove(imported.length, 100)
    assert.deepStrictEqual(
      imported.filter((name) => unwanted.test(name)),
      []
    )
  })
})
