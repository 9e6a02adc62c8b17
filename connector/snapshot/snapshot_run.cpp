#include "connector/snapshot/snapshot_run.h"

#include <unistd.h>

#include <charconv>
#include <random>

#include "connector/catalog/slot_wait.h"
#include "connector/catalog/sqlstate.h"
#include "connector/session/capture_plan.h"
#include "connector/session/introduction_message.h"
#include "connector/snapshot/snapshot_sql.h"
#include "decoder/base/backoff.h"
#include "decoder/base/clock.h"
#include "decoder/base/logging.h"
#include "decoder/schema/snapshot_end.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A slot is made within a second where nobody writes for long.
constexpr auto kWaitUnremarked = 3s;
constexpr auto kWaitInterval = 15s;
/// Attempts in a row that delivered no row.
constexpr int kAttemptsMax = 8;

Failure judge_reading(const Error& error) {
  const bool again = error.kind == ErrorKind::cancelled || error.code.empty() || passes(error.code);
  return failure_of(again ? Verdict::retry : Verdict::fatal, error);
}

/// A range is of the first table, unless it says otherwise.
std::string flag_of(const CaptureIdentity& identity, const CapturedTable& table) {
  if (identity.tables.empty() || table == identity.tables.front()) return "";
  return "--table " + table.name.name + " ";
}

}  // namespace

SnapshotRun::SnapshotRun(const SnapshotJob& job, std::stop_token stop, Wakeup& wakeup)
    : job_(job), stop_(std::move(stop)), wakeup_(wakeup), pacer_(job.snapshot.rate, Clock::now()) {}

SnapshotRun::Ended SnapshotRun::prepare() {
  auto facts = snapshot_facts(job_.source, job_.snapshot, job_.identity);
  if (!facts) return tl::unexpected<Failure>(std::move(facts).error());
  std::vector<std::string> columns;
  for (const schema::Table::Column& column : facts->table.columns) columns.push_back(column.name);
  if (auto problem = column_problem(facts->identity, facts->captured, job_.publish, columns))
    return tl::unexpected<Failure>(*std::move(problem));
  facts_ = std::move(*facts);
  read_ =
      columns_to_read(facts_.table, table_options(facts_.identity, facts_.captured, job_.publish));
  auto publisher = RowPublisher::open(job_.publish, wakeup_, stop_);
  if (!publisher) return tl::unexpected<Failure>(failure_of(Verdict::fatal, publisher.error()));
  publisher_ = std::move(*publisher);
  events_.emplace(facts_, job_.publish);
  report_.emplace("snapshot", "rows");
  SPDLOG_INFO("taking a snapshot table={} rows_estimated={} sink={}",
              schema::qualified_name(facts_.table), facts_.row_estimate, publisher_->sink_name());
  return {};
}

tl::expected<SnapshotSummary, Failure> SnapshotRun::execute() {
  auto summary = read_all();
  if (events_ && events_->label_faults() > 0) {
    SPDLOG_WARN("labels are left out, for their values cannot be read count={}",
                events_->label_faults());
  }
  return summary;
}

tl::expected<SnapshotSummary, Failure> SnapshotRun::read_all() {
  if (auto prepared = prepare(); !prepared) return tl::unexpected<Failure>(prepared.error());
  if (auto told = job_.introduced ? Ended() : introduce(); !told) {
    if (interrupted()) return summary(true);
    return tl::unexpected<Failure>(told.error());
  }
  Backoff backoff({.initial = 200ms, .multiplier = 2, .max = 10s});
  Part part{job_.snapshot.from_id, {}, 0, {}};
  for (int fruitless = 0;;) {
    const auto ended = read(part);
    const bool whole = ended.has_value();
    if (whole || part.last_id) {
      const auto finished = finish(part, whole ? job_.snapshot.to_id : part.last_id);
      if (interrupted()) break;
      if (!finished) return tl::unexpected<Failure>(with_hint(finished.error()));
      if (whole || part.last_id == job_.snapshot.to_id.value_or(INT64_MAX)) return summary(false);
    }
    if (interrupted()) break;
    if (ended.error().verdict != Verdict::retry || ++fruitless > kAttemptsMax) {
      return tl::unexpected<Failure>(with_hint(ended.error()));
    }
    if (part.last_id) {
      fruitless = 0;
      backoff.reset();
      part = Part{*part.last_id + 1, {}, 0, {}};
    }
    const auto time = backoff.next();
    SPDLOG_WARN("the snapshot goes on under another position pause_ms={} reason={}", time.count(),
                to_string(ended.error()));
    if (!publisher_->pause(time)) break;
  }
  return summary(true);
}

