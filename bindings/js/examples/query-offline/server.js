// A web service of todos: GET /todos gives all, POST /todos stores one. It stops and starts again at the
// same address, as a network does.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'

export class TodoServer {
  todos = new Map()
  #port = 0
  #server

  get url() {
    return `http://127.0.0.1:${this.#port}/todos`
  }

  put(todo) {
    this.todos.set(todo.id, todo)
  }

  async start() {
    this.#server = createServer(async (request, response) => {
      if (request.method === `POST`) this.put(await json(request))
      response.writeHead(200, { 'content-type': `application/json`, connection: `close` })
      response.end(JSON.stringify([...this.todos.values()]))
    })
    this.#server.listen(this.#port, `127.0.0.1`)
    await once(this.#server, `listening`)
    this.#port = this.#server.address().port
  }

  async stop() {
    const closed = once(this.#server, `close`)
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
