// lmdb-js with msgpack records, the fastest peer by full load; dates in order are a second database.
import { open as openLmdb } from 'lmdb'

export async function open(path, synced) {
  const root = openLmdb({ path: `${path}.lmdb`, maxDbs: 4 })
  const rows = root.openDB({ name: `rows`, sharedStructuresKey: Symbol.for(`structures`), encoding: `msgpack` })
  const dates = root.openDB({ name: `dates`, dupSort: true, encoding: `ordered-binary` })
  const isRow = ({ key }) => typeof key !== `symbol`
  let indexed = false
  const put = async (list) => {
    await root.transaction(() => {
      for (const { key, row } of list) {
        rows.put(key, row)
        if (indexed) dates.put(row.createdAt.getTime(), key)
      }
    })
    // A commit is flushed by itself, later; this waits for that.
    if (synced) await root.flushed
  }
  return {
    async start() {},
    insert: put,
    update: put,
    loadAll: async () => Array.from(rows.getRange({}).filter(isRow), ({ value }) => value),
    query: async () => {
      if (!indexed) return undefined
      const found = []
      for (const { value: key } of dates.getRange({ reverse: true })) {
        const row = rows.get(key)
        if (!row.completed && found.push(row) === 50) break
      }
      return found
    },
    ensureIndex: async () => {
      indexed = true
      await root.transaction(() => {
        for (const { key, value } of rows.getRange({}).filter(isRow)) dates.put(value.createdAt.getTime(), key)
      })
    },
    close: () => root.close(),
  }
}
