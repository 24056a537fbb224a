// Queries by property references: where { (Todo::done eq false) and (Todo::priority gte 3) }. Nested fields are
// reached by Todo::meta / Meta::by. The engine evaluates them. Immutable but for the builder, which is for one thread.
package dev.cairn.kotlin

import dev.cairn.Expr
import dev.cairn.OrderBy
import dev.cairn.Subset
import kotlin.reflect.KProperty1

@DslMarker
annotation class QueryDsl

/** A field of rows of class T, which has values of type V. */
class Field<T, V>(val path: List<String>) {
    val expr: Expr get() = Expr.field(*path.toTypedArray())
}

/** What is true or false of a row. */
class Condition(val expr: Expr) {
    infix fun and(other: Condition) = Condition(Expr.and(expr, other.expr))

    infix fun or(other: Condition) = Condition(Expr.or(expr, other.expr))

    operator fun not() = Condition(Expr.not(expr))
}

val <T, V> KProperty1<T, V>.field: Field<T, V> get() = Field(listOf(name))

operator fun <T, V, W> KProperty1<T, V>.div(inner: KProperty1<out V & Any, W>): Field<T, W> = Field(listOf(name, inner.name))

operator fun <T, V, W> Field<T, V>.div(inner: KProperty1<out V & Any, W>): Field<T, W> = Field(path + inner.name)

@QueryDsl
class Query<T> {
    private var subset: Subset = Subset.all()

    /** Several conditions must all be true. */
    fun where(condition: Query<T>.() -> Condition) {
        subset = subset.filter(condition().expr)
    }

    fun orderBy(vararg clauses: OrderBy) {
        subset = subset.orderBy(*clauses)
    }

    fun limit(count: Long) {
        subset = subset.limit(count)
    }

    fun offset(count: Long) {
        subset = subset.offset(count)
    }

    /** What comes after a row, by its values of the order's clauses and its key. */
    fun after(values: List<Any?>, key: Any) {
        subset = subset.after(values, key)
    }

    infix fun <V> KProperty1<T, V>.eq(value: V) = field eq value

    infix fun <V> KProperty1<T, V>.ne(value: V) = field ne value

    infix fun <V : Comparable<V>> KProperty1<T, V?>.gt(value: V) = field gt value

    infix fun <V : Comparable<V>> KProperty1<T, V?>.gte(value: V) = field gte value

    infix fun <V : Comparable<V>> KProperty1<T, V?>.lt(value: V) = field lt value

    infix fun <V : Comparable<V>> KProperty1<T, V?>.lte(value: V) = field lte value

    infix fun <V> KProperty1<T, V>.within(values: Collection<V>) = field within values

    infix fun KProperty1<T, String?>.like(pattern: String) = field like pattern

    infix fun KProperty1<T, String?>.ilike(pattern: String) = field ilike pattern

    infix fun <V> KProperty1<T, Collection<V>?>.has(item: V) = field has item

    fun KProperty1<T, *>.isNull() = field.isNull()

    fun KProperty1<T, *>.asc(): OrderBy = field.asc()

    fun KProperty1<T, *>.desc(): OrderBy = field.desc()

    infix fun <V> Field<T, V>.eq(value: V) = Condition(expr.eq(plain(value)))

    infix fun <V> Field<T, V>.ne(value: V) = !(this eq value)

    infix fun <V : Comparable<V>> Field<T, out V?>.gt(value: V) = Condition(expr.gt(plain(value)))

    infix fun <V : Comparable<V>> Field<T, out V?>.gte(value: V) = Condition(expr.gte(plain(value)))

    infix fun <V : Comparable<V>> Field<T, out V?>.lt(value: V) = Condition(expr.lt(plain(value)))

    infix fun <V : Comparable<V>> Field<T, out V?>.lte(value: V) = Condition(expr.lte(plain(value)))

    infix fun <V> Field<T, V>.within(values: Collection<V>) = Condition(expr.`in`(values.map { plain(it) }))

    infix fun Field<T, out String?>.like(pattern: String) = Condition(expr.like(pattern))

    infix fun Field<T, out String?>.ilike(pattern: String) = Condition(expr.ilike(pattern))

    infix fun <V> Field<T, out Collection<V>?>.has(item: V) = Condition(expr.contains(plain(item)))

    fun Field<T, *>.isNull() = Condition(expr.isNull)

    fun Field<T, *>.asc(): OrderBy = expr.asc()

    fun Field<T, *>.desc(): OrderBy = expr.desc()

    private fun plain(value: Any?): Any? = if (value is Enum<*>) value.name else value

    internal fun subset() = subset
}

/** What is asked for. */
fun <T> subsetOf(query: Query<T>.() -> Unit): Subset = Query<T>().apply(query).subset()
