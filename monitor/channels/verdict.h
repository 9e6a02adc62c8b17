#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/channels/channel.h"
#include "monitor/channels/secret.h"
#include "publisher/http/client.h"

namespace walpulse::monitor::channels {

inline constexpr std::chrono::seconds kRetryAfterMax{3'600};

/// Retry-After (RFC 9110, section 10.2.3): seconds, or a date. At most kRetryAfterMax; nothing
/// where it says neither, or is not there.
std::optional<std::chrono::seconds> retry_after(const http::Response& response, Timestamp now);

/// What an HTTP answer means where the receiver's own rules say nothing else: 2xx is taken; 408,
/// 409, 423, 425, 429 and 5xx come again; every other status is final, redirects among them. The
/// text is the status and what the answer's body begins with.
Answer verdict_of(const http::Response& response, const Redaction& redaction, Timestamp now);

/// What it means that no answer came.
Answer verdict_of(const Error& error, const Redaction& redaction);

/// "Idempotency-Key: KEY"; rejected where the key would end the header.
Result<std::string> key_header(const std::string& key);

inline Answer taken(std::string text) { return {Answer::Verdict::taken, {}, std::move(text)}; }
inline Answer partly(std::string text) { return {Answer::Verdict::partly, {}, std::move(text)}; }
inline Answer never(std::string text) { return {Answer::Verdict::never, {}, std::move(text)}; }
inline Answer again(std::string text) { return {Answer::Verdict::again, {}, std::move(text)}; }

}  // namespace walpulse::monitor::channels
