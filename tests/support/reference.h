// A second, slow implementation of core/value/ENCODING.md, written from the document alone:
// portable and canonical values, keys and digests of values that are given as extended JSON
// (cairn/value.h). The corpus checks the engine against it. Plain functions, for any thread; errors
// are exceptions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::testing {

// Keeps the order of an object's fields.
using Json = nlohmann::ordered_json;

// A portable value. Beside what cairn/value.h lists, {"$undefined": true} is undefined, and values
// that Cairn must refuse (dates and numbers out of range, deep nesting) are written as they stand.
std::string encode_portable(const Json& value);

// The bytes of base64; throws where it is none.
std::string from_base64(const std::string& text);

// A canonical value: equal bytes mean equal values but for the order of fields.
std::string encode_canonical(const Json& value);

// The same with the fields in their own order: equal bytes mean equal values.
std::string encode_ordered(const Json& value);

// A key in its order-preserving form.
std::string encode_key(const Json& key);

struct ReferenceRow {
  Json key;
  Json value;
  Json metadata = nullptr;
};

struct ReferenceCollection {
  std::string name;
  std::vector<ReferenceRow> rows;
};

// Digests as 32 hexadecimal digits: of a collection's rows in any order, and of a database.
std::string digest_of_rows(const std::vector<ReferenceRow>& rows);
std::string digest_of_database(std::vector<ReferenceCollection> collections);

}  // namespace cairn::testing
