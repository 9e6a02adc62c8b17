#include <utility>

#include "monitor/channels/channels.h"
#include "monitor/channels/verdict.h"
#include "monitor/messages/formats.h"
#include "publisher/http/header_field.h"
#include "publisher/mail/smtp.h"

namespace walpulse::monitor::channels {
namespace {

std::vector<std::string> addresses_in(std::string_view list) {
  std::vector<std::string> addresses;
  while (!list.empty())
    if (const std::string_view one = http::take_element(list); !one.empty())
      addresses.emplace_back(one);
  return addresses;
}

class MailChannel final : public Channel {
 public:
  MailChannel(MailSettings settings, ChannelTools tools)
      : settings_(std::move(settings)), tools_(std::move(tools)) {}

  Answer send(const Outgoing& outgoing, std::chrono::milliseconds deadline,
              std::stop_token stop) override {
    const auto message = messages::message_from(outgoing.content);
    if (!message) return never(to_string(message.error()));
    mail::SmtpServer server{settings_.url, "", "", tools_.ca_file};
    Redaction redaction;
    for (const auto& [secret, to] : {std::pair(&settings_.user, &server.user),
                                     std::pair(&settings_.password, &server.password)}) {
      if (!secret->is_set()) continue;
      auto text = read_secret(*secret, tools_.environment);
      if (!text) return verdict_of(text.error(), redaction);
      *to = *std::move(text);
    }
    redaction.add(server.password);
    messages::MailText text = messages::mail_text(*message);
    mail::Mail mail{settings_.from,       settings_.to, std::move(text.subject),
                    std::move(text.body), outgoing.key, message->at};
    if (!outgoing.target.empty()) mail.to = addresses_in(outgoing.target);
    const auto sent = mail::send_mail(server, mail, deadline, stop);
    if (!sent) {
      Answer answer = verdict_of(sent.error(), redaction);
      // A refusal of user and password, not a certificate's.
      if (sent.error().kind == ErrorKind::denied && !sent.error().code.empty())
        answer.verdict = Answer::Verdict::never;
      return answer;
    }
    return taken(redaction.apply(*sent));
  }

 private:
  const MailSettings settings_;
  const ChannelTools tools_;
};

}  // namespace

std::unique_ptr<Channel> make_mail_channel(MailSettings settings, ChannelTools tools) {
  return std::make_unique<MailChannel>(std::move(settings), std::move(tools));
}

}  // namespace walpulse::monitor::channels