/// Delivered before any row: whoever counts knows whose rows they are.
SnapshotRun::Ended SnapshotRun::introduce() {
  const auto now = wall_clock();
  auto message =
      introduction_message(facts_.identity, source_of(facts_.identity, facts_.server).database,
                           job_.source.publication, now);
  if (auto sent = publisher_->publish_last(std::move(message), job_.drain_deadline); !sent) {
    return tl::unexpected<Failure>(undeliverable(publisher_->sink_name(), sent.error()));
  }
  return {};
}

SnapshotRun::Ended SnapshotRun::read(Part& part) {
  const ReplicationOptions connection{job_.source.dsn,
                                      facts_.server.encoding == "SQL_ASCII" ? "SQL_ASCII" : "UTF8"};
  auto stream = SnapshotStream::connect(connection, wakeup_, stop_);
  if (!stream) {
    return tl::unexpected<Failure>(failure_of(Verdict::retry, stream.error()));
  }
  const std::string slot = snapshot_slot_name(job_.source.slot, ::getpid(), std::random_device{}());
  tell_at_ = Clock::now() + kWaitUnremarked;
  const auto point = (*stream)->begin(slot, Clock::now() + job_.slot_timeout,
                                      [this](auto time) { tell_waiting(time); });
  if (!point) {
    if (point.error().kind == ErrorKind::timed_out) {
      return tl::unexpected<Failure>(not_made(point.error(), slot));
    }
    return tl::unexpected<Failure>(judge_reading(point.error()));
  }
  if (auto held = wait_without_reading(**stream); !held) return held;
  part.point = *point;
  summary_.position = point->position;
  ++summary_.part_count;
  events_->begin(*point);
  SPDLOG_INFO(
      "reading rows position={} taken_at={}: no WAL is held for it, but VACUUM keeps what it sees",
      to_string(point->position), to_rfc3339(point->taken_at));
  return read_chunks(**stream, part);
}

/// The table is known by its OID, and a statement can only name it: so its name is asked for, held,
/// and asked for again.
SnapshotRun::Ended SnapshotRun::wait_without_reading(SnapshotStream& stream) {
  schema::Table& table = facts_.table;
  const auto ask = [&](const std::string& sql, bool& same) -> Ended {
    if (const auto asked = stream.ask(sql); !asked) {
      return tl::unexpected<Failure>(judge_reading(asked.error()));
    }
    while (true) {
      const auto row = stream.next_row();
      if (!row) return tl::unexpected<Failure>(judge_reading(row.error()));
      if (!*row) return {};
      const std::string schema((**row)[0].value_or(""));
      const std::string name((**row)[1].value_or(""));
      same = schema == table.schema && name == table.name;
      table.schema = schema;
      table.name = name;
    }
  };
  bool same = false;
  if (auto asked = ask(name_sql(table.oid), same); !asked) return asked;
  if (auto held = ask(hold_sql(table), same); !held) return held;
  if (auto asked = ask(name_sql(table.oid), same); !asked) return asked;
  if (same) return {};
  return tl::unexpected<Failure>(Failure{Verdict::retry, "the table was renamed just now"});
}

SnapshotRun::Ended SnapshotRun::read_chunks(SnapshotStream& stream, Part& part) {
  SnapshotOptions range = job_.snapshot;
  range.from_id = part.from;
  while (true) {
    const std::uint64_t before = part.row_count;
    const std::size_t rows_max = range.chunk_rows;
    const auto asked =
        stream.ask(chunk_sql(facts_.table, facts_.key, read_, range, {part.last_id, rows_max}));
    if (!asked) return tl::unexpected<Failure>(judge_reading(asked.error()));
    while (true) {
      const auto row = stream.next_row();
      if (!row) return tl::unexpected<Failure>(judge_reading(row.error()));
      if (!*row) break;
      if (auto taken = take(**row, part); !taken) return taken;
    }
    if (part.row_count - before < rows_max) return {};
  }
}

