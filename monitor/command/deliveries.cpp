#include "monitor/command/deliveries.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "decoder/base/clock.h"
#include "decoder/base/json_dom.h"
#include "decoder/base/one_line.h"
#include "monitor/command/refuse.h"
#include "monitor/command/terminal.h"
#include "monitor/service/ledger_opening.h"

namespace walpulse::monitor {
namespace {

constexpr std::size_t kDeliveriesListed = 100;

std::string state_text(const Delivery& delivery) {
  switch (delivery.state) {
    case Delivery::State::waiting:
      return "waits until " + to_the_second(delivery.due);
    case Delivery::State::sent:
      return "sent";
    case Delivery::State::given_up:
      return "given up";
    case Delivery::State::too_old:
      return "too old to be made";
    case Delivery::State::dropped:
      return "dropped";
  }
  return "unknown";
}

std::optional<std::int64_t> id_of(const std::string& text) {
  std::int64_t id = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return id;
}

int list_deliveries(const ServeOptions& options, PageLedger& ledger) {
  DeliveriesAsked asked;
  if (!options.deliveries.state.empty()) asked.state = delivery_state(options.deliveries.state);
  asked.channel = options.deliveries.channel;
  asked.count_max = kDeliveriesListed;
  std::vector<Delivery> found;
  const auto looked =
      ledger.look([&](Transaction& in, const Context&) { found = in.deliveries().list(asked); });
  if (!looked) return refuse(kExitUnavailable, to_string(looked.error()));
  if (options.json) {
    const std::string lines = deliveries_json(found);
    std::fwrite(lines.data(), 1, lines.size(), stdout);
  } else {
    print_safely(found.empty() ? "There is no such delivery.\n" : deliveries_text(found));
  }
  return 0;
}

int change_delivery(const ServeOptions& options, PageLedger& ledger) {
  const bool again = options.verb == "retry";
  const std::string& number = options.mute.id;
  const auto id = id_of(number);
  auto wished = Result<Wished>(Wished::unknown);
  if (id)
    wished = again ? ledger.retry(*id, wall_clock(), user_name())
                   : ledger.drop(*id, wall_clock(), user_name());
  if (!wished) return refuse(kExitUnavailable, to_string(wished.error()));
  if (*wished == Wished::unknown)
    return refuse(kExitFailed, "there is no delivery " + number +
                                   ": walpulse-monitor deliveries list shows them");
  if (*wished == Wished::refused)
    return refuse(kExitFailed, again ? "delivery " + number + " was not given up"
                                     : "delivery " + number + " has ended already");
  if (*wished == Wished::outdated)
    return refuse(kExitFailed,
                  "delivery " + number +
                      " tells of what is over by now; walpulse-monitor deliveries drop " + number +
                      " takes it off the list");
  print_safely("Delivery " + number + (again ? " is sent again.\n" : " is not sent any more.\n"));
  return 0;
}

}  // namespace

std::string deliveries_text(const std::vector<Delivery>& deliveries) {
  std::string out;
  for (const Delivery& each : deliveries) {
    out += std::to_string(each.id) + "  " + one_line(each.channel) + "  " +
           std::string(name_of(each.kind)) + ", " + state_text(each);
    if (each.ended) out += ' ' + to_the_second(*each.ended);
    out += ", made " + to_the_second(each.created) + ", " + std::to_string(each.attempts) +
           (each.attempts == 1 ? " attempt: " : " attempts: ") + one_line(each.of) + '\n';
    std::string answer = each.answer;
    std::ranges::replace(answer, '\n', ' ');
    if (!answer.empty()) out += "    " + one_line(answer) + '\n';
  }
  return out;
}

std::string deliveries_json(const std::vector<Delivery>& deliveries) {
  std::string out;
  for (const Delivery& each : deliveries) {
    nlohmann::ordered_json json = {{"id", each.id},
                                   {"kind", name_of(each.kind)},
                                   {"state", name_of(each.state)},
                                   {"channel", each.channel},
                                   {"subject", each.subject},
                                   {"key", each.key},
                                   {"of", each.of},
                                   {"created", to_rfc3339(each.created)},
                                   {"attempts", each.attempts}};
    if (each.state == Delivery::State::waiting) json["due"] = to_rfc3339(each.due);
    if (each.repeated) json["repeated"] = to_rfc3339(*each.repeated);
    if (each.ended) json["ended"] = to_rfc3339(*each.ended);
    if (!each.answer.empty()) json["answer"] = each.answer;
    out += dump_json(json) + '\n';
  }
  return out;
}

int deliveries(const ServeOptions& options) {
  const auto ledger = show_ledger(options);
  if (!ledger) return refuse(kExitUnavailable, to_string(ledger.error()));
  return options.verb == "list" ? list_deliveries(options, **ledger)
                                : change_delivery(options, **ledger);
}

}  // namespace walpulse::monitor
