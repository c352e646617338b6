import * as fs from "node:fs"
import * as path from "node:path"

/** A folder being made under a temporary name, to be renamed when it is whole. */
interface Draft {
  readonly folder: string
  readonly pid: number
  readonly fresh: boolean
}

// Longer than any step of initdb or of a copy takes; a process id may belong to somebody else by then.
const STALE_MILLIS = 20_000

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (cause) {
    return cause instanceof Error && Reflect.get(cause, "code") === "EPERM"
  }
}

const list = (target: string, now: number): ReadonlyArray<Draft> => {
  const parent = path.dirname(target)
  const prefix = `${path.basename(target)}.draft-`
  if (!fs.existsSync(parent)) return []
  return fs.readdirSync(parent).flatMap((name) => {
    const folder = path.join(parent, name)
    const found = name.startsWith(prefix) ? fs.statSync(folder, { throwIfNoEntry: false }) : undefined
    if (found === undefined) return []
    const pid = Number.parseInt(name.slice(prefix.length), 10)
    return [{ folder, pid, fresh: alive(pid) && now - found.mtimeMs < STALE_MILLIS }]
  })
}

/** Whether another process is at work on the same target and has the better claim to go on. */
export const elsewhere = (target: string, now: number): boolean =>
  list(target, now).some((draft) => draft.fresh && draft.pid < process.pid)

/** A new draft of a target; what dead processes left behind is removed. */
export const begin = (target: string, now: number): string => {
  for (const draft of list(target, now)) if (!draft.fresh) fs.rmSync(draft.folder, { recursive: true, force: true })
  return fs.mkdtempSync(`${target}.draft-${process.pid}.`)
}

/** Gives a draft its name. False when another process was first: then the draft is gone. */
export const finish = (draft: string, target: string): boolean => {
  try {
    fs.renameSync(draft, target)
    // What is committed later must not be under a name that a power failure takes back.
    const parent = fs.openSync(path.dirname(target), "r")
    fs.fsyncSync(parent)
    fs.closeSync(parent)
    return true
  } catch {
    fs.rmSync(draft, { recursive: true, force: true })
    return false
  }
}
