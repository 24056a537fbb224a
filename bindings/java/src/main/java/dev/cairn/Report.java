// Results of upkeep: a check, a digest, a backup, a salvage.
package dev.cairn;

import dev.cairn.fb.BackupReport;
import dev.cairn.fb.CheckReport;
import dev.cairn.fb.DigestReport;
import dev.cairn.fb.SalvageReport;
import dev.cairn.internal.PortableReader;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

public final class Report {
  private Report() {}

  public record Problem(String collection, Object key, String message) {}

  public record Check(boolean isOk, long rows, long problemCount, List<Problem> problems) {}

  /** Equal for equal rows, whatever their history, the platform or the language that wrote them. */
  public record Digest(String digest, Map<String, String> collections) {}

  public record Backup(long rows, long fileBytes, String replaced) {}

  public record Salvage(boolean isComplete, long rows, long pages, long damagedPages, List<String> collections) {}

  static Check check(ByteBuffer bytes) {
    CheckReport table = CheckReport.getRootAsCheckReport(bytes);
    return new Check(table.ok(), table.rows(), table.problemCount(), IntStream.range(0, table.problemsLength())
        .mapToObj(table::problems).map(one -> new Problem(one.collection(), PortableReader.read(one.keyAsByteBuffer()),
            one.message())).toList());
  }

  static Digest digest(ByteBuffer bytes) {
    DigestReport table = DigestReport.getRootAsDigestReport(bytes);
    Map<String, String> collections = new LinkedHashMap<>();
    for (int i = 0; i < table.collectionsLength(); i++) {
      collections.put(table.collections(i).name(), table.collections(i).digest());
    }
    return new Digest(table.digest(), collections);
  }

  static Backup backup(ByteBuffer bytes) {
    BackupReport table = BackupReport.getRootAsBackupReport(bytes);
    return new Backup(table.rows(), table.fileBytes(), table.replaced());
  }

  static Salvage salvage(ByteBuffer bytes) {
    SalvageReport table = SalvageReport.getRootAsSalvageReport(bytes);
    return new Salvage(table.complete(), table.rows(), table.pages(), table.damagedPages(),
        IntStream.range(0, table.collectionsLength()).mapToObj(i -> table.collections(i).name()).toList());
  }
}
