#include "monitor/options/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "monitor/options/settings.h"

namespace walpulse::monitor {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class OptionsTest : public testing::Test {
 protected:
  ~OptionsTest() override { std::remove(file_.c_str()); }

  tl::expected<ServeOptions, config::Exit> parse(const std::vector<std::string>& arguments) {
    config::Sources sources = config::process_sources();
    sources.environment = [this](const char* name) -> const char* {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    };
    return parse_command_line(arguments, sources);
  }
  ServeOptions good(const std::vector<std::string>& arguments) {
    auto parsed = parse(arguments);
    EXPECT_TRUE(parsed.has_value()) << parsed.error().text;
    return parsed.value_or(ServeOptions{});
  }
  config::Exit bad(const std::vector<std::string>& arguments) {
    const auto parsed = parse(arguments);
    EXPECT_FALSE(parsed.has_value()) << "accepted";
    return parsed ? config::Exit{} : parsed.error();
  }
  const char* file(const std::string& text) {
    std::ofstream(file_) << text;
    return file_.c_str();
  }

  std::map<std::string, std::string> environment_;
  std::string file_ =
      testing::TempDir() + "walpulse-options-" + std::to_string(::getpid()) + ".toml";
};

TEST_F(OptionsTest, HaveDefaults) {
  const auto options = good({"serve"});
  EXPECT_EQ(options.ledger, "");
  EXPECT_THAT(options.exports, ElementsAre("prometheus"));
  EXPECT_EQ(options.export_interval, std::chrono::seconds(60));
  EXPECT_EQ(options.metric_prefix, "custom.googleapis.com/walpulse");
  EXPECT_FALSE(options.http_port.has_value());
  EXPECT_FALSE(options.log.to_stderr);
}

TEST_F(OptionsTest, ReadFlags) {
  const auto options =
      good({"serve", "--ledger", "memory", "--export", "stdout", "--export", "cloud-monitoring",
            "--export-interval", "2m", "--http-port", "0", "--forget-after=7d", "--log-format",
            "json", "--subscription", "projects/my-project/subscriptions/walpulse"});
  EXPECT_EQ(options.ledger, "memory");
  EXPECT_TRUE(options.exports_to("stdout"));
  EXPECT_TRUE(options.exports_to("cloud-monitoring"));
  EXPECT_EQ(options.export_interval, std::chrono::minutes(2));
  EXPECT_EQ(options.http_port, 0);
  EXPECT_EQ(options.forget_after, std::chrono::hours(168));
  EXPECT_EQ(options.log.format, telemetry::LogOptions::Format::json);
  EXPECT_TRUE(options.log.to_stderr);
}

TEST_F(OptionsTest, PreferFlagsToTheEnvironmentAndThatToTheFile) {
  environment_ = {{"WALPULSE_MAGE_URL", "http://environment"},
                  {"WALPULSE_LOCATION", "environment"},
                  {"WALPULSE_EXPORT", "stdout,prometheus"}};
  const auto options = good({"serve", "--location", "flag", "--config",
                             file("mage-url = \"http://file\"\nlocation = \"file\"\n"
                                  "project = \"from-file\"\nhttp-port = 9090\n")});
  EXPECT_EQ(options.location, "flag");
  EXPECT_EQ(options.mage_url, "http://environment");
  EXPECT_EQ(options.project, "from-file");
  EXPECT_EQ(options.http_port, 9090);
  EXPECT_THAT(options.exports, ElementsAre("stdout", "prometheus"));
}

TEST_F(OptionsTest, TakeCloudRunsPortLast) {
  environment_ = {{"PORT", "1234"}};
  EXPECT_EQ(good({"serve"}).http_port, 1234);
  EXPECT_EQ(good({"serve", "--http-port", "1"}).http_port, 1);
}

TEST_F(OptionsTest, RefuseUnknownFlagsAndCommands) {
  EXPECT_EQ(bad({"serve", "--legder", "memory"}).code, kExitUsage);
  EXPECT_THAT(bad({"serve", "--legder", "memory"}).text, HasSubstr("--legder"));
  EXPECT_EQ(bad({"sreve"}).code, kExitUsage);
  EXPECT_EQ(bad({}).code, kExitUsage);
}

TEST_F(OptionsTest, NameWhatWasMeant) {
  EXPECT_THAT(bad({"serve", "--legder", "memory"}).text, HasSubstr("did you mean --ledger?"));
  EXPECT_THAT(bad({"sreve"}).text, HasSubstr("did you mean serve?"));
  EXPECT_THAT(
      bad({"serve", "--export", "prometeus"}).text,
      HasSubstr("--export: 'prometeus' is none of stdout, prometheus, cloud-monitoring; did "
                "you mean prometheus?"));
  EXPECT_THAT(bad({"serve", "--export", "stdout", "--export", "promethues"}).text,
              HasSubstr("did you mean prometheus?"));
  EXPECT_THAT(bad({"serve", "--push-auth", "verfiy"}).text, HasSubstr("did you mean verify?"));
  EXPECT_THAT(bad({"serve", "--log-format", "JSON"}).text, HasSubstr("did you mean json?"));
  EXPECT_THAT(bad({"serve", "--ledger", "memroy"}).text, HasSubstr("did you mean memory?"));
  EXPECT_THAT(bad({"serve", "--ledger", "sqllite:hunter2"}).text,
              AllOf(HasSubstr("did you mean sqlite:FILE?"), testing::Not(HasSubstr("hunter2"))));
  EXPECT_THAT(bad({"sources", "lsit"}).text, HasSubstr("did you mean list?"));
}

TEST_F(OptionsTest, TakeNoOffenceAtTheConnectorsSettings) {
  environment_ = {{"WALPULSE_PUSH_AUDIENCE", "https://sink.example.com"},
                  {"WALPULSE_CLOUD_SQL_IAM", "true"},
                  {"WALPULSE_TO", "kafka://x"},
                  {"WALPULSE_HEARTBEAT", "soon"}};
  EXPECT_FALSE(good({"serve", "--ledger", "memory"}).cloud_sql_iam);
  EXPECT_TRUE(good({"serve", "--ledger", "host=h"}).cloud_sql_iam);
  EXPECT_THAT(bad({"serve", "--ledger", "memory", "--cloud-sql-iam"}).text,
              HasSubstr("--cloud-sql-iam: means nothing"));
  EXPECT_THAT(bad({"serve", "--push-audience", "x"}).text,
              HasSubstr("--push-audience: means nothing"));
}

TEST_F(OptionsTest, SayTheirDefaults) {
  for (const config::SettingText& setting : program().settings) {
    if (setting.value_name.empty() || setting.needed_by != 0) continue;
    EXPECT_THAT(setting.help, HasSubstr("[")) << setting.key;
  }
}

TEST_F(OptionsTest, NameTheKeyAndAnExample) {
  const auto exit = bad({"serve", "--http-port", "70000", "--export-interval", "soon"});
  EXPECT_EQ(exit.code, kExitUsage);
  EXPECT_THAT(exit.text,
              AllOf(HasSubstr("--http-port: '70000'"), HasSubstr("for example --http-port 8080"),
                    HasSubstr("--export-interval: 'soon'")));
  EXPECT_THAT(bad({"serve", "--ledger"}).text, HasSubstr("--ledger"));
}

TEST_F(OptionsTest, NameTheVariableOrTheFilesKey) {
  environment_ = {{"WALPULSE_HTTP_PORT", "x"}};
  EXPECT_EQ(bad({"serve"}).code, kExitConfiguration);
  EXPECT_THAT(bad({"serve"}).text, HasSubstr("WALPULSE_HTTP_PORT: 'x'"));
  environment_.clear();
  const auto unknown = bad({"serve", "--config", file("http-prot = 1\n")});
  EXPECT_EQ(unknown.code, kExitConfiguration);
  EXPECT_THAT(unknown.text, HasSubstr("http-prot"));
  EXPECT_EQ(bad({"serve", "--config", file("export-interval = \"1s\"\n")}).code,
            kExitConfiguration);
  EXPECT_EQ(bad({"serve", "--config", "/does/not/exist"}).code, kExitConfiguration);
}

TEST_F(OptionsTest, ReportEveryProblemAtOnce) {
  const auto exit =
      bad({"serve", "--ledger", "mysql:x", "--export", "graphite", "--export-interval", "5s",
           "--metric-prefix", "run.googleapis.com", "--subscription", "walpulse", "--mage-url",
           "mage", "--log-level", "loud", "--forget-after", "1s", "--monitoring-endpoint", "x"});
  for (const char* key :
       {"--ledger", "--export", "--export-interval", "--metric-prefix", "--subscription",
        "--mage-url", "--log-level", "--forget-after", "--monitoring-endpoint"}) {
    EXPECT_THAT(exit.text, HasSubstr("walpulse-monitor: " + std::string(key) + ": "));
  }
}

TEST_F(OptionsTest, RefuseALocalLedgerOnCloudRun) {
  for (const char* variable : {"K_SERVICE", "CLOUD_RUN_WORKER_POOL"}) {
    environment_ = {{variable, "walpulse"}, {"WALPULSE_PUSH_AUTH", "refuse"}};
    EXPECT_THAT(bad({"serve"}).text, HasSubstr("--single-instance"));
    EXPECT_TRUE(good({"serve", "--single-instance"}).single_instance);
  }
}

TEST_F(OptionsTest, TakeALedgerInPostgres) {
  for (const char* dsn :
       {"postgresql://walpulse@10.0.0.5/mage", "postgres://h/d?sslmode=require",
        "host=127.0.0.1 port=5433 dbname=ledger user=ledger", "service = ledger"}) {
    const auto options = good({"serve", "--ledger", dsn});
    EXPECT_TRUE(is_postgres_ledger(options.ledger)) << dsn;
    EXPECT_EQ(ledger_name(options), "postgresql (schema walpulse_ledger)");
  }
  for (const char* ledger : {"memory", "sqlite:a=b.db", "sqlite:/var/lib/ledger.db", ""})
    EXPECT_FALSE(is_postgres_ledger(ledger)) << ledger;
  environment_ = {{"K_SERVICE", "walpulse"}, {"WALPULSE_PUSH_AUTH", "refuse"}};
  EXPECT_EQ(good({"serve", "--ledger", "dbname=l", "--ledger-schema", "mine"}).ledger_schema,
            "mine");
}

TEST_F(OptionsTest, RefuseAMalformedConnectionStringWithoutRepeatingIt) {
  for (const char* ledger : {"hots=h password=hunter2", "mysql://u:hunter2@h/d", "host=h hunter2",
                             "postgresql://u:hunter2@h/d?nonsense=1"}) {
    environment_ = {{"WALPULSE_LEDGER", ledger}};
    const auto exit = bad({"serve"});
    EXPECT_EQ(exit.code, kExitConfiguration);
    EXPECT_THAT(exit.text,
                AllOf(HasSubstr("WALPULSE_LEDGER: "), testing::Not(HasSubstr("hunter2"))));
  }
}

TEST_F(OptionsTest, RefuseAPasswordThatTheProcessListWouldShow) {
  const auto exit = bad({"serve", "--ledger", "postgresql://u:hunter2@h/d"});
  EXPECT_EQ(exit.code, kExitUsage);
  EXPECT_THAT(exit.text, AllOf(HasSubstr("WALPULSE_LEDGER"), testing::Not(HasSubstr("hunter2"))));
  environment_ = {{"WALPULSE_LEDGER", "postgresql://u:hunter2@h/d"}};
  EXPECT_EQ(ledger_name(good({"serve"})), "postgresql (schema walpulse_ledger)");
}

TEST_F(OptionsTest, TellDoctorFromServe) {
  EXPECT_EQ(good({"serve"}).command, Command::serve);
  const auto options = good({"doctor", "--ledger", "dbname=l"});
  EXPECT_EQ(options.command, Command::doctor);
  EXPECT_EQ(options.ledger, "dbname=l");
  EXPECT_EQ(bad({"doctor", "--http-port", "0"}).code, kExitUsage);
  EXPECT_THAT(bad({"doctor", "--help"}).text,
              AllOf(HasSubstr("--ledger-schema"), HasSubstr("Exit codes")));
}

TEST_F(OptionsTest, TakeTheCommand) {
  EXPECT_EQ(good({"serve"}).command, Command::serve);
  const auto redrive = good({"redrive", "--ledger", "sqlite:x.db", "--dry-run"});
  EXPECT_EQ(redrive.command, Command::redrive);
  EXPECT_EQ(redrive.ledger, "sqlite:x.db");
  EXPECT_TRUE(redrive.dry_run);
  EXPECT_TRUE(redrive.log.to_stderr);
  EXPECT_FALSE(good({"redrive"}).dry_run);
  EXPECT_TRUE(good({"descriptors", "--create", "--project", "demo-project"}).create);
  EXPECT_FALSE(good({"descriptors", "--print"}).create);
  EXPECT_EQ(bad({"descriptors", "--print", "--create"}).code, kExitUsage);
  EXPECT_EQ(good({"descriptors"}).command, Command::descriptors);
  EXPECT_EQ(bad({"serve", "--dry-run"}).code, kExitUsage);
  EXPECT_EQ(bad({"redrive", "--http-port", "1"}).code, kExitUsage);
}

TEST_F(OptionsTest, TakeADeadLetterTopic) {
  EXPECT_EQ(good({"serve", "--dead-letter", "pubsub://my-project/rejected"}).dead_letter,
            "pubsub://my-project/rejected");
  EXPECT_EQ(topic_of("pubsub://my-project/rejected"), "projects/my-project/topics/rejected");
  EXPECT_EQ(topic_of("pubsub://a.com:my-project/r-1"), "projects/a.com:my-project/topics/r-1");
  for (const char* url : {"", "rejected", "pubsub://my-project", "pubsub://my-project/",
                          "pubsub://my-project/a/b", "http://my-project/rejected"}) {
    EXPECT_FALSE(topic_of(url)) << url;
  }
  EXPECT_THAT(bad({"serve", "--dead-letter", "rejected"}).text, HasSubstr("pubsub://"));
}

TEST_F(OptionsTest, ExplainThemselves) {
  const auto help = bad({"serve", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.text, AllOf(HasSubstr("--ledger"), HasSubstr("Exit codes"),
                               HasSubstr("walpulse-monitor serve --export")));
  EXPECT_EQ(bad({"--version"}).text, "walpulse-monitor 0.1.0\n");
}

TEST_F(OptionsTest, TakeTimesInEveryUnitAndNoneWithout) {
  EXPECT_EQ(good({"serve", "--settle", "500ms"}).settle, std::chrono::milliseconds(500));
  EXPECT_EQ(good({"serve", "--export-interval", "90s"}).export_interval, std::chrono::seconds(90));
  EXPECT_EQ(good({"serve", "--forget-after", "30d"}).forget_after, std::chrono::hours(720));
  EXPECT_THAT(bad({"serve", "--forget-after", "500ms"}).text,
              HasSubstr("--forget-after: must be at least 1h; for example --forget-after 30d"));
  EXPECT_THAT(
      bad({"serve", "--settle", "180"}).text,
      HasSubstr("--settle: '180' lacks a unit (ms, s, m, h or d); for example --settle 3m"));
}

TEST_F(OptionsTest, TakeWhichSourceToAccept) {
  const auto accept = good({"sources", "accept", "mage", "1763600000", "--ledger", "memory"});
  EXPECT_EQ(accept.command, Command::sources);
  EXPECT_EQ(accept.accept_name, "mage");
  EXPECT_EQ(accept.accept_epoch, 1763600000u);
  EXPECT_EQ(accept.ledger, "memory");
  EXPECT_EQ(good({"sources", "--ledger", "memory", "list"}).accept_name, "");
  EXPECT_EQ(bad({"sources", "accept", "mage", "first"}).code, kExitUsage);
  EXPECT_EQ(bad({"sources", "accept", "mage"}).code, kExitUsage);
  EXPECT_EQ(bad({"sources"}).code, kExitUsage);
}

TEST_F(OptionsTest, TakeWhichRulesToCheckAndWhatToExplain) {
  EXPECT_EQ(good({"rules", "check", "rules.toml"}).rules.path, "rules.toml");
  environment_ = {{"WALPULSE_LABEL", "partner=variables.partner"}};
  const auto options = good({"rules", "explain", "r", "--pipeline", "fin", "--trigger", "",
                             "--label", "a=b=c", "--label", "d="});
  EXPECT_EQ(options.command, Command::rules);
  EXPECT_EQ(options.verb, "explain");
  EXPECT_EQ(options.rules.trigger, "");
  EXPECT_FALSE(options.rules.source);
  EXPECT_THAT(options.rules.labels,
              testing::ElementsAre(testing::Pair("a", "b=c"), testing::Pair("d", "")));
  EXPECT_EQ(bad({"rules", "explain", "r"}).code, kExitUsage);
  EXPECT_EQ(bad({"rules", "check", "r", "--source", "mage"}).code, kExitUsage);
}

TEST_F(OptionsTest, HoldRulesAgainstALedgerOnlyWhereAFlagNamesIt) {
  EXPECT_TRUE(good({"rules", "check", "r", "--ledger", "memory"}).rules.against_ledger);
  EXPECT_FALSE(good({"rules", "check", "r"}).rules.against_ledger);
  EXPECT_FALSE(good({"sources", "list", "--ledger", "memory"}).rules.against_ledger);
  environment_ = {{"WALPULSE_LEDGER", "memory"}, {"K_SERVICE", "monitor"}};
  EXPECT_FALSE(good({"rules", "check", "r"}).rules.against_ledger);
  EXPECT_FALSE(good({"rules", "explain", "r", "--pipeline", "x"}).rules.against_ledger);
  EXPECT_EQ(good({"rules", "suggest"}).ledger, "memory");
  EXPECT_EQ(bad({"rules", "explain", "r", "--pipeline", "x", "--ledger", "memory"}).code,
            kExitUsage);
}

TEST_F(OptionsTest, TakeWhereASuggestionGoes) {
  EXPECT_EQ(good({"rules", "suggest", "--output", "r.toml"}).rules.output, "r.toml");
  EXPECT_EQ(bad({"rules", "check", "r", "--output", "x"}).code, kExitUsage);
  EXPECT_EQ(bad({"rules", "suggest", "--pipeline", "x"}).code, kExitUsage);
  EXPECT_EQ(bad({"rules", "suggest", "r"}).code, kExitUsage);
}

TEST_F(OptionsTest, TakeTheRulesOfTheRunningMonitor) {
  EXPECT_EQ(good({"serve"}).rules_path, "");
  EXPECT_EQ(good({"serve"}).rules_reload, std::chrono::seconds(30));
  EXPECT_EQ(good({"serve", "--rules", "r", "--rules-reload", "5m"}).rules_reload,
            std::chrono::minutes(5));
  EXPECT_EQ(good({"serve", "--rules-reload", "off"}).rules_reload, std::nullopt);
  EXPECT_EQ(bad({"serve", "--rules-reload", "999ms"}).code, kExitUsage);
  EXPECT_EQ(bad({"serve", "--rules-reload", "0"}).code, kExitUsage);
  EXPECT_EQ(bad({"serve", "--rules", ""}).code, kExitUsage);
  environment_ = {{"WALPULSE_RULES", "/etc/rules"}, {"WALPULSE_RULES_RELOAD", "off"}};
  EXPECT_EQ(good({"doctor"}).rules_path, "/etc/rules");
  EXPECT_EQ(good({"serve"}).rules_reload, std::nullopt);
  EXPECT_EQ(good({"rules", "check", "mine"}).rules.path, "mine");
}

TEST_F(OptionsTest, OfTheEnvironmentAndTheFileAreUnderstoodByEveryCommand) {
  environment_ = {{"WALPULSE_LOG_LEVEL", "debug"}};
  EXPECT_EQ(good({"redrive"}).log.level, "debug");
  EXPECT_EQ(bad({"descriptors", "--config", file("forget-after = '1m'\n")}).code,
            kExitConfiguration);
}

}  // namespace
}  // namespace walpulse::monitor
