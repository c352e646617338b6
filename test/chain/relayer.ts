import * as http from "node:http"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import type { TestChain } from "./anvil.ts"

export const RELAYER_KEY = "canaryRelayerKeyThatNobodyMaySee"

/** `POST /submit` as the venue describes it. */
const Submission = Schema.Struct({
  type: Schema.Literal("WALLET"),
  from: Schema.String,
  to: Schema.Literal("0x00000000000Fb5C9ADea0298D729A0CB3823Cc07"),
  nonce: Schema.String,
  signature: Schema.String,
  depositWalletParams: Schema.Struct({
    depositWallet: Schema.String,
    deadline: Schema.String,
    calls: Schema.Array(Schema.Struct({ target: Schema.String, value: Schema.Literal("0"), data: Schema.String }))
  })
})
const decode = Schema.decodeSync(Schema.parseJson(Submission), { onExcessProperty: "error" })

/** How a submission is met: as it should be, with an HTTP answer, or carried out without an answer. */
export type Meeting = "carry out" | "lose" | "never finish" | { readonly status: number; readonly body: string }

/** A relayer over a chain: it takes what its key is shown for, carries it out, and tells how far it is. */
export const relayer = (chain: TestChain, owner: string, meet: () => Meeting = () => "carry out") =>
  Effect.gen(function* () {
    const submissions: Array<typeof Submission.Type> = []
    const states: Array<{ readonly state: string; readonly transactionHash: string | null }> = []
    const run = Runtime.runPromise(yield* Effect.runtime<never>())

    const take = (body: string) => {
      const submission = decode(body)
      submissions.push(submission)
      const { calls, deadline, depositWallet } = submission.depositWalletParams
      return run(Effect.exit(chain.execute(depositWallet, BigInt(deadline), calls, submission.signature))).then(
        (exit) => {
          const done = Exit.isSuccess(exit) && exit.value.status === "success"
          states.push({
            state: done ? "STATE_CONFIRMED" : "STATE_FAILED",
            transactionHash: Exit.isSuccess(exit) ? exit.value.transactionHash : null
          })
        }
      )
    }

    const server = http.createServer((request, response) => {
      const say = (status: number, body: unknown) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
      const url = new URL(request.url ?? "", "http://localhost")
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        if (request.method === "GET" && url.pathname === "/transaction") {
          const asked = seen.filter((id) => id === url.searchParams.get("id")).length
          seen.push(url.searchParams.get("id") ?? "")
          const found = states[Number(url.searchParams.get("id"))]
          const early = asked < 2 || meet() === "never finish"
          return say(200, [early ? { state: "STATE_EXECUTED", transactionHash: null } : found])
        }
        if (request.method !== "POST" || url.pathname !== "/submit") return say(404, { error: "no such path" })
        const key = request.headers.relayer_api_key
        if (key !== RELAYER_KEY || request.headers.relayer_api_key_address !== owner) {
          return say(401, { error: `unknown key ${key}` })
        }
        const meeting = meet()
        if (typeof meeting === "object") return response.writeHead(meeting.status).end(meeting.body)
        const id = `${submissions.length}`
        void take(Buffer.concat(chunks).toString()).then(() =>
          meeting === "lose"
            ? request.socket.destroy()
            : say(200, { transactionID: id, state: "STATE_NEW", transactionHash: null })
        )
      })
    })
    const seen: Array<string> = []
    const url = yield* Effect.acquireRelease(
      Effect.async<string>((resume) => {
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          resume(
            Effect.succeed(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`)
          )
        })
      }),
      () =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    )
    return { url, submissions }
  })
