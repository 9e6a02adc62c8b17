#include "monitor/storage/problem_codec.h"

#include "monitor/storage/byte_codec.h"

namespace walpulse::monitor {

std::string encode_evidence(const Evidence& evidence) {
  std::string bytes;
  ByteWriter out(bytes);
  out.unsigned_number(evidence.size());
  for (const auto& [name, value] : evidence) {
    out.text(name);
    out.text(value);
  }
  return bytes;
}

std::optional<Evidence> decode_evidence(std::string_view bytes) {
  ByteReader in(bytes);
  Evidence evidence;
  for (auto left = in.count(); left > 0; --left) {
    std::string name(in.text());
    evidence.emplace_back(std::move(name), in.text());
  }
  if (!in.finished()) return std::nullopt;
  return evidence;
}

std::string encode_cause(const std::optional<ProblemKey>& cause) {
  std::string bytes;
  if (!cause) return bytes;
  ByteWriter out(bytes);
  out.unsigned_number(static_cast<std::uint64_t>(cause->kind));
  for (const std::string* text : {&cause->source, &cause->subject, &cause->instance})
    out.text(*text);
  return bytes;
}

bool decode_cause(std::string_view bytes, std::optional<ProblemKey>& cause) {
  cause.reset();
  if (bytes.empty()) return true;
  ByteReader in(bytes);
  const auto kind = stored_kind(static_cast<std::int64_t>(in.unsigned_number()));
  ProblemKey key;
  for (std::string* text : {&key.source, &key.subject, &key.instance}) *text = in.text();
  if (!kind || !in.finished()) return false;
  key.kind = *kind;
  cause = std::move(key);
  return true;
}

std::optional<Severity> stored_severity(std::int64_t number) {
  if (number < 0 || number >= static_cast<std::int64_t>(kSeverityNames.size())) return std::nullopt;
  return static_cast<Severity>(number);
}

std::optional<ProblemKind> stored_kind(std::int64_t number) {
  if (number < 0 || number >= static_cast<std::int64_t>(kProblemKinds)) return std::nullopt;
  return static_cast<ProblemKind>(number);
}

}  // namespace walpulse::monitor
