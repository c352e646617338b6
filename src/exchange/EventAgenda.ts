/** What is due at a time. Of equal times, what was asked for first comes first. */
export interface Due<A> {
  readonly millis: number
  readonly sequence: number
  readonly what: A
}

/** Things that are to happen, earliest first: a binary heap. */
export interface Agenda<A> {
  readonly heap: Array<Due<A>>
  sequence: number
  /** Time of the earliest, infinite where there is none. */
  next: number
}

export const make = <A>(): Agenda<A> => ({ heap: [], sequence: 0, next: Number.POSITIVE_INFINITY })

const isBefore = <A>(a: Due<A>, b: Due<A>): boolean =>
  a.millis < b.millis || (a.millis === b.millis && a.sequence < b.sequence)

export const add = <A>(agenda: Agenda<A>, millis: number, what: A): void => {
  const { heap } = agenda
  const due: Due<A> = { millis, sequence: agenda.sequence++, what }
  let at = heap.length
  heap.push(due)
  while (at > 0) {
    const up = (at - 1) >> 1
    const parent = heap[up]
    if (parent === undefined || !isBefore(due, parent)) break
    heap[at] = parent
    at = up
  }
  heap[at] = due
  if (millis < agenda.next) agenda.next = millis
}

const sink = <A>(heap: Array<Due<A>>, due: Due<A>): void => {
  let at = 0
  for (;;) {
    let down = 2 * at + 1
    let child = heap[down]
    if (child === undefined) break
    const other = heap[down + 1]
    if (other !== undefined && isBefore(other, child)) {
      child = other
      down++
    }
    if (!isBefore(child, due)) break
    heap[at] = child
    at = down
  }
  heap[at] = due
}

/** Takes the earliest out. */
export const take = <A>(agenda: Agenda<A>): Due<A> | undefined => {
  const { heap } = agenda
  const [first] = heap
  const last = heap.pop()
  if (last !== undefined && heap.length > 0) sink(heap, last)
  agenda.next = heap[0]?.millis ?? Number.POSITIVE_INFINITY
  return first
}
