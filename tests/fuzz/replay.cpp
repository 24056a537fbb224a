// Runs a target over kept inputs, each once: the seeds, and what once was a finding. A plain
// program, so that every build can have it as a test.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void run(const std::filesystem::path& file) {
  // Said before it runs: a finding ends the program.
  std::printf("%s\n", file.string().c_str());
  std::fflush(stdout);
  std::ifstream in(file, std::ios::binary);
  std::vector<char> read(std::istreambuf_iterator<char>(in), {});
  // In memory of exactly that size, so that a sanitizer sees reads beyond it.
  std::vector<uint8_t> input(read.begin(), read.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int count, char** arguments) {
  int inputs = 0;
  for (int i = 1; i < count; ++i) {
    if (std::filesystem::is_regular_file(arguments[i])) {
      run(arguments[i]);
      ++inputs;
      continue;
    }
    if (!std::filesystem::is_directory(arguments[i])) continue;  // none were kept yet
    for (const auto& entry : std::filesystem::directory_iterator(arguments[i])) {
      run(entry.path());
      ++inputs;
    }
  }
  std::printf("%d passed, 0 failed\n", inputs);
  return inputs > 0 ? 0 : 1;
}
