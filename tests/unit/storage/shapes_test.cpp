// Shapes in the file: found by readers, added by a writer's transaction, and nobody's before it is
// committed.
#include "core/storage/shape_store.h"

#include <gtest/gtest.h>

#include "support/stores.h"

namespace cairn::unit {
namespace {

struct Cancelled {};

class Shapes : public StoreTest {
 protected:
  Shapes() : store_(open_store()) {}

  // Interns in a transaction of its own; gives the numbers, 0 for names that got no shape.
  std::vector<uint32_t> intern(Store& store, const std::vector<std::vector<std::string>>& lists) {
    std::vector<uint32_t> ids;
    Lease lease = store.writer();
    ShapeTransaction shapes(store.shapes(), *lease);
    lease->transaction([&] {
      for (const auto& list : lists) {
        std::vector<std::string_view> names(list.begin(), list.end());
        const Shape* shape = shapes.intern(names);
        ids.push_back(shape == nullptr ? 0 : shape->id);
      }
    });
    shapes.publish();
    return ids;
  }

  std::vector<std::string> names_of(Store& store, uint32_t id) {
    Lease lease = store.reader();
    const Shape& shape = StoredShapes(store.shapes(), *lease).shape(id);
    return {shape.names.begin(), shape.names.end()};
  }

  int64_t shapes_in_file() {
    int64_t count = 0;
    behind(*store_,
           [&](RawDatabase& raw) { count = raw.integer("SELECT count(*) FROM cairn_shapes"); });
    return count;
  }

