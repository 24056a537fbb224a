// A persistence adapter as a store: both packages have the same one.
const ref = (name) => ({ type: `ref`, path: [name] })
const OPEN = { type: `func`, name: `eq`, args: [ref(`completed`), { type: `val`, value: false }] }
const NEWEST = [
  { expression: ref(`createdAt`), compareOptions: { direction: `desc`, nulls: `last`, stringSort: `lexical` } },
]

export function adapterStore(persistence, close) {
  const { adapter } = persistence.resolvePersistenceForCollection({
    collectionId: `rows`, mode: `sync-present`, schemaVersion: 1,
  })
  let seq = 0
  const apply = (mutations) => {
    seq++
    return adapter.applyCommittedTx(`rows`, { txId: `tx${seq}`, term: 1, seq, rowVersion: seq, mutations })
  }
  const mutation = (type) => ({ key, row }) => ({ type, key, value: row })
  return {
    async start() {
      const position = await adapter.getStreamPosition(`rows`)
      seq = position.latestSeq
    },
    insert: (rows) => apply(rows.map(mutation(`insert`))),
    update: (rows) => apply(rows.map(mutation(`update`))),
    loadAll: () => adapter.loadSubset(`rows`, {}),
    query: () => adapter.loadSubset(`rows`, { where: OPEN, orderBy: NEWEST, limit: 50 }),
    ensureIndex: () =>
      adapter.ensureIndex(`rows`, `createdAt`, { expressionSql: [`json_extract(value, '$.createdAt')`] }),
    close,
  }
}
