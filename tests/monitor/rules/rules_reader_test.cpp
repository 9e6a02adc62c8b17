#include <gmock/gmock.h>

#include <algorithm>

#include "tests/monitor/rules/reading.h"

namespace walpulse::rules {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::vector<std::string> mistakes_of(const std::vector<RulesText>& texts) {
  std::vector<std::string> lines;
  const auto rules = read_rules(texts);
  if (rules) return lines;
  for (const Mistake& mistake : rules.error()) lines.push_back(to_string(mistake));
  return lines;
}

/// Of a [[pipeline]] with this line, which is the file's third.
std::vector<std::string> mistakes_with(const std::string& line) {
  return mistakes_in("[[pipeline]]\nseverity = \"page\"\n" + line + "\n");
}

TEST(RulesReader, TakesAnEmptyFileAndNoFile) {
  EXPECT_THAT(mistakes_in(""), IsEmpty());
  EXPECT_THAT(mistakes_in("# nothing\n"), IsEmpty());
  EXPECT_THAT(mistakes_of({}), IsEmpty());
}

TEST(RulesReader, FindsAllMistakesAtOnceInTheirOrder) {
  EXPECT_THAT(
      mistakes_in("time_zone = 'Mars'\n[[pipeline]]\nseverty = 'page'\nmatch = 'a?'\n"
                  "[defaults]\nfail_after = 'x'\n[[expect]]\npipeline = 'a'\nruns = 'x'\n"),
      ElementsAre(StartsWith("rules.toml:1: time_zone: "), StartsWith("rules.toml:3: 'severty': "),
                  StartsWith("rules.toml:4: match: "), StartsWith("rules.toml:6: fail_after: "),
                  StartsWith("rules.toml:9: runs: ")));
}

TEST(RulesReader, SaysWhichKeyWasMeant) {
  EXPECT_THAT(mistakes_with("done_bye = '07:00'"),
              ElementsAre("rules.toml:3: 'done_bye': is not a key of [[pipeline]]; did you mean "
                          "done_by?; for example  done_by = \"Mon-Fri 07:00\""));
  EXPECT_THAT(mistakes_with("maxduration = '2h'"), ElementsAre(HasSubstr("max_duration?")));
  EXPECT_THAT(mistakes_with("colour = 'red'"),
              ElementsAre(AllOf(HasSubstr("'colour': is not a key"), HasSubstr("severity"))));
  EXPECT_THAT(mistakes_in("[[pipelines]]\n"), ElementsAre(HasSubstr("did you mean [[pipeline]]?")));
  EXPECT_THAT(mistakes_in("[default]\n"), ElementsAre(HasSubstr("did you mean [defaults]?")));
  EXPECT_THAT(mistakes_in("timezone = 'UTC'\n"), ElementsAre(HasSubstr("did you mean time_zone?")));
}

TEST(RulesReader, SaysWhatIsWrittenInTheWrongPlace) {
  EXPECT_THAT(mistakes_in("severity = 'page'\n"), ElementsAre(HasSubstr("belongs into a table")));
  EXPECT_THAT(mistakes_with("time_zone = 'UTC'"), ElementsAre(HasSubstr("at the top of its file")));
  EXPECT_THAT(mistakes_in("[pipeline]\nseverity = 'page'\n"),
              ElementsAre("rules.toml:1: pipeline: there may be several: write [[pipeline]]; for "
                          "example  [[pipeline]]"));
  EXPECT_THAT(mistakes_in("[[defaults]]\nseverity = 'page'\n"),
              ElementsAre(HasSubstr("write [defaults]")));
  EXPECT_THAT(mistakes_in("pipeline = [1]\n"), ElementsAre(HasSubstr("write [[pipeline]]")));
  EXPECT_THAT(mistakes_in("[defaults]\nmatch = 'a'\nseverity = 'page'\n"),
              ElementsAre(HasSubstr("holds for every pipeline")));
}

TEST(RulesReader, WhatComesLaterIsNotYetUnderstood) {
  for (const char* table : {"[[check]]", "[[dataset]]"}) {
    EXPECT_THAT(mistakes_in(std::string(table) + "\nx = 1\n"),
                ElementsAre(HasSubstr("is not understood by this version yet")))
        << table;
  }
}

TEST(RulesReader, AFileOfSomePipelinesRoutesThemAlone) {
  const auto with = [](const std::string& text) {
    return mistakes_of({{"main.toml",
                         "[channel.a]\ntype = 'log'\n[channel.m]\ntype = 'webhook'\n"
                         "url_env = 'X'\n[[notify]]\nto = 'a'\n"},
                        {"fin.toml", text, true, {"fin_*"}}});
  };
  EXPECT_THAT(with("[[notify]]\nmatch = 'fin_*'\nto = 'a'\n[[quiet]]\nmatch = 'fin_a'\nevery = "
                   "'02:00-03:00'\nreason = 'x'\n[[after]]\nmatch = 'fin_a'\nis = 'failed'\ncall = "
                   "'m'\n"),
              IsEmpty());
  EXPECT_THAT(with("[[notify]]\nto = 'a'\n"),
              ElementsAre(HasSubstr("fin.toml:1: match: is missing")));
  EXPECT_THAT(with("[[quiet]]\nmatch = '*'\nevery = '02:00-03:00'\nreason = 'x'\n"),
              ElementsAre(HasSubstr("fin.toml:2: match: '*' is not within")));
  EXPECT_THAT(with("[[after]]\nmatch = 'hr'\nis = 'failed'\ncall = 'm'\n"),
              ElementsAre(HasSubstr("'hr' is not within")));
  EXPECT_THAT(
      with("[channel.b]\ntype = 'webhook'\nurl = 'https://example.com'\ntoken_file = '/x'\n"),
      ElementsAre(HasSubstr("channel: stands in a file that may touch some")))
      << "it would send a secret of the others to an address of its own";
  EXPECT_THAT(with("[deadman]\nurl_file = '/x'\n"), ElementsAre(HasSubstr("may touch some")));
}

TEST(RulesReader, AChannelAndTheDeadmanStandOnce) {
  const RulesText one{"a.toml", "[channel.a]\ntype = 'log'\n[deadman]\nurl_env = 'X'\n"};
  const RulesText two{"b.toml", one.text};
  EXPECT_THAT(mistakes_of({one, two}),
              ElementsAre(HasSubstr("b.toml:1: channel: 'a' stands at a.toml:1 already"),
                          HasSubstr("b.toml:3: deadman: stands at a.toml:3 already")));
}

TEST(RulesReader, ATableThatSaysNothingIsAMistake) {
  EXPECT_THAT(mistakes_in("[[pipeline]]\n"), ElementsAre(HasSubstr("sets nothing")));
  EXPECT_THAT(mistakes_in("[[pipeline]]\nmatch = 'a'\n"), ElementsAre(HasSubstr("sets nothing")));
  EXPECT_THAT(mistakes_in("[defaults]\n"), ElementsAre(HasSubstr("sets nothing")));
  EXPECT_THAT(mistakes_in("[[expect]]\npipeline = 'a'\n"),
              ElementsAre(HasSubstr("expects nothing")));
  EXPECT_THAT(mistakes_in("[[expect]]\nseverity = 'page'\n"),
              ElementsAre(StartsWith("rules.toml:1: pipeline: is missing")));
}

TEST(RulesReader, RefusesValuesThatAKeyCannotHave) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"max_duration = 120", "is a number and should be a time with its unit"},
      {"max_duration = '120'", "'120' is not a time with its unit (ms, s, m, h or d)"},
      {"max_duration = '2 h'", "is not a time"},
      {"max_duration = '0'", "must be longer than 0"},
      {"max_duration = '400d'", "is longer than 366d"},
      {"max_duration = '99999999999999999999h'", "is not a time"},
      {"max_duration = 2.5", "is a date, a time or a number with a point"},
      {"max_duration = 07:00:00", "is a date, a time"},
      {"fail_after = '2'", "is a text and should be a number without quotes"},
      {"fail_after = 0", "0 is not from 1 to 1000"},
      {"fail_after = -9223372036854775808", "is not from 1 to 1000"},
      {"fail_after = 1001", "1001 is not from 1 to 1000"},
      {"runs = 'forever'", "is not scheduled, on_demand or for_ever; did you mean for_ever?"},
      {"ignore = 'yes'", "is a text and should be true or false"},
      {"ignore = 'off'", "should be true or false"},
      {"team = ['a']", "is a list and should be a text"},
      {"team = ''", "is empty"},
      {"team = '{team}'", "{team} is not captured by every pattern of this table"},
      {"runbook = 'wiki/fin'", "is not an address"},
      {"per = []", "the list is empty"},
      {"per = ['partner', 'partner']", "names 'partner' twice"},
      {"per = ['Partner Name']", "cannot be a label"},
      {"per = ['pipeline']", "always belong to a pipeline"},
      {"per = ['']", "empty name"},
      {"per = [1]", "the list holds a number"},
      {"per = true", "is true or false and should be a text in quotes, or a list"},
      {"done_by = 'Mon at 07:00'", "is not days and a time"},
      {"done_by = 'Mon-Fri 7:00'", "'7:00' is not a time of day"},
      {"done_by = 'Mon-Fry 07:00'", "'Mon-Fry' is not a day"},
      {"done_by = []", "the list is empty"},
      {"expect_each = ['a']", "is to name the label: expect_each.NAME"},
      {"fresh_within = '1h'\nexpect_each.partner = []", "the list is empty"},
      {"fresh_within = '1h'\nexpect_each.'a b' = 'x'", "'a b' cannot be a label"},
      {"match = []", "the list is empty"},
      {"match = ['a', 'a']", "names 'a' twice"},
      {"match = '!{a}'", "cannot capture"},
      {"match = '{pipeline}_x'", "is the pipeline's whole name"},
      {"match = '{a}_x'\nsource = '{a}'", "captured by match too"},
      {"label = 'acme'", "is to name the label: label.NAME"},
      {"label.'a-b' = 'acme'", "'a-b' cannot be a label"},
      {"source = 1", "is a number"},
  };
  for (const auto& [line, what] : kWrong) {
    const auto mistakes = mistakes_with(line);
    ASSERT_THAT(mistakes, SizeIs(1)) << line;
    EXPECT_THAT(mistakes.front(), AllOf(HasSubstr(what), HasSubstr("for example  "))) << line;
  }
  EXPECT_THAT(mistakes_with("label.a = '{x}'\nlabel.b = '{x}'"),
              ElementsAre(StartsWith("rules.toml:4: label.b: captures {x}, which is captured by "
                                     "label.a too")));
  EXPECT_THAT(mistakes_in("[[pipeline]]\nseverity = 'critical'\n"),
              ElementsAre("rules.toml:2: severity: 'critical' is not page, notify or record; for "
                          "example  severity = \"page\""));
  EXPECT_THAT(mistakes_in("[[pipeline]]\nseverity = 'off'\n"),
              ElementsAre(HasSubstr("record is never told")));
}

