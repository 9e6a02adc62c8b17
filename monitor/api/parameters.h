#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/api/api_error.h"
#include "monitor/api/page_token.h"
#include "publisher/http/query.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor::api {

inline constexpr std::size_t kPageSize = 50;
inline constexpr std::size_t kPageSizeMax = 200;

/// Reads the parameters of one request. The first one that is wrong latches: what is read
/// afterwards means nothing, and error() has it. What no reader asked for is never ignored:
/// unknown_parameter() is asked first.
class Parameters {
 public:
  /// Both must outlive this.
  Parameters(std::string_view path, const http::Query& query) : path_(path), query_(query) {}

  /// Latches what is not among `allowed`, or stands there twice. Where "label.*" is allowed, so is
  /// each `label.NAME`.
  void allow(std::span<const std::string_view> allowed);

  std::optional<std::string> text(std::string_view name, std::size_t bytes_max);
  /// Values of the list, separated by commas; empty where it is not there.
  std::vector<std::string> choices(std::string_view name,
                                   std::span<const std::string_view> choices);
  std::optional<std::string> choice(std::string_view name,
                                    std::span<const std::string_view> choices);
  std::optional<Timestamp> instant(std::string_view name);
  /// "90s", "30m", "24h", "7d".
  std::optional<std::chrono::seconds> duration(std::string_view name);
  std::optional<std::chrono::year_month_day> day(std::string_view name);
  /// By name, without "label.".
  telemetry::Labels labels();
  std::size_t page_size();
  /// Where the page begins; nothing: at the beginning. Latches token_expired.
  std::optional<PageMark> page_mark();
  /// Of the list that the request is of.
  std::string page_token(const PageMark& mark) const {
    return encode_page_token(list_of(path_, query_), mark);
  }

  /// The request with this token in the place of its own.
  std::string url_of_page(const std::string& token) const;

  void latch(ApiError error);
  const std::optional<ApiError>& error() const { return error_; }

 private:
  const std::string* find(std::string_view name) const { return query_.find(name); }

  std::string_view path_;
  const http::Query& query_;
  std::optional<ApiError> error_;
};

}  // namespace walpulse::monitor::api
