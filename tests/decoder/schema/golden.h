#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace walpulse::schema {

/// Compares with tests/decoder/schema/golden/<name>.json, byte for byte but for the file's last
/// newline. With WALPULSE_WRITE_GOLDEN set the file is written instead: then read the diff, for it
/// is a change to every consumer.
inline void expect_golden(const std::string& name, const std::string& json) {
  const std::string path =
      std::string(WALPULSE_TEST_DIR) + "/decoder/schema/golden/" + name + ".json";
  if (std::getenv("WALPULSE_WRITE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << json << '\n';
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(json + '\n', golden) << path;
}

}  // namespace walpulse::schema
