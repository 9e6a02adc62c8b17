#include "monitor/command/notify.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "decoder/base/clock.h"
#include "decoder/base/one_line.h"
#include "monitor/channels/channels.h"
#include "monitor/command/refuse.h"
#include "monitor/command/terminal.h"
#include "monitor/messages/compose.h"
#include "monitor/rules/rule_book.h"
#include "monitor/rules/target.h"
#include "monitor/service/rules_component.h"

namespace walpulse::monitor {
namespace {

constexpr std::chrono::seconds kCallMax{10};

/// Where no problem fills the placeholders.
std::string target_of(const rules::ChannelRule& rule) {
  const auto nothing = [](std::string_view) { return std::string(); };
  if (rule.type == rules::ChannelType::slack) return rules::filled_channel(rule.channel, nothing);
  return rule.type == rules::ChannelType::mail ? rules::filled_recipients(rule.to, nothing) : "";
}

std::string names_of(const rules::Rules& rules) {
  std::string names;
  for (const rules::ChannelRule& rule : rules.channels)
    names += (names.empty() ? "" : ", ") + rule.name;
  return names.empty() ? "none" : names;
}

}  // namespace

int notify(const ServeOptions& options, const Environment& environment) {
  if (options.rules_path.empty())
    return refuse(kExitUsage, "name the rules file that has the channel: --rules rules.toml");
  const auto book = open_rules(options);
  if (!book) return kExitConfiguration;
  const auto rules = book->in_force().rules;
  const std::string& name = options.deliveries.tested;
  const auto rule = std::ranges::find(rules->channels, name, &rules::ChannelRule::name);
  if (rule == rules->channels.end())
    return refuse(kExitFailed,
                  "the rules have no channel " + name + "; they have: " + names_of(*rules));
  const auto http = http::make_client();
  const auto channel = channels::make_channel(*rule, {*http, environment, ""});
  messages::MessageContext context;
  context.zone = rules->time_zone;
  context.now = wall_clock();
  context.page_url = options.page_url;
  context.details = rule->details;
  Outgoing outgoing;
  outgoing.content = messages::to_json(messages::test_message(name, context));
  outgoing.key = "test/" + std::to_string(context.now.time_since_epoch().count());
  outgoing.target = target_of(*rule);
  const Answer answer = channel->send(outgoing, kCallMax, {});
  if (answer.verdict != Answer::Verdict::taken)
    return refuse(answer.verdict == Answer::Verdict::never ? kExitFailed : kExitUnavailable,
                  "the channel " + name + " did not take it: " + answer.text);
  print_safely("The channel " + name + " took it: " + one_line(answer.text) + '\n');
  return 0;
}

}  // namespace walpulse::monitor
