#include "monitor/service/service.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "decoder/base/logging.h"

namespace walpulse::monitor {
namespace {

void append(std::vector<std::string>& texts, std::vector<std::string> more) {
  std::move(more.begin(), more.end(), std::back_inserter(texts));
}

}  // namespace

Service::~Service() {
  stop(Clock::now());
  while (!components_.empty()) components_.pop_back();
}

Result<void> Service::start() {
  for (const auto& component : components_) {
    if (auto started = component->start(); !started) {
      stop(Clock::now());
      return started;
    }
    ++started_;
  }
  return {};
}

void Service::stop(Clock::time_point deadline) {
  for (std::size_t i = started_; i > 0; --i) components_[i - 1]->request_stop();
  while (started_ > 0) {
    // From here on nobody asks for the health of the one that stops.
    Component& component = *components_[--started_];
    const bool in_time = Clock::now() <= deadline;
    component.stop(deadline);
    if (in_time && Clock::now() > deadline) {
      SPDLOG_WARN("stopping takes longer than it may component={}", component.name());
    }
  }
}

Health Service::health() const {
  Health all;
  const std::size_t count = started_;
  for (std::size_t i = 0; i < count; ++i) {
    Health one = components_[i]->health();
    append(all.not_ready, std::move(one.not_ready));
    append(all.warnings, std::move(one.warnings));
  }
  return all;
}

}  // namespace walpulse::monitor
