"""Commands that read: list, info, get, query, delta, export, check and digest."""

import json
import os
import stat

from harness import CliTest, cities, ndjson


class Inspect(CliTest):
    def test_list(self):
        self.load(cities(3), "b", "--schema-version", "4", "--local")
        self.load(cities(2), "a")
        rows = self.cairn("list", self.db, "--json").json_lines()
        self.assertEqual([(r["name"], r["rows"], r["schema_version"], r["local"]) for r in rows],
                         [("a", 2, 1, False), ("b", 3, 4, True)])
        lines = self.cairn("list", self.db).lines()
        self.assertEqual(lines[0].split(), ["collection", "rows", "schema", "kind", "row",
                                            "version"])
        self.assertEqual(lines[2].split()[:4], ["a", "2", "1", "synced"])
        self.assertEqual(lines[3].split()[:4], ["b", "3", "4", "local"])

    def test_list_after_an_import_of_nothing(self):
        self.load([])
        self.assertEqual(self.cairn("list", self.db, "--json").json()["rows"], 0)

    def test_info_of_a_database(self):
        self.load(cities(100))
        info = self.json("info", self.db)
        self.assertEqual([c["name"] for c in info["collections"]], ["c"])
        self.assertEqual(info["file_bytes"], self.db.stat().st_size)
        self.assertGreaterEqual(info["shapes"], 1)
        text = self.cairn("info", self.db).out
        for part in ("test.db", "SQLite", "shapes", "collection"):
            self.assertIn(part, text)

    def test_info_of_a_collection(self):
        self.load(cities(12))
        info = self.json("info", self.db, "c")
        self.assertEqual((info["name"], info["rows"], info["metadata"]), ("c", 12, {}))
        self.assertGreater(info["position"]["row_version"], 0)
        self.assertRegex(self.cairn("info", self.db, "c").out, r"(?m)^rows +12$")

    def test_check(self):
        self.load(cities(50))
        report = self.json("check", self.db)
        self.assertEqual((report["ok"], report["rows"], report["pages_checked"],
                          report["problems"]), (True, 50, True, []))
        self.load(cities(5), "d")
        self.assertEqual(self.json("check", self.db, "d")["rows"], 5)
        self.assertFalse(self.json("check", self.db, "--rows-only")["pages_checked"])
        self.assertRegex(self.cairn("check", self.db).out, "^No problems: checked 55 rows and")

    def test_digest_does_not_depend_on_history(self):
        rows = cities(200)
        self.load(rows)
        other = self.folder / "other.db"
        shuffled = [dict(reversed(row.items())) for row in reversed(rows)]
        self.cairn("import", other, "c", "-", "--key", "id", stdin=ndjson(shuffled[:50]))
        self.cairn("import", other, "c", "-", "--key", "id", stdin=ndjson(shuffled))
        ours, theirs = self.json("digest", self.db), self.json("digest", other)
        self.assertEqual(ours, theirs)
        self.assertRegex(ours["digest"], "^[0-9a-f]{32}$")
        self.assertIn(ours["digest"], self.cairn("digest", self.db).out)
        self.cairn("put", other, "c", '{"id":"c0"}', "--key", "id")
        self.assertNotEqual(ours["digest"], self.json("digest", other)["digest"])


