// Frames in pieces of any size, hellos, and lengths that promise what does not come.
#include "core/coordination/frames.h"

#include <gtest/gtest.h>

#include <vector>

namespace cairn::unit {
namespace {

std::string frame_of(const std::string& message) {
  OutgoingFrame frame(as_bytes(message));
  return std::string(as_text(frame.copy()->bytes()));
}

// The messages that a reader finds in bytes that arrive so many at a time.
std::vector<std::string> read_in_pieces(const std::string& bytes, size_t piece) {
  FrameReader reader;
  std::vector<std::string> found;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    size_t size = std::min(piece, bytes.size() - at);
    auto room = reader.room();
    EXPECT_GE(room.size(), size);
    std::memcpy(room.data(), bytes.data() + at, size);
    reader.arrived(size);
    while (auto message = reader.next()) found.emplace_back(as_text(*message));
  }
  return found;
}

bool is_malformed(const std::string& bytes) {
  try {
    read_in_pieces(bytes, bytes.size());
  } catch (const Error& error) {
    return error.status() == Status::kMalformed;
  }
  return false;
}

TEST(FramesTest, MessagesAreFoundInPiecesOfAnySize) {
  std::vector<std::string> messages = {
      "hello", "", "a", std::string(300, 'b'), std::string(70000, 'c'), ""};
  std::string bytes;
  for (const std::string& message : messages) bytes += frame_of(message);
  for (size_t piece : {1, 2, 3, 4, 5, 7, 100, 4096, 65536})
    EXPECT_EQ(read_in_pieces(bytes, piece), messages) << piece;
}

TEST(FramesTest, ALengthAloneTakesNoMemory) {
  FrameReader reader;
  std::string bytes = frame_of("hello") + "\xff\xff\xff\x03" + "and no more";
  std::memcpy(reader.room().data(), bytes.data(), bytes.size());
  reader.arrived(bytes.size());
  EXPECT_TRUE(reader.next());
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.room().size(), size_t{65536});
  }
}

TEST(FramesTest, ALengthHasABound) {
  EXPECT_TRUE(is_malformed("\xff\xff\xff\xff"));
  EXPECT_TRUE(is_malformed(frame_of("hello") + "\xff\xff\xff\xff"));
  std::string most("\0\0\x01\x04", 4), more("\1\0\x01\x04", 4);  // 64 MiB + 64 KiB
  EXPECT_FALSE(is_malformed(frame_of("hello") + most));
  EXPECT_TRUE(is_malformed(frame_of("hello") + more));
  EXPECT_TRUE(is_malformed(frame_of(std::string(75, 'a')))) << "a hello is short";
}

TEST(FramesTest, AHelloNamesItsNode) {
  for (std::string node : {std::string("a"), std::string("A-9"), std::string(64, 'z')})
    EXPECT_EQ(node_of(hello_of(node).bytes()), node);
}

TEST(FramesTest, OtherBytesAreNoHello) {
  std::string right(as_text(hello_of("node").bytes()));
  for (size_t i = 0; i < 10; ++i) {
    std::string wrong = right;
    wrong[i] ^= 1;
    EXPECT_FALSE(node_of(as_bytes(wrong))) << i;
    EXPECT_FALSE(node_of(as_bytes(right.substr(0, i)))) << i;
  }
  EXPECT_FALSE(node_of(as_bytes(right.substr(0, 10)))) << "no node";
  for (std::string node : {std::string("../x"), std::string("a b"), std::string("a\0", 2),
                           std::string("\xc3\xa4"), std::string(65, 'a')})
    EXPECT_FALSE(node_of(hello_of(node).bytes())) << node;
}

}  // namespace
}  // namespace cairn::unit
