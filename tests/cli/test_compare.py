"""diff, reconcile and delta, and the edits of one row: what they report is what they do."""

from harness import CliTest, cities, ndjson


class Compare(CliTest):
    def setUp(self):
        super().setUp()
        self.data = cities(1000)
        self.first = self.load(self.data)["position"]["row_version"]
        changed = [dict(row) for row in self.data if row["id"] not in ("c10", "c11", "c12")]
        changed[0]["name"] = "new name"
        changed[500]["location"] = {"lat": 1, "lon": 2}
        changed += cities(4, start=5000)
        self.snapshot_rows = changed
        self.changed = ["c0", changed[500]["id"]]
        self.snapshot = self.write("snapshot.ndjson", ndjson(changed))

    def diff(self, code):
        return self.json("diff", self.db, "c", self.snapshot, "--key", "id", code=code)

    def test_diff_lists_keys_and_changes_nothing(self):
        before = self.json("digest", self.db)
        result = self.diff(1)
        self.assertEqual(self.counts(result), (4, 2, 3, 995))
        self.assertEqual(sorted(result["inserted_keys"]), ["c5000", "c5001", "c5002", "c5003"])
        self.assertEqual(sorted(result["updated_keys"]), sorted(self.changed))
        self.assertEqual(sorted(result["deleted_keys"]), ["c10", "c11", "c12"])
        self.assertEqual(self.json("digest", self.db), before)
        self.assertEqual(self.json("info", self.db, "c")["position"]["row_version"], self.first)

    def test_diff_for_people(self):
        result = self.cairn("diff", self.db, "c", self.snapshot, "--key", "id", code=1)
        lines = result.lines()
        self.assertEqual(lines[-1], "4 inserted, 2 updated, 3 deleted, 995 unchanged")
        self.assertEqual(sorted(lines[:-1]),
                         sorted([f'+ "c{i}"' for i in range(5000, 5004)] +
                                [f'~ "{key}"' for key in self.changed] +
                                [f'- "c{i}"' for i in (10, 11, 12)]))
        result = self.cairn("diff", self.db, "c", self.snapshot, "--key", "id", "--counts", code=1)
        self.assertEqual(result.lines(), lines[-1:])

    def test_no_differences(self):
        self.snapshot = self.write("same.ndjson", ndjson(list(reversed(self.data))))
        result = self.diff(0)
        self.assertEqual(self.counts(result), (0, 0, 0, 1000))
        self.assertEqual(result["deleted_keys"], [])
        result = self.cairn("diff", self.db, "c", self.snapshot, "--key", "id")
        self.assertEqual(result.out, "0 inserted, 0 updated, 0 deleted, 1,000 unchanged\n")

    def test_order_of_fields_is_no_difference(self):
        rows = [dict(reversed(row.items())) for row in self.data]
        self.snapshot = self.write("same.ndjson", ndjson(rows))
        self.diff(0)

    def test_reconcile_does_what_diff_said(self):
        said = self.diff(1)
        result = self.json("reconcile", self.db, "c", self.snapshot, "--key", "id")
        self.assertEqual(self.counts(result), self.counts(said))
        self.diff(0)
        key = lambda row: row["id"]
        self.assertEqual(sorted(self.rows(), key=key), sorted(self.snapshot_rows, key=key))
        again = self.json("reconcile", self.db, "c", self.snapshot, "--key", "id")
        self.assertEqual((again["outcome"], *self.counts(again)), ("unchanged", 0, 0, 0, 1001))
        self.assertEqual(again["position"]["row_version"], result["position"]["row_version"])
        self.cairn("check", self.db)

    def test_reconcile_for_people(self):
        result = self.cairn("reconcile", self.db, "c", self.snapshot, "--key", "id")
        self.assertRegex(result.out, r'^Reconciled "c" with 1,001 rows in .*: 4 inserted, 2 updated,'
                                     r" 3 deleted, 995 unchanged; the row version is \d+\.\n$")

    def test_delta_after_reconcile(self):
        said = self.diff(1)
        self.cairn("reconcile", self.db, "c", self.snapshot, "--key", "id")
        result = self.cairn("delta", self.db, "c", "--since", str(self.first), "--json")
        head, *lines = result.json_lines()
        self.assertEqual((head["delta"]["changed"], head["delta"]["deleted"]), (6, 3))
        self.assertFalse(head["delta"]["reload"])
        deleted = [line["key"] for line in lines if line.get("op") == "delete"]
        self.assertEqual(sorted(deleted), sorted(said["deleted_keys"]))
        values = {row["id"]: row for row in self.snapshot_rows}
        changed = {line["key"]: line["value"] for line in lines if "value" in line}
        self.assertEqual(changed, {key: values[key]
                                   for key in said["inserted_keys"] + said["updated_keys"]})

    def test_a_failed_snapshot_changes_nothing(self):
        before = self.json("digest", self.db)
        bad = self.write("bad.ndjson", ndjson(self.snapshot_rows) + "{]\n")
        for command in ("diff", "reconcile"):
            result = self.cairn(command, self.db, "c", bad, "--key", "id", code=2)
            self.assertIn("bad.ndjson:1002:", result.err)
        self.assertEqual(self.json("digest", self.db), before)

    def test_an_empty_snapshot_is_refused(self):
        empty = self.write("empty.ndjson", "")
        result = self.cairn("reconcile", self.db, "c", empty, "--key", "id", code=2)
        self.assertRegex(result.err, "(?s)no rows.*hint: Give --allow-empty")
        self.assertEqual(len(self.rows()), 1000)
        self.assertEqual(self.json("diff", self.db, "c", empty, "--key", "id", code=1)["deleted"],
                         1000)
        result = self.json("reconcile", self.db, "c", empty, "--key", "id", "--allow-empty")
        self.assertEqual(result["deleted"], 1000)
        self.assertEqual(self.rows(), [])

    def test_other_formats_and_standard_input(self):
        result = self.cairn("diff", self.db, "c", "-", "--key", "id", "--counts", "--json",
                            stdin="[" + ",".join(ndjson(self.data).splitlines()) + "]")
        self.assertEqual(result.json(), {"inserted": 0, "updated": 0, "deleted": 0,
                                         "unchanged": 1000})
        self.load([{"id": 1, "v": "x"}, {"id": 2, "v": None}], "csv")
        result = self.cairn("diff", self.db, "csv", "-", "--key", "id", "--format", "csv", code=1,
                            stdin="id,v\n1,y\n3,\n")
        self.assertEqual(result.lines()[:-1], ["+ 3", "~ 1", "- 2"])

    def test_only_import_makes_a_collection(self):
        for command in ("diff", "reconcile"):
            result = self.cairn(command, self.db, "typo", self.snapshot, "--key", "id", code=2)
            self.assertIn('no collection "typo"', result.err)
        self.assertEqual(len(self.cairn("list", self.db, "--json").json_lines()), 1)


