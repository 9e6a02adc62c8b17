#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"

namespace walpulse::monitor {

/// Who shows which bearer token: a line each, `NAME TOKEN` or a token alone; `#` begins a comment.
/// Several lines let a token be changed without a gap. Immutable; any number of threads.
class ReaderTokens {
 public:
  static constexpr std::size_t kBytesMin = 16;

  /// Rejected for a line that is none, and for a token that is short enough to be guessed; no
  /// message quotes one.
  static Result<ReaderTokens> read(std::string_view text);
  /// The file's; denied where it cannot be read.
  static Result<ReaderTokens> open(const std::filesystem::path& file);

  /// The name of whom `token` belongs to; nothing where it is nobody's. Takes as long however much
  /// of a token is right.
  std::optional<std::string> name_of(std::string_view token) const;

 private:
  struct Entry {
    std::string name;
    std::string token;
  };
  std::vector<Entry> entries_;
};

}  // namespace walpulse::monitor
