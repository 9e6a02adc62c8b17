#include "bench/mage_sim/payload.h"

#include <array>
#include <string_view>

namespace walpulse::mage_sim {
namespace {

constexpr std::array<std::string_view, 5> kRhythms{"daily", "hourly", "nightly", "weekly", "live"};
constexpr std::array<std::string_view, 8> kSubjects{"sales",   "orders",   "invoices", "crm_sync",
                                                    "returns", "payments", "clicks",   "stock"};
constexpr std::array<std::string_view, 8> kPartners{
    R"("acme")", R"("globex")", R"("initech")", R"("caf\u00e9 \"noir\"")",
    "42",        "true",        "null",         ""};
constexpr double kNullVariables = 0.03;      // SQL NULL
constexpr double kJsonNullVariables = 0.03;  // the JSON text null
constexpr std::array<std::string_view, 5> kBlocks{"load", "clean", "join", "check", "export"};
constexpr std::array<std::string_view, 4> kErrors{"connection refused",
                                                  "column \\\"total\\\" does not exist",
                                                  "out of memory", "caf\\u00e9: no such partner"};
constexpr std::size_t kTraceMax = 20'000;
constexpr std::size_t kLargeBytes = 9'000;

std::string noise(Random& random, std::size_t bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve(bytes);
  for (std::size_t i = 0; i < bytes; ++i) text += kAlphabet[random.below(kAlphabet.size())];
  return text;
}

}  // namespace

std::string pipeline_name(std::size_t index) {
  std::string name(kRhythms[index % kRhythms.size()]);
  name += '_';
  name += kSubjects[index % kSubjects.size()];  // 5 and 8 share no factor: 40 distinct names
  const std::size_t round = index / (kRhythms.size() * kSubjects.size());
  if (round > 0) name += '_' + std::to_string(round + 1);
  return name;
}

std::vector<std::string> block_names(std::size_t index) {
  const std::string subject(kSubjects[index % kSubjects.size()]);
  const std::size_t count = 2 + index % 3;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    // The last one of each pipeline exports.
    std::string name(kBlocks[i + 1 < count ? i : kBlocks.size() - 1]);
    name += '_' + subject;
    names.push_back(index % 4 == 3 ? name + ":orders:0" : name);
  }
  return names;
}

std::string partner_json(std::size_t index) {
  if (index == 0) return R"({"name": "acme"})";  // not a scalar: no label
  return std::string(kPartners[(index - 1) % kPartners.size()]);
}

std::optional<std::string> variables_json(Random& random, const std::string& partner, bool large) {
  if (!large && random.chance(kNullVariables)) return std::nullopt;
  if (!large && random.chance(kJsonNullVariables)) return "null";
  std::string json = "{";
  if (!partner.empty()) json += "\"partner\": " + partner + ", ";
  json += "\"execution_partition\": \"" + std::to_string(random.below(1000)) + "/20261121T010203\"";
  if (large) json += ", \"payload\": \"" + noise(random, kLargeBytes) + '"';
  return json + '}';
}

std::string event_variables_json(Random& random) {
  return R"({"source": "webhook", "attempt": )" + std::to_string(1 + random.below(3)) + '}';
}

std::string metrics_json(Random& random) {
  const std::string count = std::to_string(random.below(100'000));
  return R"({"source": "postgresql", "destination": "bigquery", "pipeline": {"orders": )"
         R"({"record_counts": )" +
         count + R"(, "bookmarks": null}}})";
}

std::string block_error_json(Random& random) {
  const std::string error(kErrors[random.below(kErrors.size())]);
  const std::size_t trace = random.below(random.chance(0.5) ? 500 : kTraceMax);
  return R"({"error": {"error": ")" + error + R"(", "errors": [], "message": "Traceback )" +
         noise(random, trace) + R"("}})";
}

}  // namespace walpulse::mage_sim
