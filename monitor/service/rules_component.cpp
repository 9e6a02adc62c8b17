#include "monitor/service/rules_component.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "decoder/base/logging.h"

namespace walpulse::monitor {
namespace {

using rules::RuleBook;

/// Files that are being written are others at each look; so long they must stay as they are.
constexpr std::chrono::milliseconds kStay{1'000};
/// Between two looks where nobody tells it to look: any time does.
constexpr std::chrono::milliseconds kLong = std::chrono::hours(24);
/// Fewer than the log passes of one place in the source at once.
constexpr std::size_t kMistakesLogged = 25;

const telemetry::Descriptor kInfo{"rules/info",
                                  "Rules in force",
                                  "Always 1: the hash of the rules that are in force.",
                                  "1",
                                  telemetry::Descriptor::Kind::gauge,
                                  telemetry::Descriptor::ValueType::int64,
                                  {"hash"}};
const telemetry::Descriptor kBroken{
    "rules/broken",
    "Rules broken",
    "1 while the rules files have mistakes: the rules of before stay in force.",
    "1",
    telemetry::Descriptor::Kind::gauge,
    telemetry::Descriptor::ValueType::int64,
    {}};

/// As people compare hashes.
std::string hash_head(const std::string& hash) { return hash.substr(0, 12); }

void log_taken(const RuleBook::InForce& now, const std::string& hash_before) {
  SPDLOG_INFO("other rules are in force hash={} hash_before={} tables={} files={}",
              hash_head(now.hash), hash_head(hash_before), now.rules->table_count,
              now.rules->files.size());
}

}  // namespace

void log_mistakes(const rules::Mistakes& mistakes) {
  const std::size_t logged = std::min(mistakes.size(), kMistakesLogged);
  for (std::size_t i = 0; i < logged; ++i) SPDLOG_WARN("{}", to_string(mistakes[i]));
  if (mistakes.size() > logged) {
    SPDLOG_WARN("and others: walpulse-monitor rules check names all mistakes={}", mistakes.size());
  }
}

Result<void> RulesComponent::start() {
  const RuleBook::InForce now = book_.in_force();
  SPDLOG_INFO("rules are in force path={} hash={} tables={} files={}", book_.path().string(),
              hash_head(now.hash), now.rules->table_count, now.rules->files.size());
  task_.emplace([this](const std::stop_token&) { return look(); });
  return {};
}

void RulesComponent::stop(Clock::time_point) { task_.reset(); }

Health RulesComponent::health() const {
  const rules::Mistakes mistakes = book_.mistakes();
  if (mistakes.empty()) return {};
  std::string said = "the rules file is not in order, the rules of before stay in force: " +
                     to_string(mistakes.front());
  if (mistakes.size() > 1) said += " (and " + std::to_string(mistakes.size() - 1) + " more)";
  return {{}, {std::move(said)}};
}

void RulesComponent::look_now() {
  told_ = true;
  task_->wake();
}

std::chrono::milliseconds RulesComponent::look() {
  const bool told = told_.exchange(false);
  if (!told && !reload_) return kLong;
  const RuleBook::InForce before = book_.in_force();
  switch (book_.look(told ? RuleBook::Patience::none : RuleBook::Patience::until_they_stay)) {
    case RuleBook::Look::changing:
      return kStay;
    case RuleBook::Look::taken:
      log_taken(book_.in_force(), before.hash);
      break;
    case RuleBook::Look::broken: {
      const rules::Mistakes mistakes = book_.mistakes();
      SPDLOG_WARN(
          "the rules file is not in order, the rules of before stay in force path={} "
          "mistakes={} hash={}",
          book_.path().string(), mistakes.size(), hash_head(before.hash));
      log_mistakes(mistakes);
      break;
    }
    case RuleBook::Look::restored:
      SPDLOG_INFO("the rules file is in order again, and as it was hash={}",
                  hash_head(before.hash));
      break;
    case RuleBook::Look::same:
      if (told) SPDLOG_INFO("the rules have not changed hash={}", hash_head(before.hash));
      break;
  }
  return reload_.value_or(kLong);
}

std::vector<telemetry::Metric> rules_metrics(const RuleBook& book) {
  if (book.path().empty()) return {};
  telemetry::Metric info{&kInfo, {}};
  info.points.push_back({{{"hash", book.in_force().hash}}, "", {}, std::int64_t{1}});
  telemetry::Metric broken{&kBroken, {}};
  broken.points.push_back({{}, "", {}, std::int64_t{book.mistakes().empty() ? 0 : 1}});
  return {std::move(info), std::move(broken)};
}

std::unique_ptr<rules::RuleBook> open_rules(const ServeOptions& options) {
  if (options.rules_path.empty()) return std::make_unique<rules::RuleBook>();
  auto opened = rules::RuleBook::open(options.rules_path);
  if (opened) return *std::move(opened);
  log_mistakes(opened.error());
  SPDLOG_ERROR(
      "the rules file is not in order: mend it, or serve without --rules path={} mistakes={}",
      options.rules_path, opened.error().size());
  return nullptr;
}

}  // namespace walpulse::monitor
