#include "monitor/leader/leader_elector.h"

#include "decoder/base/logging.h"

namespace walpulse::monitor {

LeaderElector::LeaderElector(LeaderElection& ledger, LeaseOptions options)
    : ledger_(ledger), options_(options) {
  ask();
  rounds_.emplace([this, first = true](std::stop_token) mutable {
    if (!first) ask();
    first = false;
    return options_.renewal;
  });
}

LeaderElector::~LeaderElector() { stop(); }

void LeaderElector::stop() {
  if (!rounds_) return;
  rounds_.reset();
  if (const auto resigned = ledger_.resign(); !resigned) {
    SPDLOG_WARN("the lead ends only with its lease error=\"{}\"", to_string(resigned.error()));
  }
}

std::string LeaderElector::health() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void LeaderElector::ask() {
  const auto now = ledger_.lead(options_.ttl);
  if (now && now->ours != led_) {
    led_ = now->ours;
    if (led_) {
      SPDLOG_INFO("this instance leads: it exports, prunes and forwards instance={}", now->leader);
    } else {
      SPDLOG_INFO("another instance leads leader={}", now->leader);
    }
  }
  const std::lock_guard lock(mutex_);
  trouble_ = now ? "" : "the lead cannot be asked for: " + to_string(now.error());
}

}  // namespace walpulse::monitor
