#include "monitor/service/export_component.h"

#include <cstdio>
#include <string>

#include "decoder/base/clock.h"

namespace walpulse::monitor {
namespace {

void print_line(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

}  // namespace

ExportComponent::ExportComponent(Ledger& ledger, MetricWriter* writer, const ServeOptions& options)
    : ledger_(ledger), writer_(writer), options_(options) {}

Result<void> ExportComponent::start() {
  ExportOptions options;
  options.interval = options_.export_interval;
  loop_.emplace(ledger_, writer_, options_.exports_to("stdout") ? print_line : ExportLoop::Print(),
                options, wall_clock);
  loop_->start();
  return {};
}

void ExportComponent::stop(Clock::time_point deadline) {
  if (Clock::now() < deadline) loop_->stop(deadline);
  loop_.reset();
}

Health ExportComponent::health() const { return {{}, {loop_->health()}}; }

}  // namespace walpulse::monitor