TEST(RulesReader, RefusesWhatCannotStandTogether) {
  EXPECT_THAT(mistakes_with("runs = 'for_ever'\ndone_by = '07:00'\nmax_duration = '1h'"),
              ElementsAre(StartsWith("rules.toml:4: done_by: cannot be with"),
                          StartsWith("rules.toml:5: max_duration: cannot be with")));
  EXPECT_THAT(mistakes_with("runs = 'for_ever'\ndone_by = 'off'"), IsEmpty());
  EXPECT_THAT(mistakes_with("runs = 'scheduled'\ndown_for = '1m'"),
              ElementsAre(StartsWith("rules.toml:4: down_for: is only for")));
  EXPECT_THAT(mistakes_with("start_within = '1m'\nruns = 'on_demand'"),
              ElementsAre(StartsWith("rules.toml:3: start_within: cannot be with")));
  EXPECT_THAT(mistakes_with("expect_each.partner = ['a']"),
              ElementsAre(AllOf(StartsWith("rules.toml:3: expect_each: "),
                                HasSubstr("write done_by or fresh_within"))));
  EXPECT_THAT(
      mistakes_in("[[pipeline]]\nexpect_each.partner = ['a']\n[defaults]\ndone_by = '07:00'\n"),
      IsEmpty());
}

