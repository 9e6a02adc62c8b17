#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/environment.h"
#include "decoder/base/result.h"

namespace walpulse::monitor::channels {

/// Where a secret is. At most one of the two; none: there is no secret.
struct Secret {
  std::string file = {};
  std::string variable = {};
  bool is_set() const { return !file.empty() || !variable.empty(); }
};

/// The secret as it is now, without the white space around it. Errors name file or variable and
/// what to do, never a part of the secret: unavailable where the file cannot be read (a mount may
/// be away for a moment), rejected where it is empty, larger than 64 KiB or has control characters.
/// `lines`: it may have several lines.
Result<std::string> read_secret(const Secret& secret, const Environment& environment,
                                bool lines = false);

/// Takes secrets out of what people read: a receiver may send back what it got.
class Redaction {
 public:
  /// Texts of fewer than four bytes are no secrets, and would take words to pieces.
  void add(std::string secret);
  /// An address that is a secret: whole, without its query as errors show it, and the path alone as
  /// a receiver may send it back.
  void add_address(const std::string& url);
  /// One line of at most 500 bytes.
  std::string apply(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;
};

}  // namespace walpulse::monitor::channels
