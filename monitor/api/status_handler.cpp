#include "monitor/api/status_handler.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/schema/change_event.h"

namespace walpulse::monitor {
namespace {

constexpr std::size_t kQuestionsMax = 64;
constexpr std::chrono::seconds kSeenFor{1};

void erase_empty(std::vector<std::string>& texts) {
  std::erase_if(texts, [](const std::string& text) { return text.empty(); });
}

}  // namespace

StatusHandler::StatusHandler(Ledger& ledger, const ProcessMetrics& process, StatusProbes probes,
                             std::string description)
    : ledger_(ledger),
      process_(process),
      probes_(std::move(probes)),
      description_(std::move(description)),
      thread_([this] { run(); }) {}

StatusHandler::~StatusHandler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
  for (const Question& question : questions_)
    question.respond(http::text_response(503, "stopping\n"));
}

void StatusHandler::ask(View view, http::Respond respond) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && questions_.size() < kQuestionsMax) {
      questions_.push_back({view, std::move(respond)});
      changed_.notify_all();
      return;
    }
  }
  respond(http::text_response(503, "busy: try again later\n"));
}

void StatusHandler::run() {
  while (true) {
    Question question;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !questions_.empty(); });
      if (stopping_) return;
      question = std::move(questions_.front());
      questions_.pop_front();
    }
    question.respond(answer(question.view));
  }
}

const StatusHandler::Seen& StatusHandler::look() {
  const auto now = std::chrono::steady_clock::now();
  if (seen_ && now - seen_->at < kSeenFor) return *seen_;
  auto seen = std::make_unique<Seen>();
  seen->health = probes_.health();
  auto& [not_ready, warnings] = seen->health;
  erase_empty(not_ready);
  erase_empty(warnings);
  if (not_ready.empty()) {  // else it is asked already, and would be waited for twice
    if (const auto checked = ledger_.check(); !checked)
      not_ready.push_back("the ledger does not answer: " + to_string(checked.error()));
  }
  if (auto snapshot = ledger_.snapshot(probes_.now())) {
    seen->snapshot = std::move(*snapshot);
  } else {
    seen->snapshot.taken = probes_.now();
    warnings.push_back("the ledger cannot be read: " + to_string(snapshot.error()));
  }
  seen->leadership = ledger_.leadership();
  seen->process = {seen->snapshot.taken,
                   process_.collect(probes_.queue_bytes(), seen->leadership.ours)};
  if (probes_.metrics) {
    for (telemetry::Metric& metric : probes_.metrics())
      seen->process.metrics.push_back(std::move(metric));
  }
  seen->at = std::chrono::steady_clock::now();
  seen_ = std::move(seen);
  return *seen_;
}

http::ServerResponse StatusHandler::answer(View view) {
  const Seen& seen = look();
  switch (view) {
    case View::readiness: {
      std::string text;
      for (const std::string& reason : seen.health.not_ready) text += reason + '\n';
      return text.empty() ? http::text_response(200, "ready\n")
                          : http::text_response(503, std::move(text));
    }
    case View::health:
      return {200, "application/json", health(seen)};
    case View::metrics:
      return {200, "text/plain; version=0.0.4; charset=utf-8", metrics(seen)};
  }
  return http::text_response(500, "internal error\n");
}

std::string StatusHandler::metrics(const Seen& seen) {
  const std::string process = telemetry::prometheus_text(seen.process);
  return seen.leadership.ours ? telemetry::prometheus_text(seen.snapshot) + process : process;
}

std::string StatusHandler::health(const Seen& seen) const {
  const auto uptime =
      std::chrono::duration_cast<std::chrono::seconds>(probes_.now() - process_.started());
  const nlohmann::ordered_json json = {
      {"status", seen.health.not_ready.empty() ? "ready" : "not ready"},
      {"reasons", seen.health.not_ready},
      {"warnings", seen.health.warnings},
      {"ledger", description_},
      {"leads", seen.leadership.ours},
      {"leader", seen.leadership.leader},
      {"version", schema::kProgramVersion},
      {"started_at", to_rfc3339(process_.started())},
      {"uptime_s", uptime.count()},
      {"queue_bytes", probes_.queue_bytes()},
  };
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace walpulse::monitor