TEST(RulesReader, EveryExampleOfAKeyIsRight) {
  for (const Key& key : keys()) {
    const std::string beside = key.has_labels ? "fresh_within = \"26h\"\n" : "";
    const std::string text = beside + std::string(key.example) + "\n";
    EXPECT_THAT(mistakes_in("[[pipeline]]\n" + text), IsEmpty()) << text;
    EXPECT_THAT(mistakes_in("[defaults]\n" + text), IsEmpty()) << text;
    EXPECT_THAT(mistakes_in("[[expect]]\npipeline = \"a\"\n" + text), IsEmpty()) << text;
  }
}

TEST(RulesReader, AnIncludedFileTouchesOnlyWhatIsWithin) {
  const auto with = [](const std::string& text) {
    return mistakes_of(
        {{"main.toml", "[[include]]\nfiles = 'fin.toml'\nwithin = ['fin_*', 'gl']\n"},
         {"fin.toml", text, true, {"fin_*", "gl"}}});
  };
  EXPECT_THAT(with("[[pipeline]]\nmatch = ['fin_{system}_*', 'gl', '!x']\nseverity = 'page'\n"),
              IsEmpty());
  EXPECT_THAT(
      with("[[pipeline]]\nseverity = 'page'\n"),
      ElementsAre("fin.toml:1: match: is missing, which means every pipeline: this file may "
                  "touch 'fin_*', 'gl' only; for example  match = \"fin_*\""));
  EXPECT_THAT(
      with("[[pipeline]]\nmatch = ['fin_a', '*']\nseverity = 'page'\n"),
      ElementsAre(AllOf(StartsWith("fin.toml:2: match: "), HasSubstr("'*' is not within"))));
  EXPECT_THAT(with("[[pipeline]]\nmatch = '!fin_a'\nseverity = 'page'\n"),
              ElementsAre(HasSubstr("match: is missing")));
  EXPECT_THAT(with("[defaults]\nseverity = 'page'\n"), ElementsAre(HasSubstr("every pipeline")));
  EXPECT_THAT(with("time_zone = 'UTC'\n"), ElementsAre(HasSubstr("holds for all rules")));
  EXPECT_THAT(with("[[include]]\nfiles = 'x.toml'\n"),
              ElementsAre(HasSubstr("in a file that is included itself")));
}

