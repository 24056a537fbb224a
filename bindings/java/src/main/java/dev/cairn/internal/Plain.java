// What a row is made of before it is encoded. Any value that an app gives becomes one of: null, Boolean,
// Long within +-2^53, Double, BigInteger, String, byte[], Instant, Object[] for arrays, Plain.Fields for
// objects, and Undefined where an update removes a field. What cannot be kept is an error that names its
// path. Any thread.
package dev.cairn.internal;

import dev.cairn.CairnException;
import dev.cairn.Status;
import dev.cairn.Undefined;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

public final class Plain {
  static final int MAX_DEPTH = 128;
  private static final long MAX_NUMBER = 1L << 53;
  private static final long MAX_DATE = 8_640_000_000_000_000L;

  /** An object: names and their values. Rows of one class share one array of names. */
  public record Fields(String[] names, Object[] values) {
    Object get(String name) {
      for (int i = 0; i < names.length; i++) if (names[i].equals(name)) return values[i];
      return null;
    }
  }

  /** A value that cannot be kept, and where it is. */
  public static final class Unkeepable extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private String path = "";

    Unkeepable(String message) {
      super(message, null, false, false);
    }

    /** The same, seen from around it. */
    public Unkeepable within(String name) {
      path = path.isEmpty() || path.startsWith("[") ? name + path : name + "." + path;
      return this;
    }

    @Override
    public String getMessage() {
      return path.isEmpty() ? super.getMessage() : path + ": " + super.getMessage();
    }
  }

  private Plain() {}

  /** A row's value. */
  public static Fields row(Object value, boolean isUpdate) {
    Object plain = isUpdate && value instanceof Map<?, ?> map ? map(map, 0, true) : of(value, 0);
    if (plain instanceof Fields fields) return fields;
    throw new Unkeepable("a row's value must be an object, not " + describe(value));
  }

  public static Object of(Object value) {
    return of(value, 0);
  }

  /** A key: a text or a finite number. */
  public static Object key(Object key) {
    Object plain = key instanceof String ? key : of(key, 0);
    if (plain instanceof String || plain instanceof Long) return plain;
    // One form for equal numbers, so that keys can be looked up in maps.
    if (plain instanceof Double number && !number.isNaN() && !number.isInfinite()) return PortableReader.number(number);
    throw invalid("a key must be a text or a finite number, not " + describe(key));
  }

  public static CairnException invalid(String message) {
    return new CairnException(Status.INVALID_VALUE, message);
  }

  /** With the row's key in front, as the engine says it. */
  static CairnException invalid(Object key, Unkeepable cause) {
    String text = key instanceof String ? "\"" + key + "\"" : String.valueOf(key);
    if (text.length() > 80) text = text.substring(0, 80) + "…";
    return new CairnException(Status.INVALID_VALUE, "row " + text + ": " + cause.getMessage(), cause);
  }

  static Object of(Object value, int depth) {
    if (value == null || value instanceof String || value instanceof Boolean) return value;
    if (value instanceof Number number) return number(number);
    if (value instanceof Instant date) return date(date);
    if (value instanceof Map<?, ?> map) return map(map, depth, false);
    if (value instanceof Collection<?> list) return array(list.toArray(), depth);
    return other(value, depth);
  }

  private static Object number(Number number) {
    if (number instanceof Double) return number;
    if (number instanceof Long n) return n > MAX_NUMBER || n < -MAX_NUMBER ? BigInteger.valueOf(n) : n;
    if (number instanceof Integer || number instanceof Short || number instanceof Byte) return number.longValue();
    if (number instanceof Float) return number.doubleValue();
    if (number instanceof BigInteger) return number;
    throw new Unkeepable("a " + number.getClass().getName() + " cannot be kept");
  }

  private static Instant date(Instant date) {
    if (date.getNano() % 1_000_000 != 0) {
      throw new Unkeepable("a date has milliseconds, and " + date + " is finer: truncate it first");
    }
    // Beyond this toEpochMilli may not fit, either.
    long seconds = date.getEpochSecond();
    if (Math.abs(seconds) > MAX_DATE / 1000 || Math.abs(date.toEpochMilli()) > MAX_DATE) {
      throw new Unkeepable("a date must be within 100,000,000 days of 1970");
    }
    return date;
  }

  private static Object other(Object value, int depth) {
    if (value instanceof Undefined) throw new Unkeepable("undefined can only be a field of an update");
    if (value instanceof byte[]) return value;
    if (value instanceof ByteBuffer bytes) return Buffers.copy(bytes);
    if (value instanceof Fields fields) return fields;
    if (value instanceof Object[] list) return array(list, depth);
    if (value instanceof CharSequence || value instanceof Character) return value.toString();
    if (value instanceof Enum<?> one) return one.name();
    if (value instanceof Date date) return date(Instant.ofEpochMilli(date.getTime()));
    if (value instanceof Optional<?> one) return of(one.orElse(null), depth);
    if (value instanceof java.util.UUID) return value.toString();
    return primitivesOrObject(value, depth);
  }

  private static Object primitivesOrObject(Object value, int depth) {
    if (value instanceof int[] list) return Arrays.stream(list).mapToObj(n -> (Object) (long) n).toArray();
    if (value instanceof long[] list) return array(Arrays.stream(list).boxed().toArray(), depth);
    if (value instanceof double[] list) return Arrays.stream(list).boxed().toArray();
    return Bean.of(value.getClass()).fields(value, deeper(depth));
  }

  static int deeper(int depth) {
    if (depth >= MAX_DEPTH) throw new Unkeepable("values nest at most " + MAX_DEPTH + " deep");
    return depth + 1;
  }

  private static Object[] array(Object[] values, int depth) {
    int inner = deeper(depth);
    Object[] out = new Object[values.length];
    for (int i = 0; i < values.length; i++) {
      try {
        out[i] = of(values[i], inner);
      } catch (Unkeepable e) {
        throw e.within("[" + i + "]");
      }
    }
    return out;
  }

  private static Fields map(Map<?, ?> map, int depth, boolean mayBeUndefined) {
    int inner = deeper(depth);
    String[] names = new String[map.size()];
    Object[] values = new Object[names.length];
    int i = 0;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!(entry.getKey() instanceof String name)) throw new Unkeepable("an object's names must be texts");
      Object value = entry.getValue();
      names[i] = name;
      values[i++] = mayBeUndefined && value instanceof Undefined ? value : field(name, value, inner);
    }
    return new Fields(names, values);
  }

  static Object field(String name, Object value, int depth) {
    try {
      return of(value, depth);
    } catch (Unkeepable e) {
      throw e.within(name);
    }
  }

  /** A value of this form as PortableReader gives it. */
  public static Object generic(Object plain) {
    if (plain instanceof Object[] list) return Arrays.stream(list).map(Plain::generic).collect(java.util.stream.Collectors.toList());
    if (plain instanceof Double number) return PortableReader.number(number);
    return plain instanceof Fields fields ? map(fields) : plain;
  }

  public static Map<String, Object> map(Fields fields) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (int i = 0; i < fields.names().length; i++) out.put(fields.names()[i], generic(fields.values()[i]));
    return out;
  }

  static String describe(Object value) {
    if (value == null) return "null";
    if (value instanceof Number || value instanceof Boolean) return String.valueOf(value);
    return value instanceof List ? "a list" : "a " + value.getClass().getName();
  }
}
