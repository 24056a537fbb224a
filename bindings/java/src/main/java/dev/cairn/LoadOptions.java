// What a load gives beside the rows' values, and in what parts. Methods change it and give it back: for one
// thread, until it is used.
package dev.cairn;

import dev.cairn.fb.LoadRequest;
import dev.cairn.fb.TextEncoding;
import java.nio.ByteBuffer;
import java.util.List;

public final class LoadOptions {
  private boolean versions;
  private boolean metadata;
  private boolean keysOnly;
  private long batchRows = 4096;
  private List<String> fields;

  public LoadOptions versions(boolean versions) {
    this.versions = versions;
    return this;
  }

  public LoadOptions metadata(boolean metadata) {
    this.metadata = metadata;
    return this;
  }

  public LoadOptions keysOnly(boolean keysOnly) {
    this.keysOnly = keysOnly;
    return this;
  }

  public LoadOptions batchRows(int rows) {
    batchRows = rows;
    return this;
  }

  /** Only these top fields. */
  public LoadOptions fields(String... names) {
    fields = List.of(names);
    return this;
  }

  ByteBuffer table(Subset subset) {
    return Tables.build(builder -> {
      int what = subset.put(builder);
      int names = fields == null ? 0 : Tables.portable(builder, fields, "a field");
      return LoadRequest.createLoadRequest(builder, what, versions, metadata, TextEncoding.Utf16, 4 << 20, batchRows,
          false, keysOnly, names);
    });
  }
}
