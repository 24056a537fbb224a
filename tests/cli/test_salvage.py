"""`cairn salvage`: what it recovers, what it says, and its exit codes."""

from harness import CliTest, cities


class Salvage(CliTest):
    def setUp(self):
        super().setUp()
        self.data = cities(500)
        self.data[7]["name"] = "needle-in-the-haystack"
        self.load(self.data, "c", "--local", "--schema-version", "3")
        self.out = self.folder / "out.db"
        self.whole = self.db.read_bytes()

    def damage(self, contents):
        self.db.write_bytes(contents)

    def salvage(self, code):
        return self.json("salvage", self.db, self.out, code=code)

    def recovered(self):
        return self.cairn("export", self.out, "c").json_lines()

    def test_a_whole_file(self):
        report = self.salvage(0)
        self.assertEqual((report["complete"], report["rows"]), (True, 500))
        (one,) = report["collections"]
        self.assertEqual(one, {"name": "c", "named": True, "state_found": True,
                               "schema_version": 3, "local": True, "rows": 500, "expected": 500,
                               "lost": 0, "damaged": 0, "damaged_keys": [], "metadata_lost": 0,
                               "metadata_entries": 0, "whole": True})
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()),
                         ["out.db", "test.db"])
        self.assertEqual(self.recovered(), self.data)
        self.assertEqual(self.json("digest", self.out), self.json("digest", self.db))

    def test_for_people(self):
        result = self.cairn("salvage", self.db, self.out)
        lines = [line.split() for line in result.lines()]
        self.assertEqual(lines[0][:4], ["collection", "recovered", "lost", "damaged"])
        self.assertEqual(lines[2], ["c", "500", "0", "0"])
        self.assertRegex(result.out, r'Recovered 500 rows into ".*out.db" in .*, from \d+ pages; '
                                     r"0 pages are damaged\.\nNothing is known to be lost\.\n$")

    def test_the_first_page_is_gone(self):
        self.damage(bytes(4096) + self.whole[4096:])
        self.cairn("export", self.db, "c", code=2)
        report = self.salvage(1)
        self.assertEqual((report["rows"], report["damaged_pages"]), (500, 1))
        self.assertEqual(self.recovered(), self.data)

    def test_a_row_is_damaged(self):
        self.damage(self.whole.replace(b"needle", b"needlf"))
        result = self.cairn("salvage", self.db, self.out, code=1)
        self.assertIn('damaged in "c": "c7"\n', result.out)
        self.assertIn("keep the damaged file", result.out)
        self.assertEqual(self.recovered(), self.data[:7] + self.data[8:])

    def test_the_list_of_keys_is_bounded(self):
        self.damage(self.whole.replace("Città".encode(), b"Citta "))
        (one,) = self.json("salvage", self.db, self.out, "--max-keys", "2",
                           code=1)["collections"]
        self.assertEqual((one["damaged"], one["damaged_keys"]), (499, ["c0", "c1"]))

    def test_a_file_that_was_cut_off(self):
        self.damage(self.whole[:len(self.whole) * 3 // 4])
        report = self.salvage(1)
        self.assertGreater(report["rows"], 0)
        self.assertEqual(report["rows"] + report["collections"][0]["lost"], 500)
        for row in self.recovered():
            self.assertIn(row, self.data)
        self.cairn("check", self.out)

    def test_a_damaged_database_leads_to_salvage(self):
        self.damage(self.whole[:len(self.whole) // 2])
        result = self.cairn("export", self.db, "c", code=2)
        self.assertIn("cairn salvage", result.err)

    def test_refuses(self):
        def fails(status, *arguments):
            error = self.cairn("salvage", *arguments, "--json", code=2).error()
            self.assertEqual(error["status"], status)
            self.assertNotEqual(error["message"], "")
        text = self.write("text", "no database")
        fails("CAIRN_NOT_A_DATABASE", text, self.out)
        fails("CAIRN_CANNOT_OPEN", self.folder / "none", self.out)
        fails("CAIRN_CANNOT_OPEN", self.db, text)
        fails("CAIRN_CANNOT_OPEN", self.db, self.db)
        self.assertEqual(text.read_bytes(), b"no database")
        self.assertEqual(self.db.read_bytes(), self.whole)
        self.assertFalse(self.out.exists())
