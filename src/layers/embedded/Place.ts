import * as crypto from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { attempt, unavailable } from "./Attempt.ts"

/** The system user a server runs as: PostgreSQL refuses to run as root. */
export interface Identity {
  readonly uid: number
  readonly gid: number
}

/** Where the database of one home lies, and whom it belongs to. */
export interface Place {
  /** Holds the data, the log and, where the path is short enough, the socket; open to the server's user only. */
  readonly base: string
  readonly data: string
  readonly log: string
  /** Whom to become before running PostgreSQL; undefined for an ordinary user, who runs it as himself. */
  readonly runAs: Identity | undefined
  /** Tells where the data is when it cannot lie inside the home; written once the data is there. */
  readonly pointer: string
  /** For what belongs to no home in particular, and for homes that the server's user cannot enter. */
  readonly shared: string
}

/** It survives a reboot, and every user may enter it. */
export const SHARED = "/var/lib/betteroms"

const NOBODY: Identity = { uid: 65534, gid: 65534 }
// sockaddr_un holds 103 bytes on macOS and 107 on Linux; "/.s.PGSQL.5432" takes 14 of them.
const LONGEST_SOCKET_FOLDER = 89

const hash = (text: string, digits: number) => crypto.createHash("sha256").update(text).digest("hex").slice(0, digits)

/** The first folder on the way to a path that a user may not enter; undefined when the way is open. */
export const closedTo = (target: string, who: Identity): string | undefined => {
  const way = [target]
  for (let at = target; path.dirname(at) !== at; at = path.dirname(at)) way.unshift(path.dirname(at))
  return way.find((folder) => {
    const found = fs.statSync(folder, { throwIfNoEntry: false })
    if (found === undefined) return false
    const shift = found.uid === who.uid ? 6 : found.gid === who.gid ? 3 : 0
    return ((found.mode >> shift) & 1) === 0
  })
}

const choose = (real: string, shared: string): Pick<Place, "base" | "runAs"> => {
  const inside = path.join(real, "postgres")
  if (process.getuid?.() !== 0) return { base: inside, runAs: undefined }
  const data = fs.statSync(path.join(inside, "data"), { throwIfNoEntry: false })
  if (data !== undefined) return { base: inside, runAs: { uid: data.uid, gid: data.gid } }
  // In somebody's own home root acts for him, and he can go on alone afterwards.
  const home = fs.statSync(real, { throwIfNoEntry: false })
  const runAs = home === undefined || home.uid === 0 ? NOBODY : { uid: home.uid, gid: home.gid }
  return { base: closedTo(real, runAs) === undefined ? inside : path.join(shared, hash(real, 16)), runAs }
}

/** Finds the place of a home's database. Looks only: nothing is created, nothing is opened to anybody. */
export const locate = Effect.fn("Embedded.locate")(function* (home: string, shared: string) {
  const place = yield* attempt(`look into ${home}`, (): Place => {
    const absolute = path.resolve(home)
    const real = fs.existsSync(absolute) ? fs.realpathSync(absolute) : absolute
    const pointer = path.join(real, "postgres.path")
    const told = fs.existsSync(pointer) ? fs.readFileSync(pointer, "utf8").trim() : undefined
    const chosen = choose(real, shared)
    const base = told ?? chosen.base
    const data = path.join(base, "data")
    const owner = told === undefined ? undefined : fs.statSync(data, { throwIfNoEntry: false })
    const runAs = owner === undefined || chosen.runAs === undefined ? chosen.runAs : { uid: owner.uid, gid: owner.gid }
    return { base, data, log: path.join(base, "server.log"), runAs, pointer, shared }
  })
  const made = fs.existsSync(place.data)
  if (fs.existsSync(place.pointer) && !made) {
    return yield* unavailable(
      `the database of ${home} was in ${place.base}, and is not there: put it back, or remove ${place.pointer} to begin anew`
    )
  }
  const closed = made && place.runAs !== undefined ? closedTo(place.data, place.runAs) : undefined
  if (closed !== undefined) {
    return yield* unavailable(
      `the database in ${place.base} runs as user ${place.runAs?.uid}, who may no longer enter ${closed}: allow it (chmod o+x) or move the home`
    )
  }
  return place
})

const own = (folder: string, runAs: Identity | undefined) => {
  if (runAs !== undefined) fs.lchownSync(folder, runAs.uid, runAs.gid)
}

/** A folder of the server's own, or the reason why it cannot be. */
const closedFolder = (folder: string, runAs: Identity | undefined): string | undefined => {
  try {
    fs.mkdirSync(folder, { mode: 0o700 })
  } catch {
    // It is there already, or the check below says what is wrong.
  }
  const found = fs.lstatSync(folder)
  const mine = [process.getuid?.(), runAs?.uid]
  // Under /tmp somebody else may have made it first, to sit between us and the server.
  if (!found.isDirectory() || !mine.includes(found.uid))
    return `${folder} belongs to another user, ${found.uid}: run betteroms as that user, or move it away`
  fs.chmodSync(folder, 0o700)
  own(folder, runAs)
  return undefined
}

/** A folder that every user may enter. */
export const openFolder = (folder: string) => {
  if (fs.existsSync(folder)) return
  fs.mkdirSync(folder, { recursive: true })
  fs.chmodSync(folder, 0o755)
}

/** Creates the base folder, for the server's user only. */
export const prepare = Effect.fn("Embedded.prepare")(function* (place: Place) {
  const refused = yield* attempt(`create ${place.base}`, () => {
    if (path.dirname(place.base) === place.shared) openFolder(place.shared)
    return closedFolder(place.base, place.runAs)
  })
  if (refused !== undefined) return yield* unavailable(refused)
})

/** Where the socket may be when the base's path is too long for one. */
const shortFolders = (place: Place): ReadonlyArray<string> =>
  [os.tmpdir(), "/tmp"]
    .map((root) => path.join(root, `betteroms-${hash(place.base, 12)}`))
    .filter((folder) => Buffer.byteLength(folder) <= LONGEST_SOCKET_FOLDER)

/** The folder for the socket: the base, or a short one under the system's temporary folder. */
export const socketFolder = Effect.fn("Embedded.socketFolder")(function* (place: Place) {
  if (Buffer.byteLength(place.base) <= LONGEST_SOCKET_FOLDER) return place.base
  const folder = shortFolders(place).find(
    (candidate) => place.runAs === undefined || closedTo(path.dirname(candidate), place.runAs) === undefined
  )
  if (folder === undefined) return yield* unavailable(`no folder for a socket: the path ${place.base} is too long`)
  const refused = yield* attempt(`create ${folder}`, () => closedFolder(folder, place.runAs))
  return refused === undefined ? folder : yield* unavailable(refused)
})

/** Removes a home with its data, wherever that lies. */
export const remove = (home: string, place: Place) =>
  attempt(`remove ${home}`, () => {
    for (const folder of [home, place.base, ...shortFolders(place)]) {
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    }
  })

/** Notes in the home where its data went. */
export const point = (place: Place) =>
  attempt(`write ${place.pointer}`, () => {
    if (path.dirname(place.pointer) === path.dirname(place.base) || fs.existsSync(place.pointer)) return
    const draft = `${place.pointer}.${process.pid}`
    fs.writeFileSync(draft, `${place.base}\n`)
    fs.renameSync(draft, place.pointer)
  })
