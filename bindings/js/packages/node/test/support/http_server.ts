// A web service of rows as JSON, on a socket of its own, which goes away and comes back as a network
// does. Each connection serves one request: none outlives an outage.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export type Item = { id: string; [field: string]: unknown }

/** Listens, stops, and listens again at the same address. */
export class Socket {
  private port = 0
  private server: Server | undefined

  constructor(private readonly handler: (request: IncomingMessage, response: ServerResponse) => void) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async online(): Promise<void> {
    this.server = createServer((request, response) => {
      response.setHeader(`connection`, `close`)
      this.handler(request, response)
    })
    this.server.listen(this.port, `127.0.0.1`)
    await once(this.server, `listening`)
    this.port = (this.server.address() as AddressInfo).port
  }

  async offline(): Promise<void> {
    const server = this.server
    this.server = undefined
    if (!server) return
    const closed = once(server, `close`)
    server.close()
    server.closeAllConnections()
    await closed
  }
}

/** GET /items gives all rows, or those with the fields of the query; POST /items stores one. */
export class ItemServer {
  readonly items = new Map<string, Item>()
  /** What was asked for, such as `GET /items?list=work`. */
  readonly requests: Array<string> = []
  private readonly socket = new Socket((request, response) => void this.answer(request, response))

  static async start(t: TestContext, ...items: Array<Item>): Promise<ItemServer> {
    const server = new ItemServer()
    server.put(...items)
    await server.online()
    t.after(() => server.offline())
    return server
  }

  readonly online = () => this.socket.online()
  readonly offline = () => this.socket.offline()

  put(...items: Array<Item>): void {
    for (const item of items) this.items.set(item.id, item)
  }

  /** What a client does that fetches rows. */
  readonly fetch = async (filter: Record<string, string> = {}): Promise<Array<Item>> => {
    const query = new URLSearchParams(filter).toString()
    const response = await fetch(`${this.socket.url}/items${query && `?${query}`}`)
    return (await response.json()) as Array<Item>
  }

  readonly post = async (item: Item): Promise<void> => {
    const response = await fetch(`${this.socket.url}/items`, { method: `POST`, body: JSON.stringify(item) })
    await response.text()
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`)
    if (request.method === `POST`) this.put(JSON.parse(await text(request)) as Item)
    const filter = [...new URL(request.url!, this.socket.url).searchParams]
    const found = [...this.items.values()].filter((item) => filter.every(([name, value]) => item[name] === value))
    response.setHeader(`content-type`, `application/json`)
    response.end(JSON.stringify(found))
  }
}
