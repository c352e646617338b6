import { runInNewContext } from "node:vm"

/** As much of a browser's page as the report needs to draw itself: elements with their texts and attributes. */
class Node {
  readonly tag: string
  readonly attributes = new Map<string, string>()
  readonly style: Record<string, string> = {}
  readonly classList = { add: () => undefined, remove: () => undefined }
  kids: ReadonlyArray<Node | string> = []
  clientWidth = 1_000

  constructor(tag: string) {
    this.tag = tag
  }
  setAttribute(name: string, value: unknown): void {
    this.attributes.set(name, String(value))
  }
  append(...kids: ReadonlyArray<Node | string>): void {
    this.kids = [...this.kids, ...kids]
  }
  replaceChildren(...kids: ReadonlyArray<Node | string>): void {
    this.kids = kids
  }
  addEventListener(): void {}
  get all(): ReadonlyArray<Node> {
    return [this, ...this.kids.flatMap((kid) => (typeof kid === "string" ? [] : kid.all))]
  }
  querySelectorAll(selector: string): ReadonlyArray<Node> {
    return this.all.filter((node) => node.tag === selector.split(" ").at(-1))
  }
  get textContent(): string {
    return this.kids.map((kid) => (typeof kid === "string" ? kid : kid.textContent)).join(" ")
  }
  set textContent(text: string) {
    this.kids = [text]
  }
}

/** Lets the script of a report draw its page, and returns what stands in it then. */
export const drawn = (html: string): Node => {
  const found = /<script type="application\/json" id="data">(.*?)<\/script>\s*<script>(.*)<\/script>/s.exec(html)
  const page = new Node("main")
  const parts: Record<string, Node> = { data: new Node("script"), runs: new Node("div"), detail: new Node("div") }
  parts.data?.append(found?.[1] ?? "")
  page.append(...["runs", "detail"].flatMap((id) => parts[id] ?? []))
  runInNewContext(found?.[2] ?? "", {
    document: {
      getElementById: (id: string) => parts[id],
      createElement: (tag: string) => new Node(tag),
      createElementNS: (_: string, tag: string) => new Node(tag),
      querySelector: () => page
    },
    window: { innerWidth: 1_200, addEventListener: () => undefined }
  })
  return page
}
