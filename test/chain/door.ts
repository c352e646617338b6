import * as http from "node:http"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** What happens to a question: it goes through, it is never answered, it arrives and its answer is lost, or an HTTP status. */
export type Fate = "pass" | "hang" | "lost" | number

const methodOf = Schema.decodeSync(Schema.parseJson(Schema.Struct({ method: Schema.String })))

/** A door to a node, at an address that holds a key, behind which questions can go wrong; it notes every method. */
export const door = (target: string, fate: (method: string, nth: number) => Fate = () => "pass") =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const server = http.createServer((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        const body = Buffer.concat(chunks)
        const { method } = methodOf(body.toString())
        asked.push(method)
        const found = fate(method, asked.filter((each) => each === method).length)
        if (found === "hang") return
        if (typeof found === "number") {
          response.writeHead(found).end("no")
          return
        }
        const onward = http.request(
          target,
          { method: "POST", headers: { "content-type": "application/json" } },
          (answer) => {
            if (found === "lost") {
              answer.resume().on("end", () => request.socket.destroy())
              return
            }
            response.writeHead(answer.statusCode ?? 500, { "content-type": "application/json" })
            answer.pipe(response)
          }
        )
        onward.end(body)
      })
    })
    const url = yield* Effect.acquireRelease(
      Effect.async<string>((resume) => {
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          const port = typeof address === "object" && address !== null ? address.port : 0
          resume(Effect.succeed(`http://127.0.0.1:${port}/v2/${RPC_KEY}?token=${RPC_TOKEN}`))
        })
      }),
      () =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    )
    return { url, asked }
  })

/** The keys in the door's address. */
export const RPC_KEY = "canaryRpcKeyThatNobodyMaySee"
export const RPC_TOKEN = "canaryRpcTokenThatNobodyMaySee"

/** A port of this machine on which nobody listens. */
export const closedPort = Effect.async<number>((resume) => {
  const server = http.createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})
