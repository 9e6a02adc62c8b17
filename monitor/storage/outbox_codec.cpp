#include "monitor/storage/outbox_codec.h"

#include <bit>
#include <map>
#include <utility>

#include "monitor/storage/byte_codec.h"
#include "monitor/storage/field_codec.h"
#include "monitor/storage/problem_codec.h"
#include "monitor/storage/row_codec.h"

namespace walpulse::monitor {
namespace {

/// A byte to begin with, so that a later version can write more.
constexpr std::uint64_t kHappeningVersion = 1;
constexpr std::uint64_t kProblemVersion = 1;

template <class Enum>
std::optional<Enum> enumerator(std::int64_t number, std::size_t count) {
  if (number < 0 || number >= static_cast<std::int64_t>(count)) return std::nullopt;
  return static_cast<Enum>(number);
}

void write_happening(ByteWriter& out, const Happening& happening) {
  out.number(happening.run);
  out.text(happening.status);
  out.unsigned_number(happening.nth);
  write_position(out, happening.position);
  out.number(ticks(happening.at));
  out.text(happening.pipeline);
  write_id(out, happening.trigger);
  out.text(happening.made_by);
  out.text(encode_labels(happening.labels));
  out.unsigned_number(happening.seconds.has_value());
  if (happening.seconds) out.unsigned_number(std::bit_cast<std::uint64_t>(*happening.seconds));
  for (const std::string* text : {&happening.block, &happening.error, &happening.traceparent})
    out.text(*text);
}

bool read_happening(ByteReader& in, Happening& happening) {
  happening.run = in.number();
  happening.status = in.text();
  happening.nth = static_cast<std::uint32_t>(in.unsigned_number());
  happening.position = read_position(in);
  happening.at = instant(in.number());
  happening.pipeline = in.text();
  happening.trigger = read_id(in);
  happening.made_by = in.text();
  auto labels = decode_labels(in.text());
  if (in.unsigned_number() != 0)
    happening.seconds = std::bit_cast<double>(std::uint64_t{in.unsigned_number()});
  for (std::string* text : {&happening.block, &happening.error, &happening.traceparent})
    *text = in.text();
  if (!labels) return false;
  happening.labels = *std::move(labels);
  return true;
}

}  // namespace

std::vector<HappeningRow> happening_rows(std::span<const Happening> happenings) {
  std::map<std::int64_t, HappeningRow> rows;
  for (const Happening& each : happenings) ++rows[each.source].count;
  for (auto& [source, row] : rows) {
    row.source = source;
    ByteWriter out(row.body);
    out.unsigned_number(kHappeningVersion);
    out.unsigned_number(static_cast<std::uint64_t>(row.count));
  }
  for (const Happening& each : happenings) {
    ByteWriter out(rows[each.source].body);
    write_happening(out, each);
  }
  std::vector<HappeningRow> found;
  found.reserve(rows.size());
  for (auto& [source, row] : rows) found.push_back(std::move(row));
  return found;
}

bool read_happenings(std::string_view body, std::int64_t id, std::int64_t source,
                     std::vector<Happening>& into) {
  ByteReader in(body);
  if (in.unsigned_number() != kHappeningVersion) return false;
  for (auto left = in.count(); left > 0; --left) {
    Happening& happening = into.emplace_back();
    happening.id = id;
    happening.source = source;
    if (!read_happening(in, happening)) return false;
  }
  return in.finished();
}

std::string encode_problem(const Problem& problem) {
  const Finding& finding = problem.finding;
  std::string bytes;
  ByteWriter out(bytes);
  out.unsigned_number(kProblemVersion);
  out.number(problem.id);
  out.unsigned_number(static_cast<std::uint64_t>(finding.key.kind));
  for (const std::string* text : {&finding.key.source, &finding.key.subject, &finding.key.instance})
    out.text(*text);
  out.number(ticks(finding.since));
  out.number(ticks(problem.opened));
  write_instant(out, problem.closed, problem.opened);
  out.unsigned_number(static_cast<std::uint64_t>(finding.severity));
  out.unsigned_number(problem.told);
  out.text(encode_evidence(finding.evidence));
  out.text(encode_cause(finding.cause));
  return bytes;
}

std::optional<Problem> decode_problem(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.unsigned_number() != kProblemVersion) return std::nullopt;
  Problem problem;
  Finding& finding = problem.finding;
  problem.id = in.number();
  const auto kind = stored_kind(static_cast<std::int64_t>(in.unsigned_number()));
  for (std::string* text : {&finding.key.source, &finding.key.subject, &finding.key.instance})
    *text = in.text();
  finding.since = instant(in.number());
  problem.opened = instant(in.number());
  problem.closed = read_instant(in, problem.opened);
  const auto severity = stored_severity(static_cast<std::int64_t>(in.unsigned_number()));
  problem.told = in.unsigned_number() != 0;
  auto evidence = decode_evidence(in.text());
  const bool has_cause = decode_cause(in.text(), finding.cause);
  if (!kind || !severity || !evidence || !has_cause || !in.finished()) return std::nullopt;
  finding.key.kind = *kind;
  finding.severity = *severity;
  finding.evidence = *std::move(evidence);
  return problem;
}

std::optional<Notice::Phase> stored_phase(std::int64_t number) {
  return enumerator<Notice::Phase>(number, kNoticePhases);
}
std::optional<Delivery::Kind> stored_delivery_kind(std::int64_t number) {
  return enumerator<Delivery::Kind>(number, kDeliveryKinds);
}
std::optional<Delivery::State> stored_delivery_state(std::int64_t number) {
  return enumerator<Delivery::State>(number, kDeliveryStates);
}

}  // namespace walpulse::monitor
