// Speaks enough of the Electric protocol for @electric-sql/client: a shape is a log of changes under a
// handle, of which a client asks for what comes after its offset. Who is at the end waits for more.
import { Socket } from './http_server.js'
import type { Item } from './http_server.js'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'

type Operation = `insert` | `update` | `delete`
type Change = { key: string; value: Record<string, unknown>; headers: { operation: Operation } }
export type ShapeRequest = { offset: string; handle: string | null; live: boolean }

const SCHEMA = JSON.stringify({ id: { type: `text` }, list: { type: `text` }, title: { type: `text` }, n: { type: `int4` } })
const UP_TO_DATE = { headers: { control: `up-to-date` } }
const MUST_REFETCH = { headers: { control: `must-refetch` } }

const numberOf = (offset: string) => (offset === `-1` ? 0 : Number(offset.split(`_`)[0]))

export class ShapeServer {
  readonly requests: Array<ShapeRequest> = []
  /** Changes that one answer has at most. */
  chunk = Infinity
  /** Called before a request is answered. */
  onRequest: (request: ShapeRequest) => void = () => {}
  private generation = 0
  private answers = 0
  private log: Array<Change> = []
  private waiting: Array<() => void> = []
  private readonly socket = new Socket((request, response) => this.answer(request, response))

  static async start(t: TestContext, ...rows: Array<Item>): Promise<ShapeServer> {
    const server = new ShapeServer()
    server.rotate(...rows)
    await server.online()
    t.after(() => server.offline())
    return server
  }

  get url(): string {
    return `${this.socket.url}/v1/shape`
  }

  get handle(): string {
    return `handle-${this.generation}`
  }

  get offset(): string {
    return `${this.log.length}_0`
  }

  readonly online = () => this.socket.online()

  offline(): Promise<void> {
    this.waiting = []
    return this.socket.offline()
  }

  /** Appends to the log; a value has the id, and what has changed. */
  change(operation: Operation, value: Item): void {
    this.append(operation, value)
    this.wake()
  }

  /** Begins another log, with these rows: who has the one before must fetch anew. */
  rotate(...rows: Array<Item>): void {
    this.generation++
    this.log = []
    for (const row of rows) this.append(`insert`, row)
    this.wake()
  }

  private append(operation: Operation, value: Item): void {
    // Values come as PostgreSQL writes them.
    const text = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, String(field)]))
    this.log.push({ key: `"items"/"${value.id}"`, value: text, headers: { operation } })
  }

  private wake(): void {
    for (const resume of this.waiting.splice(0)) resume()
  }

  private answer(message: IncomingMessage, response: ServerResponse): void {
    const query = new URL(message.url!, this.url).searchParams
    const request = { offset: query.get(`offset`)!, handle: query.get(`handle`), live: query.get(`live`) === `true` }
    this.requests.push(request)
    this.onRequest(request)
    this.respond(request, response)
  }

  private respond(request: ShapeRequest, response: ServerResponse): void {
    const start = numberOf(request.offset)
    if (start > 0 && request.handle !== this.handle) return this.send(response, 409, 0, [MUST_REFETCH])
    if (request.live && start === this.log.length) {
      this.waiting.push(() => this.respond(request, response))
      return
    }
    const end = Math.min(this.log.length, start + this.chunk)
    const changes = this.log.slice(start, end)
    this.send(response, 200, end, end < this.log.length ? changes : [...changes, UP_TO_DATE])
  }

  private send(response: ServerResponse, status: number, offset: number, messages: Array<unknown>): void {
    response.writeHead(status, {
      'content-type': `application/json`,
      'electric-handle': this.handle,
      'electric-offset': `${offset}_0`,
      // One that came before would be taken for an answer out of a cache.
      'electric-cursor': `${++this.answers}`,
      'electric-schema': SCHEMA,
      ...(messages.includes(UP_TO_DATE) && { 'electric-up-to-date': `` }),
    })
    response.end(JSON.stringify(messages))
  }
}
