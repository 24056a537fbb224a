// The Java types that rows can have: what each makes of a value, and of a column without a detour where
// the column's kind fits. Any thread.
package dev.cairn.internal;

import dev.cairn.fb.ColumnKind;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;

public final class Types {
  private static final Map<Class<?>, ValueType> SIMPLE = new HashMap<>();

  private Types() {}

  static {
    SIMPLE.put(Object.class, simple(value -> value));
    SIMPLE.put(String.class, new Text());
    SIMPLE.put(CharSequence.class, new Text());
    SIMPLE.put(Instant.class, new Dates());
    SIMPLE.put(Date.class, simple(value -> Date.from(cast(Instant.class, value))));
    SIMPLE.put(byte[].class, simple(value -> cast(byte[].class, value)));
    SIMPLE.put(ByteBuffer.class, simple(value -> ByteBuffer.wrap(cast(byte[].class, value))));
    SIMPLE.put(UUID.class, simple(value -> UUID.fromString(cast(String.class, value))));
    SIMPLE.put(BigInteger.class, simple(Types::bigInteger));
    SIMPLE.put(BigDecimal.class, simple(value -> value instanceof BigInteger n ? new BigDecimal(n)
        : value instanceof Long n ? BigDecimal.valueOf(n) : BigDecimal.valueOf(cast(Double.class, value))));
    SIMPLE.put(Number.class, simple(value -> cast(Number.class, value)));
    put(boolean.class, Boolean.class, false, value -> cast(Boolean.class, value));
    put(int.class, Integer.class, 0, value -> (int) within(value, Integer.MIN_VALUE, Integer.MAX_VALUE, "an int"));
    put(short.class, Short.class, (short) 0, value -> (short) within(value, Short.MIN_VALUE, Short.MAX_VALUE, "a short"));
    put(byte.class, Byte.class, (byte) 0, value -> (byte) within(value, Byte.MIN_VALUE, Byte.MAX_VALUE, "a byte"));
    put(long.class, Long.class, 0L, Types::longOf);
    put(double.class, Double.class, 0.0, Types::doubleOf);
    put(float.class, Float.class, 0f, value -> (float) doubleOf(value));
  }

  private static void put(Class<?> primitive, Class<?> boxed, Object absent, Function<Object, Object> typed) {
    SIMPLE.put(boxed, new Simple(typed, null));
    SIMPLE.put(primitive, new Simple(typed, absent));
  }

  private static ValueType simple(Function<Object, Object> typed) {
    return new Simple(typed, null);
  }

  /** The type of an app's class of rows. */
  @SuppressWarnings("unchecked")
  public static <T> RowType<T> rows(Class<T> type) {
    if (type == Map.class) return (RowType<T>) RowType.MAPS;
    try {
      return (RowType<T>) Bean.of(type);
    } catch (Plain.Unkeepable e) {
      throw new IllegalArgumentException(type.getName() + " is no class of rows", e);
    }
  }

  static ValueType of(Type type) {
    if (type instanceof Class<?> one) return of(one);
    if (type instanceof ParameterizedType generic) return generic(generic);
    if (type instanceof WildcardType wildcard) return of(wildcard.getUpperBounds()[0]);
    if (type instanceof GenericArrayType array) return new Lists(of(array.getGenericComponentType()), List::toArray);
    return SIMPLE.get(Object.class);
  }

  private static ValueType of(Class<?> type) {
    ValueType simple = SIMPLE.get(type);
    if (simple != null) return simple;
    if (type.isEnum()) return new Enums(type);
    if (Map.class.isAssignableFrom(type)) return simple(value -> cast(Map.class, value));
    if (Collection.class.isAssignableFrom(type)) return collection(type, SIMPLE.get(Object.class));
    if (type.isArray()) return array(type.getComponentType());
    return Bean.of(type);
  }

  private static ValueType generic(ParameterizedType type) {
    Class<?> raw = (Class<?>) type.getRawType();
    Type[] parts = type.getActualTypeArguments();
    ValueType last = of(parts[parts.length - 1]);
    if (Map.class.isAssignableFrom(raw)) return new Maps(last);
    if (Collection.class.isAssignableFrom(raw)) return collection(raw, last);
    if (raw == Optional.class) return new Simple(value -> Optional.ofNullable(last.typed(value)), Optional.empty());
    return of(raw);
  }

  private static ValueType collection(Class<?> raw, ValueType items) {
    return new Lists(items, Set.class.isAssignableFrom(raw) ? LinkedHashSet::new : list -> list);
  }

