import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type { Answer } from "./Answer.ts"
import * as Faults from "./Faults.ts"
import type { Request } from "./Request.ts"
import { SandboxUnavailable } from "./SandboxUnavailable.ts"

/** Larger bodies are not read. */
const MOST_BYTES = 4_194_304

export interface Options {
  /** 0 takes a free one. */
  readonly port: number
  /** Added to every answer. */
  readonly latencyMillis: number
  /** The faults that strike a request. */
  readonly strike: (op: string) => ReadonlyArray<Faults.FaultSpec>
  /** Carries a request out, as far as its faults let it, and answers it. */
  readonly handle: (request: Request) => Answer
}

const write = (outgoing: ServerResponse, { body, headers, status }: Answer): void => {
  const text = typeof body === "string" && headers?.["Content-Type"] === "text/html" ? body : JSON.stringify(body)
  outgoing.writeHead(status, { "Content-Type": "application/json", ...headers }).end(body === "" ? "" : text)
}

const slept = (struck: ReadonlyArray<Faults.FaultSpec>, kind: Faults.Kind) =>
  Effect.sleep(Faults.has(struck, kind)?.ms ?? 0)

/** Waits until whoever asked has gone. */
const closed = ({ socket }: IncomingMessage) =>
  Effect.async<void>((resume) => {
    if (socket.destroyed) resume(Effect.void)
    else socket.once("close", () => resume(Effect.void))
  })

/** Answers one request, with everything that faults make of it. */
const serve = (options: Options, incoming: IncomingMessage, outgoing: ServerResponse, body: string) =>
  Effect.gen(function* () {
    const url = new URL(incoming.url ?? "/", "http://127.0.0.1")
    const method = incoming.method ?? "GET"
    const struck = options.strike(`${method} ${url.pathname}`)
    const request: Request = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body,
      struck
    }
    const drop = Effect.sync(() => incoming.socket.destroy())
    if (Faults.has(struck, "delayRequest") !== undefined) yield* slept(struck, "delayRequest")
    if (Faults.has(struck, "dropBefore") !== undefined) return yield* drop
    const answer = options.handle(request)
    if (options.latencyMillis > 0) yield* Effect.sleep(options.latencyMillis)
    if (Faults.has(struck, "delayAnswer") !== undefined) yield* slept(struck, "delayAnswer")
    if (Faults.has(struck, "hang") !== undefined) return yield* closed(incoming)
    if (Faults.has(struck, "dropAfter") !== undefined) return yield* drop
    yield* Effect.sync(() => write(outgoing, answer))
  })

const listening = (server: Server, port: number) =>
  Effect.async<number, SandboxUnavailable>((resume) => {
    server.once("error", (cause) =>
      resume(Effect.fail(new SandboxUnavailable({ message: `cannot listen on 127.0.0.1:${port}: ${cause.message}` })))
    )
    server.listen(port, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : port))
    })
  })

/** Opens the one port of a sandbox, on the loopback address only, for as long as the scope lasts. */
export const open = Effect.fn("Door.open")(function* (options: Options) {
  const run = yield* FiberSet.makeRuntime<never>()
  const server = yield* Effect.acquireRelease(
    Effect.sync(() =>
      createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
        const chunks: Array<Buffer> = []
        let size = 0
        incoming.on("data", (chunk: Buffer) => {
          size += chunk.length
          if (size > MOST_BYTES) incoming.destroy()
          else chunks.push(chunk)
        })
        incoming.on("end", () => run(serve(options, incoming, outgoing, Buffer.concat(chunks).toString("utf8"))))
      })
    ),
    (server) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )
  const port = yield* listening(server, options.port)
  return { server, port }
})
