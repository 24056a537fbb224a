// lmdb-js with msgpack records, the fastest store by full load; an index of dates is a second database.
import { open as openLmdb } from 'lmdb'

export async function open(path) {
  const root = openLmdb({ path: `${path}.lmdb`, sharedStructuresKey: Symbol.for(`structures`), useRecords: true })
  const dates = root.openDB({ name: `dates`, dupSort: true, encoding: `ordered-binary` })
  let indexed = false
  const put = async (rows) => {
    await root.transaction(() => {
      for (const { key, row } of rows) {
        root.put(key, row)
        if (indexed) dates.put(row.createdAt.getTime(), key)
      }
    })
  }
  return {
    async start() {},
    insert: put,
    update: put,
    loadAll: async () => Array.from(root.getRange({ start: Buffer.alloc(0) }).map(({ value }) => value)),
    query: async () => {
      const found = []
      for (const { value: key } of dates.getRange({ reverse: true })) {
        const row = root.get(key)
        if (!row.completed && found.push(row) === 50) break
      }
      return found
    },
    ensureIndex: async () => {
      indexed = true
      await root.transaction(() => {
        for (const { key, value } of root.getRange({})) if (value?.createdAt) dates.put(value.createdAt.getTime(), key)
      })
    },
    close: () => root.close(),
  }
}
