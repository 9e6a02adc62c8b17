#pragma once

#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "decoder/base/json_writer.h"
#include "decoder/base/timestamp.h"

namespace walpulse::monitor::api {

/// Writes an object's members in their order, each as the functions of api_json.h make it. Texts
/// may have any byte: what is not UTF-8 is replaced.
class JsonMembers {
 public:
  explicit JsonMembers(JsonWriter& out) : out_(out) { out_.put('{'); }
  ~JsonMembers() { out_.put('}'); }
  JsonMembers(const JsonMembers&) = delete;
  JsonMembers& operator=(const JsonMembers&) = delete;

  void text(std::string_view name, std::string_view value) { begin(name).name(value); }
  void text_or_null(std::string_view name, std::string_view value) {
    value.empty() ? null(name) : text(name, value);
  }
  void null(std::string_view name) { begin(name).put("null"); }
  void flag(std::string_view name, bool value) {
    value ? begin(name).put("true") : begin(name).put("false");
  }
  template <class Integer>
  void number(std::string_view name, Integer value) {
    begin(name).decimal(value);
  }
  /// Null where RFC 3339 has no form for it.
  void instant(std::string_view name, const std::optional<Timestamp>& at) {
    const std::string text = at ? to_rfc3339(*at) : std::string();
    text_or_null(name, text.ends_with('Z') ? std::string_view(text) : std::string_view());
  }
  /// To the millisecond; null where there are none, or no end of them.
  void seconds(std::string_view name, const std::optional<double>& value) {
    if (!value || !std::isfinite(*value)) return null(name);
    constexpr double kExact = 1e12;  // beyond it the parts of a second mean nothing
    const double shown = *value > kExact ? *value : std::round(*value * 1000) / 1000;
    char text[32];
    char* const end = std::to_chars(text, text + sizeof text, shown).ptr;
    begin(name).put(std::string_view(text, static_cast<std::size_t>(end - text)));
  }
  /// Its value is written next, by whoever begins it.
  JsonWriter& begin(std::string_view name) {
    if (!first_) out_.put(',');
    first_ = false;
    out_.name(name);
    out_.put(':');
    return out_;
  }

 private:
  JsonWriter& out_;
  bool first_ = true;
};

}  // namespace walpulse::monitor::api
