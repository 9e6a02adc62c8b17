#include "monitor/api/api_handler.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "decoder/base/logging.h"
#include "decoder/base/utf8.h"
#include "monitor/api/api_paths.h"
#include "monitor/api/summary_pace.h"
#include "publisher/http/compression.h"

namespace walpulse::monitor::api {
namespace {

/// Whoever looks asks again within this.
constexpr std::chrono::seconds kLooksOn{10};
constexpr std::string_view kReads = "GET, HEAD";
constexpr std::string_view kOpenApi = "/openapi.json";

/// Another one whenever the body is another.
std::string etag_of(std::string_view body) {
  char text[20];
  std::snprintf(text, sizeof text, "\"%016zx\"", std::hash<std::string_view>{}(body));
  return text;
}

http::ServerResponse response_of(Content content) {
  http::ServerResponse response;
  response.content_type = std::move(content.type);
  response.body = std::move(content.body);
  response.etag = etag_of(response.body);
  response.headers = std::move(content.headers);
  response.headers.emplace_back("Cache-Control", "private, max-age=1");
  return response;
}

/// What is asked, as a key. Names and values may have any byte.
std::string key_of(const std::string& path, const http::Query& query) {
  std::string key = path;
  for (const auto& [name, value] : query.parameters)
    key += '\0' + std::to_string(name.size()) + ':' + name + value;
  return key;
}

}  // namespace

ApiHandler::ApiHandler(LedgerReader& ledger, const rules::RuleBook& book, ApiProbes probes,
                       ApiOptions options)
    : ledger_(ledger),
      book_(book),
      probes_(std::move(probes)),
      options_(std::move(options)),
      links_(options_.mage_url),
      answers_(options_.kept, options_.kept_bytes_max),
      summaries_serve_(options_.summaries_kept) {
  for (std::size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { run(); });
  if (options_.summaries_kept.count() > 0) threads_.emplace_back([this] { refresh(); });
}

ApiHandler::~ApiHandler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    looked_.notify_all();
  }
  threads_.clear();
  for (const Waiting& each : waiting_) each.respond(api::response_of(busy()));
}

bool ApiHandler::takes(std::string_view path) {
  return path == kOpenApi || path == kApiBase || path.starts_with(std::string(kApiBase) + '/');
}

void ApiHandler::ask(const http::ServerRequest& request, http::Respond respond) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!find_path(request.path) && request.path != kOpenApi)
    return respond(
        api::response_of(not_found("there is no " + utf8_or_replaced(std::string(request.path)) +
                                   "; /openapi.json names what there is")));
  if (!reads) return respond(api::response_of(method_not_allowed(std::string(kReads))));
  if (request.path == kOpenApi)
    return respond({200,
                    "application/json",
                    std::string(openapi_json()),
                    etag_of(openapi_json()),
                    {{"Cache-Control", "private, max-age=60"}}});
  std::string key = key_of(std::string(request.path), request.query);
  if (const auto kept = answers_.find(key, Clock::now())) {
    note_asked();
    return respond(*kept);
  }
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && waiting_.size() < options_.waiting_max) {
      waiting_.push_back(
          {std::string(request.path), request.query, std::move(key), std::move(respond)});
      changed_.notify_one();
      respond = nullptr;
    }
  }
  note_asked();
  if (respond) respond(api::response_of(busy()));
}

void ApiHandler::note_asked() {
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  const bool looks_on = asked_ && now - *asked_ < kLooksOn;
  asked_ = now;
  if (!looks_on) looked_.notify_all();
}

void ApiHandler::run() {
  while (auto waiting = next()) {
    auto given = answers_.find(waiting->key, Clock::now());
    if (!given) given = answer(*waiting);
    waiting->respond(*given);
    const std::lock_guard lock(mutex_);
    answering_.erase(waiting->key);
    // Who asked for the same finds it kept.
    if (!waiting_.empty()) changed_.notify_all();
  }
}

/// Nothing: we stop.
std::optional<ApiHandler::Waiting> ApiHandler::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || first_to_answer() != waiting_.end(); });
  if (stopping_) return std::nullopt;
  const auto at = first_to_answer();
  Waiting next = std::move(*at);
  waiting_.erase(at);
  answering_.insert(next.key);
  return next;
}

