"""Import of every format, from files and from the standard input, and what it leaves in the
database."""

import json
import os
import sys
import unittest

from harness import CliTest, binary, cities, ndjson, pairs


class Formats(CliTest):
    def imported(self, name, contents, *options, key="id"):
        path = self.write(name, contents)
        self.cairn("import", self.db, "c", path, "--key", key, *options)
        return self.rows()

    def test_ndjson(self):
        rows = cities(10)
        self.assertEqual(self.imported("a.ndjson", ndjson(rows)), rows)

    def test_jsonl_ending_blank_lines_and_crlf(self):
        text = '\r\n{"id":1}\r\n\r\n  \r\n {"id":2}\r\n\r\n'
        self.assertEqual(self.imported("a.JSONL", text), [{"id": 1}, {"id": 2}])

    def test_last_line_without_end(self):
        self.assertEqual(self.imported("a.ndjson", '{"id":1}\n{"id":2}'), [{"id": 1}, {"id": 2}])

    def test_byte_order_mark(self):
        self.assertEqual(self.imported("a.ndjson", b'\xef\xbb\xbf{"id":1}\n'), [{"id": 1}])
        self.assertEqual(self.imported("a.csv", b"\xef\xbb\xbfid\n2\n"), [{"id": 1}, {"id": 2}])

    def test_empty_ndjson_makes_an_empty_collection(self):
        self.assertEqual(self.imported("a.ndjson", ""), [])
        self.assertEqual(self.json("info", self.db, "c")["rows"], 0)

    def test_json_array(self):
        rows = cities(25)
        self.assertEqual(self.imported("a.json", json.dumps(rows, indent=2)), rows)

    def test_json_array_in_one_line(self):
        rows = cities(25)
        self.assertEqual(self.imported("a.json", json.dumps(rows)), rows)

    def test_json_empty_array(self):
        self.assertEqual(self.imported("a.json", " [ ] \n"), [])

    def test_json_objects_one_after_another(self):
        text = '{\n "id": 1\n}\n{\n "id": 2, "a": [{}]\n} {"id":3}'
        self.assertEqual(self.imported("a.json", text),
                         [{"id": 1}, {"id": 2, "a": [{}]}, {"id": 3}])

    def test_json_brackets_and_quotes_within_texts(self):
        rows = [{"id": '"', "a": "}],["}, {"id": "\\", "a": "\\\"{"}, {"id": "\\\\\"", "b": [[["]"]]]}]
        self.assertEqual(self.imported("a.json", json.dumps(rows)), rows)

    def test_json_array_much_larger_than_a_part(self):
        rows = cities(60000)
        self.assertEqual(self.imported("a.json", json.dumps(rows)), rows)

    def test_one_row_larger_than_a_part(self):
        rows = [{"id": "a"}, {"id": "b", "text": "x" * 9_000_000}, {"id": "c"}]
        self.assertEqual(self.imported("a.json", json.dumps(rows)), rows)
        self.assertEqual(self.imported("a.ndjson", ndjson(rows)), rows)

    def test_guess_by_contents(self):
        self.assertEqual(self.imported("rows.txt", ' \n [{"id":1}]'), [{"id": 1}])
        self.assertEqual(self.imported("rows", '{"id":2}\n'), [{"id": 1}, {"id": 2}])

    def test_format_option_overrides_the_ending(self):
        self.assertEqual(self.imported("a.csv", '{"id":1}\n', "--format", "ndjson"), [{"id": 1}])

    def test_numeric_keys_and_text_keys_differ(self):
        self.imported("a.ndjson", '{"id":1,"v":"n"}\n{"id":"1","v":"t"}\n')
        self.assertEqual(self.json("get", self.db, "c", "1")["v"], "t")
        self.assertEqual(self.json("get", self.db, "c", "1", "--number")["v"], "n")

    def test_special_values_survive(self):
        text = ('{"id":1,"d":{"$date":"2026-01-31T12:00:00.000Z"},"b":{"$bigint":"123456789012345'
                '678901"},"y":{"$bytes":"AAH/"},"n":{"$number":"NaN"},"z":{"$number":"-0"},'
                '"t":"\\u0000\\ud83d\\ude00","e":{},"a":[],"x":null}')
        (row,) = self.imported("a.ndjson", text)
        self.assertEqual(row, json.loads(text))

    def test_order_of_fields_survives(self):
        text = '{"z":1,"id":"k","a":{"y":1,"b":2},"m":3}'
        self.imported("a.ndjson", text)
        self.assertEqual(pairs(self.cairn("export", self.db, "c").out), pairs(text))