  private static ValueType array(Class<?> component) {
    return new Lists(of(component), list -> {
      Object array = java.lang.reflect.Array.newInstance(component, list.size());
      for (int i = 0; i < list.size(); i++) java.lang.reflect.Array.set(array, i, list.get(i));
      return array;
    });
  }

  // --- conversions ---

  private static <T> T cast(Class<T> type, Object value) {
    if (type.isInstance(value)) return type.cast(value);
    throw ValueType.mismatch(value, "a " + type.getSimpleName());
  }

  private static long longOf(Object value) {
    if (value instanceof Long n) return n;
    if (value instanceof BigInteger n && n.bitLength() < 64) return n.longValue();
    throw ValueType.mismatch(value, "a long");
  }

  private static long within(Object value, long least, long most, String wanted) {
    if (value instanceof Long n && n >= least && n <= most) return n;
    throw ValueType.mismatch(value, wanted);
  }

  private static double doubleOf(Object value) {
    if (value instanceof Long n) return n;
    return cast(Double.class, value);
  }

  private static BigInteger bigInteger(Object value) {
    return value instanceof Long n ? BigInteger.valueOf(n) : cast(BigInteger.class, value);
  }

  static RuntimeException sneaky(Throwable e) {
    if (e instanceof RuntimeException one) return one;
    if (e instanceof Error one) throw one;
    return new IllegalStateException(e);
  }

  // --- types ---

  private static final class Simple extends ValueType {
    private final Function<Object, Object> typed;
    private final Object absent;

    Simple(Function<Object, Object> typed, Object absent) {
      this.typed = typed;
      this.absent = absent;
    }

    @Override
    Object typed(Object value) {
      return value == null ? absent : typed.apply(value);
    }
  }

  private static final class Text extends ValueType {
    @Override
    Object typed(Object value) {
      return value == null ? null : cast(String.class, value);
    }

    @Override
    IntFunction<Object> getter(Column column) {
      if (column.kind != ColumnKind.Text && column.kind != ColumnKind.TextDict) return super.getter(column);
      return column::getText;
    }
  }

  private static final class Dates extends ValueType {
    @Override
    Object typed(Object value) {
      return value == null ? null : cast(Instant.class, value);
    }

    @Override
    IntFunction<Object> getter(Column column) {
      if (column.kind != ColumnKind.Date) return super.getter(column);
      return i -> column.isNull(i) ? null : column.getDate(i);
    }
  }

  private static final class Enums extends ValueType {
    private final Map<String, Object> constants = new HashMap<>();
    private final String name;

    Enums(Class<?> type) {
      name = type.getSimpleName();
      for (Object one : type.getEnumConstants()) constants.put(((Enum<?>) one).name(), one);
    }

    @Override
    Object typed(Object value) {
      if (value == null) return null;
      Object constant = value instanceof String text ? constants.get(text) : null;
      if (constant == null) throw mismatch(value, "a " + name);
      return constant;
    }
  }

  private static final class Lists extends ValueType {
    private final ValueType items;
    private final Function<List<Object>, Object> finish;

    Lists(ValueType items, Function<List<Object>, Object> finish) {
      this.items = items;
      this.finish = finish;
    }

    @Override
    Object typed(Object value) {
      if (value == null) return null;
      List<Object> out = new ArrayList<>();
      for (Object one : cast(List.class, value)) out.add(items.typed(one));
      return finish.apply(out);
    }

    @Override
    IntFunction<Object> getter(Column column) {
      if (column.kind != ColumnKind.List) return super.getter(column);
      IntFunction<Object> item = items.getter(column.items());
      return i -> {
        if (column.isNull(i)) return null;
        int end = column.end(i);
        List<Object> out = new ArrayList<>(end - column.start(i));
        for (int k = column.start(i); k < end; k++) out.add(item.apply(k));
        return finish.apply(out);
      };
    }
  }

  private static final class Maps extends ValueType {
    private final ValueType values;

    Maps(ValueType values) {
      this.values = values;
    }

    @Override
    Object typed(Object value) {
      if (value == null) return null;
      Map<String, Object> out = new LinkedHashMap<>();
      for (Object one : cast(Map.class, value).entrySet()) {
        Map.Entry<?, ?> entry = (Map.Entry<?, ?>) one;
        out.put((String) entry.getKey(), values.typed(entry.getValue()));
      }
      return out;
    }
  }
}