std::deque<ApiHandler::Waiting>::iterator ApiHandler::first_to_answer() {
  return std::find_if(waiting_.begin(), waiting_.end(),
                      [this](const Waiting& each) { return !answering_.contains(each.key); });
}

/// While somebody looks, so that those who ask find summaries that were just read.
void ApiHandler::refresh() {
  Clock::duration took{};
  while (true) {
    {
      std::unique_lock lock(mutex_);
      looked_.wait(lock,
                   [this] { return stopping_ || (asked_ && Clock::now() - *asked_ < kLooksOn); });
      if (looked_.wait_for(lock, SummaryPace::rest_after(took), [this] { return stopping_; }))
        return;
    }
    const rules::RuleBook::InForce rules = book_.in_force();
    const auto begin = Clock::now();
    // Where the ledger is away, requests say so.
    static_cast<void>(ledger_.look([&](Transaction& in, const Context& context) {
      show(context, rules, directory_.look(in, context, rules, probes_.now()));
    }));
    ledger_.end_pictures();
    took = Clock::now() - begin;
    summaries_serve_ = SummaryPace::served_after(took, options_.summaries_kept);
  }
}

AnswerCache::Answer ApiHandler::answer(const Waiting& waiting) {
  Clock::time_point read;
  auto content = look(waiting, read);
  const bool found = content.has_value();
  auto response = std::make_shared<http::ServerResponse>(found ? response_of(*std::move(content))
                                                               : api::response_of(content.error()));
  if (found) {
    response->gzipped = std::make_shared<http::GzipOnce>();
    answers_.keep(waiting.key, response, read, Clock::now());
  }
  return response;
}

Answer<Content> ApiHandler::look(const Waiting& waiting, Clock::time_point& read) {
  const auto found = find_path(waiting.path);
  {
    Parameters first(waiting.path, waiting.query);
    first.allow(found->path->parameters);
    if (first.error()) return refuse(*first.error());
  }
  const MonitorFacts facts = probes_.facts();
  const rules::RuleBook::InForce rules = book_.in_force();
  const Timestamp now = probes_.now();
  const bool shares = options_.pictures_kept.count() > 0 && options_.summaries_kept.count() > 0;
  Answer<Content> answer = refuse(busy());
  // What is refused may be younger than the last look: a pipeline's first run.
  for (const bool lately : {true, false}) {
    if (lately && !shares && !found->path->of_runs) continue;
    const auto work = [&](Transaction& in, const Context& context) {
      answer = refuse(busy());
      read = context.read;
      const auto directory =
          this->directory(in, context, rules, now, lately && found->path->of_runs);
      if (!directory) return;
      const Scene scene{in, context, *directory, book_, rules, links_, facts, now};
      Parameters parameters(waiting.path, waiting.query);
      Question question{parameters, found->id};
      answer = found->path->answer(scene, question);
    };
    const auto looked =
        lately && shares ? ledger_.look_lately(work, options_.pictures_kept) : ledger_.look(work);
    if (!looked) return refuse(ledger_away(looked.error()));
    if (answer) break;
  }
  return answer;
}

std::shared_ptr<const reading::Directory> ApiHandler::directory(
    Transaction& in, const Context& context, const rules::RuleBook::InForce& rules, Timestamp now,
    bool lately) {
  {
    const std::lock_guard lock(shown_mutex_);
    // Never of a picture that is newer: what it says is complete is not in this one.
    const bool before =
        lately && shown_.done <= context.read && context.read - shown_.read <= options_.kept;
    if (shown_.directory && shown_.rules_hash == rules.hash &&
        (before || shown_.read == context.read))
      return shown_.directory;
  }
  auto directory = directory_.look(in, context, rules, now, summaries_serve_);
  show(context, rules, directory);
  return directory;
}

void ApiHandler::show(const Context& context, const rules::RuleBook::InForce& rules,
                      std::shared_ptr<const reading::Directory> directory) {
  if (!directory) return;
  const std::lock_guard lock(shown_mutex_);
  if (shown_.read < context.read)
    shown_ = {context.read, Clock::now(), rules.hash, std::move(directory)};
}

}  // namespace walpulse::monitor::api