class Delta(CliTest):
    def version(self):
        return self.json("info", self.db, "c")["position"]["row_version"]

    def delta(self, since, *options, code=0):
        return self.cairn("delta", self.db, "c", "--since", str(since), *options, code=code)

    def test_nothing_changed(self):
        self.load(cities(5))
        result = self.delta(self.version())
        self.assertRegex(result.out, r"^0 changed, 0 deleted; the row version is \d+\.\n$")

    def test_rows_for_people(self):
        self.load([{"id": "a"}, {"id": "b"}])
        since = self.version()
        self.cairn("put", self.db, "c", '{"id":"a","v":5}', "--key", "id")
        self.cairn("remove", self.db, "c", "b")
        lines = [line.split() for line in self.delta(since).lines()]
        self.assertEqual(lines[0], ["change", "id", "(key)", "v"])
        self.assertEqual(sorted(lines[2:4]), [["changed", "a", "5"], ["deleted", "b"]])
        self.assertEqual(lines[5][:4], ["1", "changed,", "1", "deleted;"])

    def test_a_row_that_was_put_back_is_no_deletion(self):
        self.load([{"id": "a", "v": 1}])
        since = self.version()
        self.cairn("remove", self.db, "c", "a")
        self.cairn("put", self.db, "c", '{"id":"a","v":2}', "--key", "id")
        head, line = self.delta(since, "--json").json_lines()
        self.assertEqual(head["delta"]["deleted"], 0)
        self.assertEqual(line, {"key": "a", "value": {"id": "a", "v": 2}})

    def test_reload_after_a_reset(self):
        self.load(cities(5), "c", "--schema-version", "1")
        epoch = self.json("info", self.db, "c")["position"]["reset_epoch"]
        since = self.version()
        self.load(cities(5), "c", "--schema-version", "2", "--reset")
        result = self.delta(since, "--reset-epoch", str(epoch), "--json", code=1)
        head = result.json()["delta"]
        self.assertTrue(head["reload"])
        self.assertNotEqual(head["reason"], "")
        result = self.delta(since, "--reset-epoch", str(epoch), code=1)
        self.assertEqual(result.out, f"reload: {head['reason']}\n")

    def test_reload_where_too_much_changed(self):
        self.load(cities(1))
        since = self.version()
        self.load(cities(3000))
        self.assertRegex(self.delta(since, code=1).out, "^reload: .+\n$")


