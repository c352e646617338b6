// Parts of the program as a module that a bench can load.
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "esbuild"

export const root = fileURLToPath(new URL("..", import.meta.url))
/** Inside the project, so that what is bundled finds its dependencies; nothing of it is kept. */
export const CACHE = join(root, "node_modules", ".cache", "betteroms-bench")

/** Modules of `src` by name, bundled once and loaded. */
export const load = async (name, modules) => {
  const outfile = join(CACHE, `${name}.js`)
  await build({
    absWorkingDir: root,
    stdin: {
      contents: Object.entries(modules)
        .map(([as, path]) => `export * as ${as} from "${path}"`)
        .join("\n"),
      resolveDir: root
    },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    external: ["hyparquet", "hyparquet-compressors"]
  })
  return import(pathToFileURL(outfile).href)
}
