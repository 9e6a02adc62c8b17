#include "connector/options/settings.h"

#include <cctype>

#include "connector/options/option_values.h"

namespace walpulse::connector {
namespace {

using Texts = std::vector<std::string>;
using Problem = std::optional<std::string>;

constexpr unsigned bit(Command command) { return 1u << static_cast<unsigned>(command); }
constexpr unsigned kSetup = bit(Command::setup);
constexpr unsigned kRun = bit(Command::run);
constexpr unsigned kReplay = bit(Command::replay);
constexpr unsigned kStatus = bit(Command::status);
constexpr unsigned kDoctor = bit(Command::doctor);
constexpr unsigned kTeardown = bit(Command::teardown);
constexpr unsigned kSnapshot = bit(Command::snapshot);
constexpr unsigned kRecover = bit(Command::recover);
/// What publishes events.
constexpr unsigned kPublish = kRun | kReplay | kSnapshot | kRecover;
constexpr unsigned kAll =
    kSetup | kRun | kReplay | kStatus | kDoctor | kTeardown | kSnapshot | kRecover;

/// Stores a parsed value, or passes its problem on.
template <class T, class Member>
Problem store(const Result<T>& parsed, Member& member) {
  if (!parsed) return parsed.error().message;
  member = static_cast<Member>(*parsed);
  return std::nullopt;
}

template <std::string SourceOptions::*member>
Problem source_text(const Texts& texts, Invocation& into) {
  into.run.source.*member = texts.front();
  return std::nullopt;
}

template <std::string RunOptions::*member>
Problem run_text(const Texts& texts, Invocation& into) {
  into.run.*member = texts.front();
  return std::nullopt;
}

template <std::string Invocation::*member>
Problem text(const Texts& texts, Invocation& into) {
  into.*member = texts.front();
  return std::nullopt;
}

Problem store_switch(const std::string& text, bool& member) {
  if (text != "true" && text != "false") return "'" + text + "' is neither true nor false";
  member = text == "true";
  return std::nullopt;
}

template <bool Invocation::*member>
Problem flag(const Texts& texts, Invocation& into) {
  return store_switch(texts.front(), into.*member);
}

Problem sink(const Texts& texts, Invocation& into) {
  into.run.publish.to = texts.front();
  return std::nullopt;
}

Problem push_audience(const Texts& texts, Invocation& into) {
  into.run.publish.push_audience = texts.front();
  return std::nullopt;
}

Problem replay_from(const Texts& texts, Invocation& into) {
  const auto bound = parse_replay_bound(texts.front());
  if (!bound) return bound.error().message;
  into.replay.from = *bound;
  return std::nullopt;
}

Problem replay_until(const Texts& texts, Invocation& into) {
  const auto bound = parse_replay_bound(texts.front());
  if (!bound) return bound.error().message;
  into.replay.until = *bound;
  return std::nullopt;
}

Problem follow(const Texts& texts, Invocation& into) {
  return store_switch(texts.front(), into.replay.follow);
}

Problem rate(const Texts& texts, Invocation& into) {
  std::uint64_t rate = 0;
  const auto problem = store(parse_number(texts.front(), 10'000'000), rate);
  if (!problem) into.replay.rate = into.snapshot.rate = rate;
  return problem;
}

Problem via(const Texts& texts, Invocation& into) {
  if (texts.front() != "sql" && texts.front() != "stream") {
    return "'" + texts.front() + "' is neither sql nor stream";
  }
  into.replay.via = texts.front() == "sql" ? ReplayOptions::Via::sql : ReplayOptions::Via::stream;
  return std::nullopt;
}

Problem confirm(const Texts& texts, Invocation& into) {
  return store_switch(texts.front(), into.run.confirm);
}

Problem columns(const Texts& texts, Invocation& into) {
  into.run.publish.columns = texts;
  return std::nullopt;
}

Problem labels(const Texts& texts, Invocation& into) {
  into.run.publish.labels.clear();
  for (const auto& label_text : texts) {
    auto label = parse_label(label_text);
    if (!label) return label.error().message;
    into.run.publish.labels.push_back(*label);
  }
  return std::nullopt;
}

Problem ordering_keys(const Texts& texts, Invocation& into) {
  return store(parse_number(texts.front(), 65'536), into.run.publish.ordering_keys);
}

Problem lanes(const Texts& texts, Invocation& into) {
  return store(parse_number(texts.front(), 256), into.run.publish.lanes);
}

Problem pending_bytes(const Texts& texts, Invocation& into) {
  return store(parse_bytes(texts.front()), into.run.publish.pending_bytes_max);
}

Problem replay_window(const Texts& texts, Invocation& into) {
  auto& time = into.run.replay_window.time;
  if (texts.front() == "0") {  // needs no unit
    time = {};
    return std::nullopt;
  }
  return store(parse_duration(texts.front()), time);
}

Problem replay_window_bytes(const Texts& texts, Invocation& into) {
  return store(parse_bytes(texts.front()), into.run.replay_window.bytes);
}

Problem heartbeat(const Texts& texts, Invocation& into) {
  return store(parse_duration(texts.front()), into.run.heartbeat);
}

Problem drain_deadline(const Texts& texts, Invocation& into) {
  return store(parse_duration(texts.front()), into.run.drain_deadline);
}

Problem park_after(const Texts& texts, Invocation& into) {
  return store(parse_duration(texts.front()), into.run.park_after);
}

Problem publication_check(const Texts& texts, Invocation& into) {
  return store(parse_duration(texts.front()), into.run.publication_check);
}

Problem slot_timeout(const Texts& texts, Invocation& into) {
  return store(parse_duration(texts.front()), into.slot_timeout);
}

Problem where(const Texts& texts, Invocation& into) {
  into.snapshot.where = texts.front();
  return std::nullopt;
}

Problem chunk_rows(const Texts& texts, Invocation& into) {
  return store(parse_number(texts.front(), 1'000'000), into.snapshot.chunk_rows);
}

Problem from_id(const Texts& texts, Invocation& into) {
  return store(parse_id(texts.front()), into.snapshot.from_id);
}

Problem to_id(const Texts& texts, Invocation& into) {
  return store(parse_id(texts.front()), into.snapshot.to_id);
}

Problem epoch_above(const Texts& texts, Invocation& into) {
  // Room for what is added to it, in the signed numbers of SQL and JSON.
  return store(parse_number(texts.front(), std::uint64_t{1} << 62), into.recover.epoch_above);
}

Problem http_port(const Texts& texts, Invocation& into) {
  std::uint16_t port = 0;
  const auto problem = store(parse_number(texts.front(), 65'535), port);
  if (!problem) into.run.http_port = port;
  return problem;
}

constexpr Setting kSettings[] = {
    {"dsn", "DSN", "'host=10.0.0.5 dbname=mage user=walpulse'",
     "connection of the capture role; PG* variables fill its gaps, passwords come from the "
     "environment or PGPASSFILE",
     kAll, false, false, source_text<&SourceOptions::dsn>},
    {"admin-dsn", "DSN", "'host=10.0.0.5 dbname=mage user=mage'",
     "connection of the table's owner; default: the same as --dsn",
     kSetup | kDoctor | kTeardown | kRecover, false, false, source_text<&SourceOptions::admin_dsn>},
    {"cloud-sql-iam", "", "",
     "log in to Cloud SQL as an IAM user: an access token of the application default credentials "
     "is "
     "the password of every session, renewed before it ends",
     kAll, false, false, flag<&Invocation::cloud_sql_iam>},
    {"slot", "NAME", "walpulse", "replication slot [walpulse]", kAll, false, false,
     source_text<&SourceOptions::slot>},
    {"publication", "NAME", "walpulse", "publication [walpulse]", kAll, false, false,
     source_text<&SourceOptions::publication>},
    {"schema", "NAME", "public", "schema of the table [public]", kAll, false, false,
     source_text<&SourceOptions::schema>},
    {"table", "NAME", "pipeline_run", "table to capture [pipeline_run]", kAll, false, false,
     source_text<&SourceOptions::table>},
    {"name", "NAME", "mage", "the source's name in every event id [the database's name]",
     kSetup | kRecover, false, false, source_text<&SourceOptions::name>},
    {"replay-window", "TIME", "6h",
     "how far back `replay` can reach: an anchor slot stays so far behind the live one, and its "
     "WAL "
     "stays on the server; 0 = none [6h]",
     kSetup | kRun | kDoctor | kRecover, false, false, replay_window},
    {"replay-window-bytes", "BYTES", "1GiB",
     "the most WAL that the anchor may keep; the less of both holds [1GiB]",
     kSetup | kRun | kDoctor | kRecover, false, false, replay_window_bytes},
    {"slot-timeout", "TIME", "30s",
     "how long making the slot may wait for running transactions [30s]",
     kSetup | kSnapshot | kRecover, false, false, slot_timeout},
    {"print-sql", "", "", "print the statements as a psql script for a DBA, do nothing",
     kSetup | kRecover, false, true, flag<&Invocation::print_sql>},
    {"from", "POSITION", "16/B374D848",
     "where to begin: a position (16/B374D848), a commit time (2026-11-20T21:45:30Z) or an event "
     "id; the transaction that holds it is replayed whole",
     kReplay, false, true, replay_from},
    {"until", "POSITION", "2026-11-20T22:00:00Z",
     "where to end, that transaction included [the end of the log when the replay starts]", kReplay,
     false, true, replay_until},
    {"follow", "", "", "go on with new changes until interrupted", kReplay, false, true, follow},
    {"rate", "N", "20000",
     "events a second, 0 = no limit [replay: 5000, to stdout no limit; snapshot, recover: 10000]",
     kReplay | kSnapshot | kRecover, false, false, rate},
    {"via", "WAY", "stream",
     "sql: in batches on an ordinary connection; stream: by a walsender, for transactions beyond "
     "the server's temp_file_limit, to which sql switches by itself [sql]",
     kReplay, false, false, via},
    {"to", "SINK", "pubsub://my-project/mage-runs",
     "where events go: pubsub://PROJECT/TOPIC, http(s)://HOST[:PORT][/PATH] or stdout",
     kPublish | kDoctor, false, false, sink},
    {"push-audience", "TEXT", "https://walpulse.example.com",
     "whom the identity token is made out to that an http(s) sink is sent; none = send none "
     "[https: "
     "the sink's scheme and host; http: none]",
     kPublish | kDoctor, false, false, push_audience},
    {"column", "NAME", "variables",
     "column that may leave the connector though it holds JSON, or is called token, secret or "
     "password; repeatable [none: they hold secrets]",
     kPublish, true, false, columns},
    {"label", "NAME=COLUMN.KEY", "partner=variables.partner",
     "value inside a JSON column that becomes a label; repeatable, at most 7", kPublish, true,
     false, labels},
    {"ordering-keys", "N", "64", "number of ordering keys, 0 = none [64]", kPublish, false, false,
     ordering_keys},
    {"lanes", "N", "8", "connections that publish at once [8]", kPublish, false, false, lanes},
    {"pending-bytes", "BYTES", "16MiB", "bytes that may wait for the sink [16MiB]", kPublish, false,
     false, pending_bytes},
    {"heartbeat", "TIME", "10s", "interval of the heartbeat messages [10s]", kRun, false, false,
     heartbeat},
    {"drain-deadline", "TIME", "8s", "how long SIGTERM waits for what is in flight [8s]", kPublish,
     false, false, drain_deadline},
    {"park-after", "TIME", "30s",
     "how long the sink may fail or refuse everything before the stream is parked: the server is "
     "let go, the sink asked with backoff, and streaming resumes by itself [30s]",
     kRun, false, false, park_after},
    {"publication-check", "TIME", "30s",
     "how often to check that the publication still carries the whole table [30s]", kRun, false,
     false, publication_check},
    {"http-address", "ADDRESS", "0.0.0.0", "address of /liveness, /readiness, /metrics [0.0.0.0]",
     kRun, false, false, run_text<&RunOptions::http_address>},
    {"http-port", "PORT", "8080", "its port, 0 = any free one [$PORT, else 8080]", kRun, false,
     false, http_port},
    {"confirm", "", "", "with --to stdout: consume the live slot, not a temporary copy", kRun,
     false, false, confirm},
    {"where", "SQL", "\"status <> 'COMPLETED'\"",
     "only rows for which this holds, functions and operators of other schemas than pg_catalog "
     "named in full; such a snapshot ends no run that it does not find",
     kSnapshot, false, true, where},
    {"from-id", "ID", "1", "the first id, inclusive [the least]", kSnapshot, false, true, from_id},
    {"to-id", "ID", "100000", "the last id, inclusive [the greatest]", kSnapshot, false, true,
     to_id},
    {"chunk-rows", "N", "5000", "rows that one SELECT reads [5000]", kSnapshot | kRecover, false,
     false, chunk_rows},
    {"epoch-above", "N", "1763600000",
     "the new epoch lies above this too: for where the publication was dropped, its comment with "
     "it, and the old epoch was ahead of the server's clock [0]",
     kRecover, false, true, epoch_above},
    {"yes", "", "", "do not ask before dropping", kTeardown | kRecover, false, true,
     flag<&Invocation::yes>},
    {"json", "", "", "print one JSON object", kStatus | kDoctor, false, true,
     flag<&Invocation::json>},
    {"log-format", "FORMAT", "json", "auto, json or text [auto: text on a terminal]", kAll, false,
     false, text<&Invocation::log_format>},
    {"log-level", "LEVEL", "info", "debug, info, warn or error [info]", kAll, false, false,
     text<&Invocation::log_level>},
};

}  // namespace

std::span<const Setting> settings() { return kSettings; }

const Setting* find_setting(std::string_view key) {
  for (const auto& setting : kSettings) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

std::string environment_name(std::string_view key) {
  std::string name = "WALPULSE_";
  for (const char c : key) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::string example_of(const Setting& setting) {
  std::string example = "for example --" + std::string(setting.key);
  if (!setting.example.empty()) example += " " + std::string(setting.example);
  return example;
}

}  // namespace walpulse::connector
