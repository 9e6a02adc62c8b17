#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

// The main of a fuzz target where there is no libFuzzer: gives it each file that the arguments name
// (folders: every file in them), so that what a fuzzer once found stays found with any compiler.

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& argument) {
  if (!fs::is_directory(argument)) return {argument};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(argument)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool replay(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    std::fprintf(stderr, "cannot be read: %s\n", path.c_str());
    return false;
  }
  std::printf("%s\n", path.filename().c_str());
  std::fflush(stdout);  // The last name is the one that it died of.
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const fs::path& path : files_of(argv[i])) {
      if (!replay(path)) return 1;
      ++count;
    }
  }
  std::printf("%zu seeds\n", count);
  return count == 0 ? 1 : 0;
}
