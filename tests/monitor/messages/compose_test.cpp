#include "monitor/messages/compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden_file.h"
#include "tests/monitor/messages/notices.h"

namespace walpulse::monitor::messages {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Phase = Notice::Phase;

/// All sentences of the kinds, one message each, below the name of what is told.
class Sentences {
 public:
  void tell(const std::string& what, const Notices& notices, Timestamp now) {
    text_ += "## " + what + '\n' + shown(notices.message(now)) + '\n';
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

Problem failing_thrice() {
  return problem(ProblemKind::failing, "daily_sales", at(2, 4),
                 {{"failed_in_a_row", "3"}, {"run", "814"}});
}

TEST(Compose, SaysWhatIsTheCaseInEachKind) {
  Sentences all;
  all.tell("failing, the first time", Notices().opened(failing_once(), facts_of_first()), at(2, 5));

  Facts later;
  later.block = "load_sales";
  later.same_block = true;
  later.error = "column \"vat\" does not exist";
  later.retries = 2;
  later.last_success = at(-24 + 2, 11);
  later.next_run = at(26, 0);
  all.tell("failing, the third time", Notices().opened(failing_thrice(), later), at(7, 0));

  Facts missed;
  missed.interval = "0 * * * *";
  missed.last_run = at(6, 0);
  missed.last_run_status = "completed";
  missed.others_started = 3;
  Problem slot = problem(ProblemKind::not_started, "hourly_orders", at(7, 0),
                         {{"trigger", "hourly"},
                          {"slot", to_rfc3339(at(7, 0))},
                          {"missed", "1"},
                          {"newest_slot", to_rfc3339(at(7, 0))}});
  slot.opened = at(7, 6);
  all.tell("not started", Notices().opened(slot, missed), at(7, 6));

  Facts scheduler;
  scheduler.last_run = at(6, 58);
  all.tell("the scheduler",
           Notices().opened(
               problem(ProblemKind::scheduler, "", at(7, 0), {{"due", "41"}, {"missing", "38"}}),
               scheduler),
           at(7, 6));

  Problem initial = problem(ProblemKind::waiting, "daily_stock", at(7, 0), {{"run", "815"}});
  initial.opened = at(7, 15);
  all.tell("waiting", Notices().opened(initial), at(7, 15));

  Facts payments;
  payments.running_since = at(6, 31);
  payments.usual = minutes(12);
  payments.nine_of_ten = minutes(18);
  Problem deadline = problem(ProblemKind::not_done, "daily_payments", at(7, 0),
                             {{"deadline", to_rfc3339(at(7, 0))}});
  all.tell("not done, and runs", Notices().opened(deadline, payments), at(7, 0));
  all.tell("not done", Notices().opened(deadline), at(7, 0));

  Facts crm;
  crm.limit = hours(6);
  crm.usual = minutes(41);
  crm.block = "extract_contacts";
  crm.block_since = at(1, 12);
  Problem running = problem(ProblemKind::too_long, "weekly_crm_sync", at(1, 0), {{"run", "790"}});
  running.opened = at(7, 2);
  all.tell("too long", Notices().opened(running, crm), at(7, 2));

  Problem stale = problem(ProblemKind::stale, "daily_stock", at(-24 + 5, 0),
                          {{"last_success", to_rfc3339(at(-24 + 5, 0))}});
  stale.opened = at(7, 0);
  all.tell("stale", Notices().opened(stale), at(7, 0));

  all.tell("not running",
           Notices().opened(problem(ProblemKind::not_running, "stream_orders", at(6, 58),
                                    {{"last_ran", to_rfc3339(at(6, 58))}})),
           at(7, 3));
  all.tell(
      "abandoned",
      Notices().opened(problem(ProblemKind::abandoned, "daily_stock", at(6, 58), {{"run", "790"}})),
      at(7, 3));
  all.tell("blind",
           Notices().opened(
               problem(ProblemKind::blind, "", at(7, 0), {{"reason", "no heartbeat comes"}})),
           at(7, 12));
  all.tell("undelivered",
           Notices().opened(problem(ProblemKind::undelivered, "", at(7, 0),
                                    {{"channel", "data"}, {"answer", "HTTP 404"}})),
           at(7, 12));
  expect_file("monitor/messages/golden/open.txt", all.text());
}

TEST(Compose, SaysThatItIsOverInEachKind) {
  Sentences all;
  Facts run;
  run.run = 815;
  run.run_status = "COMPLETED";
  run.run_began = at(6, 59);
  run.run_ended = at(7, 12);
  run.usual = minutes(12);
  Facts failed = run;
  failed.not_made_good = {at(-48 + 2, 0)};
  all.tell("failing", Notices().closed(failing_thrice(), at(7, 12), failed), at(7, 12));
  using Kind = ProblemKind;
  for (const Kind kind : {Kind::not_started, Kind::waiting, Kind::too_long, Kind::not_done,
                          Kind::stale, Kind::not_running, Kind::abandoned, Kind::check_failed})
    all.tell(
        std::string(name_of(kind)),
        Notices().closed(problem(kind, "daily_stock", at(5, 0), {{"run", "815"}}), at(7, 12), run),
        at(7, 12));
  all.tell("the scheduler", Notices().closed(problem(Kind::scheduler, "", at(7, 0), {}), at(7, 24)),
           at(7, 24));
  Facts seen;
  seen.ended_meanwhile = 41;
  seen.failed_meanwhile = {"daily_sales", "weekly_crm_sync"};
  all.tell("blind", Notices().closed(problem(Kind::blind, "", at(7, 0), {}), at(7, 24), seen),
           at(7, 24));
  expect_file("monitor/messages/golden/over.txt", all.text());
}

/// 500 failures within two minutes, as a broken source makes them.
Notices five_hundred() {
  Notices notices;
  for (int number = 0; number < 500; ++number) {
    Facts facts;
    facts.block = number < 488 ? "extract_crm" : "load_" + std::to_string(number);
    const std::string team = number < 312 ? "ingest" : number < 432 ? "finance" : "";
    Evidence evidence = {{"failed_in_a_row", "1"}, {"run", std::to_string(number)}};
    if (!team.empty()) evidence.emplace_back("team", team);
    notices.opened(problem(ProblemKind::failing, "crm_" + std::to_string(number),
                           at(2, 3) + std::chrono::milliseconds(number * 240), evidence),
                   facts);
  }
  return notices;
}

TEST(Compose, FiveHundredFailuresAtOnceAreOneMessageOfTwoLines) {
  const Notices notices = five_hundred();
  MessageContext context = notices.context(at(2, 5));
  context.not_before = at(2, 15);
  const Message message = compose(notices.notices, context);
  EXPECT_EQ(shown(message),
            ":red_circle: 500 pipelines failed between 02:03 and 02:04 Lisbon, 488 of them at "
            "block extract_crm\n"
            "ingest 312, finance 120, other 68. More in this channel not before 02:15.\n"
            "[All 500] https://walpulse.example.com/?kind=failing\n");
  EXPECT_THAT(message.told, SizeIs(500));
}

TEST(Compose, TheirRecoveriesAreOneMessageThatNamesWhoStillFails) {
  Notices notices;
  Facts facts;
  facts.told_with = 7;
  for (int number = 0; number < 494; ++number)
    notices.closed(problem(ProblemKind::failing, "crm_" + std::to_string(number), at(2, 3), {}),
                   at(2, 41), facts);
  MessageContext context = notices.context(at(2, 41));
  context.together = [](std::int64_t delivery) {
    EXPECT_EQ(delivery, 7);
    return Together{500, {"a", "b", "c", "d", "e", "f"}};
  };
  EXPECT_EQ(shown(compose(notices.notices, context)),
            ":large_green_circle: 494 of the 500 pipelines are fine again (02:41 Lisbon). Still "
            "failing: a, b, c, d, e, ... (6)\n"
            "[Now] https://walpulse.example.com/\n");
}

TEST(Compose, WhatBeganAtAnotherTimeOrElsewhereIsToldByItself) {
  Notices notices;
  for (int number = 0; number < 4; ++number)
    notices.opened(problem(ProblemKind::failing, "a" + std::to_string(number), at(2, 3), {}));
  notices.opened(problem(ProblemKind::failing, "b", at(2, 30), {}));
  Problem elsewhere = problem(ProblemKind::failing, "c", at(2, 3), {});
  elsewhere.finding.key.source = "other";
  notices.opened(elsewhere);
  EXPECT_THAT(notices.message(at(2, 31)).parts, SizeIs(3));
}

TEST(Compose, TheFirstLookIsAGreeting) {
  Notices notices;
  for (int number = 0; number < 7; ++number)
    notices.add(Phase::found,
                problem(ProblemKind::failing, "a" + std::to_string(number), at(2, 3), {}));
  MessageContext context = notices.context(at(9, 0));
  context.watched = [](const std::string&) { return Watched{142, 0}; };
  EXPECT_EQ(shown(compose(notices.notices, context)),
            ":wave: walpulse watches 142 pipelines of mage-db. 7 were failing already. From now "
            "on you hear what changes.\n[Now] https://walpulse.example.com/\n");
}

TEST(Compose, TheFirstLookIsAGreetingWhereNothingIsWrongToo) {
  Problem none;
  none.finding.key.source = "mage-db";
  Notices notices;
  notices.add(Phase::found, none);
  MessageContext context = notices.context(at(9, 0));
  context.watched = [](const std::string&) { return Watched{142, 0}; };
  const Message greeting = compose(notices.notices, context);
  EXPECT_EQ(shown(greeting),
            ":wave: walpulse watches 142 pipelines of mage-db. None was failing. From now on you "
            "hear what changes.\n[Now] https://walpulse.example.com/\n");
  EXPECT_TRUE(greeting.told.empty()) << "it opens no incident";
  context.watched = [](const std::string&) { return Watched{142, 7}; };
  EXPECT_THAT(shown(compose(notices.notices, context)), HasSubstr("of mage-db. From now on"))
      << "others are told of the seven";
  context.watched = [](const std::string&) { return Watched{}; };
  EXPECT_THAT(shown(compose(notices.notices, context)), HasSubstr("watches mage-db. From now on"))
      << "nothing is known yet";
  notices.add(Phase::found, problem(ProblemKind::failing, "a", at(2, 3), {}));
  context = notices.context(at(9, 0));
  context.watched = [](const std::string&) { return Watched{142, 0}; };
  const Message both = compose(notices.notices, context);
  EXPECT_THAT(both.parts, SizeIs(1)) << "a source is one greeting";
  EXPECT_THAT(shown(both), HasSubstr("1 was failing already."));
  EXPECT_THAT(both.told, SizeIs(1));
}

TEST(Compose, WhatWasOverBeforeItCouldBeToldIsNot) {
  const Problem of = failing_once();
  const Notices notices = Notices().opened(of, facts_of_first()).closed(of, at(2, 6));
  EXPECT_TRUE(notices.message(at(2, 7)).empty());
  EXPECT_TRUE(compose({}, notices.context(at(2, 7))).empty());
}

TEST(Compose, WhatComesAndGoesIsToldAsThat) {
  Notices notices;
  for (int number = 0; number < 3; ++number) {
    const Problem of = problem(ProblemKind::failing, "daily_sales", at(2, 4 + number), {});
    notices.opened(of).closed(of, at(2, 5 + number));
  }
  EXPECT_EQ(shown(notices.message(at(2, 10))),
            ":warning: daily_sales comes and goes: failing 3 times since 02:04 Lisbon\n"
            "It is fine for now.\n"
            "[History] https://walpulse.example.com/pipelines/mage-db%3Adaily_sales\n");
  notices.opened(problem(ProblemKind::failing, "daily_sales", at(2, 9), {{"run", "9"}}));
  EXPECT_THAT(shown(notices.message(at(2, 10))),
              HasSubstr("daily_sales failed\nrun 9: 02:09 Lisbon.\n"
                        "It comes and goes: 4 times in 24 h.\n"));
}

TEST(Compose, WhatIsOverAndBackIsOpen) {
  const Notices notices = Notices()
                              .closed(failing_thrice(), at(7, 0))
                              .opened(problem(ProblemKind::failing, "daily_sales", at(7, 1), {}));
  const Message message = notices.message(at(7, 2));
  EXPECT_THAT(shown(message), HasSubstr("It was over for a moment."));
  ASSERT_THAT(message.told, SizeIs(1));
  EXPECT_FALSE(message.told[0].over);
}

TEST(Compose, ARepeatAndTheEndOfAMuteSayThatItIsStillSo) {
  EXPECT_THAT(shown(Notices().add(Phase::repeated, failing_thrice()).message(at(26, 0))),
              HasSubstr("failing since yesterday 02:04 Lisbon.\nIt is still so.\n"));
  EXPECT_THAT(shown(Notices().add(Phase::unmuted, failing_thrice()).message(at(8, 0))),
              HasSubstr("It is no longer muted, and still so.\n"));
}

TEST(Compose, WithNamesAloneNoValueOfARunIsTold) {
  Notices notices;
  Facts facts = facts_of_first();
  facts.error = "the secret value";
  notices.opened(failing_once(), facts);
  MessageContext context = notices.context(at(2, 5));
  context.details = Details::names;
  const std::string text = to_json(compose(notices.notices, context));
  EXPECT_THAT(text, HasSubstr("daily_sales"));
  EXPECT_THAT(text, Not(HasSubstr("acme\"")));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
}

TEST(Compose, WithoutDetailsNoNameLeavesTheHouse) {
  using Kind = ProblemKind;
  Notices notices;
  Facts facts = facts_of_first();
  facts.block = facts.error = facts.interval = "hidden";
  facts.failed_meanwhile = {"hidden"};
  const Evidence evidence = {{"run", "812"},
                             {"pipeline", "hidden"},
                             {"label.hidden", "hidden"},
                             {"team", "hidden"},
                             {"owner", "hidden"},
                             {"trigger", "hidden"},
                             {"runbook", "https://hidden"},
                             {"reason", "hidden"}};
  for (std::size_t kind = 0; kind < kProblemKinds; ++kind) {
    for (const bool is_group : {false, true}) {
      for (int number = 0; number < (is_group ? 5 : 1); ++number) {
        Problem of = problem(static_cast<Kind>(kind),
                             "hidden" + std::to_string(number) + (is_group ? "g" : ""),
                             at(is_group ? 3 : 2, 4), evidence);
        of.finding.key.source = "hidden";
        notices.opened(of, facts);
        of.finding.key.subject += "closed";
        notices.closed(of, at(4, 0), facts);
        of.finding.key.subject += "found";
        notices.add(Phase::found, of, facts);
      }
    }
  }
  MessageContext context = notices.context(at(5, 0));
  context.details = Details::none;
  context.together = [](std::int64_t) { return Together{9, {"hidden"}}; };
  const Message message = compose(notices.notices, context);
  EXPECT_GT(message.parts.size(), 5u);
  std::string text;
  for (const MessagePart& part : message.parts)
    text += plain_text(part.headline) + (part.lines.empty() ? "" : plain_text(part.lines[0]));
  EXPECT_THAT(text, Not(HasSubstr("hidden")));
  // The page's own ids name the source: the reader of the link may read the page.
  for (const Told& told : message.told) EXPECT_THAT(told.incident, Not(HasSubstr("hidden")));
}

TEST(Compose, HostileNamesStayWordsInALine) {
  std::string huge(10'000, 'x');
  for (const std::string& name :
       {std::string("a\n\n:wave: all fine\r\nb"), huge, std::string("abc\u202Egnp.exe"),
        std::string("\xff\xfe\0x", 4), std::string("<!channel> & <https://evil|x>")}) {
    Facts facts = facts_of_first();
    facts.block = facts.trigger = facts.error = name;
    const Message message =
        Notices()
            .opened(problem(ProblemKind::failing, name, at(2, 4),
                            {{"failed_in_a_row", "3"}, {"label.partner", name}, {"team", name}}),
                    facts)
            .message(at(2, 5));
    const std::string text = shown(message);
    EXPECT_LT(text.size(), 4'000u);
    EXPECT_EQ(text.find("\u202E"), std::string::npos);
    for (const MessagePart& part : message.parts)
      for (const Line& line : part.lines)
        for (const char c : plain_text(line)) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
    EXPECT_LT(plain_text(message.parts[0].headline).size(), 1'500u);
  }
}

TEST(Compose, TellsNoMoreThanAReaderTakes) {
  Notices notices;
  for (int number = 0; number < 200; ++number)
    notices.opened(problem(ProblemKind::failing, "p" + std::to_string(number),
                           at(0, 0) + minutes(20 * number), {}));
  const Message message = notices.message(at(72, 0));
  ASSERT_THAT(message.parts, SizeIs(kPartsMax + 1));
  EXPECT_EQ(plain_text(message.parts.back().headline), "and 180 more");
  EXPECT_THAT(message.told, SizeIs(200));
}

TEST(Compose, WhatWakesSomebodyComesFirstAndWhatIsOverLast) {
  Problem page = problem(ProblemKind::too_long, "b", at(2, 0), {});
  page.finding.severity = Severity::page;
  const Message message = Notices()
                              .closed(problem(ProblemKind::failing, "c", at(1, 0), {}), at(2, 0))
                              .opened(problem(ProblemKind::failing, "a", at(2, 0), {}))
                              .opened(page)
                              .message(at(2, 1));
  ASSERT_THAT(message.parts, SizeIs(3));
  EXPECT_EQ(message.parts[0].mood, Mood::hourglass);
  EXPECT_EQ(message.parts[1].mood, Mood::red);
  EXPECT_EQ(message.parts[2].mood, Mood::green);
  EXPECT_THAT(headline_of(message), HasSubstr("b has been running"));
  EXPECT_THAT(headline_of(message), HasSubstr("(and 2 more)"));
}

TEST(Compose, ATestTellsOfNoProblem) {
  const Notices none;
  const Message message = test_message("data", none.context(at(2, 0)));
  EXPECT_EQ(shown(message),
            ":wave: walpulse reaches the channel data\n"
            "This is a test. What is told here, and when, the rules say.\n"
            "[Now] https://walpulse.example.com/\n");
  EXPECT_TRUE(message.told.empty());
}

TEST(Compose, AnIncidentIsOneHoweverItsNamesAre) {
  Problem one = failing_once();
  EXPECT_EQ(incident_of(one, Details::all), "walpulse/mage-db/failing/daily_sales partner=acme/");
  Problem reopened = one;
  reopened.id = 999;
  EXPECT_EQ(incident_of(one, Details::none), incident_of(reopened, Details::none));
  one.finding.key.subject = std::string(10'000, 'x') + "1";
  reopened.finding.key.subject = std::string(10'000, 'x') + "2";
  EXPECT_LE(incident_of(one, Details::all).size(), 255u);
  EXPECT_NE(incident_of(one, Details::all), incident_of(reopened, Details::all));
}

}  // namespace
}  // namespace walpulse::monitor::messages
