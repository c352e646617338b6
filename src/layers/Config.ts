import * as FileSystem from "@effect/platform/FileSystem"
import { parse } from "dotenv"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { InvalidInput, type Issue } from "../domain/Failure.ts"
import * as Money from "../domain/Money.ts"

/** The settings of one process: real environment over `.env.local` over `.env`, all in the working directory. */
export interface Settings {
  readonly databaseUrl: Option.Option<Redacted.Redacted>
  readonly home: string
  readonly credentials: Credentials
  readonly clobUrl: string
  readonly gammaUrl: string
  readonly dataUrl: string
  /** Tells whether the venue takes orders from where this process runs. */
  readonly geoblockUrl: string
  /** Base of the streams: before `/market` and `/user`. */
  readonly wsUrl: string
  /** Sends the calls of deposit wallets. */
  readonly relayerUrl: string
  /** JSON-RPC of Polygon. Its path or query often holds a key: only the host may be shown. */
  readonly rpcUrl: Option.Option<Redacted.Redacted>
  readonly paperBalance: Money.Usd
  readonly intervalMinutes: number
}

/** What live trading needs of the operator; paper needs none of it. */
export interface Credentials {
  /** 64 hex digits, without 0x. */
  readonly privateKey: Option.Option<Redacted.Redacted>
  readonly apiKey: Option.Option<Redacted.Redacted>
  readonly apiSecret: Option.Option<Redacted.Redacted>
  readonly apiPassphrase: Option.Option<Redacted.Redacted>
  /** Lets the relayer send for a deposit wallet; made on the venue's site, for the signer's address. */
  readonly relayerKey: Option.Option<Redacted.Redacted>
  /** 0 EOA, 1 proxy, 2 safe, 3 deposit wallet. */
  readonly signatureType: Option.Option<number>
  readonly funder: Option.Option<string>
}

// A variable that is set but empty counts as absent, as in `DATABASE_URL= betteroms ...`.
const text = (name: string) =>
  Config.string(name).pipe(
    Config.option,
    Config.map(
      Option.flatMap((value) => {
        const trimmed = value.trim()
        return trimmed === "" ? Option.none() : Option.some(trimmed)
      })
    )
  )

const read = <A>(name: string, expected: string, accept: (value: string) => Option.Option<A>) =>
  text(name).pipe(
    Config.mapOrFail(
      Option.match({
        onNone: () => Either.right(Option.none<A>()),
        onSome: (value) =>
          Option.match(accept(value), {
            onNone: () => Either.left(ConfigError.InvalidData([name], `expected ${expected}`)),
            onSome: (accepted) => Either.right(Option.some(accepted))
          })
      })
    )
  )

const matching = (pattern: RegExp) => (value: string) => (pattern.test(value) ? Option.some(value) : Option.none())
const secret = (name: string, expected: string, pattern: RegExp) =>
  read(name, expected, matching(pattern)).pipe(Config.map(Option.map((value) => Redacted.make(value))))
const url = (name: string, fallback: string) =>
  read(name, "a web address such as https://example.com", (value) =>
    URL.canParse(value) && /^https?:/.test(value) ? Option.some(value.replace(/\/+$/, "")) : Option.none()
  ).pipe(Config.map(Option.getOrElse(() => fallback)))
const streamUrl = (name: string, fallback: string) =>
  read(name, "an address such as wss://example.com/ws", (value) =>
    URL.canParse(value) && /^wss?:/.test(value) ? Option.some(value.replace(/\/+$/, "")) : Option.none()
  ).pipe(Config.map(Option.getOrElse(() => fallback)))
const wholeNumber = (name: string, least: number, most: number, fallback: number) =>
  read(name, `a whole number from ${least} to ${most}`, (value) => {
    const found = Number(value)
    return /^\d{1,9}$/.test(value) && found >= least && found <= most ? Option.some(found) : Option.none()
  }).pipe(Config.map(Option.getOrElse(() => fallback)))

