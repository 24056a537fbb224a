// Records, and classes with a constructor without parameters, as objects of the same names: a record's
// components, a class's fields that are neither static nor transient. A name that a row lacks is null, 0
// or false; one that the class lacks is left out. Immutable; any thread.
package dev.cairn.internal;

import dev.cairn.fb.ColumnKind;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

final class Bean extends ValueType implements RowType<Object> {
  private static final ClassValue<Bean> BEANS = new ClassValue<>() {
    @Override
    protected Bean computeValue(Class<?> type) {
      return new Bean(type);
    }
  };
  private static final MethodType READS = MethodType.methodType(Object.class, Object.class);
  private static final MethodType WRITES = MethodType.methodType(void.class, Object.class, Object.class);

  private final Class<?> owner;
  private final String[] names;
  private final Type[] declared;
  private final MethodHandle[] reads;
  private final MethodHandle[] writes; // of a class's fields
  private final MethodHandle make;     // (Object[])Object of a record, ()Object of a class
  private volatile ValueType[] types;  // when first asked for: a class may have fields of its own class

  static Bean of(Class<?> type) {
    return BEANS.get(type);
  }

  private Bean(Class<?> owner) {
    this.owner = owner;
    if (owner.isPrimitive() || owner.isArray() || owner.isInterface() || owner.getName().startsWith("java.")) {
      throw new Plain.Unkeepable("a " + owner.getName() + " cannot be kept");
    }
    try {
      List<String> names = new ArrayList<>();
      List<Type> declared = new ArrayList<>();
      List<MethodHandle> reads = new ArrayList<>();
      List<MethodHandle> writes = new ArrayList<>();
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      if (owner.isRecord()) {
        for (RecordComponent one : owner.getRecordComponents()) {
          names.add(one.getName());
          declared.add(one.getGenericType());
          one.getAccessor().setAccessible(true);
          reads.add(lookup.unreflect(one.getAccessor()).asType(READS));
        }
      } else {
        for (Field one : fieldsOf(owner)) {
          names.add(one.getName());
          declared.add(one.getGenericType());
          reads.add(lookup.unreflectGetter(one).asType(READS));
          writes.add(Modifier.isFinal(one.getModifiers()) ? null : lookup.unreflectSetter(one).asType(WRITES));
        }
      }
      this.names = names.toArray(new String[0]);
      this.declared = declared.toArray(new Type[0]);
      this.reads = reads.toArray(new MethodHandle[0]);
      this.writes = writes.toArray(new MethodHandle[0]);
      make = maker(lookup);
    } catch (IllegalAccessException e) {
      throw new IllegalArgumentException("rows cannot be made of " + owner.getName() + ": " + e.getMessage(), e);
    }
  }

  private MethodHandle maker(MethodHandles.Lookup lookup) throws IllegalAccessException {
    try {
      if (!owner.isRecord()) {
        var constructor = owner.getDeclaredConstructor();
        constructor.setAccessible(true);
        return lookup.unreflectConstructor(constructor).asType(MethodType.methodType(Object.class));
      }
      RecordComponent[] parts = owner.getRecordComponents();
      Class<?>[] parameters = new Class<?>[parts.length];
      for (int i = 0; i < parts.length; i++) parameters[i] = parts[i].getType();
      var constructor = owner.getDeclaredConstructor(parameters);
      constructor.setAccessible(true);
      return lookup.unreflectConstructor(constructor).asSpreader(Object[].class, parts.length)
          .asType(MethodType.methodType(Object.class, Object[].class));
    } catch (NoSuchMethodException e) {
      return null; // it can be written, but not read
    }
  }

  private static List<Field> fieldsOf(Class<?> owner) {
    List<Field> out = new ArrayList<>();
    if (owner.getSuperclass() != Object.class) out.addAll(fieldsOf(owner.getSuperclass()));
    for (Field one : owner.getDeclaredFields()) {
      if (Modifier.isStatic(one.getModifiers()) || Modifier.isTransient(one.getModifiers()) || one.isSynthetic()) continue;
      one.setAccessible(true);
      out.add(one);
    }
    return out;
  }

