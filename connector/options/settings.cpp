#include "connector/options/settings.h"

#include "connector/options/option_values.h"
#include "publisher/config/members.h"
#include "publisher/database/dsn.h"

namespace walpulse::connector {
namespace {

using config::bytes;
using config::choice;
using config::duration;
using config::Kind;
using config::list;
using config::needed_by;
using config::number;
using config::one_of;
using config::Problem;
using config::store;
using config::text;
using config::Texts;
using config::toggle;

constexpr unsigned kSetup = config::bit_of(Command::setup);
constexpr unsigned kRun = config::bit_of(Command::run);
constexpr unsigned kReplay = config::bit_of(Command::replay);
constexpr unsigned kStatus = config::bit_of(Command::status);
constexpr unsigned kDoctor = config::bit_of(Command::doctor);
constexpr unsigned kTeardown = config::bit_of(Command::teardown);
constexpr unsigned kSnapshot = config::bit_of(Command::snapshot);
constexpr unsigned kRecover = config::bit_of(Command::recover);
/// What publishes events.
constexpr unsigned kPublish = kRun | kReplay | kSnapshot | kRecover;
/// The same, and what ends with a snapshot where it is told where to.
constexpr unsigned kDeliver = kPublish | kSetup;
constexpr unsigned kAll =
    kSetup | kRun | kReplay | kStatus | kDoctor | kTeardown | kSnapshot | kRecover;

Problem schema(const Texts& texts, Invocation& into) {
  for (TableName& table : into.run.source.tables) table.schema = texts.front();
  return std::nullopt;
}

Problem table(const Texts& texts, Invocation& into) {
  SourceOptions& source = into.run.source;
  source.tables = {{source.tables.front().schema, texts.front()}};
  return std::nullopt;
}

Problem no_blocks(const Texts& texts, Invocation& into) {
  SourceOptions& source = into.run.source;
  auto problem = store(config::parse_switch(texts.front()), source.no_blocks);
  if (source.no_blocks && !is_one_table(source)) {
    std::erase_if(source.tables, [](const TableName& one) { return one.name == kBlocks; });
  }
  return problem;
}

Problem replay_from(const Texts& texts, Invocation& into) {
  return store(parse_replay_bound(texts.front()), into.replay.from);
}

Problem replay_until(const Texts& texts, Invocation& into) {
  return store(parse_replay_bound(texts.front()), into.replay.until);
}

Problem rate(const Texts& texts, Invocation& into) {
  std::uint64_t rate = 0;
  const auto problem = store(config::parse_number(texts.front(), 10'000'000), rate);
  if (!problem) into.replay.rate = into.snapshot.rate = rate;
  return problem;
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

template <std::optional<std::int64_t> SnapshotOptions::*member>
Problem id(const Texts& texts, Invocation& into) {
  return store(parse_id(texts.front()), into.snapshot.*member);
}

bool is_secret(const std::string& dsn) { return database::holds_password(dsn); }

/// Room for what is added to it, in the signed numbers of SQL and JSON.
constexpr std::uint64_t kEpochMax = std::uint64_t{1} << 62;

constexpr std::string_view kVias[] = {"sql", "stream"};  // as ReplayOptions::Via has them
constexpr std::string_view kLogFormats[] = {"auto", "json", "text"};
constexpr std::string_view kLogLevels[] = {"debug", "info", "warn", "error"};

constexpr config::Setting<Invocation> kSettings[] = {
    {{"dsn",
      "DSN",
      "'host=10.0.0.5 dbname=mage user=walpulse'",
      "connection of the capture role; passwords come from the environment or PGPASSFILE [PG* "
      "variables, which fill its gaps too]",
      kAll,
      Kind::value,
      {},
      is_secret},
     text<&Invocation::run, &RunOptions::source, &SourceOptions::dsn>},
    {{"admin-dsn",
      "DSN",
      "'host=10.0.0.5 dbname=mage user=mage'",
      "connection of the table's owner [the same as --dsn]",
      kSetup | kDoctor | kTeardown | kRecover,
      Kind::value,
      {},
      is_secret},
     text<&Invocation::run, &RunOptions::source, &SourceOptions::admin_dsn>},
    {{"cloud-sql-iam", "", "",
      "log in to Cloud SQL as an IAM user: an access token of the application default credentials "
      "is the password of every session, renewed before it ends",
      kAll},
     toggle<&Invocation::cloud_sql_iam>},
    {{"slot", "NAME", "walpulse", "replication slot [walpulse]", kAll},
     text<&Invocation::run, &RunOptions::source, &SourceOptions::slot>},
    {{"publication", "NAME", "walpulse", "publication [walpulse]", kAll},
     text<&Invocation::run, &RunOptions::source, &SourceOptions::publication>},
    {{"schema", "NAME", "public", "schema of Mage's tables [public]", kAll}, schema},
    {{"table", "NAME", "pipeline_run",
      "this table alone [pipeline_run, and pipeline_schedule and block_run as far as they exist]",
      kAll},
     table},
    {{"no-blocks", "", "",
      "leave block_run out: some thirty changes for each run of ten blocks (doctor says how many)",
      kSetup | kDoctor | kRecover},
     no_blocks},
    {{"name", "NAME", "mage", "the source's name in every event id [the database's name]",
      kSetup | kRecover},
     text<&Invocation::run, &RunOptions::source, &SourceOptions::name>},
    {{"replay-window", "TIME", "6h",
      "how far back `replay` can reach: an anchor slot stays so far behind the live one, and its "
      "WAL stays on the server; 0 = none [6h]",
      kSetup | kRun | kDoctor | kRecover},
     duration<&Invocation::run, &RunOptions::replay_window, &ReplayWindow::time>},
    {{"replay-window-bytes", "BYTES", "1GiB",
      "the most WAL that the anchor may keep; the less of both holds [1GiB]",
      kSetup | kRun | kDoctor | kRecover},
     bytes<&Invocation::run, &RunOptions::replay_window, &ReplayWindow::bytes>},
    {{"slot-timeout", "TIME", "30s",
      "how long making the slot may wait for running transactions, and publishing for locks [30s]",
      kSetup | kSnapshot | kRecover},
     duration<&Invocation::slot_timeout>},
    {{"print-sql", "", "",
      "print the statements as a psql script for a DBA, do nothing; recover then needs no --to",
      kSetup | kRecover, Kind::act},
     toggle<&Invocation::print_sql>},
    {needed_by(kReplay,
               {"from", "POSITION", "16/B374D848",
                "where to begin: a position (16/B374D848), a commit time (2026-11-20T21:45:30Z) or "
                "an event id; the transaction that holds it is replayed whole",
                kReplay, Kind::act}),
     replay_from},
    {{"until", "POSITION", "2026-11-20T22:00:00Z",
      "where to end, that transaction included [the end of the log when the replay starts]",
      kReplay, Kind::act},
     replay_until},
    {{"follow", "", "", "go on with new changes until interrupted", kReplay, Kind::act},
     toggle<&Invocation::replay, &ReplayOptions::follow>},
    {{"rate", "N", "20000",
      "events a second, 0 = no limit [replay: 5000, to stdout no limit; snapshot, recover: 10000]",
      kReplay | kSnapshot | kRecover | kSetup},
     rate},
    {one_of(kVias, {"via", "WAY", "stream",
                    "sql: in batches on an ordinary connection; stream: by a walsender, for "
                    "transactions beyond the server's temp_file_limit, to which sql switches by "
                    "itself [sql]",
                    kReplay}),
     choice<kVias, &Invocation::replay, &ReplayOptions::via>},
    {needed_by(kPublish,
               {"to", "SINK", "pubsub://my-project/mage-runs",
                "where events go: pubsub://PROJECT/TOPIC, http(s)://HOST[:PORT][/PATH] or stdout",
                kDeliver | kDoctor}),
     text<&Invocation::run, &RunOptions::publish, &PublishOptions::to>},
    {{"push-audience", "TEXT", "https://walpulse.example.com",
      "whom the identity token is made out to that an http(s) sink is sent; none = send none "
      "[https: the sink's scheme and host; http: none]",
      kDeliver | kDoctor},
     text<&Invocation::run, &RunOptions::publish, &PublishOptions::push_audience>},
    {{"column", "NAME", "variables",
      "column that may leave the connector though it holds JSON, or is called token, secret or "
      "password; of another table than the first as TABLE.NAME; repeatable [none: they hold "
      "secrets]",
      kDeliver, Kind::list},
     list<&Invocation::run, &RunOptions::publish, &PublishOptions::columns>},
    {{"label", "NAME=COLUMN.KEY", "partner=variables.partner",
      "value inside a JSON column of the runs that becomes a label; repeatable, at most 7 [none]",
      kDeliver, Kind::list},
     labels},
    {{"block-error", "", "",
      "let the first line of a failed block's error out, at most 300 characters", kDeliver},
     toggle<&Invocation::run, &RunOptions::publish, &PublishOptions::block_error>},
    {{"ordering-keys", "N", "64", "number of ordering keys, 0 = none [64]", kDeliver},
     number<65'536, &Invocation::run, &RunOptions::publish, &PublishOptions::ordering_keys>},
    {{"lanes", "N", "8", "connections that publish at once [8]", kDeliver},
     number<256, &Invocation::run, &RunOptions::publish, &PublishOptions::lanes>},
    {{"pending-bytes", "BYTES", "16MiB", "bytes that may wait for the sink [16MiB]", kDeliver},
     bytes<&Invocation::run, &RunOptions::publish, &PublishOptions::pending_bytes_max>},
    {{"heartbeat", "TIME", "10s", "interval of the heartbeat messages [10s]", kRun},
     duration<&Invocation::run, &RunOptions::heartbeat>},
    {{"drain-deadline", "TIME", "8s", "how long SIGTERM waits for what is in flight [8s]",
      kDeliver},
     duration<&Invocation::run, &RunOptions::drain_deadline>},
    {{"park-after", "TIME", "30s",
      "how long the sink may fail or refuse everything before the stream is parked: the server is "
      "let go, the sink asked with backoff, and streaming resumes by itself [30s]",
      kRun},
     duration<&Invocation::run, &RunOptions::park_after>},
    {{"publication-check", "TIME", "30s",
      "how often to check that the publication still carries every table whole [30s]", kRun},
     duration<&Invocation::run, &RunOptions::publication_check>},
    {{"http-address", "ADDRESS", "0.0.0.0",
      "address of /liveness, /readiness, /metrics [127.0.0.1, in a container 0.0.0.0]", kRun},
     text<&Invocation::run, &RunOptions::http_address>},
    {{"http-port", "PORT", "8081",
      "its port, 0 = any free one [$PORT, else 8081, beside the monitor's 8080]", kRun, Kind::value,
      "PORT"},
     number<65'535, &Invocation::run, &RunOptions::http_port>},
    {{"confirm", "", "", "with --to stdout: consume the live slot, not a temporary copy", kRun},
     toggle<&Invocation::run, &RunOptions::confirm>},
    {{"where", "SQL", "\"status <> 'COMPLETED'\"",
      "only rows for which this holds, functions and operators of other schemas than pg_catalog "
      "named in full; such a snapshot ends no run that it does not find [all rows]",
      kSnapshot, Kind::act},
     text<&Invocation::snapshot, &SnapshotOptions::where>},
    {{"from-id", "ID", "1", "the first id, inclusive [the least]", kSnapshot, Kind::act},
     id<&SnapshotOptions::from_id>},
    {{"to-id", "ID", "100000", "the last id, inclusive [the greatest]", kSnapshot, Kind::act},
     id<&SnapshotOptions::to_id>},
    {{"chunk-rows", "N", "5000", "rows that one SELECT reads [5000]",
      kSnapshot | kRecover | kSetup},
     number<1'000'000, &Invocation::snapshot, &SnapshotOptions::chunk_rows>},
    {{"epoch-above", "N", "1763600000",
      "the new epoch lies above this too: for where the publication was dropped, its comment with "
      "it, and the old epoch was ahead of the server's clock [0]",
      kRecover, Kind::act},
     number<kEpochMax, &Invocation::recover, &RecoverOptions::epoch_above>},
    {{"yes", "", "", "do not ask before dropping", kTeardown | kRecover, Kind::act},
     toggle<&Invocation::yes>},
    {{"json", "", "", "print one JSON object", kStatus | kDoctor, Kind::act},
     toggle<&Invocation::json>},
    {one_of(kLogFormats,
            {"log-format", "FORMAT", "json",
             "json as Cloud Logging reads it, text for people [auto: text on a terminal]", kAll}),
     text<&Invocation::log_format>},
    {one_of(kLogLevels,
            {"log-level", "LEVEL", "info", "what is logged, and what is worse [info]", kAll}),
     text<&Invocation::log_level>},
};

}  // namespace

std::span<const config::Setting<Invocation>> settings() { return kSettings; }

}  // namespace walpulse::connector
