#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "monitor/api/scene.h"
#include "monitor/ledger/ledger_reader.h"
#include "monitor/reading/pipeline_directory.h"
#include "monitor/rules/rule_book.h"
#include "publisher/http/server.h"

namespace walpulse::monitor::api {

struct ApiOptions {
  std::string mage_url;
  std::size_t threads = 2;                ///< As many as the ledger has connections for reading.
  std::size_t waiting_max = 64;           ///< More are answered with 503 at once.
  std::chrono::milliseconds kept{1'000};  ///< An answer serves for so long.
  /// Summaries of pipelines serve for so long while somebody looks: they are read anew beside the
  /// requests, twice a second. Zero: each request reads what changed.
  std::chrono::milliseconds summaries_kept{1'500};
  std::size_t kept_bytes_max = std::size_t{16} << 20;
};

/// What the API asks the rest of the monitor; called from its threads.
struct ApiProbes {
  std::function<MonitorFacts()> facts;
  std::function<Timestamp()> now;
};

/// Answers what is read under /api/v1 (openapi.yaml), on threads of its own: server threads must
/// not wait for the ledger. Each answer is one consistent picture. What was answered serves for a
/// second, so that many pages that look at the same cost one look.
class ApiHandler {
 public:
  /// What it is given must outlive it.
  ApiHandler(LedgerReader& ledger, const rules::RuleBook& book, ApiProbes probes,
             ApiOptions options);
  /// Answers what waits with 503.
  ~ApiHandler();

  /// Whether a path is the API's.
  static bool takes(std::string_view path);
  /// From server threads: never waits.
  void ask(const http::ServerRequest& request, http::Respond respond);

 private:
  struct Waiting {
    std::string path;
    http::Query query;
    http::Respond respond;
  };
  struct Kept {
    std::chrono::steady_clock::time_point at;
    std::shared_ptr<const http::ServerResponse> response;
  };
  struct Shown {
    std::chrono::steady_clock::time_point at;
    std::string rules_hash;
    std::shared_ptr<const reading::Directory> directory;
  };

  void run();
  void refresh();
  /// Of all pipelines; one that was read less than a second ago where that will do. Null as
  /// PipelineDirectory::look() is.
  std::shared_ptr<const reading::Directory> directory(Transaction& in, const Context& context,
                                                      const rules::RuleBook::InForce& rules,
                                                      Timestamp now, bool of_runs);
  http::ServerResponse answer(const Waiting& waiting);
  Answer<Content> look(const Waiting& waiting);
  std::shared_ptr<const http::ServerResponse> find_kept(const std::string& key);
  void keep(const std::string& key, const http::ServerResponse& response);

  LedgerReader& ledger_;
  const rules::RuleBook& book_;
  const ApiProbes probes_;
  const ApiOptions options_;
  const Links links_;
  reading::PipelineDirectory directory_;

  std::mutex shown_mutex_;
  Shown shown_;

  std::mutex kept_mutex_;
  std::map<std::string, Kept> kept_;
  std::size_t kept_bytes_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  bool stopping_ = false;
  std::optional<std::chrono::steady_clock::time_point> asked_;  ///< When somebody did last.
  std::vector<std::jthread> threads_;
};

/// The OpenAPI document, as JSON.
std::string_view openapi_json();

}  // namespace walpulse::monitor::api
