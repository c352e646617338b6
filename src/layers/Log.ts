import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"

// JSON.stringify alone dies on a bigint and takes the fiber with it.
const plain = (value: unknown): unknown =>
  typeof value === "bigint"
    ? value.toString()
    : typeof value === "string"
      ? value
      : Inspectable.toStringUnknown(value, 0)

const message = (parts: unknown): string =>
  (Array.isArray(parts) ? parts : [parts]).map((part) => String(plain(part))).join(" ")

const write = (line: string) => {
  process.stderr.write(`${line}\n`)
}

const pretty = Logger.make(({ annotations, cause, date, logLevel, message: parts }) => {
  const notes = HashMap.reduce(annotations, "", (text, value, key) => `${text} ${key}=${String(plain(value))}`)
  const trouble = Cause.isEmpty(cause) ? "" : `\n${Cause.pretty(cause)}`
  write(`${date.toISOString()} ${logLevel.label.padEnd(5)} ${message(parts)}${notes}${trouble}`)
})

const json = Logger.make(({ annotations, cause, date, logLevel, message: parts }) => {
  const notes: Record<string, unknown> = {}
  HashMap.forEach(annotations, (value, key) => {
    notes[key] = plain(value)
  })
  write(
    JSON.stringify({
      time: date.toISOString(),
      level: logLevel.label,
      message: message(parts),
      ...notes,
      ...(Cause.isEmpty(cause) ? {} : { cause: Cause.pretty(cause) })
    })
  )
})

const levels = {
  trace: LogLevel.Trace,
  debug: LogLevel.Debug,
  info: LogLevel.Info,
  warning: LogLevel.Warning,
  error: LogLevel.Error,
  none: LogLevel.None
} as const

/** Logs go to stderr, as text or as JSON lines (`LOG_FORMAT`), from `LOG_LEVEL` on; stdout belongs to answers. */
export const layer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const level = yield* Config.literal(
      "trace",
      "debug",
      "info",
      "warning",
      "error",
      "none"
    )("LOG_LEVEL").pipe(Config.withDefault("warning"))
    const format = yield* Config.literal("pretty", "json")("LOG_FORMAT").pipe(Config.withDefault("pretty"))
    return Layer.merge(
      Logger.replace(Logger.defaultLogger, format === "json" ? json : pretty),
      Logger.minimumLogLevel(levels[level])
    )
  }).pipe(Effect.orElseSucceed(() => Logger.replace(Logger.defaultLogger, pretty)))
)
