#include "publisher/auth/jwks_cache.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "decoder/base/error_context.h"
#include "decoder/base/logging.h"
#include "publisher/http/api_error.h"

namespace walpulse::auth {
namespace {

constexpr std::chrono::seconds kKeysTimeout{10};
constexpr std::chrono::seconds kFreshMin{300};
constexpr std::chrono::seconds kFreshMax{24 * 3600};
constexpr std::chrono::seconds kFreshUnsaid{3600};
/// Between fetches that unknown keys ask for.
constexpr std::chrono::seconds kAskedPause{30};
constexpr std::chrono::seconds kFailedPauseMax{60};

std::string_view header_of(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

std::optional<std::int64_t> seconds_of(std::string_view text) {
  std::int64_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc() || seconds < 0) return std::nullopt;
  return seconds;
}

}  // namespace

std::chrono::seconds fresh_for(std::string_view cache_control, std::string_view age) {
  constexpr std::string_view kMaxAge = "max-age=";
  const std::size_t found = cache_control.find(kMaxAge);
  if (found == std::string_view::npos) return kFreshUnsaid;
  const auto max_age = seconds_of(cache_control.substr(found + kMaxAge.size()));
  if (!max_age) return kFreshUnsaid;
  const std::int64_t bounded = std::min(*max_age, kFreshMax.count());
  const std::chrono::seconds left(bounded - std::min(bounded, seconds_of(age).value_or(0)));
  return std::clamp(left, kFreshMin, kFreshMax);
}

JwksCache::JwksCache(http::Client& http, std::string url, SteadyNow now, Algorithm algorithm)
    : http_(http),
      url_(std::move(url)),
      now_(now ? std::move(now) : SteadyNow([] { return std::chrono::steady_clock::now(); })),
      algorithm_(algorithm) {}

JwksCache::~JwksCache() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void JwksCache::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

JwksCache::Verdict JwksCache::verify(const std::string& key_id, std::string_view text,
                                     std::string_view signature) {
  std::shared_ptr<const JwkSet> keys;
  {
    const std::lock_guard lock(mutex_);
    if (!keys_) return Verdict::undecided;
    keys = keys_;
    if (!keys->has(key_id)) {
      if (fetching_ || asked_) return Verdict::undecided;
      if (now_() - tried_at_ < kAskedPause) {
        return problem_.empty() ? Verdict::unknown_key : Verdict::undecided;
      }
      asked_ = true;
      changed_.notify_all();
      return Verdict::undecided;
    }
  }
  return keys->verify(key_id, text, signature) ? Verdict::valid : Verdict::forged;
}

std::string JwksCache::health() const {
  const std::lock_guard lock(mutex_);
  if (keys_) return {};
  return "no keys to check identity tokens with: " +
         (problem_.empty() ? "not fetched yet from " + url_ : problem_);
}

std::string JwksCache::warning() const {
  const std::lock_guard lock(mutex_);
  if (!keys_ || problem_.empty()) return {};
  return "the keys that check identity tokens are old: " + problem_;
}

std::chrono::steady_clock::time_point JwksCache::next_refresh() const {
  const std::lock_guard lock(mutex_);
  return next_at_;
}

Result<JwksCache::Fetched> JwksCache::fetch(std::stop_token stop) {
  http::Request request;
  request.method = http::Method::get;
  request.url = url_;
  request.timeout = kKeysTimeout;
  request.stop = std::move(stop);
  const Result<http::Response> response = http_.send(request);
  if (!response) return fail(in_context("keys from " + url_, response.error()));
  if (const auto fine = http::check(*response, "keys from " + url_); !fine) {
    return forward(fine);
  }
  auto keys = JwkSet::from_jwks(response->body, algorithm_);
  if (!keys) return fail(in_context("keys from " + url_, keys.error()));
  return Fetched{*std::move(keys),
                 fresh_for(header_of(*response, "cache-control"), header_of(*response, "age"))};
}

Result<std::size_t> JwksCache::refresh(std::stop_token stop) {
  {
    const std::lock_guard lock(mutex_);
    fetching_ = true;
    asked_ = false;
  }
  Result<Fetched> fetched = fetch(std::move(stop));
  const std::lock_guard lock(mutex_);
  const auto now = now_();
  fetching_ = false;
  tried_at_ = now;
  if (!fetched) {
    // 1, 2, 4, ... s: a machine that starts may have no network for a moment.
    const std::chrono::seconds pause(1 << std::min(failures_++, 6));
    next_at_ = now + (keys_ ? kFailedPauseMax : std::min(pause, kFailedPauseMax));
    problem_ = to_string(fetched.error());
    return forward(fetched);
  }
  failures_ = 0;
  problem_.clear();
  keys_ = std::make_shared<const JwkSet>(std::move(fetched->keys));
  next_at_ = now + fetched->fresh_for;
  return keys_->size();
}

void JwksCache::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const bool had_trouble = !health().empty() || !warning().empty();
    const auto fetched = refresh(stop);
    if (stop.stop_requested()) return;
    if (!fetched) {
      SPDLOG_WARN("the keys of identity tokens cannot be fetched, will retry error=\"{}\"",
                  to_string(fetched.error()));
    } else if (had_trouble) {
      SPDLOG_INFO("identity tokens can be checked keys={} url={}", *fetched, url_);
    }
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, next_at_, [this] { return asked_; });
  }
}

}  // namespace walpulse::auth
