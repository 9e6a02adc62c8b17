#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"

namespace walpulse {

/// Reads one object, member by member, out of a text that is seldom and short; events have
/// JsonCursor. The first member that is missing or of another kind latches: what is read afterwards
/// means nothing, and finish() refuses the lot. nlohmann converts silently between numbers, from
/// negative ones and from ones beyond the type asked for: here a whole number must be one.
class JsonObject {
 public:
  /// A text of more than `bytes_max` is not read: a forged one must not become a tree of many times
  /// its size.
  JsonObject(std::string_view text, std::size_t bytes_max);

  bool has(const char* name) const;
  std::string text(const char* name);
  std::uint64_t counter(const char* name);
  std::vector<std::uint64_t> counters(const char* name);
  std::int64_t whole(const char* name);
  std::optional<std::int64_t> whole_or_null(const char* name);
  double number(const char* name);
  std::vector<double> numbers(const char* name);
  bool truth(const char* name);
  /// A number in a text of digits: beyond 2^53 most readers of JSON would round it.
  std::uint64_t digits(const char* name);
  Timestamp time(const char* name);
  /// Shares the latch.
  JsonObject object(const char* name);

  /// Where nothing is wrong yet, this is.
  void fail(const std::string& why);

  /// `value`, or malformed: "not a heartbeat: sequence is not a counter", never with a value in it.
  template <class Value>
  Result<Value> finish(const char* what, Value value) const {
    if (!problem().empty())
      return walpulse::fail(ErrorKind::malformed, std::string("not ") + what + ": " + problem());
    return value;
  }

 private:
  struct Document;
  JsonObject(std::shared_ptr<Document> document, const nlohmann::ordered_json& object);
  const std::string& problem() const;
  const nlohmann::ordered_json& member(const char* name);
  template <class Value, class Read>
  std::vector<Value> list(const char* name, const char* of, Read read);

  std::shared_ptr<Document> document_;
  const nlohmann::ordered_json* object_;
};

}  // namespace walpulse
