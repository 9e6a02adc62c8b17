#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/intake/intake.h"
#include "monitor/intake/pull_intake.h"
#include "monitor/service/component.h"

namespace walpulse::monitor {

/// Applies messages to the ledger. What the constructors of these components take must outlive
/// them.
class IntakeComponent final : public Component {
 public:
  using Tell = std::function<void(const SourceAlert&)>;

  /// `happened` as IntakeOptions::happened.
  IntakeComponent(LedgerWriter& ledger, Tell tell, std::function<void()> happened);
  std::string_view name() const override { return "intake"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;

  /// Only while it runs.
  Intake& intake() { return *intake_; }

 private:
  LedgerWriter& ledger_;
  const Tell tell_;
  const std::function<void()> happened_;
  std::optional<Intake> intake_;
};

/// Pulls messages from a subscription into the intake.
class PullComponent final : public Component {
 public:
  /// `endpoint` is for the log.
  PullComponent(IntakeComponent& intake, pubsub::Client& pubsub, ProcessMetrics& process,
                std::string subscription, std::string endpoint);
  std::string_view name() const override { return "pull"; }
  Result<void> start() override;
  void request_stop() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;

 private:
  IntakeComponent& intake_;
  pubsub::Client& pubsub_;
  ProcessMetrics& process_;
  const std::string subscription_;
  const std::string endpoint_;
  std::optional<PullIntake> pull_;
};

}  // namespace walpulse::monitor