const FIELDS = {
  databaseUrl: read("DATABASE_URL", "an address such as postgres://user:password@host:5432/name", (value) =>
    /^postgres(ql)?:\/\/./.test(value) && URL.canParse(value) ? Option.some(Redacted.make(value)) : Option.none()
  ),
  home: text("BETTEROMS_HOME").pipe(Config.map(Option.getOrElse(() => ".betteroms"))),
  privateKey: read("POLYMARKET_PRIVATE_KEY", "64 hexadecimal digits, with or without 0x", (value) =>
    /^(0[xX])?[0-9a-fA-F]{64}$/.test(value) ? Option.some(Redacted.make(value.slice(-64).toLowerCase())) : Option.none()
  ),
  apiKey: secret("POLYMARKET_API_KEY", "the key as the venue gave it, a UUID", /^[0-9a-fA-F-]{36}$/),
  apiSecret: secret("POLYMARKET_API_SECRET", "base64 text", /^[A-Za-z0-9+/_-]+={0,2}$/),
  apiPassphrase: secret("POLYMARKET_API_PASSPHRASE", "text without spaces", /^\S+$/),
  relayerKey: secret("POLYMARKET_RELAYER_API_KEY", "text without spaces", /^\S+$/),
  signatureType: read("POLYMARKET_SIGNATURE_TYPE", "0 (EOA), 1 (proxy), 2 (safe) or 3 (deposit wallet)", (value) =>
    /^[0-3]$/.test(value) ? Option.some(Number(value)) : Option.none()
  ),
  funder: read("POLYMARKET_FUNDER", "an address: 0x and 40 hexadecimal digits", matching(/^0x[0-9a-fA-F]{40}$/)),
  clobUrl: url("POLYMARKET_CLOB_URL", "https://clob.polymarket.com"),
  wsUrl: streamUrl("POLYMARKET_WS_URL", "wss://ws-subscriptions-clob.polymarket.com/ws"),
  gammaUrl: url("POLYMARKET_GAMMA_URL", "https://gamma-api.polymarket.com"),
  dataUrl: url("POLYMARKET_DATA_URL", "https://data-api.polymarket.com/v2"),
  geoblockUrl: url("POLYMARKET_GEOBLOCK_URL", "https://polymarket.com/api/geoblock"),
  relayerUrl: url("POLYMARKET_RELAYER_URL", "https://relayer-v2.polymarket.com"),
  rpcUrl: read("POLYGON_RPC_URL", "a web address such as https://polygon.example.com", (value) =>
    URL.canParse(value) && /^https?:/.test(value) ? Option.some(Redacted.make(value)) : Option.none()
  ),
  paperBalance: read("PAPER_BALANCE_USD", "dollars, 0 to 1000000000, at most 6 decimals", (value) =>
    Option.filter(Money.parse(value), (usd) => usd >= 0n && usd <= 1_000_000_000n * Money.UNIT)
  ).pipe(Config.map((found) => Money.Usd(Option.getOrElse(found, () => 100_000n * Money.UNIT)))),
  intervalMinutes: wholeNumber("CRON_INTERVAL_MINUTES", 1, 1440, 60)
}

// A value is never part of a message: a key pasted under the wrong name must not be shown.
const issuesOf = (error: ConfigError.ConfigError): ReadonlyArray<Issue> => {
  switch (error._op) {
    case "And":
    case "Or":
      return [...issuesOf(error.left), ...issuesOf(error.right)]
    default:
      return [{ path: error.path.join("."), message: error.message }]
  }
}

const fromFile = Effect.fn("Config.fromFile")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const found = yield* Effect.option(files.readFileString(path))
  return Option.match(found, {
    onNone: () => new Map<string, string>(),
    onSome: (body) => new Map(Object.entries(parse(body)))
  })
})

const provider = Effect.gen(function* () {
  const [local, shared] = yield* Effect.all([fromFile(".env.local"), fromFile(".env")])
  // fromEnv first, with an empty variable seen as absent by `text`: the files only fill what the environment leaves out.
  return ConfigProvider.fromEnv().pipe(
    ConfigProvider.orElse(() => ConfigProvider.fromMap(local)),
    ConfigProvider.orElse(() => ConfigProvider.fromMap(shared))
  )
})

const load = Effect.gen(function* () {
  const source = yield* provider
  const { apiKey, apiPassphrase, apiSecret, funder, privateKey, relayerKey, signatureType, ...rest } = yield* source
    .load(Config.all(FIELDS))
    .pipe(
      Effect.mapError((error) => {
        const issues = issuesOf(error)
        return new InvalidInput({
          code: "invalid_configuration",
          message: `${issues.length === 1 ? "a setting" : `${issues.length} settings`} cannot be used`,
          issues
        })
      })
    )
  return { ...rest, credentials: { apiKey, apiPassphrase, apiSecret, funder, privateKey, relayerKey, signatureType } }
})

/** The typed settings. Fails with every unusable setting at once, by name and without its value. */
export class AppConfig extends Context.Tag("betteroms/layers/Config/AppConfig")<AppConfig, Settings>() {
  static readonly layer = Layer.effect(AppConfig, load)
}
