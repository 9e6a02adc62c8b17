#include "monitor/api/answer_cache.h"

#include <iterator>
#include <utility>

namespace walpulse::monitor::api {

AnswerCache::Answer AnswerCache::find(const std::string& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto at = places_.find(key);
  return at == places_.end() || !serves(*at->second, now) ? nullptr : at->second->answer;
}

void AnswerCache::keep(std::string key, Answer answer, Clock::time_point read,
                       Clock::time_point now) {
  Kept kept{std::move(key), read, std::move(answer)};
  const std::lock_guard lock(mutex_);
  while (!answers_.empty() && !serves(answers_.front(), now)) drop(answers_.begin());
  if (const auto at = places_.find(kept.key); at != places_.end()) {
    if (at->second->read > kept.read) return;  // nobody is shown less than before
    drop(at->second);
  }
  if (!serves(kept, now) || bytes_ + bytes_of(kept) > bytes_max_) return;
  bytes_ += bytes_of(kept);
  answers_.push_back(std::move(kept));
  places_.emplace(answers_.back().key, std::prev(answers_.end()));
}

bool AnswerCache::serves(const Kept& kept, Clock::time_point now) const {
  return now - kept.read <= kept_;
}

/// With what its place costs, and its body compressed, which is made when it is first asked for.
std::size_t AnswerCache::bytes_of(const Kept& kept) {
  constexpr std::size_t kOfAPlace = 512;
  const std::size_t body = kept.answer->body.size();
  return kOfAPlace + kept.key.size() + body + body / 8;
}

void AnswerCache::drop(Place place) {
  bytes_ -= bytes_of(*place);
  places_.erase(place->key);
  answers_.erase(place);
}

}  // namespace walpulse::monitor::api