class Csv(CliTest):
    def imported(self, text, *options):
        path = self.write("a.csv", text)
        self.cairn("import", self.db, "c", path, "--key", "id", *options)
        return self.rows()

    def test_values(self):
        rows = self.imported('id,n,t\n1,-1.25,x\n2,,""\n"k 3","a,b","say ""hi"""\n')
        self.assertEqual(rows, [{"id": 1, "n": -1.25, "t": "x"}, {"id": 2, "n": None, "t": ""},
                                {"id": "k 3", "n": "a,b", "t": 'say "hi"'}])

    def test_what_is_no_canonical_number_stays_text(self):
        texts = ["007", "1.50", "+1", "1e3", "-0", ".5", "5.", "9007199254740993", "0x10", "1 ",
                 "true", "NaN", "--1", "1,000"]
        rows = self.imported("id,v\n" + "".join(f'k{i},"{t}"\n' for i, t in enumerate(texts)))
        self.assertEqual([row["v"] for row in rows], texts)

    def test_canonical_numbers(self):
        texts = ["0", "7", "-7", "0.5", "-1234.5678", "9007199254740992", "0.1"]
        rows = self.imported("id,v\n" + "".join(f"k{i},{t}\n" for i, t in enumerate(texts)))
        self.assertEqual([row["v"] for row in rows], [float(text) for text in texts])

    def test_text_option(self):
        self.assertEqual(self.imported("id,n,e\n1,2,\n", "--text"),
                         [{"id": "1", "n": "2", "e": None}])

    def test_line_ends_blank_lines_and_spaces(self):
        self.assertEqual(self.imported('id,t\r\n1,"a\r\nb"\r\n\r\n2, c '),
                         [{"id": 1, "t": "a\r\nb"}, {"id": 2, "t": " c "}])

    def test_header_alone(self):
        self.assertEqual(self.imported("id,t\n"), [])

    def test_header_names_are_kept(self):
        self.assertEqual(self.imported('id,"a ""b""",Größe,\n1,2,3,4\n'),
                         [{"id": 1, 'a "b"': 2, "Größe": 3, "": 4}])


class Summary(CliTest):
    def test_counts_of_inserts_updates_and_unchanged(self):
        rows = cities(100)
        first = self.load(rows)
        self.assertEqual((first["rows"], *self.counts(first)), (100, 100, 0, 0, 0))
        rows[5]["name"] = "other"
        second = self.load(rows + cities(3, start=1000))
        self.assertEqual((second["rows"], *self.counts(second)), (103, 3, 1, 0, 99))
        self.assertGreater(second["position"]["row_version"], first["position"]["row_version"])
        third = self.load(rows)
        self.assertEqual((third["outcome"], *self.counts(third)), ("unchanged", 0, 0, 0, 100))
        self.assertEqual(third["position"]["row_version"], second["position"]["row_version"])

    def test_the_last_of_equal_keys_wins(self):
        self.load([{"id": "a", "v": 1}, {"id": "b"}, {"id": "a", "v": 2}])
        self.assertEqual(sorted(self.rows(), key=lambda row: row["id"]),
                         [{"id": "a", "v": 2}, {"id": "b"}])

    def test_an_import_leaves_other_rows(self):
        self.load(cities(3))
        self.load(cities(3, start=3))
        self.assertEqual(self.rows(), cities(6))

    def test_text_for_people(self):
        path = self.write("a.ndjson", ndjson(cities(1234)))
        result = self.cairn("import", self.db, "places", path, "--key", "id")
        self.assertRegex(result.out, r'Imported 1,234 rows into "places" in .*rows/s')
        for line in ("inserted +1,234", "updated +0", "unchanged +0", r"file +[0-9.]+ kB"):
            self.assertRegex(result.out, line)
        self.assertEqual(result.err, "", "no progress bar where there is no terminal")

    def test_file_bytes(self):
        result = self.load(cities(1000))
        self.assertEqual(result["file_bytes"], self.db.stat().st_size)
        self.assertGreater(result["seconds"], 0)

    def test_standard_input(self):
        for form, text in (("json", '[{"id":1}]'), ("csv", "id\n2\n"), ("ndjson", '{"id":3}')):
            self.cairn("import", self.db, form, "-", "--key", "id", "--format", form, stdin=text)
        self.assertEqual([self.rows(form) for form in ("json", "csv", "ndjson")],
                         [[{"id": 1}], [{"id": 2}], [{"id": 3}]])

    def test_standard_input_is_guessed(self):
        self.cairn("import", self.db, "a", "-", "--key", "id", stdin='[{"id":1},\n{"id":2}]')
        self.cairn("import", self.db, "b", "-", "--key", "id", stdin='{"id":1}\n{"id":2}')
        self.assertEqual(self.rows("a"), self.rows("b"))


class Large(CliTest):
    def test_export_equals_import_of_50000_rows(self):
        text = ndjson(cities(50000))
        path = self.write("a.ndjson", text)
        result = self.json("import", self.db, "c", path, "--key", "id")
        self.assertEqual(self.counts(result), (50000, 0, 0, 0))
        out = self.folder / "out.ndjson"
        self.cairn("export", self.db, "c", "--out", out)
        self.assertEqual([pairs(line) for line in out.read_text().splitlines()],
                         [pairs(line) for line in text.splitlines()])
        again = self.json("import", self.db, "c", out, "--key", "id")
        self.assertEqual(self.counts(again), (0, 0, 0, 50000))

    @unittest.skipIf(os.environ.get("CAIRN_SANITIZE"), "sanitizers need memory of their own")
    def test_memory_is_bounded_by_parts(self):
        """A file many times the size of a part: the peak stays far below the file's size."""
        row = json.dumps({"text": "y" * 2000})[1:]
        path = self.folder / "big.ndjson"
        with path.open("w", encoding="utf-8") as file:
            for i in range(100_000):
                file.write(f'{{"id":{i},{row}\n')
        code = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
                "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
        result = self.cairn("-c", code, binary(), "import", self.db, "c", path, "--key",
                            "id", binary=sys.executable)
        size = path.stat().st_size
        self.assertGreater(size, 200_000_000)
        self.assertLess(int(result.lines()[-1]) * 1024, size / 2)