TEST(RulesReader, AnIncludeNamesFilesOfItsFolder) {
  const auto with = [](const std::string& lines) {
    return mistakes_in("[[include]]\n" + lines + "\n");
  };
  EXPECT_THAT(with("files = 'teams/fin/*.toml'\nwithin = 'fin_*'"), IsEmpty());
  EXPECT_THAT(with("within = 'fin_*'"), ElementsAre(HasSubstr("files: is missing")));
  EXPECT_THAT(with("files = '/etc/passwd'"), ElementsAre(HasSubstr("is not relative")));
  EXPECT_THAT(with("files = 'a/../../x'"), ElementsAre(HasSubstr("leads out of")));
  EXPECT_THAT(with("files = '..'"), ElementsAre(HasSubstr("leads out of")));
  EXPECT_THAT(with("files = 'a//b'"), ElementsAre(HasSubstr("an empty part")));
  EXPECT_THAT(with("files = '*/x.toml'"), ElementsAre(HasSubstr("before its last part")));
  EXPECT_THAT(with("files = '{a}.toml'"), ElementsAre(HasSubstr("captures from file names")));
  EXPECT_THAT(with("files = []"), ElementsAre(HasSubstr("the list is empty")));
  EXPECT_THAT(with("files = 'a'\nwithin = ['!a', 'b_{c}']"),
              ElementsAre(HasSubstr("'!a' is to be"), HasSubstr("'b_{c}' is to be")));
  EXPECT_THAT(with("file = 'a'"),
              ElementsAre(HasSubstr("files: is missing"), HasSubstr("did you mean files?")));
}

