#include "monitor/telling/deadman.h"

#include <algorithm>
#include <utility>

#include "decoder/base/logging.h"
#include "monitor/rules/secret_places.h"

namespace walpulse::monitor {
namespace {

constexpr std::chrono::minutes kPause{1};
/// Until this instance leads, sees and tells.
constexpr std::chrono::seconds kShortPause{5};
constexpr std::chrono::seconds kCallMax{10};

}  // namespace

bool sees_sources(Transaction& in, const Context& context) {
  if (context.sources.empty() && in.connectors().all().empty()) return false;
  return std::ranges::none_of(in.problems().open(), [](const Problem& problem) {
    return problem.finding.key.kind == ProblemKind::blind;
  });
}

Deadman::Deadman(Ledger& ledger, RulesInForce rules, channels::ChannelTools tools, Tells tells)
    : ledger_(ledger),
      rules_(std::move(rules)),
      tools_(std::move(tools)),
      tells_(std::move(tells)),
      rounds_([this](const std::stop_token& stop) { return round(stop); }) {}

std::string Deadman::health() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::chrono::milliseconds Deadman::round(const std::stop_token& stop) {
  const auto rules = rules_().rules;
  const bool calls = rules->deadman && leads_sees_and_tells();
  std::string trouble = calls ? call(*rules->deadman, stop) : "";
  const std::lock_guard lock(mutex_);
  if (!trouble.empty() && trouble != trouble_) SPDLOG_WARN("{}", trouble);
  trouble_ = std::move(trouble);
  return calls ? std::chrono::milliseconds(kPause) : kShortPause;
}

bool Deadman::leads_sees_and_tells() {
  if (!ledger_.leadership().ours || !tells_()) return false;
  bool sees = false;
  const auto looked = ledger_.look(
      [&](Transaction& in, const Context& context) { sees = sees_sources(in, context); });
  return looked && sees;
}

std::string Deadman::call(const rules::DeadmanRule& rule, const std::stop_token& stop) {
  channels::Redaction redaction;
  const std::string failed = "the address of [deadman] cannot be called: ";
  const auto url = channels::read_secret({rule.url_file, rule.url_env}, tools_.environment);
  if (!url) return failed + to_string(url.error());
  redaction.add_address(*url);
  if (const auto safe = rules::keeps_secrets(*url); !safe) return failed + to_string(safe.error());
  http::Request request;
  request.method = http::Method::get;
  request.url = *url;
  request.timeout = kCallMax;
  request.stop = stop;
  const auto response = tools_.http.send(request);
  if (!response && response.error().kind == ErrorKind::cancelled) return "";
  if (!response) return failed + redaction.apply(to_string(response.error()));
  if (response->status / 100 != 2) return failed + "HTTP " + std::to_string(response->status);
  return "";
}

}  // namespace walpulse::monitor
