// Shapes from a file: readers load what they meet, a writer adds new ones inside its transaction
// and publishes them when that is committed. One thread at a time per object.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/storage/connection.h"
#include "core/storage/shape_dictionary.h"

namespace cairn {

// Loads the shapes that others added to the file.
void refresh_shapes(ShapeDictionary& dictionary, Connection& connection);

// Reads shapes inside a snapshot.
class StoredShapes : public ShapeReader {
 public:
  StoredShapes(ShapeDictionary& dictionary, Connection& connection)
      : dictionary_(dictionary), connection_(connection) {}

  const Shape& shape(uint32_t id) override;

 private:
  ShapeDictionary& dictionary_;
  Connection& connection_;
};

// Reads and adds shapes inside a write transaction.
class ShapeTransaction : public ShapeWriter {
 public:
  ShapeTransaction(ShapeDictionary& dictionary, Connection& connection)
      : dictionary_(dictionary), connection_(connection) {}

  const Shape& shape(uint32_t id) override;
  const Shape* intern(Names names) override;

  // After the commit: the new shapes are everybody's.
  void publish();

 private:
  const Shape* add(std::string_view encoded);
  bool is_full(size_t names, size_t bytes) const;

  ShapeDictionary& dictionary_;
  Connection& connection_;
  bool refreshed_ = false;
  ByteBuffer encoded_;
  std::vector<std::unique_ptr<Shape>> pending_;
  std::unordered_map<std::string_view, const Shape*> pending_by_names_;
  size_t pending_bytes_ = 0;
};

}  // namespace cairn