TEST(RulesReader, WhatHoldsForAllIsSaidOnce) {
  const RulesText one{"a.toml", "time_zone = 'UTC'\n[defaults]\nfail_after = 2\n"};
  const RulesText two{"b.toml", "[defaults]\nfail_after = 2\n"};
  const RulesText three{"c.toml", "time_zone = 'Europe/Lisbon'\n"};
  EXPECT_THAT(mistakes_of({one, two, three}),
              ElementsAre(HasSubstr("b.toml:1: defaults: stands at a.toml:2 already"),
                          HasSubstr("c.toml:1: time_zone: is set at a.toml:1 already")));
}

TEST(RulesReader, AFileThatIsNotTomlLeavesTheOthersTheirMistakes) {
  EXPECT_THAT(
      mistakes_of({{"a.toml", "x ="}, {"b.toml", "[[pipeline]]\nseverity = 1\n"}}),
      ElementsAre(StartsWith("a.toml:1: is not TOML: "), StartsWith("b.toml:2: severity: ")));
}

TEST(RulesReader, HasItsBounds) {
  EXPECT_THAT(mistakes_in(std::string(kRulesBytesMax + 1, '\n')),
              ElementsAre(HasSubstr("more than 4 MiB")));
  EXPECT_THAT(mistakes_of(std::vector<RulesText>(kFilesMax + 1)),
              ElementsAre(HasSubstr("more than 1000 files")));
  std::string many;
  for (std::size_t i = 0; i < kTablesMax; ++i) many += "[[pipeline]]\nignore=true\n";
  EXPECT_THAT(mistakes_in(many), IsEmpty());
  EXPECT_THAT(mistakes_in(many + "[[pipeline]]\nignore=true\n"),
              ElementsAre(HasSubstr("more than 10000 tables")));
  std::string wrong;
  for (int i = 0; i < 5'000; ++i) wrong += "[[pipeline]]\nseverity=1\n";
  EXPECT_THAT(mistakes_in(wrong), SizeIs(MistakeList::kKeptMax + 1));
  EXPECT_EQ(mistakes_in(wrong).back(), "4000 more mistakes");
}

TEST(RulesReader, MistakesAreOneLineEachWhateverTheFileHolds) {
  for (const std::string& text :
       {std::string("[[pipeline]]\n\"a\\nb\\u001b\" = 1\nteam = \"x\\ny\"\nmatch = \"\\u0007\"\n"),
        std::string("\x00\x01\x02", 3), std::string("[[pipeline]]\nteam = \"\xff\"\n"),
        "x = \"" + std::string(100'000, 'a') + "\""}) {
    const auto mistakes = mistakes_in(text);
    EXPECT_FALSE(mistakes.empty());
    for (const std::string& line : mistakes) {
      EXPECT_TRUE(std::ranges::none_of(line, [](unsigned char c) { return c < 0x20; })) << line;
      EXPECT_LT(line.size(), 600u);
    }
  }
}

TEST(RulesReader, ReadsWhatIsRight) {
  const Rules rules = rules_of(R"(
time_zone = "Europe/Lisbon"
[defaults]
waiting = "off"
[[pipeline]]
match = ["a", "!b"]
source = "*"
trigger = ["x", "y_*"]
label.partner = "acme"
label.region = ["eu", "us"]
severity = "record"
[[expect]]
pipeline = "c"
waiting = "off"
)");
  EXPECT_EQ(rules.time_zone.name(), "Europe/Lisbon");
  EXPECT_EQ(rules.table_count, 3u);
  EXPECT_THAT(rules.tables, SizeIs(2));
  EXPECT_THAT(rules.expectations, SizeIs(1));
}

}  // namespace
}  // namespace walpulse::rules
