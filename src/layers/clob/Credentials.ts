import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { InvalidInput } from "../../domain/Failure.ts"
import { checksummed } from "../../polymarket/Address.ts"
import type { Settings } from "../Config.ts"
import * as EnvFile from "../EnvFile.ts"
import * as Http from "../Http.ts"
import { Signer } from "../Signer.ts"
import * as PrivateKey from "../signer/PrivateKey.ts"
import * as Keys from "./Keys.ts"

/** Where the operator's secrets are kept; the real environment wins over it. */
const FILE = ".env.local"

const inEnvironment = (name: string) =>
  Effect.orElseSucceed(ConfigProvider.fromEnv().load(Config.option(Config.string(name))), () => Option.none<string>())

/** What came of it; nothing of the key itself. */
export interface Created {
  readonly made: "derived" | "created"
  readonly signer: string
  readonly file: string
  /** False where these very credentials were in force before. */
  readonly written: boolean
}

/**
 * Gets the API key of the private key: the one it has, or a new one. Proves it by a signed call, then keeps it. Others that
 * are kept already are thrown away only where `replace` says so; a refusal changes nothing, and the key is got again the
 * next time.
 */
export const create = Effect.fn("Credentials.create")(function* (settings: Settings, replace: boolean) {
  const { apiKey: key, apiPassphrase, apiSecret, privateKey } = settings.credentials
  if (Option.isNone(privateKey)) {
    return yield* new InvalidInput({
      code: "missing_setting",
      message: "an API key belongs to a private key",
      issues: [{ path: "POLYMARKET_PRIVATE_KEY", message: "not set: it belongs into .env.local" }]
    })
  }
  const { apiKey, made, signer } = yield* Effect.gen(function* () {
    const found = yield* Keys.obtain(settings.clobUrl)
    yield* Keys.prove(settings.clobUrl, found.apiKey)
    return { ...found, signer: checksummed((yield* Signer).address) }
  }).pipe(Effect.provide(Layer.merge(PrivateKey.layer(privateKey.value), Http.layer)))

  const wanted = [
    ["POLYMARKET_API_KEY", apiKey.key, key],
    ["POLYMARKET_API_SECRET", apiKey.secret, apiSecret],
    ["POLYMARKET_API_PASSPHRASE", apiKey.passphrase, apiPassphrase]
  ] as const
  const values = Object.fromEntries(wanted.map(([name, value]) => [name, Redacted.value(value)]))
  const inForce = wanted.every(([, value, now]) =>
    Option.exists(now, (found) => Redacted.value(found) === Redacted.value(value))
  )
  if (inForce) return { made, signer, file: FILE, written: false } satisfies Created

  for (const [name, value] of Object.entries(values)) {
    const set = yield* inEnvironment(name)
    if (Option.exists(set, (found) => found.trim() !== "" && found.trim() !== value)) {
      return yield* new InvalidInput({
        code: "credentials_exist",
        message: `${name} is set in the environment, which wins over ${FILE}, and it is not the key's: unset it first; nothing was written`,
        issues: []
      })
    }
  }
  const others = EnvFile.others(
    Option.getOrElse(yield* EnvFile.read(FILE), () => ""),
    values
  )
  if (others.length > 0 && !replace) {
    return yield* new InvalidInput({
      code: "credentials_exist",
      message: `${FILE} holds other credentials (${others.join(", ")}): add --replace to throw them away; nothing was written`,
      issues: []
    })
  }
  yield* EnvFile.write(FILE, values)
  return { made, signer, file: FILE, written: true } satisfies Created
})
