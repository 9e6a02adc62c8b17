#include "monitor/delivery/attempt.h"

#include <algorithm>
#include <string>

#include "decoder/schema/message_attributes.h"

namespace walpulse::monitor {
namespace {

constexpr std::chrono::milliseconds kFirstPause = std::chrono::seconds(5);
constexpr std::chrono::milliseconds kLongestPause = std::chrono::minutes(10);
/// What a receiver says is kept in the ledger, and shown.
constexpr std::size_t kAnswerBytesMax = 1'000;

Attempted ended(Delivery::State state, Timestamp now, std::string answer) {
  return {state, now, now, std::move(answer)};
}

}  // namespace

std::chrono::milliseconds pause_max(unsigned attempts) {
  const unsigned doublings = std::min(std::max(attempts, 1u) - 1, 10u);
  return std::min(kFirstPause * (1u << doublings), kLongestPause);
}

Attempted after_answer(const Delivery& claimed, const Answer& answer, Timestamp now, double draw) {
  std::string text(schema::cut_utf8(answer.text, kAnswerBytesMax));
  if (answer.verdict == Answer::Verdict::taken)
    return ended(Delivery::State::sent, now, std::move(text));
  if (answer.verdict == Answer::Verdict::never)
    return ended(Delivery::State::given_up, now, std::move(text));
  if (answer.verdict == Answer::Verdict::partly)
    return {Delivery::State::waiting, now, std::nullopt, std::move(text), false};
  const Timestamp last = claimed.repeated.value_or(claimed.created) + kGivenUpAfter;
  if (now >= last) return ended(Delivery::State::given_up, now, std::move(text));
  const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double, std::milli>(
          draw * static_cast<double>(pause_max(claimed.attempts).count())));
  const auto asked = std::min<std::chrono::milliseconds>(
      answer.retry_after.value_or(std::chrono::seconds(0)), kRetryAfterMax);
  // Not beyond the end: the last attempt is made by then.
  const Timestamp again = std::min({now + asked + pause, last, claimed.expires.value_or(last)});
  return {Delivery::State::waiting, again, std::nullopt, std::move(text)};
}

std::optional<Attempted> after_expiry(const Delivery& claimed, Timestamp now) {
  if (!claimed.expires || now < *claimed.expires) return std::nullopt;
  const bool tried = claimed.attempts > 1;  // this one counts already
  std::string text = claimed.answer.empty() ? "" : claimed.answer + "; ";
  text += "it was to be called by " + to_rfc3339(*claimed.expires) +
          ": what it follows lies longer ago now than not_older_than allows";
  return Attempted{tried ? Delivery::State::given_up : Delivery::State::too_old, now, now,
                   std::move(text), false};
}

Attempted not_begun(const Delivery& claimed, Timestamp now) {
  return {Delivery::State::waiting, now, std::nullopt, claimed.answer, false};
}

Attempted cut_off(const Delivery& claimed, Timestamp now) {
  return {Delivery::State::waiting, now, std::nullopt, claimed.answer};
}

}  // namespace walpulse::monitor
