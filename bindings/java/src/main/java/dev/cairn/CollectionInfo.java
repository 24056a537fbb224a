// A collection as cairn_collection_info describes it.
package dev.cairn;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

public record CollectionInfo(String name, long schemaVersion, boolean isLocal, long rows, Position position,
    long logHorizon, boolean wasReset, List<IndexInfo> indexes) {
  static CollectionInfo of(ByteBuffer bytes) {
    dev.cairn.fb.CollectionInfo table = dev.cairn.fb.CollectionInfo.getRootAsCollectionInfo(bytes);
    return new CollectionInfo(table.name(), table.schemaVersion(), table.local(), table.rows(),
        Position.of(table.position()), table.logHorizon(), table.wasReset(),
        IntStream.range(0, table.indexesLength()).mapToObj(i -> IndexInfo.of(table.indexes(i))).toList());
  }
}
