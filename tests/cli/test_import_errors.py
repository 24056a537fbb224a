"""What an import says when a file cannot be used, and that it leaves the database as it was."""

import json
import os

from harness import CliTest, cities, ndjson


class Refused(CliTest):
    def refused(self, name, contents, *options, key="id"):
        """Imports a file that cannot be used; gives the message."""
        path = self.write(name, contents)
        result = self.cairn("import", self.db, "c", path, "--key", key, *options, code=2)
        self.assertEqual(result.out, "")
        self.assertTrue(result.err.startswith("cairn: "), result.err)
        return result.err

    def test_missing_file(self):
        result = self.cairn("import", self.db, "c", "nothing.ndjson", "--key", "id", code=2)
        self.assertRegex(result.err, "Cannot read nothing.ndjson: No such file")
        self.assertFalse(self.db.exists())

    def test_a_folder(self):
        result = self.cairn("import", self.db, "c", self.folder, "--key", "id", code=2)
        self.assertRegex(result.err, "Is a directory")
        self.assertFalse(self.db.exists())

    def test_bad_json_names_the_line(self):
        for name, text, line in (
                ("a.ndjson", '{"id":1}\n\n{"id":2,}\n{"id":3}\n', 3),
                ("b.ndjson", '{"id":1}\n{"id":2\n{"id":3}\n', 2),
                ("c.ndjson", '{"id":1}\n{"id":2} x\n', 2),
                ("d.json", '[\n{"id":1},\n{"id":2,\n"a":tru}\n]', 4),
                ("e.json", '[\n{"id":1},\n\n{"id":2', 4),
                ("f.json", '[\n{"id":1}\n{"id":2}]', 3),
                ("g.json", '[\n{"id":1}],\n', 2),
                ("h.json", '[\n{"id":1,\n"a":[}]', 3),
                ("i.json", '[\n{"id":1,\n"a":"x\n"}]', 3),
                ("j.json", '[\n{"id":1},\n\n', 4)):
            with self.subTest(text):
                self.assertRegex(self.refused(name, text), rf"(?:{name}:{line}: (?!line)|line {line},)")
                self.assertFalse(self.db.exists())

    def test_bad_json_in_a_later_part_changes_nothing(self):
        self.load(cities(10))
        rows = cities(60000, start=100)
        for name, text, line in (
                ("a.ndjson", ndjson(rows) + '{"id":"x",,}\n', 60001),
                ("b.json", "[\n" + ",\n".join(map(json.dumps, rows)) + ",\n  {]\n]", 60002),
                ("c.json", "[\n" + ",\n".join(map(json.dumps, rows)) + ',\n{"id":1 2}\n]', 60002),
                ("d.csv", "id,v\n" + "".join(f"{i},{'v' * 99}\n" for i in range(60000)) + "1,2,3\n",
                 60002)):
            with self.subTest(name):
                self.assertRegex(self.refused(name, text), rf"{name}:{line}:")
                self.assertEqual(self.rows(), cities(10))

    def test_the_engine_names_the_same_line_and_column(self):
        message = self.refused("a.json", '[\n{"id":1},\n   {"id":2, "a": nul}\n]')
        self.assertRegex(message, r"a\.json:3: .*line 3")

    def test_rows_that_are_no_objects(self):
        for name, text in (("a.ndjson", '{"id":1}\n[{"id":2}]\n'), ("b.ndjson", '{"id":1}\n7\n'),
                           ("c.json", '[{"id":1},\n7]'), ("d.json", '[{"id":1},\n[]]')):
            with self.subTest(text):
                self.assertRegex(self.refused(name, text), r":2: .*JSON object")

    def test_rows_without_a_usable_key(self):
        for value in ("", '"key":1', '"id":null', '"id":true', '"id":[1]', '"id":{}',
                      '"id":{"$number":"NaN"}', '"id":{"$bigint":"1"}'):
            with self.subTest(value):
                message = self.refused("a.ndjson", '{"id":1}\n{"id":2}\n{' + value + "}\n")
                self.assertRegex(message, r"a\.ndjson:3: .*(key|\"id\")")
                self.assertFalse(self.db.exists())

    def test_an_array_where_ndjson_is_expected(self):
        message = self.refused("a.ndjson", '[{"id":1}]\n')
        self.assertRegex(message, r"(?s):1:.*hint: .*--format json")

    def test_unknown_contents(self):
        self.assertRegex(self.refused("a.dat", "id;name\n1;x\n"), "(?s)format.*--format ndjson")

    def test_empty_json_and_csv(self):
        self.assertIn("no JSON", self.refused("a.json", " \n"))
        self.assertIn("no header", self.refused("a.csv", ""))

    def test_csv_without_the_key_column(self):
        message = self.refused("a.csv", "ix,name\n1,x\n")
        self.assertRegex(message, r'a\.csv:1: .*"id".*"ix", "name"')

    def test_csv_records(self):
        for text, line, what in (
                ("id,v\n1,2\n3\n", 3, "1 field, the header has 2"),
                ("id,v\n1,2\n\n3,4,5\n", 4, "3 fields, the header has 2"),
                ('id,v\n1,"a\nb"\n2,"x\n\n', 4, "quote"),
                ('id,v\n1,2\n3,a"b"\n', 3, "quote"),
                ('id,v\n1,2\n3,"a"b\n', 3, "quote"),
                ("id,id\n1,2\n", 1, "twice"),
                ("id,v\n1,2\n,3\n", 3, "")):
            with self.subTest(text):
                self.assertRegex(self.refused("a.csv", text), rf"a\.csv:{line}: .*{what}")

    def test_csv_that_is_not_utf8(self):
        self.assertRegex(self.refused("a.csv", b"id,v\n1,ok\n2,caf\xe9\n"), r":3: .*not UTF-8")

    def test_json_that_is_not_utf8(self):
        self.assertRegex(self.refused("a.ndjson", b'{"id":1}\n{"id":2,"v":"caf\xe9"}\n'), ":2: ")

    def test_values_that_cannot_be_kept(self):
        deep = '{"id":1,"v":' + "[" * 200 + "]" * 200 + "}"
        self.assertRegex(self.refused("a.ndjson", '{"id":0}\n' + deep), r":2: ")
        self.refused("b.ndjson", '{"id":1,"v":{"$date":"nonsense"}}')

    def test_more_fields_than_an_object_may_have(self):
        row = {"id": 1} | {f"f{i}": i for i in range(66000)}
        self.assertRegex(self.refused("a.ndjson", '{"id":0}\n' + json.dumps(row)), ":2: ")

    def test_long_messages_are_cut(self):
        message = self.refused("a.ndjson", '{"id":1,"v":"' + "x" * 3_000_000 + '\n')
        self.assertLess(len(message), 1500)

    def test_lines_and_rows_above_64_mib(self):
        text = '{"id":1}\n{"id":2,"v":"' + "x" * (65 << 20) + '"}\n'
        self.assertRegex(self.refused("a.ndjson", text), r"a\.ndjson:2: .*64 MiB")
        self.assertRegex(self.refused("a.json", text), r"a\.json:2: .*64 MiB")
        record = 'id,v\n1,x\n2,"' + ("x" * 1023 + "\n") * (65 << 10)
        self.assertRegex(self.refused("a.csv", record), r"a\.csv:3: .*64 MiB")

    def test_a_folder_that_is_not_there(self):
        result = self.cairn("import", self.folder / "no" / "x.db", "c", "-", "--key", "id",
                            stdin='{"id":1}', code=2)
        self.assertIn("cairn: ", result.err)
        self.assertFalse((self.folder / "no").exists())

    def test_a_database_that_is_none(self):
        contents = os.urandom(8192)
        path = self.write("noise.db", contents)
        result = self.cairn("import", path, "c", "-", "--key", "id", stdin='{"id":1}', code=2)
        self.assertRegex(result.err, "hint: Check the path")
        self.assertEqual(path.read_bytes(), contents)
