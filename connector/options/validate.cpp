#include <algorithm>
#include <set>

#include "connector/options/option_values.h"
#include "connector/options/options.h"
#include "decoder/schema/label_name.h"
#include "decoder/schema/message_attributes.h"
#include "publisher/config/nearest.h"
#include "publisher/database/dsn.h"

namespace walpulse::connector {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kLabelsMax =
    7;  // of Cloud Monitoring's 10; pipeline, trigger, status are ours
constexpr std::size_t kIdentifierBytesMax = 63;  // PostgreSQL cuts longer names without a word

class Problems {
 public:
  void require(bool good, const char* key, const std::string& message,
               const std::string& remedy = {}) {
    if (!good) list_.push_back({key, message, remedy});
  }
  /// Of what means nothing here.
  void require_use(bool good, const char* key, const std::string& message) {
    if (!good) list_.push_back({.key = key, .message = message, .idle = true});
  }
  std::vector<config::OptionProblem> take() { return std::move(list_); }

 private:
  std::vector<config::OptionProblem> list_;
};

bool is_identifier(const std::string& name) {
  return !name.empty() && name.size() <= kIdentifierBytesMax;
}

bool is_sink(const std::string& url) {
  const auto rest_after = [&](std::string_view scheme) {
    return url.starts_with(scheme) && url.size() > scheme.size();
  };
  if (rest_after("pubsub://")) {
    const std::string_view rest =
        std::string_view(url).substr(std::string_view("pubsub://").size());
    const auto slash = rest.find('/');  // the sink itself knows what Pub/Sub calls a name
    return slash != std::string_view::npos && slash > 0 && slash + 1 < rest.size();
  }
  return url == "stdout" || rest_after("http://") || rest_after("https://");
}

/// Of a slip in the sink's first word.
std::string meant_sink(std::string_view url) {
  static constexpr std::string_view kWords[] = {"stdout", "pubsub", "http", "https"};
  const std::string_view word = url.substr(0, url.find(':'));
  const std::string_view meant = config::nearest(word, kWords);
  if (meant.empty() || meant == word) return "";
  return "did you mean " + std::string(meant) + (meant == kWords[0] ? "?" : "://...?");
}

void validate_source(const SourceOptions& source, Problems& problems) {
  // Nothing of the text is repeated: it may hold a password.
  const char* form =
      "is neither a postgresql:// URI nor KEYWORD=VALUE pairs that PostgreSQL can read "
      "(values with blanks stand in quotes)";
  problems.require(database::is_connection_string(source.dsn), "dsn", form);
  problems.require(database::is_connection_string(source.admin_dsn), "admin-dsn", form);
  problems.require(is_slot_name(source.slot), "slot",
                   "'" + source.slot + "' may hold only a-z, 0-9 and _ (1 to " +
                       std::to_string(kSlotNameMax) + ": its anchor's name is longer)");
  const char* length = "must have 1 to 63 bytes";
  problems.require(is_identifier(source.publication), "publication", length);
  for (const TableName& table : source.tables) {
    problems.require(is_identifier(table.schema), "schema", length);
    problems.require(is_identifier(table.name), "table", length);
  }
  problems.require(source.name.empty() || is_source_name(source.name), "name",
                   std::string("a name ") + kSourceNameRule);
}

void validate_window(const ReplayWindow& window, Problems& problems) {
  problems.require(!window.wanted() || (window.time >= milliseconds(1'000) &&
                                        window.time <= milliseconds(30ll * 24 * 3'600'000)),
                   "replay-window", "must be 1s to 720h, or 0 for none");
  problems.require(window.bytes >= 64u << 10 && window.bytes <= std::size_t{1} << 40,
                   "replay-window-bytes", "must be 64KiB to 1024GiB");
}

void validate_publish(const PublishOptions& publish, Problems& problems) {
  problems.require(publish.labels.size() <= kLabelsMax, "label",
                   std::to_string(publish.labels.size()) +
                       " labels are more than 7, which is what "
                       "Cloud Monitoring leaves beside pipeline, trigger and status");
  for (const std::string& text : publish.columns) {
    const NamedColumn named = named_column(text);
    problems.require(named.table != kTriggers || named.column != kTriggerSecret, "column",
                     "'" + text + "' starts runs for whoever has it: it leaves under no flag");
  }
  std::set<std::string> seen;
  for (const auto& label : publish.labels) {
    problems.require(schema::is_label_name(label.name), "label",
                     "the name '" + label.name + "' must match [a-zA-Z_][a-zA-Z0-9_]*");
    problems.require(!schema::is_reserved_attribute(label.name), "label",
                     "the name '" + label.name + "' is used by walpulse or Pub/Sub itself");
    problems.require(seen.insert(label.name).second, "label",
                     "the name '" + label.name + "' is given twice");
  }
  problems.require(publish.lanes >= 1, "lanes", "at least 1");
  problems.require(publish.pending_bytes_max >= 64u << 10 && publish.pending_bytes_max <= 1u << 30,
                   "pending-bytes", "must be 64KiB to 1GiB");
}

void validate_audience(const PublishOptions& publish, Problems& problems) {
  const std::string& audience = publish.push_audience;
  const bool printable = std::all_of(audience.begin(), audience.end(),
                                     [](unsigned char c) { return c > ' ' && c < 0x7f; });
  problems.require(printable, "push-audience", "must have no blanks and no special characters");
  problems.require_use(audience.empty() || publish.to.starts_with("http"), "push-audience",
                       "means nothing but to an http(s) sink");
}

void validate_run(const RunOptions& run, Problems& problems) {
  validate_publish(run.publish, problems);
  problems.require(run.heartbeat >= milliseconds(100) && run.heartbeat <= milliseconds(600'000),
                   "heartbeat", "must be 100ms to 10m");
  problems.require(
      run.drain_deadline >= milliseconds(100) && run.drain_deadline <= milliseconds(600'000),
      "drain-deadline", "must be 100ms to 10m");
  problems.require(run.park_after >= milliseconds(100) && run.park_after <= milliseconds(3'600'000),
                   "park-after", "must be 100ms to 1h");
  problems.require(
      run.publication_check >= milliseconds(100) && run.publication_check <= milliseconds(600'000),
      "publication-check", "must be 100ms to 10m");
  problems.require(!run.http_address.empty(), "http-address", "must not be empty");
  problems.require(!run.confirm || run.publish.to == "stdout", "confirm",
                   "goes with --to stdout only: every other sink confirms what it took");
}

void validate_snapshot(const SnapshotOptions& snapshot, Problems& problems) {
  problems.require(snapshot.chunk_rows >= 1, "chunk-rows", "at least 1");
  const bool ordered = !snapshot.from_id || !snapshot.to_id || *snapshot.from_id <= *snapshot.to_id;
  problems.require(ordered, "to-id", "lies before --from-id");
}

void validate_replay(const ReplayOptions& replay, Problems& problems) {
  problems.require(replay.from.has_value(), "from", "is missing: where should the replay begin?");
  problems.require(!replay.follow || !replay.until, "until",
                   "excludes --follow: one ends the replay, the other goes on for ever");
}

}  // namespace

std::vector<config::OptionProblem> validate(const Invocation& invocation) {
  Problems problems;
  const RunOptions& run = invocation.run;
  validate_source(run.source, problems);
  validate_window(run.replay_window, problems);
  const char* sink = "must be pubsub://PROJECT/TOPIC, http(s)://HOST[:PORT][/PATH] or stdout";
  const bool recovers = invocation.command == Command::recover;
  const bool publishes =
      invocation.command == Command::run || invocation.command == Command::replay ||
      invocation.command == Command::snapshot || (recovers && !invocation.print_sql);
  problems.require(!recovers || run.publish.to != "stdout", "to",
                   "cannot be stdout: the rows that recover reads must reach whoever counts");
  if (publishes && run.publish.to.empty()) {
    problems.require(false, "to", "is missing: where should events go?");
  } else {
    problems.require(run.publish.to.empty() || is_sink(run.publish.to), "to", sink,
                     meant_sink(run.publish.to));
  }
  const bool delivers = invocation.command == Command::setup && !run.publish.to.empty();
  if (publishes || delivers) validate_run(run, problems);
  if (!run.publish.to.empty()) validate_audience(run.publish, problems);
  validate_snapshot(invocation.snapshot, problems);
  if (invocation.command == Command::replay) validate_replay(invocation.replay, problems);
  problems.require(invocation.slot_timeout >= milliseconds(100) &&
                       invocation.slot_timeout <= milliseconds(3'600'000),
                   "slot-timeout", "must be 100ms to 1h");
  return problems.take();
}

}  // namespace walpulse::connector
