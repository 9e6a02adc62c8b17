#pragma once

#include <map>

#include "publisher/config/members.h"
#include "publisher/config/sources.h"

// A program small enough to be seen whole.

namespace walpulse::config {

enum class Act : unsigned { brew, beans };

enum class Grind : std::uint8_t { coarse, fine };

struct Water {
  std::size_t amount = 0;
};

struct Order {
  Act act = Act::brew;
  std::string verb;
  std::string name = "pot";
  std::string key;
  std::vector<std::string> spices;
  std::vector<std::string> places;
  std::chrono::milliseconds wait{0};
  Water water;
  Grind grind = Grind::coarse;
  bool hot = false;
  bool dry_run = false;
  std::optional<std::uint16_t> port;
  std::string sort;
  std::uint64_t count = 0;
};

inline bool is_sesame(const std::string& text) { return text == "sesame"; }

inline constexpr std::string_view kGrinds[] = {"coarse", "fine"};

inline std::span<const Setting<Order>> order_settings() {
  constexpr unsigned kBrew = bit_of(Act::brew);
  constexpr unsigned kBeans = bit_of(Act::beans);
  static constexpr Setting<Order> kSettings[] = {
      {{"name", "NAME", "pot", "what it is called [pot]", kBrew | kBeans}, text<&Order::name>},
      {{"key", "KEY", "none", "opens the cupboard", kBrew, Kind::value, {}, is_sesame},
       filled_text<&Order::key>},
      {needed_by(kBrew,
                 {"spice", "SPICE", "cinnamon", "what goes in; repeatable", kBrew, Kind::list}),
       list<&Order::spices>},
      {{"wait", "TIME", "3m", "how long", kBrew}, duration<&Order::wait>},
      {{"water-amount-of-the-whole-pot", "BYTES", "1KiB", "how much", kBrew},
       bytes<&Order::water, &Water::amount>},
      {one_of(kGrinds, {"grind", "GRIND", "fine", "how fine [coarse]", kBrew}),
       choice<kGrinds, &Order::grind>},
      {{"hot", "", "", "as it should be", kBrew}, toggle<&Order::hot>},
      {{"http-port", "PORT", "8080", "where", kBrew, Kind::value, "PORT"},
       number<65'535, &Order::port>},
      {{"dry-run", "", "", "only say so", kBeans, Kind::act}, toggle<&Order::dry_run>},
      {{"from", "PLACE", "kenya", "grown there; repeatable", kBeans, Kind::act_list},
       list<&Order::places>},
      {{"SORT", "", "mocha", "which", kBeans, Kind::argument}, filled_text<&Order::sort>},
      {{"COUNT", "", "12", "how many", kBeans, Kind::argument}, number<100, &Order::count>},
  };
  return kSettings;
}

inline Program brewer(bool strict = false) {
  return {.name = "brewer",
          .purpose = "Brews.",
          .first_steps = "  brewer brew\n",
          .example = "brewer brew --name pot",
          .config_file = "/etc/brewer.toml",
          .config_line = "http-port = 8080",
          .strict = strict,
          .commands = {{static_cast<unsigned>(Act::brew),
                        "brew",
                        "make it",
                        "Makes it.",
                        "  brewer brew\n",
                        {{kExitStopped, "drunk"}, {kExitUnavailable}}},
                       {static_cast<unsigned>(Act::beans),
                        "beans",
                        "see to them",
                        "Sees to them.",
                        "  brewer beans buy mocha 12\n",
                        {{kExitStopped}},
                        {{"list", "say what is there"}, {"buy", "get some", {"SORT", "COUNT"}}}}},
          .settings = texts_of(order_settings()),
          .foreign_keys = {"ledger", "names"}};
}

}  // namespace walpulse::config
