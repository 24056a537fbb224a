// One clause of an order: expr.asc(), expr.desc().nullsLast(). Texts are ordered by their UTF-16 units
// unless a locale is named. Immutable.
package dev.cairn;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.cairn.fb.Direction;
import dev.cairn.fb.Nulls;
import dev.cairn.fb.StringSort;

public record OrderBy(Expr expression, boolean isDescending, boolean isNullsLast, String locale) {
  public OrderBy nullsLast() {
    return new OrderBy(expression, isDescending, true, locale);
  }

  int put(FlatBufferBuilder builder) {
    int tree = expression.put(builder);
    int name = locale == null ? 0 : builder.createString(locale);
    return dev.cairn.fb.OrderBy.createOrderBy(builder, tree,
        isDescending ? Direction.Descending : Direction.Ascending, isNullsLast ? Nulls.Last : Nulls.First,
        locale == null ? StringSort.Lexical : StringSort.Locale, name);
  }

  static OrderBy read(dev.cairn.fb.OrderBy table) {
    String locale = table.stringSort() == StringSort.Lexical ? null : table.locale() == null ? "" : table.locale();
    return new OrderBy(Expr.read(table.expression()), table.direction() == Direction.Descending,
        table.nulls() == Nulls.Last, locale);
  }
}
