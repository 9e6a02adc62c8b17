#include "bench/publish_sink/publish_reader.h"

#include <algorithm>
#include <charconv>

namespace walpulse::bench {
namespace {

/// How every message of ours begins. Base64 has no braces, and in text the quotes would be escaped.
constexpr std::string_view kMessage = "{\"data\":";
constexpr std::string_view kTime = "\"ce-time\":\"";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

/// memchr for the brace is an order of magnitude faster than a search for the whole pattern.
std::size_t count_messages(std::string_view text) {
  std::size_t count = 0;
  for (auto at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    count += text.substr(at, kMessage.size()) == kMessage ? 1 : 0;
  }
  return count;
}

std::vector<std::string> times_of(std::string_view body) {
  std::vector<std::string> times;
  for (auto at = body.find(kTime); at != std::string_view::npos; at = body.find(kTime, at)) {
    at += kTime.size();
    times.emplace_back(body.substr(at, body.find('"', at) - at));
  }
  return times;
}

}  // namespace

bool PublishReader::feed(std::string_view& bytes) {
  if (!in_body_) {
    const std::size_t before = head_.size();
    head_ += bytes;
    // The end may lie across two pieces.
    const auto end = head_.find(kHeadEnd, before < kHeadEnd.size() ? 0 : before - kHeadEnd.size());
    if (end == std::string::npos) {
      bytes = {};
      return false;
    }
    bytes.remove_prefix(end + kHeadEnd.size() - before);
    head_.resize(end);
    if (begin()) return true;
  }
  const std::string_view piece = bytes.substr(0, std::min(bytes.size(), body_left_));
  bytes.remove_prefix(piece.size());
  body_left_ -= piece.size();
  count(piece);
  if (body_left_ != 0) return false;
  if (keep_times_) request_.times = times_of(tail_);
  in_body_ = false;
  head_.clear();
  return true;
}

/// True where there is no body to wait for.
bool PublishReader::begin() {
  constexpr std::string_view kLength = "Content-Length: ";
  request_ = {};
  tail_.clear();
  const auto method_end = head_.find(' ');
  request_.method = head_.substr(0, method_end);
  request_.path = head_.substr(method_end + 1, head_.find(' ', method_end + 1) - method_end - 1);
  const auto length = head_.find(kLength);
  body_left_ = 0;
  if (length != std::string::npos) {
    std::from_chars(head_.data() + length + kLength.size(), head_.data() + head_.size(),
                    body_left_);
  }
  in_body_ = body_left_ != 0;
  head_.clear();
  return !in_body_;
}

void PublishReader::count(std::string_view piece) {
  if (keep_times_) {
    tail_ += piece;
    if (body_left_ == 0) request_.message_count = count_messages(tail_);
    return;
  }
  // A message's first bytes may lie across two pieces.
  constexpr std::size_t kRest = kMessage.size() - 1;
  tail_ += piece.substr(0, kRest);
  request_.message_count += count_messages(tail_) + count_messages(piece);
  if (piece.size() <= kRest) {
    // Too short to count by itself: what is whole in the tail was counted.
    const auto whole = tail_.rfind(kMessage);
    if (whole != std::string::npos) tail_.erase(0, whole + kMessage.size());
    if (tail_.size() > kRest) tail_.erase(0, tail_.size() - kRest);
    return;
  }
  tail_ = piece.substr(piece.size() - kRest);
}

}  // namespace walpulse::bench
