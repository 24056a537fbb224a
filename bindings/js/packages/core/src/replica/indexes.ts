// Indexes on the disk for those that a collection has in memory: in on-demand mode its subsets are
// read through them. In eager mode nothing would ever read them.
import type { CairnPersistenceAdapter } from '../adapter.js'
import type { CollectionLike, IndexMetadataLike } from './tanstack.js'

/** Keeps the engine's indexes as the collection's are; gives what ends that. */
export function followIndexes(
  collection: CollectionLike,
  adapter: CairnPersistenceAdapter,
  collectionId: string,
  failed: (error: unknown) => void,
): () => void {
  const ensure = ({ signature, expression }: IndexMetadataLike) =>
    void adapter.ensureIndex(collectionId, signature, { expressionSql: [JSON.stringify(expression)] }).catch(failed)
  const remove = ({ signature }: IndexMetadataLike) =>
    void adapter.markIndexRemoved(collectionId, signature).catch(failed)
  for (const index of collection.getIndexMetadata?.() ?? []) ensure(index)
  const ends = [
    collection.on?.(`index:added`, ({ index }) => ensure(index)),
    collection.on?.(`index:removed`, ({ index }) => remove(index)),
  ]
  return () => ends.forEach((end) => end?.())
}
