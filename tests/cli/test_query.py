"""`cairn query`: predicates, orders, pages and explanations, against the same rows in Python."""

import datetime

from harness import CliTest, cities, ndjson

START = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)


def date(days):
    moment = START + datetime.timedelta(days=days, milliseconds=days)
    return {"$date": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def todos(count):
    """Rows with a date, a flag, a nested object, and fields that are null or not there."""
    rows = []
    for i in range(count):
        row = {"id": f"t{i}", "title": f"{'Buy' if i % 3 else 'Fetch'} Milk {i % 10}",
               "completed": i % 4 == 0, "priority": i % 5, "createdAt": date(i * 7 % count),
               "tags": ["home", "urgent", "later"][: i % 4], "meta": {"src": "web", "pts": i % 7}}
        if i % 6 == 0:
            row["note"] = None
        elif i % 6 == 1:
            row["note"] = "a note"
        rows.append(row)
    return rows


def lexical(text):
    """Texts are ordered by their UTF-16 units."""
    return text.encode("utf-16-be")


class QueryTest(CliTest):
    def lines(self, *options):
        return self.cairn("query", self.db, "c", "--json", *options).json_lines()

    def ids(self, *options):
        return [line["key"] for line in self.lines(*options)]

    def explain(self, *options):
        return self.json("query", self.db, "c", "--explain", *options)


class Where(QueryTest):
    def setUp(self):
        super().setUp()
        self.data = todos(60)
        self.load(self.data)

    def check(self, where, matches):
        """The rows that match, in the order of their insertion."""
        expected = [row["id"] for row in self.data if matches(row)]
        with self.subTest(where):
            self.assertNotIn(len(expected), (0, len(self.data)), "that would prove little")
            self.assertEqual(self.ids("--where", where), expected)

    def test_comparisons(self):
        self.check("priority = 3", lambda row: row["priority"] == 3)
        self.check("priority == 3", lambda row: row["priority"] == 3)
        self.check("priority != 3", lambda row: row["priority"] != 3)
        self.check("priority <> 3", lambda row: row["priority"] != 3)
        self.check("priority < 3", lambda row: row["priority"] < 3)
        self.check("priority <= 3", lambda row: row["priority"] <= 3)
        self.check("3 < priority", lambda row: row["priority"] > 3)
        self.check("priority >= 3", lambda row: row["priority"] >= 3)
        self.check("priority between 1 and 2", lambda row: 1 <= row["priority"] <= 2)
        self.check("priority not between 1 and 2", lambda row: not 1 <= row["priority"] <= 2)
        self.check("title > 'C'", lambda row: row["title"] > "C")
        self.check("meta.pts = priority", lambda row: row["meta"]["pts"] == row["priority"])

    def test_truth(self):
        self.check("completed", lambda row: row["completed"])
        self.check("completed = false", lambda row: not row["completed"])
        self.check("not completed", lambda row: not row["completed"])
        self.check("completed and priority > 1 or priority = 0",
                   lambda row: row["completed"] and row["priority"] > 1 or row["priority"] == 0)
        self.check("completed AND (priority > 1 OR priority = 0)",
                   lambda row: row["completed"] and (row["priority"] > 1 or row["priority"] == 0))
        self.check("not (completed or priority > 1)",
                   lambda row: not (row["completed"] or row["priority"] > 1))

    def test_texts(self):
        self.check('title like "%Milk 3"', lambda row: row["title"].endswith("Milk 3"))
        self.check("title like 'Buy Milk _'", lambda row: row["title"].startswith("Buy"))
        self.check("title not like 'Buy%'", lambda row: row["title"].startswith("Fetch"))
        self.check("title ilike 'BUY%'", lambda row: row["title"].startswith("Buy"))
        self.check("title not ilike 'bUy%'", lambda row: row["title"].startswith("Fetch"))

    def test_lists(self):
        self.check("priority in (1, 3, 'x')", lambda row: row["priority"] in (1, 3))
        self.check("priority not in (1, 3)", lambda row: row["priority"] not in (1, 3))
        self.check("'urgent' in tags", lambda row: "urgent" in row["tags"])
        self.assertEqual(self.ids("--where", "priority in ()"), [])

    def test_null_and_missing(self):
        self.check("note is null", lambda row: row.get("note", 0) is None)
        self.check("note is missing", lambda row: "note" not in row)
        self.check("note is undefined", lambda row: "note" not in row)
        self.check("note is not null", lambda row: row.get("note", 0) is not None)
        self.check("note is not missing", lambda row: "note" in row)

    def test_unknown_is_neither_true_nor_false(self):
        self.check("note = 'a note'", lambda row: row.get("note") == "a note")
        for where in ("note != 'a note'", "not note = 'a note'", "note = null", "note != null",
                      "note not in ('x', 'a note')"):
            self.assertEqual(self.ids("--where", where), [], where)
        self.check("note = 'a note' or priority = 3",
                   lambda row: row.get("note") == "a note" or row["priority"] == 3)

    def test_dates(self):
        def day(row):
            return row["createdAt"]["$date"]
        self.check("createdAt < date'2024-01-10'", lambda row: day(row) < "2024-01-10")
        self.check("createdAt >= date'2024-01-10T00:00:00.009Z'",
                   lambda row: day(row) >= "2024-01-10")
        self.check("createdAt between date'2024-01-10' and date'2024-01-20T02:00+02:00'",
                   lambda row: "2024-01-10" <= day(row) < "2024-01-20")
        self.check("date(createdAt) = '2024-01-10'", lambda row: day(row)[:10] == "2024-01-10")
        self.check("strftime('%Y-%m-%d', createdAt) in ('2024-01-10', '2024-02-01')",
                   lambda row: day(row)[:10] in ("2024-01-10", "2024-02-01"))

    def test_functions_and_arithmetic(self):
        self.check("upper(title) like 'BUY%'", lambda row: row["title"].startswith("Buy"))
        self.check("length(title) = 10", lambda row: len(row["title"]) == 10)
        self.check("priority * 2 + 1 = 7", lambda row: row["priority"] == 3)
        self.check("(priority + 1) * 2 - 8 / 4 = 6", lambda row: row["priority"] == 3)
        self.check("coalesce(note, 'none') = 'none'", lambda row: row.get("note") is None)
        self.check("concat(meta.src, '-', title) = 'web-Buy Milk 1'",
                   lambda row: row["title"] == "Buy Milk 1")
        self.check("caseWhen(priority > 3, 'high', 'low') = 'high'",
                   lambda row: row["priority"] > 3)

    def test_odd_names_and_values(self):
        rows = [{"id": "a", "first name": "x", "n": {"$bigint": "12345678901234567890"}},
                {"id": "b", "and": {"in": 1}, "bytes": {"$bytes": "AP8="}},
                {"id": "c", "größe": 1.5, "nan": {"$number": "NaN"}}]
        self.load(rows, "odd")
        for where, key in (("`first name` = 'x'", "a"), ("n = 12345678901234567890n", "a"),
                           ("n > 12345678901234567889n", "a"), ("`and`.in = 1", "b"),
                           ("bytes = x\"00ff\"", "b"), ("größe = 1.5", "c"), ("`nan` = NaN", "c"),
                           ("id = \"\\u0063\"", "c")):
            result = self.cairn("query", self.db, "odd", "--json", "--where", where)
            self.assertEqual([line["key"] for line in result.json_lines()], [key], where)

    def test_errors_show_the_place(self):
        result = self.cairn("query", self.db, "c", "--where", "priority >= ", code=2)
        self.assertEqual(result.err, "cairn: --where, column 13: expected a value, not the end.\n"
                                     "  priority >= \n"
                                     "              ^\n")
        error = self.cairn("query", self.db, "c", "--where", "sum(a) > 1", "--json",
                           code=2).error()
        self.assertEqual(error["status"], "CAIRN_INVALID_ARGUMENT")
        self.assertIn('no function "sum"', error["message"])
        self.assertIn("coalesce", error["hint"])
        for options in (["--where", ""], ["--order", "a:down"], ["--fields", "a b"],
                        ["--after", "[1]"], ["--after", "{"], ["--where", "(" * 100000]):
            result = self.cairn("query", self.db, "c", *options, code=2)
            self.assertRegex(result.err, "^cairn: " + options[0])
            self.assertEqual(result.out, "")

    def test_errors_of_the_engine(self):
        error = self.cairn("query", self.db, "c", "--where", "upper() = 1", "--json",
                           code=2).error()
        self.assertEqual(error["status"], "CAIRN_INVALID_ARGUMENT")
        self.assertIn("upper", error["message"])


class Order(QueryTest):
    def setUp(self):
        super().setUp()
        self.data = todos(60)
        self.load(self.data)

    def sorted_ids(self, *keys):
        """By the last key first, as stable sorts compose; ties come by their key."""
        rows = sorted(self.data, key=lambda row: lexical(row["id"]))
        for key, reverse in reversed(keys):
            rows.sort(key=key, reverse=reverse)
        return [row["id"] for row in rows]

    def test_one_field(self):
        self.assertEqual(self.ids("--order", "createdAt"),
                         self.sorted_ids((lambda row: row["createdAt"]["$date"], False)))
        self.assertEqual(self.ids("--order", "title"),
                         self.sorted_ids((lambda row: lexical(row["title"]), False)))
        self.assertEqual(self.ids("--order", "id:desc"),
                         sorted((row["id"] for row in self.data), key=lexical, reverse=True))

    def test_several_fields(self):
        expected = self.ids("--order", "priority:desc,createdAt")
        self.assertEqual(self.ids("--order", "priority:desc", "--order", "createdAt:asc"), expected)
        self.assertEqual(expected, self.sorted_ids(
            (lambda row: -row["priority"], False), (lambda row: row["createdAt"]["$date"], False)))

    def test_expressions(self):
        self.assertEqual(self.ids("--order", "meta.pts + priority,createdAt"), self.sorted_ids(
            (lambda row: row["meta"]["pts"] + row["priority"], False),
            (lambda row: row["createdAt"]["$date"], False)))

    def test_nulls(self):
        self.load([{"id": "a", "v": 2}, {"id": "b", "v": None}, {"id": "c", "v": 1}], "d")
        for order, expected in (("v", "bca"), ("v:nulls-last", "cab"), ("v:desc", "bac"),
                                ("v:desc:nulls-last", "acb"), ("v:nulls-first:desc", "bac")):
            lines = self.cairn("query", self.db, "d", "--json", "--order", order).json_lines()
            self.assertEqual("".join(line["key"] for line in lines), expected, order)

    def test_texts_are_ordered_by_utf16_unit(self):
        names = ["b", "B", "a", "é", "z", "\U0001F680", "\uFF5E", ""]
        self.load([{"id": i, "name": name} for i, name in enumerate(names)], "d")
        lines = self.cairn("query", self.db, "d", "--json", "--order", "name").json_lines()
        self.assertEqual([line["value"]["name"] for line in lines], sorted(names, key=lexical))
        located = self.cairn("query", self.db, "d", "--json", "--order", "name:locale")
        self.assertEqual(located.json_lines(), lines, "this tool knows no locale's order")
        self.assertRegex(located.err, "(?m)^note: ")

    def test_pages(self):
        whole = self.ids("--where", "completed = false", "--order", "createdAt:desc")
        for offset in (0, 7, 40, 45, 99):
            self.assertEqual(self.ids("--where", "completed = false", "--order", "createdAt:desc",
                                      "--limit", "7", "--offset", str(offset)),
                             whole[offset:offset + 7])

    def test_after(self):
        """A page after another, to the end, by its last row."""
        whole = self.ids("--order", "priority:desc,meta.pts")
        values = {row["id"]: (row["priority"], row["meta"]["pts"]) for row in self.data}
        seen = self.ids("--order", "priority:desc,meta.pts", "--limit", "7")
        while len(seen) < len(whole):
            priority, points = values[seen[-1]]
            after = f'{{"values":[{priority},{points}],"key":"{seen[-1]}"}}'
            page = self.ids("--order", "priority:desc,meta.pts", "--limit", "7", "--after", after)
            self.assertNotEqual(page, [])
            seen += page
        self.assertEqual(seen, whole)


class Output(QueryTest):
    def setUp(self):
        super().setUp()
        self.data = todos(120)
        self.load(self.data)

    def test_fields(self):
        lines = self.lines("--fields", "title,note", "--where", "priority = 1")
        self.assertEqual([line["value"] for line in lines],
                         [{name: row[name] for name in ("title", "note") if name in row}
                          for row in self.data if row["priority"] == 1])
        heading = self.cairn("query", self.db, "c", "--fields", "completed,`priority`").lines()[0]
        self.assertEqual(heading.split(), ["key", "completed", "priority"])

    def test_keys(self):
        self.assertEqual(self.lines("--keys", "--where", "priority = 1", "--limit", "2"),
                         [{"key": "t1"}, {"key": "t6"}])
        lines = self.cairn("query", self.db, "c", "--keys", "--limit", "2").lines()
        self.assertEqual([line.strip("-") for line in lines], ["key", "", "t0", "t1"])

    def test_a_table_says_that_there_are_more(self):
        result = self.cairn("query", self.db, "c", "--where", "completed = false")
        self.assertEqual(len(result.lines()), 52)
        self.assertRegex(result.err, "^50 rows in .*; there are more: --limit N")
        result = self.cairn("query", self.db, "c", "--where", "completed")
        self.assertRegex(result.err, r"^30 rows in [0-9.]+ m?s\n$")
        result = self.cairn("query", self.db, "c", "--where", "priority < 2", "--order", "title",
                            "--limit", "48")
        self.assertRegex(result.err, r"^48 rows in [0-9.]+ m?s\n$")

    def test_nothing_matches(self):
        result = self.cairn("query", self.db, "c", "--where", "priority > 9", "--order", "title")
        self.assertEqual(result.out, "")
        self.assertRegex(result.err, "^0 rows in ")


class Explain(QueryTest):
    def setUp(self):
        super().setUp()
        self.data = todos(120)
        self.load(self.data)

    def test_a_scan(self):
        plan = self.explain("--where", "completed = false", "--order", "createdAt:desc", "--limit",
                            "5")
        self.assertEqual(list(plan), ["access", "indexes", "ordered_by_index", "sorting",
                                      "entries_read", "rows_read", "rows_matched", "rows_decoded",
                                      "questions", "notes"])
        self.assertEqual((plan["access"], plan["indexes"], plan["ordered_by_index"]),
                         ("scan", [], False))
        self.assertEqual((plan["sorting"], plan["rows_read"], plan["rows_decoded"]),
                         ("top", 120, 5))
        self.assertEqual((plan["rows_matched"], plan["questions"]), (90, 0))

    def test_sorting_of_all(self):
        plan = self.explain("--order", "title")
        self.assertEqual((plan["access"], plan["sorting"], plan["rows_decoded"]),
                         ("scan", "all", 120))

    def test_an_index(self):
        self.cairn("index", self.db, "c", "--add", "createdAt")
        plan = self.explain("--where", "completed = false", "--order", "createdAt:desc", "--limit",
                            "5")
        self.assertEqual((plan["access"], plan["indexes"], plan["ordered_by_index"],
                          plan["sorting"], plan["rows_decoded"]),
                         ("index", ["createdAt"], True, "none", 5))
        self.assertLess(plan["rows_read"], 30)
        self.assertLess(plan["entries_read"], 120)

    def test_for_people(self):
        self.cairn("index", self.db, "c", "--add", "createdAt")
        result = self.cairn("query", self.db, "c", "--explain", "--order", "createdAt", "--limit",
                            "3")
        names = [line.split("  ")[0] for line in result.lines()]
        self.assertEqual(names[:8], ["access", "indexes", "ordered by index", "sorting",
                                     "entries read", "rows read", "rows matched", "rows decoded"])
        self.assertRegex(result.out, r'(?m)^indexes +"createdAt"$')
        self.assertRegex(result.out, r"(?m)^rows decoded +3$")
        self.assertEqual(result.err, "")

    def test_a_predicate_that_cannot_be_true(self):
        self.cairn("index", self.db, "c", "--add", "priority")
        for where in ("false", "priority in ()"):
            plan = self.explain("--where", where)
            self.assertEqual((plan["access"], plan["rows_read"]), ("nothing", 0), where)

    def test_rows_of_cities_match_with_and_without_an_index(self):
        """Whatever the way, the same rows."""
        self.load(cities(3000), "cities")
        queries = (["--where", "population > 90000", "--order", "population"],
                   ["--where", "population between 5000 and 6000 and name like '%7'"],
                   ["--where", "population < 100 or name = 'Città 9'", "--order", "name:desc"],
                   ["--order", "population:desc", "--limit", "20", "--offset", "10"],
                   ["--where", "name in ('Città 1', 'Città 1999')"])
        before = [self.cairn("query", self.db, "cities", "--json", *query).out for query in queries]
        self.cairn("index", self.db, "cities", "--add", "population")
        self.cairn("index", self.db, "cities", "--add", "name")
        for query, expected in zip(queries, before):
            self.assertEqual(self.cairn("query", self.db, "cities", "--json", *query).out, expected)
            plan = self.json("query", self.db, "cities", "--explain", *query)
            self.assertEqual(plan["access"], "index", query)


class Live(QueryTest):
    def test_rows_that_change(self):
        self.load([{"id": i, "v": i} for i in range(10)])
        self.cairn("index", self.db, "c", "--add", "v")
        self.cairn("put", self.db, "c", '{"id":3,"v":100}', "--key", "id")
        self.cairn("remove", self.db, "c", "9", "--number")
        self.cairn("import", self.db, "c", "-", "--key", "id", stdin=ndjson([{"id": 11, "v": 50}]))
        self.assertEqual(self.ids("--where", "v >= 8", "--order", "v:desc"), [3, 11, 8])
        self.assertEqual(self.ids("--where", "v = 3"), [])
