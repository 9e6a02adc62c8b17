#include "connector/command/remedy_command.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "publisher/database/dsn_parts.h"

namespace walpulse::connector {
namespace {

GivenOptions given() {
  GivenOptions given;
  given.source.dsn = "host=10.0.0.5 dbname=mage user=walpulse";
  return given;
}

TEST(RemedyCommand, LeavesOutWhatIsTheDefault) {
  EXPECT_EQ(RemedyCommand(Command::setup, {}).text(), "walpulse-connector setup");
  EXPECT_EQ(RemedyCommand(Command::status, given()).text(),
            "walpulse-connector status --dsn 'host=10.0.0.5 dbname=mage user=walpulse'");
}

TEST(RemedyCommand, ASinkThatIsNotKnownStandsInCapitals) {
  EXPECT_EQ(RemedyCommand(Command::run, {}).text(), "walpulse-connector run --to SINK");
  EXPECT_EQ(RemedyCommand(Command::doctor, {}).text(), "walpulse-connector doctor");
}

TEST(RemedyCommand, TheOwnerComesWithTheDatabaseThatHisNameWouldElseMean) {
  EXPECT_EQ(RemedyCommand(Command::setup, {}).as_owner("mage", "runs").text(),
            "walpulse-connector setup --admin-dsn 'dbname=runs user=mage'");
  auto known = given();
  known.source.admin_dsn = "host=10.0.0.5 dbname=mage user=boss";
  EXPECT_EQ(RemedyCommand(Command::teardown, known).as_owner("mage", "mage").text(),
            "walpulse-connector teardown --dsn 'host=10.0.0.5 dbname=mage user=walpulse' "
            "--admin-dsn 'host=10.0.0.5 dbname=mage user=boss'");
  EXPECT_EQ(RemedyCommand(Command::teardown, known).as_owner_only("mage", "mage").text(),
            "walpulse-connector teardown --dsn 'host=10.0.0.5 dbname=mage user=walpulse' "
            "--admin-dsn 'host=10.0.0.5 dbname=mage user=mage'");
}

TEST(RemedyCommand, ALoginByTokenIsRepeatedWithoutItsFile) {
  auto by_token = given();
  by_token.cloud_sql_iam = true;
  by_token.source.dsn += " passfile=/run/token sslmode=require";
  EXPECT_EQ(RemedyCommand(Command::status, by_token).text(),
            "walpulse-connector status --dsn 'host=10.0.0.5 dbname=mage user=walpulse "
            "sslmode=require' --cloud-sql-iam");
}

/// The words of a command as a shell would hand them over.
std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
      popen(("for word in " + command + "; do printf '%s\\0' \"$word\"; done").c_str(), "r"),
      &pclose);
  std::string word;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
    if (c != 0) {
      word += static_cast<char>(c);
    } else {
      words.push_back(std::exchange(word, ""));
    }
  }
  return words;
}

/// By the program itself; `words` begin with its name.
auto parse(std::vector<std::string> words) {
  words.erase(words.begin());
  return parse_command_line(words, {[](const char*) -> const char* { return nullptr; },
                                    [](const std::string&) -> Result<std::optional<std::string>> {
                                      return std::nullopt;
                                    }});
}

TEST(RemedyCommand, HasNoOptionThatItsCommandHasNot) {
  GivenOptions all = given();
  all.source.admin_dsn = "host=10.0.0.5 dbname=mage user=mage";
  all.source.slot = "another";
  all.source.publication = "another";
  all.source.name = "mage-db";
  all.source.tables = {{"mage", "runs"}};
  all.window = {std::chrono::hours(1), 3u << 20};
  all.to = "https://monitor.example.com/push";
  all.push_audience = "https://monitor.example.com";
  for (const Command each :
       {Command::setup, Command::run, Command::replay, Command::status, Command::doctor,
        Command::teardown, Command::snapshot, Command::recover}) {
    RemedyCommand command(each, all);
    if (each == Command::replay) command.with("from", "16/B374D848");
    const auto parsed = parse(words_of(command.text()));
    ASSERT_TRUE(parsed) << command.text() << '\n' << parsed.error().text;
    EXPECT_EQ(parsed->command, each);
    EXPECT_EQ(parsed->run.source.slot, "another");
  }
}

TEST(RemedyCommand, IsUnderstoodAsItWasMeantWhateverTheNamesAre) {
  for (const char* name : {"it's", "a b", "a\nb", "\"x\"", "$(id)", "`id`", "a\\b", "!"}) {
    auto hostile = given();
    hostile.source.dsn = "host=h user=walpulse";
    hostile.source.publication = name;
    hostile.source.tables = {{name, name}};
    hostile.window = {std::chrono::milliseconds(1'500), 3u << 20};
    auto words = words_of(RemedyCommand(Command::setup, hostile).as_owner(name, name).text());
    ASSERT_GT(words.size(), 2u);
    const auto parsed = parse(std::move(words));
    ASSERT_TRUE(parsed) << parsed.error().text;
    const SourceOptions& source = parsed->run.source;
    EXPECT_EQ(source.publication, name);
    EXPECT_EQ(source.tables, hostile.source.tables);
    EXPECT_EQ(parsed->run.replay_window.time, hostile.window.time);
    EXPECT_EQ(parsed->run.replay_window.bytes, hostile.window.bytes);
    EXPECT_EQ(database::dsn_value(source.admin_dsn, "user"), name);
  }
}

TEST(RemedyCommand, WhoCapturesIsTheRoleOfTheConnection) {
  EXPECT_EQ(capture_role(SourceOptions()), "walpulse");
  SourceOptions source;
  source.dsn = "postgresql://cap@h/d";
  EXPECT_EQ(capture_role(source), "cap");
}

}  // namespace
}  // namespace walpulse::connector
