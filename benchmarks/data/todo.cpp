// The `todo` set: what a task list keeps for each task. Texts come from small vocabularies, ids are
// random, and a few titles have letters outside ASCII, so that dictionaries, random keys and wide
// texts all count as they do in real collections.
#include <array>
#include <cstdint>
#include <cstdio>

#include "benchmarks/data/data_set.h"
#include "benchmarks/data/random.h"

namespace cairn::bench {
namespace {

constexpr std::array<const char*, 40> kWords = {
    "Review", "the",    "invoice", "for",   "spring",   "report", "Call",   "plumber",
    "about",  "room",   "Write",   "up",    "draft",    "of",     "launch", "notes",
    "Buy",    "milk",   "and",     "bread", "Prep",     "talk",   "team",   "lunch",
    "Fix",    "login",  "bug",     "on",    "phone",    "Plan",   "summer", "trip",
    "Renew",  "garage", "permit",  "Send",  "contract", "to",     "legal",  "today"};
constexpr std::array<const char*, 6> kWideWords = {"Café", "Zürich", "naïve", "東京", "Übung", "🚀"};
constexpr std::array<const char*, 12> kTags = {"home", "work", "urgent", "later", "shop", "mail",
                                               "call", "wait", "some",   "money", "gym",  "kids"};
constexpr std::array<const char*, 5> kSources = {"web", "ios", "droid", "file", "api"};
constexpr std::array<const char*, 8> kPeople = {"ada", "brian", "chloe", "dmitri",
                                                "eve", "farid", "grace", "hiro"};
constexpr size_t kLists = 25;
constexpr uint64_t kFirstDay = 1672531200000;  // 2023-01-01T00:00:00Z
constexpr uint64_t kTwoYears = 2ull * 365 * 86400 * 1000;

struct Todo {
  std::string id;
  std::string title;
  bool completed;
  unsigned priority;
  size_t list;
  uint64_t created_at;  // milliseconds since 1970
  uint64_t updated_at;
  std::vector<const char*> tags;
  const char* source;
  const char* owner;
  unsigned points;
};

std::string make_id(Random& random) {
  const uint64_t high = random.next();
  const uint64_t low = random.next();
  char text[40];
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx",
                static_cast<unsigned>(high >> 32), static_cast<unsigned>(high >> 16 & 0xFFFF),
                static_cast<unsigned>(high & 0xFFF),
                static_cast<unsigned>(0x8000 | (low >> 48 & 0x3FFF)),
                static_cast<unsigned long long>(low & 0xFFFFFFFFFFFFull));
  return text;
}

std::string make_title(Random& random) {
  std::string title = kWords[random.below(kWords.size())];
  const size_t words = 2 + random.below(2);
  for (size_t i = 0; i < words; ++i) {
    title += ' ';
    title += kWords[random.below(kWords.size())];
  }
  if (random.below(100) < 3) {
    title += ' ';
    title += kWideWords[random.below(kWideWords.size())];
  }
  return title;
}

Todo make_todo(size_t row) {
  Random random(row);
  Todo todo;
  todo.id = make_id(random);
  todo.title = make_title(random);
  todo.completed = random.below(3) == 0;
  todo.priority = static_cast<unsigned>(random.below(5));
  todo.list = random.below(kLists);
  todo.created_at = kFirstDay + random.next() % kTwoYears;
  todo.updated_at = todo.created_at + random.next() % (30ull * 86400 * 1000);
  const size_t tags = random.below(5);
  for (size_t i = 0; i < tags; ++i) todo.tags.push_back(kTags[random.below(kTags.size())]);
  todo.source = kSources[random.below(kSources.size())];
  todo.owner = kPeople[random.below(kPeople.size())];
  todo.points = static_cast<unsigned>(random.below(20));
  return todo;
}

// Days since 1970 to a civil date, by the 400-year cycle of the Gregorian calendar.
void append_iso_date(uint64_t ms, std::string& out) {
  const uint64_t days = ms / 86400000;
  const uint64_t shifted = days + 719468;  // since 0000-03-01
  const uint64_t era = shifted / 146097;
  const uint64_t day_of_era = shifted % 146097;
  const uint64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint64_t month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned day = static_cast<unsigned>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const unsigned month = static_cast<unsigned>((month_from_march + 2) % 12 + 1);
  const unsigned year = static_cast<unsigned>(era * 400 + year_of_era + (month <= 2 ? 1 : 0));
  const unsigned rest = static_cast<unsigned>(ms % 86400000);
  char text[64];
  std::snprintf(text, sizeof text, "\"%04u-%02u-%02uT%02u:%02u:%02u.%03uZ\"", year, month, day,
                rest / 3600000, rest / 60000 % 60, rest / 1000 % 60, rest % 1000);
  out += text;
}

enum class Dates { kIso, kTyped };

void append_date(uint64_t ms, Dates dates, std::string& out) {
  if (dates == Dates::kIso) return append_iso_date(ms, out);
  out += "{\"$date\":" + std::to_string(ms) + "}";
}

// No text of the vocabularies needs an escape in JSON.
void append_text(const char* name, const std::string& text, std::string& out) {
  out += ",\"";
  out += name;
  out += "\":\"";
  out += text;
  out += '"';
}

void append_json(const Todo& todo, Dates dates, std::string& out) {
  out += "{\"id\":\"" + todo.id + '"';
  append_text("title", todo.title, out);
  out += todo.completed ? ",\"completed\":true" : ",\"completed\":false";
  out += ",\"priority\":" + std::to_string(todo.priority);
  append_text("listId", "l" + std::to_string(todo.list), out);
  out += ",\"createdAt\":";
  append_date(todo.created_at, dates, out);
  out += ",\"updatedAt\":";
  append_date(todo.updated_at, dates, out);
  out += ",\"tags\":[";
  for (size_t i = 0; i < todo.tags.size(); ++i) {
    out += i == 0 ? "\"" : ",\"";
    out += todo.tags[i];
    out += '"';
  }
  out += "],\"meta\":{\"src\":\"" + std::string(todo.source) + '"';
  append_text("by", todo.owner, out);
  out += ",\"pts\":" + std::to_string(todo.points) + "}}";
}

class TodoSet : public DataSet {
 public:
  explicit TodoSet(size_t rows) : rows_(rows) {}
  std::string name() const override { return "todo"; }
  std::string key_field() const override { return "id"; }
  size_t size() const override { return rows_; }
  void append_compact(size_t row, std::string& out) const override {
    append_json(make_todo(row), Dates::kIso, out);
  }
  void append_typed(size_t row, std::string& out) const override {
    append_json(make_todo(row), Dates::kTyped, out);
  }

 private:
  size_t rows_;
};

}  // namespace

std::unique_ptr<DataSet> make_todo_set(size_t rows) { return std::make_unique<TodoSet>(rows); }

void append_todo_change(size_t row, std::string& out) {
  const Todo todo = make_todo(row);
  out += "{\"id\":\"" + todo.id + '"';
  out += todo.completed ? ",\"completed\":false" : ",\"completed\":true";
  out += ",\"updatedAt\":";
  append_date(todo.updated_at + 60000, Dates::kTyped, out);
  out += '}';
}

std::string todo_id(size_t row) {
  Random random(row);
  return make_id(random);
}

}  // namespace cairn::bench
