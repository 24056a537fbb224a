// The digests that the corpus pins, computed from the rows beside them by the reference encoder:
// what every language is compared with is derived from core/value/ENCODING.md, not from the engine.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "reference.h"

namespace cairn::testing {
namespace {

std::vector<Json> steps_of_corpus() {
  std::vector<Json> steps;
  for (const auto& entry : std::filesystem::directory_iterator(CORPUS "/scenarios")) {
    std::ifstream file(entry.path());
    const Json corpus = Json::parse(file);
    for (const Json& scenario : corpus.at("scenarios"))
      steps.insert(steps.end(), scenario.at("steps").begin(), scenario.at("steps").end());
  }
  return steps;
}

// Of [key, value, {"metadata": m}?] each.
std::vector<ReferenceRow> rows_of(const Json& rows) {
  std::vector<ReferenceRow> made;
  for (const Json& row : rows)
    made.push_back({row.at(0), row.at(1), row.size() > 2 ? row.at(2).at("metadata") : Json()});
  return made;
}

// The digest that a step pins, and what the reference makes of its rows.
struct Pinned {
  std::string pinned;
  std::string computed;
};

Pinned of_collection(const Json& step) {
  return {step.at("digest"), digest_of_rows(rows_of(step.at("rows")))};
}

Pinned of_database(const Json& step) {
  std::vector<ReferenceCollection> collections;
  for (const auto& [name, rows] : step.at("rows").items())
    collections.push_back({name, rows_of(rows)});
  return {step.at("result").at("digest"), digest_of_database(collections)};
}

// Compares those of all steps of a kind that have rows, and sees that there are some.
void expect_pinned(const std::string& kind, Pinned (*of)(const Json& step)) {
  size_t compared = 0;
  for (const Json& step : steps_of_corpus()) {
    if (step.at("do") != kind || !step.contains("rows")) continue;
    const Pinned both = of(step);
    EXPECT_EQ(both.pinned, both.computed) << step.dump().substr(0, 300);
    ++compared;
  }
  EXPECT_GT(compared, 0u) << "no step '" << kind << "' of the corpus has rows";
}

TEST(Digests, OfCollectionsAreTheReferences) { expect_pinned("store", of_collection); }
TEST(Digests, OfDatabasesAreTheReferences) { expect_pinned("digest", of_database); }

}  // namespace
}  // namespace cairn::testing