SnapshotRun::Ended SnapshotRun::take(SnapshotStream::Row row, Part& part) {
  if (stop_.stop_requested()) return tl::unexpected<Failure>(Failure{Verdict::retry, "stopped"});
  const std::string_view text = row[facts_.key].value_or("");
  std::int64_t id = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), id).ec != std::errc{}) {
    return tl::unexpected<Failure>(Failure{Verdict::fatal, "a row's key is no integer"});
  }
  auto made = events_->message(row);
  if (!made) return tl::unexpected<Failure>(failure_of(Verdict::fatal, made.error()));
  if (auto published = publisher_->publish_row(*std::move(made), id); !published) {
    const bool stopped = published.error().kind == ErrorKind::cancelled;
    return tl::unexpected<Failure>(stopped
                                       ? failure_of(Verdict::retry, published.error())
                                       : undeliverable(publisher_->sink_name(), published.error()));
  }
  ++part.row_count;
  ++summary_.row_count;
  part.last_id = id;
  tell_progress(part);
  const auto wait = pacer_.spend(1, Clock::now());
  if (wait <= Clock::duration::zero()) return {};
  if (auto paused = publisher_->pause(wait); !paused) {
    return tl::unexpected<Failure>(failure_of(Verdict::retry, paused.error()));
  }
  return {};
}

SnapshotRun::Ended SnapshotRun::finish(const Part& part, std::optional<std::int64_t> to) {
  const auto failed = [this](const Error& error) {
    return tl::unexpected<Failure>(undeliverable(publisher_->sink_name(), error));
  };
  if (auto done = publisher_->wait_until_delivered(job_.drain_deadline); !done) {
    return failed(done.error());
  }
  if (!job_.snapshot.where.empty()) return {};
  schema::SnapshotEnd end;
  end.name = facts_.identity.name;
  end.schema = facts_.captured.name.schema;
  end.table = facts_.captured.name.name;
  end.epoch = facts_.identity.epoch;
  end.position = part.point.position;
  end.from_id = part.from;
  end.to_id = to;
  end.row_count = part.row_count;
  end.snapshot_at = part.point.taken_at;
  publisher::Message message{.data = schema::to_json(end),
                             .attributes = schema::snapshot_end_attributes(end),
                             .ordering_key = {}};
  if (job_.publish.ordering_keys > 0) message.ordering_key = schema::snapshot_end_ordering_key(end);
  if (auto sent = publisher_->publish_last(std::move(message), job_.drain_deadline); !sent) {
    return failed(sent.error());
  }
  return {};
}

Failure SnapshotRun::not_made(const Error& error, const std::string& slot) {
  auto catalog = Catalog::open(job_.source.dsn, kQuestionTimeout);
  if (!catalog) return failure_of(Verdict::fatal, error);
  const auto waits = (*catalog)->writing_transactions();
  return failure_of(
      Verdict::fatal,
      slot_timeout_error(slot, job_.slot_timeout, waits.value_or(std::vector<OtherTransaction>{})));
}

void SnapshotRun::tell_waiting(Clock::duration time) {
  if (Clock::now() < tell_at_) return;
  tell_at_ = Clock::now() + kWaitInterval;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  auto catalog = Catalog::open(job_.source.dsn, kQuestionTimeout);
  if (!catalog) return;
  const auto waits = (*catalog)->writing_transactions();
  if (!waits) return;
  for (const OtherTransaction& transaction : *waits) {
    SPDLOG_WARN("slot creation blocked for {} s by {}", seconds, describe(transaction));
  }
}

void SnapshotRun::tell_progress(const Part& part) {
  const auto now = Clock::now();
  if (!report_->due(now)) return;
  WorkProgress progress;
  progress.count = summary_.row_count;
  if (facts_.least_id && facts_.greatest_id && *facts_.greatest_id >= *part.last_id) {
    // By ids: how many rows there are nobody knows exactly.
    const auto span = [&](std::int64_t id) {
      return static_cast<std::uint64_t>(id) - static_cast<std::uint64_t>(*facts_.least_id) + 1;
    };
    progress.done = span(*part.last_id);
    progress.total = span(*facts_.greatest_id);
  }
  if (const auto id = publisher_->delivered().last_id()) {
    progress.where = "delivered through id " + std::to_string(*id);
  }
  report_->update(progress, now);
}

Failure SnapshotRun::with_hint(Failure failure) const {
  const auto id = publisher_->delivered().last_id();
  if (id && *id < INT64_MAX) {
    failure.remedy += (failure.remedy.empty() ? "" : "; ") +
                      ("every row through id " + std::to_string(*id)) +
                      " was delivered: run it again, or continue with " + table_flag() +
                      "--from-id " + std::to_string(*id + 1);
  }
  return failure;
}

std::string SnapshotRun::table_flag() const { return flag_of(facts_.identity, facts_.captured); }

SnapshotSummary SnapshotRun::summary(bool interrupted) const {
  SnapshotSummary summary = summary_;
  summary.last_id = publisher_->delivered().last_id();
  summary.table_flag = table_flag();
  summary.interrupted = interrupted;
  summary.unread = interrupted && !stop_.stop_requested() && publisher_->unread();
  return summary;
}

}  // namespace walpulse::connector
