// A database as cairn_database_info describes it.
package dev.cairn;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

public record DatabaseInfo(String path, long formatVersion, String engineVersion, String sqliteVersion, long fileBytes,
    long journalBytes, long freeBytes, long shapes, boolean isReadOnly, List<Summary> collections, String damagedFile,
    String damage) {
  /** A collection in short. */
  public record Summary(String name, long schemaVersion, boolean isLocal, long rows, long rowVersion) {}

  static DatabaseInfo of(ByteBuffer bytes) {
    dev.cairn.fb.DatabaseInfo table = dev.cairn.fb.DatabaseInfo.getRootAsDatabaseInfo(bytes);
    return new DatabaseInfo(table.path(), table.formatVersion(), table.engineVersion(), table.sqliteVersion(),
        table.fileBytes(), table.journalBytes(), table.freeBytes(), table.shapes(), table.readOnly(),
        IntStream.range(0, table.collectionsLength()).mapToObj(i -> summary(table.collections(i))).toList(),
        table.damagedFile(), table.damage());
  }

  private static Summary summary(dev.cairn.fb.CollectionSummary table) {
    return new Summary(table.name(), table.schemaVersion(), table.local(), table.rows(), table.rowVersion());
  }
}
