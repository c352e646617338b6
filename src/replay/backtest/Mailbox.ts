import * as Effect from "effect/Effect"
import type { Answer } from "../../domain/Answer.ts"
import { isTerminal } from "../../domain/Order.ts"

type Answers = ReadonlyArray<Answer>

interface Letter {
  readonly arrived: Array<Answer>
  /** Who waits for them, until when. */
  waiting: { readonly isEnough: (answers: Answers) => boolean; readonly go: () => void } | undefined
}

/** What exchanges have said of orders: on its way, arrived, and waited for. */
export class Mailbox {
  readonly #letters = new Map<string, Letter>()
  #underWay = 0
  #waiters = 0

  /** An order has been sent: from now on its answers are kept. */
  open(orderId: string): void {
    if (!this.#letters.has(orderId)) this.#letters.set(orderId, { arrived: [], waiting: undefined })
  }

  /** An answer is on its way back. */
  sent(): void {
    this.#underWay++
  }

  /** An answer has come back; true where nobody waited for it. */
  arrive(answer: Answer): boolean {
    this.#underWay--
    const letter = this.#letters.get(answer.orderId)
    if (letter === undefined) return false
    letter.arrived.push(answer)
    const { waiting } = letter
    if (waiting === undefined) return true
    if (waiting.isEnough(letter.arrived)) waiting.go()
    return false
  }

  /** What has come back about an order; undefined where it was never sent. */
  about(orderId: string): Answers | undefined {
    return this.#letters.get(orderId)?.arrived
  }

  /** Waits until enough has come back about an order that was sent. */
  wait(orderId: string, isEnough: (answers: Answers) => boolean): Effect.Effect<Answers> {
    return Effect.suspend(() => {
      const letter = this.#letters.get(orderId)
      if (letter === undefined || isEnough(letter.arrived)) return Effect.succeed(letter?.arrived ?? [])
      return Effect.async<Answers>((resume) => {
        this.#waiters++
        const go = () => {
          this.#waiters--
          letter.waiting = undefined
          resume(Effect.succeed(letter.arrived))
        }
        letter.waiting = { isEnough, go }
      })
    })
  }

  /** Whether answers are on their way or waited for. */
  get isBusy(): boolean {
    return this.#waiters > 0 || this.#underWay > 0
  }
}

/** Whether an order's last answer ends it. */
export const isFinal = (answers: Answers): boolean => {
  const last = answers.at(-1)
  return last !== undefined && isTerminal(last.status)
}