  private ValueType[] types() {
    ValueType[] made = types;
    if (made != null) return made;
    made = new ValueType[names.length];
    for (int i = 0; i < made.length; i++) made[i] = Types.of(declared[i]);
    return types = made;
  }

  // --- written ---

  Plain.Fields fields(Object value, int depth) {
    Object[] values = new Object[names.length];
    for (int i = 0; i < values.length; i++) values[i] = Plain.field(names[i], read(value, i), depth);
    return new Plain.Fields(names, values);
  }

  @Override
  public Plain.Fields fields(Object row) {
    return fields(row, 1);
  }

  private Object read(Object value, int i) {
    try {
      return (Object) reads[i].invokeExact(value);
    } catch (Throwable e) {
      throw Types.sneaky(e);
    }
  }

  // --- read ---

  private Object make(Object[] parts) {
    try {
      if (make == null) throw new IllegalArgumentException(owner.getName() + " needs a constructor without parameters");
      if (owner.isRecord()) return (Object) make.invokeExact(parts);
      Object made = (Object) make.invokeExact();
      for (int i = 0; i < parts.length; i++) if (writes[i] != null) writes[i].invokeExact(made, parts[i]);
      return made;
    } catch (Throwable e) {
      throw Types.sneaky(e);
    }
  }

  @Override
  public Object fromMap(Map<String, Object> row) {
    ValueType[] types = types();
    Object[] parts = new Object[names.length];
    for (int i = 0; i < parts.length; i++) parts[i] = part(i, types[i], row.get(names[i]));
    return make(parts);
  }

  private Object part(int i, ValueType type, Object value) {
    try {
      return type.typed(value);
    } catch (Plain.Unkeepable e) {
      throw e.within(names[i]);
    }
  }

  @Override
  @SuppressWarnings("unchecked")
  Object typed(Object value) {
    if (value == null) return null;
    if (value instanceof Map<?, ?> map) return fromMap((Map<String, Object>) map);
    throw mismatch(value, owner.getSimpleName());
  }

  @Override
  IntFunction<Object> getter(Column column) {
    if (column.kind != ColumnKind.Object) return super.getter(column);
    IntFunction<Object> objects = reader(column.objects());
    return i -> column.isNull(i) ? null : objects.apply(column.place(i));
  }

  @Override
  public IntFunction<Object> reader(Objects objects) {
    if (objects.isUniform() && objects.groups.length > 0) return group(objects.groups[0]);
    List<IntFunction<Object>> groups = new ArrayList<>();
    for (Objects.Group one : objects.groups) groups.add(group(one));
    return i -> {
      int group = objects.groupOf(i);
      return group == Objects.LOOSE ? fromMap(objects.get(i)) : groups.get(group).apply(objects.placeOf(i));
    };
  }

  private IntFunction<Object> group(Objects.Group group) {
    int count = names.length;
    List<IntFunction<Object>> list = new ArrayList<>();
    ValueType[] types = types();
    for (int i = 0; i < count; i++) {
      Column column = group.column(names[i]);
      ValueType type = types[i];
      Object absent = column == null ? type.typed(null) : null;
      list.add(column == null ? at -> absent : type.getter(column));
    }
    @SuppressWarnings("unchecked")
    IntFunction<Object>[] getters = list.toArray(new IntFunction[0]);
    return at -> {
      Object[] parts = new Object[count];
      for (int i = 0; i < count; i++) parts[i] = part(getters[i], at, i);
      return make(parts);
    };
  }

  private Object part(IntFunction<Object> getter, int at, int i) {
    try {
      return getter.apply(at);
    } catch (Plain.Unkeepable e) {
      throw e.within(names[i]);
    }
  }
}
