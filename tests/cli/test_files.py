"""Commands about the file as a whole: backup, restore, compact; and damaged files."""

from harness import CliTest, cities


class Files(CliTest):
    def test_backup_and_restore(self):
        self.load(cities(300))
        backup = self.folder / "backup.db"
        report = self.json("backup", self.db, backup)
        self.assertEqual((report["rows"], report["file_bytes"]), (300, backup.stat().st_size))
        self.load(cities(10, start=300))
        self.assertRegex(self.cairn("backup", self.db, backup).out,
                         r"^Backed up 310 rows, .* it has passed its check\.$")
        self.load(cities(5, start=310))
        report = self.json("restore", backup, self.db)
        self.assertEqual(report["rows"], 310)
        self.assertEqual(len(self.rows()), 310)
        self.db = report["replaced"]
        self.assertEqual(len(self.rows()), 315)

    def test_a_restore_makes_a_database(self):
        self.load(cities(7))
        other = self.folder / "other.db"
        self.assertRegex(self.cairn("restore", self.db, other).out, "^Restored 7 rows, .*check")
        self.db = other
        self.assertEqual(len(self.rows()), 7)

    def test_what_is_no_backup_is_refused(self):
        self.load(cities(7))
        letter = self.write("letter", "Dear friend")
        self.assertEqual(self.cairn("restore", letter, self.db, "--json", code=2).error()["status"],
                         "CAIRN_NOT_A_DATABASE")
        self.assertEqual(self.cairn("backup", self.db, letter, "--json", code=2).error()["status"],
                         "CAIRN_FOREIGN_DATABASE")
        self.assertEqual(letter.read_text(), "Dear friend")
        self.assertEqual(len(self.rows()), 7)

    def test_compact(self):
        self.load(cities(5000))
        self.json("reconcile", self.db, "c", self.write("few.ndjson", '{"id": "c1"}\n'), "--key", "id")
        report = self.json("compact", self.db)
        self.assertLess(report["bytes_after"], report["bytes_before"] / 4)
        self.assertRegex(self.cairn("compact", self.db).out, "^Compacted .* to .*")
        self.assertTrue(self.json("check", self.db)["ok"])

    def test_a_damaged_file_stays_where_it_is(self):
        self.load(cities(500))
        whole = self.db.read_bytes()
        self.db.write_bytes(whole[:-4096])
        for command in (["info"], ["put", "c", '{"id": "x"}', "--key", "id"]):
            error = self.cairn(command[0], self.db, *command[1:], "--json", code=2).error()
            self.assertEqual(error["status"], "CAIRN_TRUNCATED")
        self.assertEqual(self.db.read_bytes(), whole[:-4096])