class Get(CliTest):
    def test_value(self):
        rows = cities(5)
        self.load(rows)
        self.assertEqual(self.json("get", self.db, "c", "c3"), rows[3])
        text = self.cairn("get", self.db, "c", "c3").out
        self.assertRegex(text, r"(?m)^name +Città 3$")
        self.assertRegex(text, r'(?m)^location +\{"lat":')

    def test_missing_key(self):
        self.load([{"id": 7}])
        result = self.cairn("get", self.db, "c", "nope", code=1)
        self.assertEqual(result.out, "")
        self.assertIn('no row with the key "nope"', result.err)
        self.assertIn("--number", self.cairn("get", self.db, "c", "7", code=1).err)

    def test_numbers(self):
        self.load([{"id": k} for k in (7, -3, 2.5, 0, 1e21)])
        self.load([{"id": {"$number": "-0"}, "v": "negative zero"}])
        for text, expected in (("7", 7), ("7.0", 7), ("2.5", 2.5), ("0", 0), ("1e21", 1e21)):
            self.assertEqual(self.json("get", self.db, "c", text, "--number")["id"], expected)
        self.assertEqual(self.json("get", self.db, "c", "-0", "--number")["v"], "negative zero")
        self.assertEqual(self.json("get", self.db, "c", "-3", "--number")["id"], -3)
        self.assertEqual(self.cairn("get", "--number", "--json", "--", self.db, "c", "-3").json(),
                         {"id": -3})
        for text in ("x", "", "1x", "nan", "inf", "1e999"):
            result = self.cairn("get", self.db, "c", text, "--number", code=2)
            self.assertIn("not a finite number", result.err)

    def test_odd_keys(self):
        keys = ["", " ", 'a"b', "\\", "é", "😀", "a\nb", "--json", "-"]
        self.load([{"id": key} for key in keys])
        for key in keys:
            result = self.cairn("get", "--json", "--", self.db, "c", key)
            self.assertEqual(result.json(), {"id": key})


