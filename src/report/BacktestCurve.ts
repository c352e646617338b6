/** A line through time with a bounded number of points: it gets coarser as it gets longer. */
export interface Curve<A> {
  readonly points: Array<A>
  readonly capacity: number
  readonly merge: (earlier: A, later: A) => A
  /** Samples that make a point. */
  stride: number
  waiting: A | undefined
  /** Samples in `waiting`. */
  held: number
}

/** An empty curve of at most `capacity` points (even, 2 at least). `merge` makes one point of two neighbours. */
export const make = <A>(capacity: number, merge: (earlier: A, later: A) => A): Curve<A> => ({
  points: [],
  capacity,
  merge,
  stride: 1,
  waiting: undefined,
  held: 0
})

/** Adds a point, of a caller that leaves out samples itself, as many as the stride says. Full, every two become one. */
export const push = <A>(curve: Curve<A>, point: A): void => {
  curve.points.push(point)
  if (curve.points.length < curve.capacity) return
  const { merge, points } = curve
  for (let at = 0; at * 2 + 1 < points.length; at++) {
    const [earlier, later] = [points[at * 2], points[at * 2 + 1]]
    if (earlier !== undefined && later !== undefined) points[at] = merge(earlier, later)
  }
  points.length = Math.floor(points.length / 2)
  curve.stride *= 2
}

/** Adds a sample: so many as the stride says make a point. The result depends on the samples alone. */
export const add = <A>(curve: Curve<A>, sample: A): void => {
  const point = curve.waiting === undefined ? sample : curve.merge(curve.waiting, sample)
  curve.held += 1
  const isWhole = curve.held >= curve.stride
  curve.waiting = isWhole ? undefined : point
  if (!isWhole) return
  curve.held = 0
  push(curve, point)
}

/** The points, the last one with whatever has come since the one before. */
export const points = <A>({ points, waiting }: Curve<A>): ReadonlyArray<A> =>
  waiting === undefined ? points : [...points, waiting]
