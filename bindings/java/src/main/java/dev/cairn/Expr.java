// Expressions over rows, for predicates, orders and indexes: Expr.field("done").eq(false). The engine
// evaluates them, as JavaScript would. Immutable; any thread.
package dev.cairn;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.cairn.fb.ExprKind;
import dev.cairn.fb.ExprNode;
import dev.cairn.fb.Expression;
import dev.cairn.internal.Plain;
import dev.cairn.internal.PortableReader;
import dev.cairn.internal.PortableWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

public abstract sealed class Expr {
  /** A constant. */
  public static final class Value extends Expr {
    private final Object value;

    private Value(Object value) {
      this.value = value;
    }

    public Object value() {
      return value;
    }
  }

  /** A field, by the names from the row's top down. */
  public static final class Field extends Expr {
    private final List<String> path;

    private Field(List<String> path) {
      this.path = path;
    }

    public List<String> path() {
      return path;
    }
  }

  /** A function of schemas/query.fbs. */
  public static final class Call extends Expr {
    private final String function;
    private final List<Expr> arguments;

    private Call(String function, List<Expr> arguments) {
      this.function = function;
      this.arguments = arguments;
    }

    public String function() {
      return function;
    }

    public List<Expr> arguments() {
      return arguments;
    }
  }

  public static Expr field(String... path) {
    return new Field(List.of(path));
  }

  public static Expr value(Object value) {
    return value instanceof Expr one ? one : new Value(value);
  }

  /** Any function of the engine, by its name; arguments that are no expressions are constants. */
  public static Expr call(String function, Object... arguments) {
    return new Call(function, Arrays.stream(arguments).map(Expr::value).toList());
  }

  public static Expr and(Expr... parts) {
    return call("and", (Object[]) parts);
  }

  public static Expr or(Expr... parts) {
    return call("or", (Object[]) parts);
  }

  public static Expr not(Expr one) {
    return call("not", one);
  }

  public Expr and(Expr other) {
    return call("and", this, other);
  }

  public Expr or(Expr other) {
    return call("or", this, other);
  }

  public Expr eq(Object other) {
    return call("eq", this, other);
  }

  public Expr ne(Object other) {
    return not(eq(other));
  }

  public Expr gt(Object other) {
    return call("gt", this, other);
  }

  public Expr gte(Object other) {
    return call("gte", this, other);
  }

  public Expr lt(Object other) {
    return call("lt", this, other);
  }

  public Expr lte(Object other) {
    return call("lte", this, other);
  }

  /** Whether it is one of some values. */
  public Expr in(Collection<?> values) {
    return call("in", this, new Value(List.copyOf(values)));
  }

  public Expr in(Object... values) {
    return in(Arrays.asList(values));
  }

  /** Whether an array has a value. */
  public Expr contains(Object one) {
    return call("in", value(one), this);
  }

  /** % stands for any characters, _ for one. */
  public Expr like(String pattern) {
    return call("like", this, pattern);
  }

  /** As `like`, whatever the case of letters. */
  public Expr ilike(String pattern) {
    return call("ilike", this, pattern);
  }

  public Expr isNull() {
    return call("isNull", this);
  }

  /** Whether the row has no such field. */
  public Expr isUndefined() {
    return call("isUndefined", this);
  }

  public Expr upper() {
    return call("upper", this);
  }

  public Expr lower() {
    return call("lower", this);
  }

  public Expr length() {
    return call("length", this);
  }

  public Expr plus(Object other) {
    return call("add", this, other);
  }

  public Expr minus(Object other) {
    return call("subtract", this, other);
  }

  public Expr times(Object other) {
    return call("multiply", this, other);
  }

  public Expr dividedBy(Object other) {
    return call("divide", this, other);
  }

  public OrderBy asc() {
    return new OrderBy(this, false, false, null);
  }

  public OrderBy desc() {
    return new OrderBy(this, true, false, null);
  }

  // --- as a table: nodes in one vector, children before their parents ---

  int put(FlatBufferBuilder builder) {
    List<Integer> nodes = new ArrayList<>();
    add(builder, nodes);
    int vector = Expression.createNodesVector(builder, nodes.stream().mapToInt(i -> i).toArray());
    return Expression.createExpression(builder, vector);
  }

  private int add(FlatBufferBuilder builder, List<Integer> nodes) {
    if (this instanceof Value one) {
      int value = ExprNode.createValueVector(builder, bytes(one.value));
      nodes.add(ExprNode.createExprNode(builder, ExprKind.Value, value, 0, 0, 0));
    } else if (this instanceof Field one) {
      int path = ExprNode.createPathVector(builder, bytes(one.path));
      nodes.add(ExprNode.createExprNode(builder, ExprKind.Reference, 0, path, 0, 0));
    } else if (this instanceof Call one) {
      long[] places = one.arguments.stream().mapToLong(argument -> argument.add(builder, nodes)).toArray();
      int name = builder.createString(one.function);
      int arguments = ExprNode.createArgumentsVector(builder, places);
      nodes.add(ExprNode.createExprNode(builder, ExprKind.Call, 0, 0, name, arguments));
    }
    return nodes.size() - 1;
  }

  private static byte[] bytes(Object value) {
    return Tables.portable(value, "a constant");
  }

  static Expr read(Expression table) {
    List<Expr> made = new ArrayList<>();
    for (int i = 0; i < table.nodesLength(); i++) made.add(read(table.nodes(i), made));
    return made.get(made.size() - 1);
  }

  private static Expr read(ExprNode node, List<Expr> made) {
    if (node.kind() == ExprKind.Value) return new Value(PortableReader.read(node.valueAsByteBuffer()));
    if (node.kind() == ExprKind.Reference) {
      List<?> path = (List<?>) PortableReader.read(node.pathAsByteBuffer());
      return field(path.toArray(new String[0]));
    }
    List<Expr> arguments = new ArrayList<>();
    for (int i = 0; i < node.argumentsLength(); i++) arguments.add(made.get((int) node.arguments(i)));
    return new Call(node.function(), arguments);
  }
}