class Query(CliTest):
    def values(self, *options):
        return [line["value"] for line in
                self.cairn("query", self.db, "c", "--json", *options).json_lines()]

    def test_json_gives_all_rows_in_order_of_insertion(self):
        rows = cities(300)
        self.load(rows)
        lines = self.cairn("query", self.db, "c", "--json").json_lines()
        self.assertEqual([line["key"] for line in lines], [row["id"] for row in rows])
        self.assertEqual([line["value"] for line in lines], rows)

    def test_limit_and_offset(self):
        rows = cities(100)
        self.load(rows)
        self.assertEqual(self.values("--limit", "7"), rows[:7])
        self.assertEqual(self.values("--limit", "7", "--offset", "95"), rows[95:])
        self.assertEqual(self.values("--offset", "98"), rows[98:])
        self.assertEqual(self.values("--offset", "100"), [])
        self.assertEqual(self.values("--limit", "0"), [])

    def test_versions(self):
        version = self.load(cities(2))["position"]["row_version"]
        lines = self.cairn("query", self.db, "c", "--json", "--versions").json_lines()
        self.assertEqual([line["version"] for line in lines], [version, version])
        self.assertIn("(version)", self.cairn("query", self.db, "c", "--versions").out)

    def test_table(self):
        self.load([{"id": "a", "n": 5, "when": {"$date": "2026-01-31T12:00:00.000Z"}},
                   {"id": "bcd", "n": 1234, "other": None, "b": {"$bigint": "99"}}])
        result = self.cairn("query", self.db, "c")
        self.assertEqual(result.lines(), [
            "id (key)     n  when                      other    b",
            "--------  ----  ------------------------  -----  ---",
            "a            5  2026-01-31T12:00:00.000Z",
            "bcd       1234                            null   99n"])
        self.assertRegex(result.err, r"^2 rows in [0-9.]+ m?s\n$")

    def test_table_keys_that_are_in_no_field(self):
        """Fields may be called what the table calls its own columns."""
        self.cairn("import", self.db, "c", "-", "--key", "k", stdin='{"k":1,"key":"x","(version)":2}')
        lines = self.cairn("query", self.db, "c", "--versions").lines()
        self.assertEqual(lines[0].split("  "), ["k (key)", "(version)", "key", "(version)"])
        self.assertEqual(lines[2].split(), ["1", "1", "x", "2"])
        self.cairn("import", self.db, "d", "-", "--key", "k", stdin='{"k":1}\n{"k":2,"l":2}')
        lines = self.cairn("query", self.db, "d").lines()
        self.assertEqual([line.split() for line in lines],
                         [["k", "(key)", "l"], ["-------", "-"], ["1"], ["2", "2"]])

    def test_table_shows_50_rows_and_says_so(self):
        self.load(cities(60))
        result = self.cairn("query", self.db, "c")
        self.assertEqual(len(result.lines()), 52)
        self.assertRegex(result.err, "50 rows in .*, of 60; --limit N")
        self.assertEqual(len(self.cairn("query", self.db, "c", "--limit", "55").lines()), 57)

    def test_table_of_many_rows_keeps_the_columns_of_the_first(self):
        self.load([{"id": i} for i in range(1500)] + [{"id": 1500, "late": 1}])
        result = self.cairn("query", self.db, "c", "--limit", "2000")
        self.assertEqual(len(result.lines()), 1503)
        self.assertEqual(result.lines()[0].split(), ["id", "(key)"])
        self.assertIn("1 row has fields that the table does not show", result.err)

    def test_table_fits_the_terminal(self):
        self.load([{"id": f"k{i}", "text": "wörd " * 50, "n": i, "東京": "東京" * 30}
                   for i in range(3)])
        for columns in (30, 40, 79, 200):
            out = self.cairn("query", self.db, "c", env={"COLUMNS": str(columns)}).out
            widths = [sum(1 + (ord(c) > 0x2E80) for c in line) for line in out.splitlines()]
            self.assertLessEqual(max(widths), columns, out)
            self.assertGreater(max(widths), columns * 3 // 4, "what there is is used")
            self.assertIn("…", out)

    def test_no_rows(self):
        self.load([])
        result = self.cairn("query", self.db, "c")
        self.assertEqual(result.out, "")
        self.assertRegex(result.err, "^0 rows in ")


class Export(CliTest):
    def setUp(self):
        super().setUp()
        self.data = cities(20)
        self.load(self.data)

    def test_json_array(self):
        out = self.folder / "o.json"
        summary = self.json("export", self.db, "c", "--out", out)
        self.assertEqual(json.loads(out.read_text()), self.data)
        self.assertEqual((summary["rows"], summary["bytes"]), (20, out.stat().st_size))
        self.assertEqual(json.loads(self.cairn("export", self.db, "c", "--format", "json").out),
                         self.data)

    def test_empty_collection(self):
        self.load([], "none")
        self.assertEqual(self.cairn("export", self.db, "none").out, "")
        result = self.cairn("export", self.db, "none", "--format", "json")
        self.assertEqual(json.loads(result.out), [])

    def test_summary_goes_beside_the_rows(self):
        result = self.cairn("export", self.db, "c")
        self.assertEqual(len(result.json_lines()), 20)
        self.assertRegex(result.err, r'^Exported 20 rows of "c", .* in .*\n$')
        result = self.cairn("export", self.db, "c", "--out", "o.ndjson")
        self.assertEqual(result.err, "")
        self.assertIn("Exported 20 rows", result.out)

    def test_with_keys(self):
        lines = self.cairn("export", self.db, "c", "--with-keys").json_lines()
        self.assertEqual(lines, [{"key": row["id"], "value": row} for row in self.data])

    def test_every_format_can_be_imported_again(self):
        for name in ("o.ndjson", "o.json"):
            self.cairn("export", self.db, "c", "--out", name)
            self.cairn("import", f"{name}.db", "c", name, "--key", "id")
            self.assertEqual(self.json("digest", f"{name}.db"), self.json("digest", self.db))

    def test_replaces_a_file_whole(self):
        path = self.write("o.ndjson", "old")
        self.cairn("export", self.db, "c", "--out", path)
        self.assertEqual(path.read_text(), self.cairn("export", self.db, "c").out)
        self.assertEqual(sorted(p.name for p in self.folder.glob("o.*")), ["o.ndjson"])

    def test_follows_a_link(self):
        target = self.write("real.ndjson", "old")
        (self.folder / "link.ndjson").symlink_to(target)
        self.cairn("export", self.db, "c", "--out", "link.ndjson")
        self.assertTrue((self.folder / "link.ndjson").is_symlink())
        self.assertEqual(len(target.read_text().splitlines()), 20)

    def test_writes_to_what_is_no_file(self):
        self.cairn("export", self.db, "c", "--out", "/dev/null")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))
        result = self.cairn("export", self.db, "c", "--out", "-")
        self.assertEqual(len(result.json_lines()), 20)

    def test_failure_leaves_the_old_file(self):
        path = self.write("o.ndjson", "old")
        self.cairn("export", self.db, "absent", "--out", path, code=2)
        self.assertEqual(path.read_text(), "old")
        self.assertEqual(sorted(p.name for p in self.folder.glob("o.*")), ["o.ndjson"])
        result = self.cairn("export", self.db, "c", "--out", "no/o.ndjson", code=2)
        self.assertIn("Cannot write no/o.ndjson: No such file", result.err)