class Settings(CliTest):
    def info(self, collection="c"):
        return self.json("info", self.db, collection)

    def test_defaults(self):
        self.load(cities(1))
        self.assertEqual((self.info()["schema_version"], self.info()["local"]), (1, False))

    def test_schema_version_and_locality_are_kept(self):
        self.load(cities(3), "c", "--schema-version", "7", "--local")
        self.load(cities(3, start=3))
        path = self.write("s.ndjson", ndjson(cities(5)))
        self.cairn("reconcile", self.db, "c", path, "--key", "id")
        self.cairn("put", self.db, "c", '{"id":"x"}', "--key", "id")
        self.cairn("remove", self.db, "c", "x")
        self.cairn("diff", self.db, "c", path, "--key", "id")
        self.assertEqual((self.info()["schema_version"], self.info()["local"]), (7, True))
        self.assertEqual(self.rows(), cities(5))

    def test_wrong_schema_version_changes_nothing(self):
        for name, flags in (("synced", []), ("local", ["--local"])):
            self.load(cities(3), name, "--schema-version", "2", *flags)
            result = self.cairn("import", self.db, name, "-", "--key", "id", "--schema-version",
                                "3", stdin='{"id":1}', code=2)
            self.assertRegex(result.err, r"(?s)found 2, expected 3.*hint: .*--reset")
            self.assertEqual(self.rows(name), cities(3))
            self.assertEqual(self.info(name)["schema_version"], 2)

    def test_reset_on_another_schema_version(self):
        self.load(cities(3), "c", "--schema-version", "2")
        self.load(cities(1, start=9), "c", "--schema-version", "2", "--reset")
        self.assertEqual(len(self.rows()), 4, "an equal version resets nothing")
        self.load(cities(2), "c", "--schema-version", "3", "--reset")
        self.assertEqual(self.rows(), cities(2))
        self.assertEqual(self.info()["schema_version"], 3)


class Names(CliTest):
    HOSTILE = ['"; DROP TABLE rows; --', "a'b", "../../etc", "sqlite_master", "%s%n", "é̂", "😀",
               "a\nb", "\x1b[31mred", "\u202egnp.exe", " ", "-", "-x", "NULL", "Rows", "rows",
               "x" * 500]

    def test_any_text_names_a_collection(self):
        for i, name in enumerate(self.HOSTILE):
            self.cairn("import", self.db, "--key", "id", "--", name, "-",
                       stdin=json.dumps({"id": i}))
        listed = {row["name"]: row["rows"] for row in
                  self.cairn("list", self.db, "--json").json_lines()}
        self.assertEqual(listed, {name: 1 for name in self.HOSTILE})
        for i, name in enumerate(self.HOSTILE):
            result = self.cairn("export", "--", self.db, name)
            self.assertEqual(result.json(), {"id": i}, repr(name))
        self.cairn("check", self.db)

    def test_tables_show_no_control_characters(self):
        for name in ("\x1b[31mred", "a\nb", "\u202egnp.exe"):
            self.load([{"id": "k\x1b]0;t\x07", "a\nb": "\u009b2J\x7f"}], name)
        for command in (["list", self.db], ["info", self.db], ["digest", self.db],
                        ["info", self.db, "a\nb"], ["query", self.db, "\x1b[31mred"],
                        ["get", self.db, "a\nb", "k\x1b]0;t\x07"]):
            out = self.cairn(*command).out
            bad = [c for c in out if c != "\n" and (ord(c) < 32 or 126 < ord(c) < 160
                                                    or c == "\u202e")]
            self.assertEqual(bad, [], command)
        self.assertIn(r"\x1b[31mred", self.cairn("list", self.db).out)

    def test_no_name_and_no_utf8(self):
        self.cairn("import", self.db, "", "-", "--key", "id", stdin='{"id":1}', code=2)
        self.cairn("import", self.db, b"\xff", "-", "--key", "id", stdin='{"id":1}', code=2)

    def test_paths_with_odd_characters(self):
        for name in ("a b?mode=ro&x#y.db", "ü %41.db", "file:x.db"):
            self.cairn("import", self.folder / name, "c", "-", "--key", "id", stdin='{"id":1}')
            self.assertTrue((self.folder / name).is_file(), name)
            self.assertEqual(self.cairn("export", self.folder / name, "c").json(), {"id": 1})