class Edit(CliTest):
    def setUp(self):
        super().setUp()
        self.load([{"id": "a", "v": 1}, {"id": "b", "v": 2}])

    def put(self, text, **how):
        return self.cairn("put", self.db, "c", text, "--key", "id", **how)

    def test_put(self):
        self.assertRegex(self.put('{"id":"n","v":3}').out, r'^Inserted "n"; the row version')
        self.assertRegex(self.put('{"id":"a","w":4}').out, r'^Updated "a"; the row version is \d+')
        self.assertEqual(self.rows(), [{"id": "a", "w": 4}, {"id": "b", "v": 2},
                                       {"id": "n", "v": 3}])
        self.assertIn("Unchanged", self.put('{"w":4,"id":"a"}').out)
        result = self.put('{"id":7}', stdin="").out
        self.assertTrue(result.startswith("Inserted 7;"), result)

    def test_put_json(self):
        result = self.json("put", self.db, "c", '{"id":"b","v":9}', "--key", "id")
        self.assertEqual((result["outcome"], *self.counts(result)), ("applied", 0, 1, 0, 0))

    def test_put_from_standard_input(self):
        self.put("-", stdin='\n{"id": "s",\n "v": [1]}\n')
        self.assertEqual(self.json("get", self.db, "c", "s"), {"id": "s", "v": [1]})

    def test_put_refuses(self):
        before = self.json("digest", self.db)
        for text in ("", "7", "[]", '[{"id":1}]', '{"id":1}{"id":2}', '{"id":1', '{"v":1}',
                     '{"id":null}', "nonsense"):
            self.assertIn("cairn: ", self.put(text, code=2).err)
        self.assertEqual(self.json("digest", self.db), before)

    def test_remove(self):
        self.assertRegex(self.cairn("remove", self.db, "c", "a").out, '^Deleted "a"; the row ver')
        self.assertEqual(self.rows(), [{"id": "b", "v": 2}])
        result = self.cairn("remove", self.db, "c", "a", code=1)
        self.assertIn('no row with the key "a"', result.err)

    def test_remove_by_number(self):
        self.put('{"id":5}')
        self.put('{"id":"5"}')
        result = self.json("remove", self.db, "c", "5", "--number")
        self.assertEqual((result["deleted"], result["key"]), (1, 5))
        self.assertEqual(self.json("get", self.db, "c", "5"), {"id": "5"})

    def test_edits_make_nothing_new(self):
        self.cairn("put", self.db, "typo", '{"id":1}', "--key", "id", code=2)
        self.cairn("remove", self.db, "typo", "a", code=2)
        absent = self.folder / "absent.db"
        self.cairn("put", absent, "c", '{"id":1}', "--key", "id", code=2)
        self.cairn("remove", absent, "c", "a", code=2)
        self.assertFalse(absent.exists())
