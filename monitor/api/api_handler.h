#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "monitor/api/answer_cache.h"
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
  std::chrono::milliseconds kept{1'000};  ///< An answer serves for so long from its picture.
  /// Summaries of pipelines serve for so long at least while somebody looks: they are read anew
  /// beside the requests (SummaryPace). Zero: each request reads what changed.
  std::chrono::milliseconds summaries_kept{1'500};
  /// Requests share a picture of the ledger for so long, but for what this process has written
  /// since: see LedgerReader::look_lately(). Zero: each has its own; so it is where summaries are
  /// not read beside the requests, since that ends pictures too.
  std::chrono::milliseconds pictures_kept{250};
  std::size_t kept_bytes_max = std::size_t{4} << 20;
};

/// What the API asks the rest of the monitor; called from its threads.
struct ApiProbes {
  std::function<MonitorFacts()> facts;
  std::function<Timestamp()> now;
};

/// Answers what is read under /api/v1 (openapi.yaml), on threads of its own: server threads must
/// not wait for the ledger. Each answer is one consistent picture. What was answered serves for a
/// second, on the server's own threads; what somebody is being answered is not read a second time
/// meanwhile. So many pages that look at the same cost one look.
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
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    std::string path;
    http::Query query;
    std::string key;
    http::Respond respond;
  };
  struct Shown {
    Clock::time_point read;  ///< Since when its picture is, ...
    Clock::time_point done;  ///< ... and by when it was seen.
    std::string rules_hash;
    std::shared_ptr<const reading::Directory> directory;
  };

  void run();
  std::optional<Waiting> next();
  std::deque<Waiting>::iterator first_to_answer();
  void refresh();
  void note_asked();
  /// Of all pipelines as of `context`; one that was read less than a second before where `lately`.
  /// Null as PipelineDirectory::look() is.
  std::shared_ptr<const reading::Directory> directory(Transaction& in, const Context& context,
                                                      const rules::RuleBook::InForce& rules,
                                                      Timestamp now, bool lately);
  void show(const Context& context, const rules::RuleBook::InForce& rules,
            std::shared_ptr<const reading::Directory> directory);
  AnswerCache::Answer answer(const Waiting& waiting);
  /// `read` is since when its picture is.
  Answer<Content> look(const Waiting& waiting, Clock::time_point& read);

  LedgerReader& ledger_;
  const rules::RuleBook& book_;
  const ApiProbes probes_;
  const ApiOptions options_;
  const Links links_;
  reading::PipelineDirectory directory_;

  std::mutex shown_mutex_;
  Shown shown_;

  AnswerCache answers_;
  std::atomic<Clock::duration> summaries_serve_;  ///< For so long, at present.

  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable looked_;  ///< Somebody asks who had not for long, or we stop.
  std::deque<Waiting> waiting_;
  std::set<std::string> answering_;  ///< By their keys.
  bool stopping_ = false;
  std::optional<Clock::time_point> asked_;  ///< When somebody did last.
  std::vector<std::jthread> threads_;
};

/// The OpenAPI document, as JSON.
std::string_view openapi_json();

}  // namespace walpulse::monitor::api
