/** What the venue answers to one request. */
export interface Answer {
  readonly status: number
  /** Turned into JSON; text stays as it is. */
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const ok = (body: unknown): Answer => ({ status: 200, body })
/** A refusal in the venue's one form: `{"error": text}`. */
export const refused = (status: number, error: string): Answer => ({ status, body: { error } })
export const NOT_FOUND = refused(404, "not found")
