#include "monitor/rules/channel_reader.h"

#include <algorithm>
#include <array>
#include <string>

#include "monitor/rules/channel_checks.h"
#include "monitor/rules/fields.h"
#include "monitor/rules/glob.h"
#include "monitor/rules/secret_places.h"
#include "monitor/rules/target.h"
#include "monitor/rules/value_readers.h"

namespace walpulse::rules {
namespace {

constexpr std::size_t kAddressesMax = 50;
constexpr std::string_view kTypeExample = R"(type = "slack")";
/// Types of the grammar that come later.
constexpr std::array<std::string_view, 2> kLaterTypes = {"google_chat", "pubsub"};

constexpr unsigned of(ChannelType type) { return 1U << static_cast<unsigned>(type); }
constexpr unsigned kLog = of(ChannelType::log), kSlack = of(ChannelType::slack),
                   kWebhook = of(ChannelType::webhook), kPagerDuty = of(ChannelType::pagerduty),
                   kMail = of(ChannelType::mail);
constexpr unsigned kAll = kLog | kSlack | kWebhook | kPagerDuty | kMail;

/// A key, and the types that have it.
struct ChannelField : Field<ChannelRule> {
  unsigned types = 0;
};

template <auto member, auto read>
Result<void> take_into(const Node& node, ChannelRule& rule) {
  return put_into(read(node), rule.*member);
}

template <class Choice, auto member, const auto& words>
Result<void> take_choice(const Node& node, ChannelRule& rule) {
  const auto chosen = read_choice(node, words);
  if (!chosen) return forward(chosen);
  rule.*member = static_cast<Choice>(*chosen);
  return {};
}

template <auto member>
constexpr ChannelField file_field(std::string_view name, std::string_view example, unsigned types) {
  return {{{name, example}, take_into<member, read_secret_file>}, types};
}
template <auto member>
constexpr ChannelField env_field(std::string_view name, std::string_view example, unsigned types) {
  return {{{name, example}, take_into<member, read_secret_env>}, types};
}

Result<std::vector<std::string>> read_recipients(const Node& node) {
  auto texts = read_names(node, kAddressesMax);
  if (!texts) return texts;
  for (const std::string& text : *texts) {
    if (const auto fine = check_recipient(text); !fine) return forward(fine);
  }
  if (std::ranges::all_of(*texts, [](const auto& text) { return text.find('{') != text.npos; })) {
    return fail(ErrorKind::malformed,
                "has a placeholder in every address: one must be without, for what has no owner");
  }
  return texts;
}

Result<std::string> read_slack_channel(const Node& node) {
  auto text = read_text(node);
  if (!text) return text;
  if (const auto fine = check_slack_channel(*text); !fine) return forward(fine);
  return text;
}

Result<std::string> read_sender(const Node& node) {
  auto text = read_text(node);
  if (!text) return text;
  if (!is_mail_address(*text)) {
    return fail(ErrorKind::malformed, in_quotes(*text) + " is not a mail address");
  }
  return text;
}

/// HOST, HOST:PORT, smtp://HOST:PORT or smtps://HOST:PORT.
Result<std::string> read_smtp(const Node& node) {
  auto text = read_text(node);
  if (!text) return text;
  const std::size_t scheme = text->starts_with("smtp://")    ? 7
                             : text->starts_with("smtps://") ? 8
                                                             : 0;
  const std::string_view server = std::string_view(*text).substr(scheme);
  const std::size_t colon = server.find(':');
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool port_is_fine =
      colon == server.npos ||
      (colon + 1 < server.size() && std::ranges::all_of(server.substr(colon + 1), is_digit));
  if (server.find('@') != server.npos) {
    return fail(ErrorKind::malformed,
                "has a user in it: name files as user_file and password_file");
  }
  if (server.empty() || colon == 0 || !port_is_fine ||
      server.find_first_of(" /{}") != server.npos) {
    return fail(ErrorKind::malformed, in_quotes(*text) + " is not a server and its port");
  }
  return text;
}

constexpr ChannelField kFields[] = {
    {{{"details", R"(details = "names")"}, take_choice<Details, &ChannelRule::details, kDetails>},
     kAll},
    {{{"url", R"(url = "https://example.com/walpulse")"},
      take_into<&ChannelRule::url, read_open_address>},
     kWebhook | kPagerDuty},
    file_field<&ChannelRule::url_file>("url_file", R"(url_file = "/secrets/slack-webhook")",
                                       kSlack | kWebhook),
    env_field<&ChannelRule::url_env>("url_env", R"(url_env = "SLACK_WEBHOOK")", kSlack | kWebhook),
    file_field<&ChannelRule::token_file>("token_file", R"(token_file = "/secrets/token")",
                                         kSlack | kWebhook | kPagerDuty),
    env_field<&ChannelRule::token_env>("token_env", R"(token_env = "WALPULSE_TOKEN")",
                                       kSlack | kWebhook | kPagerDuty),
    {{{"channel", R"(channel = "#data-{team}")"},
      take_into<&ChannelRule::channel, read_slack_channel>},
     kSlack},
    {{{"auth", R"(auth = "google")"}, take_choice<WebhookAuth, &ChannelRule::auth, kWebhookAuths>},
     kWebhook},
    {{{"audience", R"(audience = "https://example.com")"},
      take_into<&ChannelRule::audience, read_text>},
     kWebhook},
    file_field<&ChannelRule::secret_file>("secret_file", R"(secret_file = "/secrets/signing")",
                                          kWebhook),
    env_field<&ChannelRule::secret_env>("secret_env", R"(secret_env = "SIGNING_SECRET")", kWebhook),
    {{{"smtp", R"(smtp = "smtp.example.com:587")"}, take_into<&ChannelRule::smtp, read_smtp>},
     kMail},
    {{{"from", R"(from = "walpulse@example.com")"}, take_into<&ChannelRule::from, read_sender>},
     kMail},
    {{{"to", R"(to = ["data@example.com", "{owner}"])"},
      take_into<&ChannelRule::to, read_recipients>},
     kMail},
    file_field<&ChannelRule::user_file>("user_file", R"(user_file = "/secrets/smtp-user")", kMail),
    env_field<&ChannelRule::user_env>("user_env", R"(user_env = "SMTP_USER")", kMail),
    file_field<&ChannelRule::password_file>("password_file",
                                            R"(password_file = "/secrets/smtp-password")", kMail),
    env_field<&ChannelRule::password_env>("password_env", R"(password_env = "SMTP_PASSWORD")",
                                          kMail),
};

std::string title_of(ChannelType type) {
  return "a channel of type " + std::string(kChannelTypes[static_cast<std::size_t>(type)]);
}

std::optional<ChannelType> read_type(const NodeEntry& entry, Reporter report) {
  const Node* node = entry.value.find("type");
  if (node == nullptr) {
    report.add(entry.line, "type", "is missing: " + listed(kChannelTypes), kTypeExample);
    return std::nullopt;
  }
  if (node->kind == Node::Kind::text && std::ranges::count(kLaterTypes, node->text) > 0) {
    report.add(node->line, "type",
               in_quotes(node->text) + " is not there yet; there are " + listed(kChannelTypes),
               kTypeExample);
    return std::nullopt;
  }
  const auto chosen = read_choice(*node, kChannelTypes);
  if (chosen) return static_cast<ChannelType>(*chosen);
  report.add(node->line, "type", chosen.error().message, kTypeExample);
  return std::nullopt;
}

std::string_view example_of_secret(ChannelType type) {
  if (type == ChannelType::mail) return R"(password_file = "/secrets/smtp-password")";
  return type == ChannelType::log ? R"(details = "names")" : R"(token_file = "/secrets/token")";
}

void take_key(const NodeEntry& entry, ChannelRule& rule, Reporter report) {
  const unsigned type = of(rule.type);
  const auto* const field = std::ranges::find(kFields, entry.key, &ChannelField::name);
  if (field != std::end(kFields) && (field->types & type) != 0) {
    const Field<ChannelRule>& read = *field;
    take_field(entry, std::span(&read, 1), rule, report);
    return;
  }
  if (is_secret_key(entry.key) || (entry.key == "url" && rule.type == ChannelType::slack)) {
    return report.add(entry.line, entry.key,
                      "would be a secret in clear: write it into a file and name that, or a "
                      "variable of the environment",
                      entry.key.find("url") != std::string::npos
                          ? R"(url_file = "/secrets/slack-webhook")"
                          : example_of_secret(rule.type));
  }
  std::vector<KeyExample> known;
  for (const ChannelField& each : kFields) {
    if ((each.types & type) != 0) known.push_back(each);
  }
  refuse_key(entry, title_of(rule.type), known, report);
}

constexpr Field<DeadmanRule> kDeadmanFields[] = {
    {{"url_file", R"(url_file = "/secrets/healthcheck")"},
     [](const Node& node, DeadmanRule& rule) {
       return put_into(read_secret_file(node), rule.url_file);
     }},
    {{"url_env", R"(url_env = "HEALTHCHECK_URL")"},
     [](const Node& node, DeadmanRule& rule) {
       return put_into(read_secret_env(node), rule.url_env);
     }},
};

}  // namespace

ChannelRule read_channel(const NodeEntry& entry, std::size_t file, Reporter report) {
  ChannelRule rule;
  rule.name = entry.key;
  rule.type = ChannelType::webhook;
  rule.place = {file, entry.line};
  if (entry.value.kind != Node::Kind::table) {
    report.add(entry.line, "channel", "is to be named: write [channel.NAME]", "[channel.data]");
    return rule;
  }
  if (!is_name(entry.key)) {
    report.add(entry.line, "channel",
               in_quotes(entry.key) + " cannot be its name (letters, digits and _)",
               "[channel.data]");
  }
  const auto type = read_type(entry, report);
  if (!type) return rule;
  rule.type = *type;
  for (const NodeEntry& key : entry.value.entries) {
    if (key.key != "type") take_key(key, rule, report);
  }
  complete_channel(rule, entry.value, report);
  return rule;
}

DeadmanRule read_deadman(const NodeEntry& entry, std::size_t file, Reporter report) {
  constexpr std::string_view kExample = R"(url_file = "/secrets/healthcheck")";
  DeadmanRule rule;
  rule.place = {file, entry.line};
  const std::span<const Field<DeadmanRule>> fields(kDeadmanFields);
  for (const NodeEntry& key : entry.value.entries) {
    if (take_field(key, fields, rule, report)) continue;
    if (key.key == "url") {
      report.add(key.line, key.key,
                 "would be a secret in clear: who has it can pretend that walpulse lives",
                 kExample);
    } else {
      refuse_key(key, "[deadman]", examples_of(fields), report);
    }
  }
  const std::size_t named =
      (entry.value.find("url_file") ? 1U : 0U) + (entry.value.find("url_env") ? 1U : 0U);
  if (named != 1) {
    report.add(entry.line, "url_file",
               named == 0 ? "is missing: [deadman] is called at an address"
                          : "and url_env are two places: write one of them",
               kExample);
  }
  return rule;
}

}  // namespace walpulse::rules
