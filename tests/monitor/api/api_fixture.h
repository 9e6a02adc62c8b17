#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "decoder/base/json_dom.h"
#include "monitor/api/api_handler.h"
#include "monitor/watch/problem_watch.h"
#include "tests/monitor/ledger_fixture.h"
#include "tests/monitor/table_events.h"

namespace walpulse::monitor::testing {

/// A ledger, the source that fills it, the leader that judges it, and the API over it. A second of
/// the source is one of every clock.
class ApiTest : public LedgerTest {
 protected:
  /// In force from the first beat on.
  void take_rules(const std::string& text) {
    std::string path = (std::filesystem::temp_directory_path() / "walpulse-api-XXXXXX").string();
    const int file = ::mkstemp(path.data());
    ASSERT_GE(file, 0);
    ::close(file);
    std::ofstream(path) << text;
    auto book = rules::RuleBook::open(path);
    std::filesystem::remove(path);
    ASSERT_TRUE(book) << to_string(book.error().front());
    book_ = *std::move(book);
  }
  /// All was delivered up to then, and was judged.
  void beat(double when) {
    schema::Heartbeat heartbeat = testing::heartbeat(++sequence_, when);
    heartbeat.confirmed_at = at(when);
    apply({message(heartbeat)}, when);
    now_ = std::max(now_.load(), when);
    if (!watch_) watch_.emplace(ledger(), [this] { return book_->in_force(); });
    const auto clock = ProblemWatch::Clock::time_point(
        std::chrono::microseconds(static_cast<std::int64_t>(now_.load() * 1e6)));
    EXPECT_TRUE(watch_->round(clock, at(now_)));
  }
  /// One that ends.
  void run(std::int64_t id, double from, double until, const std::string& status = "COMPLETED",
           const std::string& pipeline = "daily", std::vector<schema::Label> labels = {}) {
    MageRun one(id, from, pipeline);
    one.row().labels = std::move(labels);
    apply({one.create(from), one.run(from + 0.5)}, until);
    apply({status == "COMPLETED" ? one.complete(until) : one.update(until, status)}, until);
  }
  void going_on(std::int64_t id, double from, const std::string& pipeline = "daily") {
    MageRun one(id, from, pipeline);
    apply({one.create(from), one.run(from + 0.5)}, from + 1);
  }

  http::ServerResponse ask(const std::string& target, const char* method = "GET") {
    if (!handler_) {
      api::ApiOptions api_options;
      api_options.mage_url = "https://mage.example.com/";
      api_options.kept = kept_;
      api_options.summaries_kept = summaries_kept_;
      api_options.pictures_kept = pictures_kept_;
      api::ApiProbes probes{[this] { return facts_; }, [this] { return at(now_); }};
      handler_ =
          std::make_unique<api::ApiHandler>(reader(), *book_, std::move(probes), api_options);
    }
    auto answered = std::make_shared<std::promise<http::ServerResponse>>();
    auto response = answered->get_future();
    const std::size_t mark = target.find('?');
    const std::string path = target.substr(0, mark);
    std::string body;
    http::ServerRequest request{method, path, "", "", body};
    if (mark != std::string::npos) request.query = *http::parse_query(target.substr(mark + 1));
    handler_->ask(
        request, [answered](http::ServerResponse given) { answered->set_value(std::move(given)); });
    return response.get();
  }
  nlohmann::json get(const std::string& target, int status = 200) {
    const auto response = ask("/api/v1" + target);
    EXPECT_EQ(response.status, status) << target << ' ' << response.body;
    return parse_json(response.body);
  }
  /// The name of the problem that the request is refused with.
  std::string refusal(const std::string& target, int status) {
    const std::string type = get(target, status).value("type", "");
    return type.starts_with("/docs#") ? type.substr(6) : type;
  }
  /// Of one member of each item.
  std::vector<nlohmann::json> column(const nlohmann::json& list, const char* name) {
    std::vector<nlohmann::json> values;
    for (const auto& item : list["items"]) values.push_back(item[name]);
    return values;
  }
  /// Every item of a list, page by page.
  std::vector<nlohmann::json> all(
      const std::string& target, const std::function<void()>& between = [] {}) {
    std::vector<nlohmann::json> items;
    std::string token;
    for (int pages = 0; pages < 1000; ++pages) {
      const auto page = get(target + (token.empty() ? "" : "&page_token=" + token));
      for (const auto& item : page["items"]) items.push_back(item);
      if (page["next_page_token"].is_null()) return items;
      token = page["next_page_token"];
      between();
    }
    ADD_FAILURE() << "the pages have no end";
    return items;
  }

  std::atomic<double> now_ = 0;  ///< Read by the API as well.
  std::chrono::milliseconds kept_{-1};
  std::chrono::milliseconds summaries_kept_{0};
  std::chrono::milliseconds pictures_kept_{0};
  std::unique_ptr<rules::RuleBook> book_ = std::make_unique<rules::RuleBook>();
  api::MonitorFacts facts_ = [] {
    api::MonitorFacts facts;
    facts.instance = "vm/1";
    facts.started = at(0);
    facts.leadership = {true, "vm/1"};
    return facts;
  }();

  void TearDown() override { handler_.reset(); }
  /// What the API reads.
  virtual LedgerReader& reader() { return ledger(); }

 private:
  std::uint64_t sequence_ = 0;
  std::optional<ProblemWatch> watch_;
  std::unique_ptr<api::ApiHandler> handler_;
};

}  // namespace walpulse::monitor::testing
