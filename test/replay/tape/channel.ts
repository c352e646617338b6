import type * as Socket from "@effect/platform/Socket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Effect from "effect/Effect"

/** What a connection does: says things, waits, and ends when it returns. */
type Script = (say: (message: unknown) => Effect.Effect<void>, connection: number) => Effect.Effect<void>

/** A market channel on this machine that does as its script says. */
export const stream = Effect.fnUntraced(function* (script: Script) {
  const server = yield* NodeSocketServer.makeWebSocket({ host: "127.0.0.1", port: 0 })
  const heard: Array<string> = []
  let connections = 0
  const serve = (socket: Socket.Socket) =>
    Effect.scoped(
      Effect.gen(function* () {
        const number = connections++
        const write = yield* socket.writer
        const say = (message: unknown) =>
          Effect.ignore(write(typeof message === "string" ? message : JSON.stringify(message)))
        const listening = socket.runRaw((data) => {
          heard.push(typeof data === "string" ? data : Buffer.from(data).toString())
        })
        yield* Effect.raceFirst(Effect.ignore(listening), script(say, number))
      })
    )
  yield* Effect.forkScoped(server.run(serve))
  const { address } = server
  const port = address._tag === "TcpAddress" ? address.port : 0
  return { url: `ws://127.0.0.1:${port}/ws/market`, heard, connections: () => connections }
})
