#include "monitor/leader/settler.h"

#include <algorithm>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kShortestPause = 100ms;
constexpr std::chrono::milliseconds kLongestPause = 3s;
/// Where more is due than one transaction takes: messages come between.
constexpr std::chrono::milliseconds kBreath = 10ms;

}  // namespace

std::chrono::milliseconds settling_pause(std::chrono::milliseconds settle) {
  return std::clamp(settle / 60, kShortestPause, kLongestPause);
}

Settler::Settler(LedgerMaintenance& ledger, std::chrono::milliseconds settle)
    : ledger_(ledger),
      pause_(settling_pause(settle)),
      rounds_([this](std::stop_token) { return this->settle(); }) {}

std::string Settler::health() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::chrono::milliseconds Settler::settle() {
  const auto advanced = ledger_.advance(std::chrono::steady_clock::now());
  const std::lock_guard lock(mutex_);
  trouble_ = advanced ? "" : "what has settled cannot be counted: " + to_string(advanced.error());
  return advanced && !advanced->all ? kBreath : pause_;
}

}  // namespace walpulse::monitor