  std::shared_ptr<Store> store_;
};
CAIRN_OVER_ALL_STORES(Shapes);

TEST_P(Shapes, AreNumberedFromOneAndFoundAgain) {
  EXPECT_EQ(intern(*store_, {{"a", "b"}, {"b", "a"}, {"a", "b"}, {}}),
            (std::vector<uint32_t>{1, 2, 1, 3}));
  EXPECT_EQ(intern(*store_, {{"b", "a"}, {"c"}}), (std::vector<uint32_t>{2, 4}));
  EXPECT_EQ(names_of(*store_, 2), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(names_of(*store_, 3), std::vector<std::string>{});
  EXPECT_EQ(shapes_in_file(), 4);
}

TEST_P(Shapes, OfATransactionAreItsOwnUntilTheyArePublished) {
  Lease lease = store_->writer();
  ShapeTransaction shapes(store_->shapes(), *lease);
  uint32_t id = 0;
  lease->transaction([&] {
    id = shapes.intern(std::vector<std::string_view>{"a"})->id;
    EXPECT_EQ(shapes.shape(id).names.size(), 1u);
    EXPECT_EQ(store_->shapes().find(id), nullptr);
  });
  EXPECT_EQ(store_->shapes().find(id), nullptr);
  shapes.publish();
  EXPECT_NE(store_->shapes().find(id), nullptr);
  EXPECT_EQ(store_->shapes().last_id(), id);
}

TEST_P(Shapes, OfATransactionThatIsRolledBackAreNowhere) {
  {
    Lease lease = store_->writer();
    EXPECT_THROW(lease->transaction([&] {
      ShapeTransaction shapes(store_->shapes(), *lease);
      EXPECT_EQ(shapes.intern(std::vector<std::string_view>{"lost"})->id, 1u);
      throw Cancelled();
    }),
                 Cancelled);
  }
  EXPECT_EQ(store_->shapes().find(1), nullptr);
  EXPECT_EQ(store_->shapes().last_id(), 0u);
  EXPECT_EQ(shapes_in_file(), 0);
  // Its number goes to other names.
  EXPECT_EQ(intern(*store_, {{"kept"}}), std::vector<uint32_t>{1});
  EXPECT_EQ(names_of(*store_, 1), std::vector<std::string>{"kept"});
}

TEST_P(Shapes, SurviveTheStore) {
  if (in_memory()) GTEST_SKIP() << "memory does not outlive its store";
  intern(*store_, {{"a"}, {"b", "\xc3\xa9"}});
  store_.reset();
  store_ = open_store();
  EXPECT_EQ(names_of(*store_, 2), (std::vector<std::string>{"b", "\xc3\xa9"}));
  EXPECT_EQ(intern(*store_, {{"a"}, {"new"}}), (std::vector<uint32_t>{1, 3}));
}

TEST_P(Shapes, AddedByAnotherStoreAreSeen) {
  if (in_memory()) GTEST_SKIP() << "memory has one store";
  auto other = open_store();
  intern(*store_, {{"a"}});
  intern(*other, {{"b"}, {"a"}});
  EXPECT_EQ(names_of(*store_, 2), std::vector<std::string>{"b"});
  // Each finds the other's instead of adding its own.
  EXPECT_EQ(intern(*store_, {{"b"}, {"c"}}), (std::vector<uint32_t>{2, 3}));
  EXPECT_EQ(intern(*other, {{"c"}, {"d"}}), (std::vector<uint32_t>{3, 4}));
  EXPECT_EQ(shapes_in_file(), 4);
}

TEST_P(Shapes, AWriterSeesThoseOfAnotherStoreToo) {
  if (in_memory()) GTEST_SKIP() << "memory has one store";
  auto other = open_store();
  intern(*other, {{"a"}, {"b"}});
  Lease lease = store_->writer();
  ShapeTransaction shapes(store_->shapes(), *lease);
  lease->transaction([&] {
    EXPECT_EQ(shapes.shape(2).names[0], "b");
    EXPECT_EQ(shapes.intern(std::vector<std::string_view>{"c"})->id, 3u);
    EXPECT_EQ(shapes.shape(1).names[0], "a");
  });
}

TEST_P(Shapes, EndAt4096) {
  std::vector<std::vector<std::string>> lists;
  for (int i = 0; i < 4100; ++i) lists.push_back({"field " + std::to_string(i)});
  std::vector<uint32_t> ids = intern(*store_, lists);
  for (size_t i = 0; i < ids.size(); ++i) ASSERT_EQ(ids[i], i < 4096 ? i + 1 : 0) << i;
  EXPECT_EQ(shapes_in_file(), 4096);
  // Those that are there go on being used, and no other is added.
  EXPECT_EQ(intern(*store_, {{"field 5"}, {"something new"}}), (std::vector<uint32_t>{6, 0}));
  EXPECT_EQ(names_of(*store_, 4096), std::vector<std::string>{"field 4095"});
}

TEST_P(Shapes, HaveAtMost1024Names) {
  std::vector<std::string> names;
  for (int i = 0; i < 1024; ++i) names.push_back(std::to_string(i));
  std::vector<std::string> more = names;
  more.push_back("one more");
  EXPECT_EQ(intern(*store_, {more, names}), (std::vector<uint32_t>{0, 1}));
}

TEST_P(Shapes, HoldAtMost4MebibytesOfNames) {
  std::vector<std::vector<std::string>> lists;
  for (int i = 0; i < 5; ++i) lists.push_back({std::string(1u << 20, static_cast<char>('a' + i))});
  lists.push_back({"small"});
  // Three of them and what names take beside their letters; then a small one still has room.
  EXPECT_EQ(intern(*store_, lists), (std::vector<uint32_t>{1, 2, 3, 0, 0, 4}));
}

TEST_P(Shapes, ThatAreNotThereAreCorrupt) {
  intern(*store_, {{"a"}});
  EXPECT_EQ(status_of([&] { names_of(*store_, 2); }), Status::kCorrupt);
  EXPECT_EQ(status_of([&] { names_of(*store_, 4096); }), Status::kCorrupt);
  EXPECT_EQ(status_of([&] { names_of(*store_, 4097); }), Status::kCorrupt);
}

TEST_P(Shapes, ThatAreDamagedAreCorrupt) {
  for (const char* digits : {"", "02 0161", "0101ff", "ffff", "02 0161 0161", "010161 00"}) {
    std::shared_ptr<Store> store = in_memory() ? open_store() : store_;
    behind(*store, [&](RawDatabase& raw) {
      raw.run("DELETE FROM cairn_shapes");
      raw.run("INSERT INTO cairn_shapes(id, names) VALUES(1, ?1)", from_hex(digits));
    });
    EXPECT_EQ(status_of([&] { names_of(*store, 1); }), Status::kCorrupt) << digits;
  }
}

TEST_P(Shapes, WithNumbersThatCannotBeAreCorrupt) {
  for (int64_t id : {int64_t{4097}, int64_t{1} << 40}) {
    std::shared_ptr<Store> store = in_memory() ? open_store() : store_;
    behind(*store, [&](RawDatabase& raw) {
      raw.run("DELETE FROM cairn_shapes");
      raw.run("INSERT INTO cairn_shapes(id, names) VALUES(" + std::to_string(id) + ", ?1)",
              from_hex("010161"));
    });
    EXPECT_EQ(status_of([&] { names_of(*store, 1); }), Status::kCorrupt) << id;
  }
}

}  // namespace
}  // namespace cairn::unit
