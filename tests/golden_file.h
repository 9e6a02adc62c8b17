#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace walpulse {

/// Compares with a file that is kept beside the sources, named from the tests' folder. With
/// WALPULSE_WRITE_GOLDEN set the file is written instead.
inline void expect_file(const std::string& name, const std::string& text) {
  const std::string path = std::string(WALPULSE_TEST_DIR) + "/" + name;
  if (std::getenv("WALPULSE_WRITE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  const std::string kept{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(text == kept) << path << " is stale: run this test with WALPULSE_WRITE_GOLDEN=1";
}

}  // namespace walpulse
