import * as http from "node:http"
import * as Effect from "effect/Effect"
import { WebSocket, WebSocketServer } from "ws"

/** One request as it came over the wire. */
export interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Somebody who stands between a program and a server, and hears all that the program says. */
export const overheard = (target: string) =>
  Effect.gen(function* () {
    const requests: Array<Heard> = []
    const frames: Array<string> = []
    const server = http.createServer((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        const { headers, method = "", url = "" } = request
        const body = Buffer.concat(chunks)
        const said = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
        requests.push({ method, url, headers: Object.fromEntries(said), body: body.toString() })
        const onward = http.request(`${target}${url}`, { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers)
          answer.pipe(response)
        })
        onward.on("error", () => request.socket.destroy())
        onward.end(body)
      })
    })
    const streams = new WebSocketServer({ server })
    streams.on("connection", (client, request) => {
      const { headers, method = "", url = "" } = request
      const said = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
      requests.push({ method, url, headers: Object.fromEntries(said), body: "" })
      const onward = new WebSocket(`${target.replace(/^http/, "ws")}${url}`)
      const waiting: Array<string> = []
      onward.on("open", () => {
        for (const frame of waiting.splice(0)) onward.send(frame)
      })
      onward.on("message", (data) => client.send(String(data)))
      onward.on("close", () => client.close())
      onward.on("error", () => client.close())
      client.on("message", (data) => {
        const frame = String(data)
        frames.push(frame)
        if (onward.readyState === WebSocket.OPEN) onward.send(frame)
        else waiting.push(frame)
      })
      client.on("close", () => onward.close())
    })
    const url = yield* Effect.acquireRelease(
      Effect.async<string>((resume) => {
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          const port = typeof address === "object" && address !== null ? address.port : 0
          resume(Effect.succeed(`http://127.0.0.1:${port}`))
        })
      }),
      () =>
        Effect.sync(() => {
          streams.close()
          server.closeAllConnections()
          server.close()
        })
    )
    return { url, requests, frames }
  })
