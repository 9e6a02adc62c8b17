#include "monitor/export/cloud_monitoring_writer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "decoder/base/logging.h"
#include "publisher/http/api_error.h"

namespace walpulse::monitor {
namespace {

const char* reason_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::timed_out:
      return "timed_out";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::denied:
      return "denied";
    case ErrorKind::rejected:
    case ErrorKind::malformed:
      return "refused";
    case ErrorKind::unavailable:
    case ErrorKind::contended:
      break;
  }
  return "unavailable";
}

/// A retry of a call that had arrived after all meets its own points.
void forgive_own_points(WriteAnswer& answer) {
  for (ExportResult& result : answer.results) {
    if (result == "out_of_order" || result == "too_frequent") result.clear();
  }
}

}  // namespace

CloudMonitoringWriter::Clock::time_point CloudMonitoringWriter::Run::until() const {
  return exported.write_until ? std::min(deadline, exported.write_until()) : deadline;
}

CloudMonitoringWriter::CloudMonitoringWriter(http::Client& http, auth::TokenSource& tokens,
                                             CloudMonitoringOptions options,
                                             std::vector<const telemetry::Descriptor*> descriptors)
    : http_(http),
      tokens_(tokens),
      options_(std::move(options)),
      missing_descriptors_(std::move(descriptors)) {}

std::vector<ExportResult> CloudMonitoringWriter::write(const Export& exported,
                                                       Clock::time_point deadline,
                                                       std::stop_token stop) {
  Run run{exported, deadline, std::move(stop), {}, 0, "", ""};
  run.results.assign(exported.points.size(), "cancelled");
  if (ensure_descriptors(run)) {
    for (const auto& which : time_series_calls(exported)) write_call(run, which);
  }
  conclude(run);
  return std::move(run.results);
}

std::string CloudMonitoringWriter::health() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

/// False where the service cannot be reached or denies access. A descriptor that it refuses for
/// good is given up: the points then say for themselves whether they fit.
bool CloudMonitoringWriter::ensure_descriptors(Run& run) {
  while (!missing_descriptors_.empty()) {
    const telemetry::Descriptor& descriptor = *missing_descriptors_.back();
    const auto response =
        post(run, "metricDescriptors", descriptor_body(descriptor, options_.target));
    auto created =
        response
            ? http::check(*response, "creating metric descriptor " + std::string(descriptor.name))
            : forward(response);
    if (!created && (retryable(created.error()) || created.error().kind == ErrorKind::cancelled)) {
      run.failure = to_string(created.error());
      run.results.assign(run.results.size(), reason_of(created.error().kind));
      return false;
    }
    if (!created)
      SPDLOG_ERROR("a metric descriptor is refused error=\"{}\"", to_string(created.error()));
    missing_descriptors_.pop_back();
  }
  return true;
}

void CloudMonitoringWriter::write_call(Run& run, std::span<const std::size_t> which) {
  if (which.empty() || run.stop.stop_requested() || Clock::now() >= run.until()) return;
  if (!run.failure.empty()) {
    for (const std::size_t index : which) run.results[index] = run.failure_result;
    return;
  }
  const WriteAnswer answer = call(run, which);
  for (std::size_t i = 0; i < which.size(); ++i) run.results[which[i]] = answer.results[i];
  if (answer.whole_call_refused) write_rest(run, which, answer);
}

/// Sends again what was not to blame; where nobody knows, each half on its own.
void CloudMonitoringWriter::write_rest(Run& run, std::span<const std::size_t> which,
                                       const WriteAnswer& answer) {
  std::vector<std::size_t> blameless;
  for (std::size_t i = 0; i < which.size(); ++i) {
    if (answer.results[i].empty()) blameless.push_back(which[i]);
  }
  for (const std::size_t index : blameless) run.results[index] = "refused";
  const bool culprits_known = !blameless.empty();
  if ((!culprits_known && which.size() == 1) || run.splits >= options_.splits_max) return;
  ++run.splits;
  if (culprits_known) return write_call(run, blameless);
  write_call(run, which.first(which.size() / 2));
  write_call(run, which.subspan(which.size() / 2));
}

WriteAnswer CloudMonitoringWriter::call(Run& run, std::span<const std::size_t> which) {
  const std::string body = time_series_body(run.exported, which, options_.target);
  Backoff backoff(options_.backoff);
  bool ambiguous = false;
  for (std::size_t attempt = 1;; ++attempt) {
    const auto response = post(run, "timeSeries", body);
    WriteAnswer answer;
    if (response) {
      answer = read_write_answer(*response, which.size());
      if (ambiguous) forgive_own_points(answer);
    } else {
      answer.results.assign(which.size(), reason_of(response.error().kind));
    }
    const auto said = response ? http::check(*response, "writing time series") : forward(response);
    if (said || said.error().kind == ErrorKind::rejected) return answer;
    const bool partial = response && std::any_of(answer.results.begin(), answer.results.end(),
                                                 [](const auto& each) { return each.empty(); });
    if (partial) return answer;
    const bool again =
        said.error().kind == ErrorKind::unavailable || said.error().kind == ErrorKind::timed_out;
    const bool time_left = Clock::now() < run.until() && !run.stop.stop_requested();
    if (!again || !time_left || attempt >= options_.attempts) {
      run.failure = to_string(said.error());
      run.failure_result = reason_of(said.error().kind);
      return answer;
    }
    // 429 says that nothing was taken; everything else may have been.
    ambiguous = ambiguous || !response || response->status != 429;
    pause(backoff.next(), run.stop);
  }
}

Result<http::Response> CloudMonitoringWriter::post(const Run& run, const char* collection,
                                                   std::string_view body) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(run.until() - Clock::now());
  if (left.count() <= 0) return fail(ErrorKind::timed_out, "no time left for the export");
  http::Request request;
  request.url = options_.endpoint + "/v3/projects/" + options_.target.project + "/" + collection;
  request.headers = {"Content-Type: application/json"};
  request.body = body;
  request.timeout = std::min(options_.call_timeout, left);
  request.stop = run.stop;
  return auth::send_authorized(http_, tokens_, std::move(request));
}

void CloudMonitoringWriter::pause(std::chrono::milliseconds duration, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  paused_.wait_for(lock, stop, duration, [] { return false; });
}

void CloudMonitoringWriter::conclude(const Run& run) {
  std::map<std::string, std::size_t> reasons;
  std::size_t failed_count = 0;
  for (const ExportResult& result : run.results) {
    if (result.empty()) continue;
    ++reasons[result];
    ++failed_count;
  }
  std::string trouble;
  for (const auto& [reason, count] : reasons) {
    trouble += (trouble.empty() ? "" : ", ") + std::to_string(count) + " " + reason;
  }
  if (!trouble.empty()) {
    trouble = std::to_string(failed_count) + " of " + std::to_string(run.results.size()) +
              " points were not written to Cloud Monitoring: " + trouble;
  }
  if (!run.failure.empty()) trouble += (trouble.empty() ? "" : "; ") + run.failure;
  if (!trouble.empty()) SPDLOG_WARN("export incomplete {}", trouble);
  const std::lock_guard lock(mutex_);
  trouble_ = trouble;
}

}  // namespace walpulse::monitor
