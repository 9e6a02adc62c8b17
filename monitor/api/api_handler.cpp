#include "monitor/api/api_handler.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "decoder/base/logging.h"
#include "decoder/base/utf8.h"
#include "monitor/api/api_paths.h"

namespace walpulse::monitor::api {
namespace {

constexpr std::chrono::milliseconds kBetweenReads{500};
/// Whoever looks asks again within this.
constexpr std::chrono::seconds kLooksOn{10};
constexpr std::string_view kReads = "GET, HEAD";
constexpr std::string_view kOpenApi = "/openapi.json";

/// Another one whenever the body is another: FNV-1a, 64 bits.
std::string etag_of(std::string_view body) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : body) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  char text[20];
  std::snprintf(text, sizeof text, "\"%016llx\"", static_cast<unsigned long long>(hash));
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
      links_(options_.mage_url) {
  for (std::size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { run(); });
  if (options_.summaries_kept.count() > 0) threads_.emplace_back([this] { refresh(); });
}

ApiHandler::~ApiHandler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
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
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && waiting_.size() < options_.waiting_max) {
      waiting_.push_back({std::string(request.path), request.query, std::move(respond)});
      asked_ = std::chrono::steady_clock::now();
      changed_.notify_all();
      return;
    }
  }
  respond(api::response_of(busy()));
}

void ApiHandler::run() {
  while (true) {
    Waiting next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    const std::string key = key_of(next.path, next.query);
    auto kept = find_kept(key);
    next.respond(kept ? *kept : answer(next));
  }
}

/// While somebody looks, so that those who ask find summaries that were just read.
void ApiHandler::refresh() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] {
        return stopping_ || (asked_ && std::chrono::steady_clock::now() - *asked_ < kLooksOn);
      });
      if (changed_.wait_for(lock, kBetweenReads, [this] { return stopping_; })) return;
    }
    const rules::RuleBook::InForce rules = book_.in_force();
    // Where the ledger is away, requests say so.
    static_cast<void>(ledger_.look([&](Transaction& in, const Context& context) {
      directory_.look(in, context, rules, probes_.now());
    }));
  }
}

http::ServerResponse ApiHandler::answer(const Waiting& waiting) {
  auto content = look(waiting);
  if (!content) return api::response_of(content.error());
  http::ServerResponse response = response_of(*std::move(content));
  keep(key_of(waiting.path, waiting.query), response);
  return response;
}

Answer<Content> ApiHandler::look(const Waiting& waiting) {
  const auto found = find_path(waiting.path);
  {
    Parameters first(waiting.path, waiting.query);
    first.allow(found->path->parameters);
    if (first.error()) return refuse(*first.error());
  }
  const MonitorFacts facts = probes_.facts();
  const rules::RuleBook::InForce rules = book_.in_force();
  const Timestamp now = probes_.now();
  Answer<Content> answer = refuse(busy());
  const auto looked = ledger_.look([&](Transaction& in, const Context& context) {
    // What is refused may be younger than the last look: a pipeline's first run.
    for (const bool of_runs : {found->path->of_runs, false}) {
      const auto directory = this->directory(in, context, rules, now, of_runs);
      if (!directory) return;
      const Scene scene{in, context, *directory, book_, rules, links_, facts, now};
      Parameters parameters(waiting.path, waiting.query);
      Question question{parameters, found->id};
      answer = found->path->answer(scene, question);
      if (answer || !of_runs) return;
    }
  });
  if (!looked) return refuse(ledger_away(looked.error()));
  return answer;
}

std::shared_ptr<const reading::Directory> ApiHandler::directory(
    Transaction& in, const Context& context, const rules::RuleBook::InForce& rules, Timestamp now,
    bool of_runs) {
  const auto began = std::chrono::steady_clock::now();
  if (of_runs) {
    const std::lock_guard lock(shown_mutex_);
    if (shown_.directory && shown_.rules_hash == rules.hash && began - shown_.at <= options_.kept)
      return shown_.directory;
  }
  auto directory = directory_.look(in, context, rules, now, options_.summaries_kept);
  if (directory) {
    const std::lock_guard lock(shown_mutex_);
    shown_ = {began, rules.hash, directory};
  }
  return directory;
}

std::shared_ptr<const http::ServerResponse> ApiHandler::find_kept(const std::string& key) {
  const std::lock_guard lock(kept_mutex_);
  const auto at = kept_.find(key);
  if (at == kept_.end() || std::chrono::steady_clock::now() - at->second.at > options_.kept)
    return nullptr;
  return at->second.response;
}

void ApiHandler::keep(const std::string& key, const http::ServerResponse& response) {
  const std::lock_guard lock(kept_mutex_);
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(kept_, [&](const auto& each) {
    const bool old = now - each.second.at > options_.kept || each.first == key;
    if (old) kept_bytes_ -= each.first.size() + each.second.response->body.size();
    return old;
  });
  const std::size_t bytes = key.size() + response.body.size();
  if (kept_bytes_ + bytes > options_.kept_bytes_max) return;
  kept_bytes_ += bytes;
  kept_[key] = {now, std::make_shared<const http::ServerResponse>(response)};
}

}  // namespace walpulse::monitor::api
