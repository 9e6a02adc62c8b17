#pragma once

#include <optional>
#include <string_view>

#include "monitor/export/export_loop.h"
#include "monitor/options/options.h"
#include "monitor/service/component.h"

namespace walpulse::monitor {

/// Exports the ledger. Stops with a last export, where there is time for one.
class ExportComponent final : public Component {
 public:
  /// `writer` may be null; all must outlive it.
  ExportComponent(Ledger& ledger, MetricWriter* writer, const ServeOptions& options);
  std::string_view name() const override { return "export"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;

 private:
  Ledger& ledger_;
  MetricWriter* const writer_;
  const ServeOptions& options_;
  std::optional<ExportLoop> loop_;
};

}  // namespace walpulse::monitor
