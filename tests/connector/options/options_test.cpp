#include "connector/options/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "connector/options/settings.h"

namespace walpulse::connector {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Variables = std::map<std::string, std::string>;

using Parsed = tl::expected<Invocation, config::Exit>;

Parsed parse(std::vector<std::string> arguments, const Variables& variables = {},
             const Variables& files = {}) {
  config::Sources sources;
  sources.environment = [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  sources.read_file = [&](const std::string& path) -> Result<std::optional<std::string>> {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
  return parse_command_line(arguments, sources);
}

Invocation parsed(const Parsed& line) {
  EXPECT_TRUE(line.has_value()) << line.error().text;
  return line.value_or(Invocation{});
}

config::Exit exit_of(const Parsed& line) {
  EXPECT_FALSE(line.has_value());
  return line ? config::Exit{} : line.error();
}

void expect_refused(const Parsed& line, int exit_code, const std::string& words) {
  EXPECT_EQ(exit_of(line).code, exit_code) << exit_of(line).text;
  EXPECT_THAT(exit_of(line).text, HasSubstr(words));
}

TEST(Options, DefaultsAreThoseOfTheContract) {
  const auto run = parsed(parse({"run", "--to", "stdout"})).run;
  EXPECT_EQ(run.source.slot, "walpulse");
  EXPECT_EQ(run.source.publication, "walpulse");
  EXPECT_EQ(run.source.tables, (std::vector<TableName>{{"public", "pipeline_run"},
                                                       {"public", "pipeline_schedule"},
                                                       {"public", "block_run"}}));
  EXPECT_FALSE(run.publish.block_error);
  EXPECT_EQ(run.publish.ordering_keys, 64u);
  EXPECT_EQ(run.publish.pending_bytes_max, 16u << 20);
  EXPECT_FALSE(run.http_port.has_value());
  EXPECT_EQ(run.replay_window.time, std::chrono::hours(6));
  EXPECT_EQ(run.replay_window.bytes, 1u << 30);
}

TEST(Options, TheReplayWindowIsATimeAndBytesAndZeroMeansNone) {
  const auto window = [](const char* command, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {command, "--to", "stdout"});
    if (arguments[0] == "setup") arguments.erase(arguments.begin() + 1, arguments.begin() + 3);
    return parsed(parse(arguments)).run.replay_window;
  };
  EXPECT_TRUE(window("run", {}).wanted());
  const auto both = window("setup", {"--replay-window", "90m", "--replay-window-bytes", "64MiB"});
  EXPECT_EQ(both.time, std::chrono::minutes(90));
  EXPECT_EQ(both.bytes, 64u << 20);
  EXPECT_FALSE(window("run", {"--replay-window", "0"}).wanted());
  EXPECT_FALSE(window("setup", {"--replay-window", "0s"}).wanted());
}

TEST(Options, RecoverNeedsASinkThatCounts) {
  const auto recover =
      parsed(parse({"recover", "--to", "pubsub://p/t", "--epoch-above", "1900000000", "--yes"}));
  EXPECT_EQ(recover.command, Command::recover);
  EXPECT_EQ(recover.recover.epoch_above, 1900000000u);
  EXPECT_TRUE(recover.yes);
  expect_refused(parse({"recover"}), kExitUsage, "--to: is missing");
  expect_refused(parse({"recover", "--to", "stdout"}), kExitUsage, "cannot be stdout");
  expect_refused(parse({"recover", "--to", "pubsub://p/t", "--epoch-above", "-1"}), kExitUsage,
                 "--epoch-above: ");
  EXPECT_TRUE(parsed(parse({"recover", "--print-sql"})).print_sql);
}

TEST(Options, TheLongestSlotNameLeavesRoomForItsAnchors) {
  const auto longest = std::string(56, 's');
  EXPECT_EQ(anchor_slot(parsed(parse({"status", "--slot", longest})).run.source),
            longest + "_anchor");
  expect_refused(parse({"status", "--slot", longest + "s"}), kExitUsage, "--slot: ");
}

TEST(Options, EveryRunSettingArrives) {
  const auto run = parsed(parse({"run",
                                 "--to",
                                 "pubsub://p/t",
                                 "--column",
                                 "variables",
                                 "--column",
                                 "metrics",
                                 "--label",
                                 "partner=variables.partner",
                                 "--label",
                                 "team=variables.owner.team",
                                 "--ordering-keys",
                                 "0",
                                 "--lanes",
                                 "3",
                                 "--pending-bytes",
                                 "1MiB",
                                 "--heartbeat",
                                 "500ms",
                                 "--drain-deadline",
                                 "2m",
                                 "--park-after",
                                 "3s",
                                 "--publication-check",
                                 "1s",
                                 "--http-address",
                                 "127.0.0.2",
                                 "--http-port",
                                 "0"}))
                       .run;
  EXPECT_EQ(run.publish.to, "pubsub://p/t");
  EXPECT_EQ(run.publish.columns, (std::vector<std::string>{"variables", "metrics"}));
  ASSERT_EQ(run.publish.labels.size(), 2u);
  EXPECT_EQ(run.publish.labels[1].name, "team");
  EXPECT_EQ(run.publish.labels[1].column, "variables");
  EXPECT_EQ(run.publish.labels[1].path, (std::vector<std::string>{"owner", "team"}));
  EXPECT_EQ(run.publish.ordering_keys, 0u);
  EXPECT_EQ(run.publish.lanes, 3u);
  EXPECT_EQ(run.publish.pending_bytes_max, 1u << 20);
  EXPECT_EQ(run.heartbeat, std::chrono::milliseconds(500));
  EXPECT_EQ(run.drain_deadline, std::chrono::minutes(2));
  EXPECT_EQ(run.park_after, std::chrono::seconds(3));
  EXPECT_EQ(run.publication_check, std::chrono::seconds(1));
  EXPECT_EQ(run.http_address, "127.0.0.2");
  EXPECT_EQ(run.http_port, std::uint16_t{0});
}

TEST(Options, OnlyAContainerShowsItsProbesToOthersUnasked) {
  const std::vector<std::string> run = {"run", "--to", "pubsub://p/t"};
  EXPECT_EQ(parsed(parse(run)).run.http_address, "127.0.0.1");
  EXPECT_EQ(parsed(parse(run, {{"container", ""}})).run.http_address, "127.0.0.1");
  for (const char* variable :
       {"container", "KUBERNETES_SERVICE_HOST", "K_SERVICE", "CLOUD_RUN_WORKER_POOL"}) {
    EXPECT_EQ(parsed(parse(run, {{variable, "x"}})).run.http_address, "0.0.0.0") << variable;
    const Variables both = {{variable, "x"}, {"WALPULSE_HTTP_ADDRESS", "10.0.0.5"}};
    EXPECT_EQ(parsed(parse(run, both)).run.http_address, "10.0.0.5") << variable;
  }
  expect_refused(parse({"run", "--to", "stdout", "--http-address", ""}), kExitUsage,
                 "--http-address: ");
}

TEST(Options, AFlagWinsOverTheEnvironmentAndThatOverTheFile) {
  const Variables file = {{kConfigFile,
                           "slot = 'of_file'\npublication = 'of_file'\n"
                           "schema = 'of_file'\n"}};
  const Variables environment = {{"WALPULSE_SLOT", "of_env"}, {"WALPULSE_PUBLICATION", "of_env"}};
  const auto source = parsed(parse({"status", "--slot", "of_flag"}, environment, file)).run.source;
  EXPECT_EQ(source.slot, "of_flag");
  EXPECT_EQ(source.publication, "of_env");
  EXPECT_EQ(source.tables.front().schema, "of_file");
}

TEST(Options, SchemaAndTableNameTheOnlyOneOfTheTables) {
  const auto source =
      parsed(parse({"status", "--table", "block_run"}, {{"WALPULSE_SCHEMA", "mage"}})).run.source;
  EXPECT_EQ(source.tables, (std::vector<TableName>{{"mage", "block_run"}}));
}

TEST(Options, BlocksAreLeftOutWhereItIsAskedFor) {
  const std::vector<TableName> without = {{"mage", "pipeline_run"}, {"mage", "pipeline_schedule"}};
  EXPECT_EQ(parsed(parse({"setup", "--no-blocks", "--schema", "mage"})).run.source.tables, without);
  EXPECT_EQ(parsed(parse({"setup", "--no-blocks", "--table", "block_run"})).run.source.tables,
            (std::vector<TableName>{{"public", "block_run"}}));
  EXPECT_EQ(parsed(parse({"setup"}, {{"WALPULSE_NO_BLOCKS", "false"}})).run.source.tables.size(),
            3u);
}

TEST(Options, NoFlagNamesATriggersToken) {
  expect_refused(parse({"run", "--to", "stdout", "--column", "pipeline_schedule.token"}),
                 kExitUsage, "under no flag");
  EXPECT_EQ(parsed(parse({"run", "--to", "stdout", "--column", "pipeline_schedule.variables"}))
                .run.publish.columns,
            (std::vector<std::string>{"pipeline_schedule.variables"}));
}

TEST(Options, AColumnOfAnotherTableIsNamedWithIt) {
  EXPECT_EQ(named_column("variables").table, "");
  EXPECT_EQ(named_column("block_run.metrics").table, "block_run");
  EXPECT_EQ(named_column("block_run.metrics").column, "metrics");
  EXPECT_EQ(named_column("pipeline_run.metrics").table, "");
  EXPECT_EQ(named_column("pipeline_run.metrics").column, "metrics");
  EXPECT_EQ(named_column("any.thing").column, "any.thing") << "a column may be called so";
}

TEST(Options, SetupDeliversOnlyWhereItIsToldWhereTo) {
  EXPECT_EQ(parsed(parse({"setup"})).run.publish.to, "");
  EXPECT_EQ(parsed(parse({"setup", "--to", "pubsub://p/t", "--label", "a=variables.b"}))
                .run.publish.labels.size(),
            1u);
  expect_refused(parse({"setup", "--to", "pubsub:/p"}), kExitUsage, "--to: ");
}

TEST(Options, ListsComeFromTheEnvironmentByCommasAndFromTheFileAsArrays) {
  const auto by_environment =
      parsed(parse({"run", "--to", "stdout"}, {{"WALPULSE_COLUMN", "variables,metrics"}})).run;
  EXPECT_EQ(by_environment.publish.columns.size(), 2u);
  const auto by_file =
      parsed(parse({"run", "--config", "f"}, {},
                   {{"f", "to = \"stdout\"\nlabel = ['a=variables.a', 'b=variables.b']\n"}}))
          .run;
  EXPECT_EQ(by_file.publish.labels.size(), 2u);
}

TEST(Options, OneFileServesEveryCommand) {
  const Variables file = {{"f", "to = \"stdout\"\nlanes = 4\nadmin-dsn = \"host=x\"\n"}};
  EXPECT_EQ(parsed(parse({"run", "--config", "f"}, {}, file)).run.publish.lanes, 4u);
  EXPECT_EQ(parsed(parse({"status", "--config", "f"}, {}, file)).command, Command::status);
  EXPECT_EQ(parsed(parse({"setup"}, {{"WALPULSE_CONFIG", "f"}}, file)).run.source.admin_dsn,
            "host=x");
}

TEST(Options, PortIsTheLastResortForTheHttpPort) {
  const Variables environment = {{"PORT", "9000"}};
  EXPECT_EQ(parsed(parse({"run", "--to", "stdout"}, environment)).run.http_port, 9000);
  EXPECT_EQ(parsed(parse({"run", "--to", "stdout", "--http-port", "1"}, environment)).run.http_port,
            1);
  EXPECT_EQ(parsed(parse({"run", "--config", "f", "--to", "stdout"}, environment,
                         {{"f", "http-port = 2"}}))
                .run.http_port,
            2);
  expect_refused(parse({"run", "--to", "stdout"}, {{"PORT", "no"}}), kExitConfiguration,
                 "walpulse-connector: PORT: 'no' is not a number");
}

TEST(Options, AnUnknownKeyOfTheFileIsNamedWithItsLine) {
  expect_refused(parse({"status", "--config", "f"}, {}, {{"f", "\nsolt = \"x\"\n"}}),
                 kExitConfiguration, "f: line 2: unknown key 'solt'");
  expect_refused(parse({"status", "--config", "f"}, {}, {{"f", "yes = true\n"}}),
                 kExitConfiguration, "key 'yes' is none of the file");
}

TEST(Options, AFileThatIsAskedForMustBeThere) {
  expect_refused(parse({"status", "--config", "/none"}), kExitConfiguration, "/none");
}

TEST(Options, ASlipNamesWhatWasMeant) {
  expect_refused(parse({"run", "--topic", "pubsub://p/t"}), kExitUsage,
                 "unknown option --topic; did you mean --to?");
  expect_refused(parse({"stauts"}), kExitUsage, "unknown command 'stauts'; did you mean status?");
  expect_refused(parse({"run", "--to", "sdtout"}), kExitUsage, "did you mean stdout?");
  expect_refused(parse({"run", "--to", "pubsbu://p/t"}), kExitUsage, "did you mean pubsub://...?");
  expect_refused(parse({"replay", "--from", "0/1", "--to", "stdout", "--via", "stram"}), kExitUsage,
                 "--via: 'stram' is none of sql, stream; did you mean stream?");
  expect_refused(parse({"status"}, {{"WALPULSE_LOG_LEVEL", "warning"}}), kExitConfiguration,
                 "did you mean warn?");
  const auto line = parse({"status", "--dns", "host=h password=secret"});
  expect_refused(line, kExitUsage, "did you mean --dsn?");
  EXPECT_THAT(exit_of(line).text, ::testing::Not(HasSubstr("secret")));
}

TEST(Options, TheMonitorsAudienceInASharedEnvironmentIsNoneOfOurs) {
  const Variables shared = {{"WALPULSE_PUSH_AUDIENCE", "https://walpulse.example.com/push"}};
  parsed(parse({"run", "--to", "pubsub://p/t"}, shared));
  expect_refused(parse({"run", "--to", "pubsub://p/t", "--push-audience", "x"}), kExitUsage,
                 "means nothing but to an http(s) sink");
}

TEST(Options, UnknownFlagsAndCommandsAreUsageErrors) {
  expect_refused(parse({"status", "--solt", "x"}), kExitUsage, "--solt");
  expect_refused(parse({"backfill"}), kExitUsage,
                 "unknown command 'backfill'; there are setup, run,");
  expect_refused(parse({}), kExitUsage, "a command is missing");
  expect_refused(parse({"status", "--lanes", "3"}), kExitUsage,
                 "--lanes is an option of setup, run, replay, snapshot and recover, not of status");
  expect_refused(parse({"status", "--slot", "a", "--slot", "b"}), kExitUsage, "given twice");
  expect_refused(parse({"status", "--slot"}), kExitUsage, "for example --slot walpulse");
}

TEST(Options, ABadValueNamesItsKeyItsSourceAndAnExample) {
  expect_refused(parse({"run", "--to", "stdout", "--heartbeat", "10"}), kExitUsage,
                 "--heartbeat: '10' lacks a unit (ms, s, m, h or d); for example --heartbeat 10s");
  expect_refused(parse({"run", "--to", "stdout"}, {{"WALPULSE_LANES", "many"}}), kExitConfiguration,
                 "WALPULSE_LANES: 'many' is not a number");
  expect_refused(parse({"run", "--config", "f"}, {}, {{"f", "to = \"stdout\"\nlanes = 0\n"}}),
                 kExitConfiguration, "f: line 2: lanes: at least 1");
}

TEST(Options, EveryProblemIsReportedAtOnce) {
  const auto line =
      parse({"run", "--slot", "Bad-Slot", "--to", "kafka://x", "--lanes", "0", "--label", "no"});
  EXPECT_THAT(exit_of(line).text, HasSubstr("--label"));
  expect_refused(line, kExitUsage, "--slot");
  EXPECT_THAT(exit_of(line).text, HasSubstr("--to"));
  EXPECT_THAT(exit_of(line).text, HasSubstr("--lanes"));
}

TEST(Options, APasswordInAFlagIsRefused) {
  for (const char* dsn : {"host=h password=secret", "postgresql://u:secret@h/d"}) {
    const auto line = parse({"status", "--dsn", dsn});
    expect_refused(line, kExitUsage, "WALPULSE_DSN");
    EXPECT_THAT(exit_of(line).text, ::testing::Not(HasSubstr("secret")));
  }
  const std::string dsn = "host=h password=secret";
  EXPECT_EQ(parsed(parse({"status"}, {{"WALPULSE_DSN", dsn}})).run.source.dsn, dsn);
}

TEST(Options, ADayIsATime) {
  expect_refused(parse({"run", "--to", "stdout", "--park-after", "30d"}), kExitUsage,
                 "--park-after: must be 100ms to 1h");
  EXPECT_EQ(
      parsed(parse({"run", "--to", "stdout", "--replay-window", "2d"})).run.replay_window.time,
      std::chrono::hours(48));
}

TEST(Options, EverySettingSaysItsDefaultOrIsNeeded) {
  for (const config::SettingText& setting : program().settings) {
    if (setting.value_name.empty() || setting.needed_by != 0) continue;
    EXPECT_THAT(setting.help, HasSubstr("[")) << setting.key;
  }
}

TEST(Options, RunNeedsASink) {
  expect_refused(parse({"run"}), kExitUsage, "--to: is missing");
  EXPECT_EQ(parsed(parse({"doctor"})).run.publish.to, "");
}

TEST(Options, EverySnapshotSettingArrives) {
  const auto given =
      parsed(parse({"snapshot", "--to", "stdout", "--where", "id > 3", "--from-id", "-7", "--to-id",
                    "9", "--chunk-rows", "11", "--rate", "0", "--slot-timeout", "2m", "--label",
                    "partner=variables.partner"}));
  EXPECT_EQ(given.snapshot.where, "id > 3");
  EXPECT_EQ(given.snapshot.from_id, -7);
  EXPECT_EQ(given.snapshot.to_id, 9);
  EXPECT_EQ(given.snapshot.chunk_rows, 11u);
  EXPECT_EQ(given.snapshot.rate, 0u);
  EXPECT_EQ(given.slot_timeout, std::chrono::minutes(2));
  EXPECT_EQ(given.run.publish.labels.size(), 1u);
  const auto plain = parsed(parse({"snapshot", "--to", "stdout"})).snapshot;
  EXPECT_FALSE(plain.from_id || plain.to_id);
  expect_refused(parse({"snapshot"}), kExitUsage, "--to: is missing");
}

TEST(Options, ASnapshotsRangeMustBeOne) {
  const auto refused = [](std::vector<std::string> arguments, const char* key) {
    arguments.insert(arguments.begin(), {"snapshot", "--to", "stdout"});
    expect_refused(parse(arguments), kExitUsage, std::string(key) + ": ");
  };
  refused({"--from-id", "9", "--to-id", "8"}, "--to-id");
  refused({"--from-id", "1.5"}, "--from-id");
  refused({"--to-id", "9223372036854775808"}, "--to-id");
  refused({"--chunk-rows", "0"}, "--chunk-rows");
  refused({"--rate", "-1"}, "--rate");
}

TEST(Options, HelpTeachesEveryCommand) {
  for (const char* command : {"setup", "run", "status", "doctor", "teardown", "snapshot"}) {
    const auto line = parse({command, "--help"});
    EXPECT_EQ(exit_of(line).code, 0);
    EXPECT_THAT(exit_of(line).text, HasSubstr("Exit codes:"));
    EXPECT_THAT(exit_of(line).text, HasSubstr(std::string("walpulse-connector ") + command));
  }
  EXPECT_THAT(exit_of(parse({"replay", "--help"})).text,
              HasSubstr("Usage: walpulse-connector replay --from POSITION --to SINK [OPTIONS]\n"));
  EXPECT_THAT(exit_of(parse({"doctor", "--help"})).text,
              HasSubstr("Usage: walpulse-connector doctor [OPTIONS]\n"));
  EXPECT_THAT(exit_of(parse({"--version"})).text, HasSubstr("walpulse-connector 0.1.0"));
}

struct Refusal {
  std::vector<std::string> arguments;
  const char* key;
};

TEST(Options, EveryRuleNamesItsKey) {
  const Refusal refusals[] = {
      {{"--dsn", "mage"}, "--dsn"},
      {{"--dsn", "host=h no_such_keyword=1"}, "--dsn"},
      {{"--dsn", "host='h"}, "--dsn"},
      {{"--dsn", "postgresql://h:5432/d?sslmode"}, "--dsn"},
      {{"--slot", ""}, "--slot"},
      {{"--slot", "UPPER"}, "--slot"},
      {{"--replay-window", "500ms"}, "--replay-window"},
      {{"--replay-window", "721h"}, "--replay-window"},
      {{"--replay-window", "6"}, "--replay-window"},
      {{"--replay-window-bytes", "0"}, "--replay-window-bytes"},
      {{"--publication", ""}, "--publication"},
      {{"--schema", std::string(64, 's')}, "--schema"},
      {{"--table", ""}, "--table"},
      {{"--to", "pubsub://"}, "--to"},
      {{"--label", "partner"}, "--label"},
      {{"--label", "partner=variables"}, "--label"},
      {{"--label", "1st=variables.a"}, "--label"},
      {{"--label", "a-b=variables.a"}, "--label"},
      {{"--label", "status=variables.a"}, "--label"},
      {{"--label", "goog=variables.a"}, "--label"},
      {{"--label", "a=variables.a", "--label", "a=variables.b"}, "--label"},
      {{"--ordering-keys", "-1"}, "--ordering-keys"},
      {{"--lanes", "257"}, "--lanes"},
      {{"--pending-bytes", "1"}, "--pending-bytes"},
      {{"--pending-bytes", "16MB"}, "--pending-bytes"},
      {{"--heartbeat", "0s"}, "--heartbeat"},
      {{"--drain-deadline", "2h"}, "--drain-deadline"},
      {{"--park-after", "0s"}, "--park-after"},
      {{"--park-after", "2h"}, "--park-after"},
      {{"--publication-check", "11m"}, "--publication-check"},
      {{"--http-address", ""}, "--http-address"},
      {{"--http-port", "65536"}, "--http-port"},
      {{"--confirm", "--to", "pubsub://p/t"}, "--confirm"},
      {{"--log-format", "xml"}, "--log-format"},
      {{"--log-level", "loud"}, "--log-level"},
  };
  for (const auto& refusal : refusals) {
    std::vector<std::string> arguments = {"run"};
    const auto& given = refusal.arguments;
    arguments.insert(arguments.end(), given.begin(), given.end());
    if (std::find(given.begin(), given.end(), "--to") == given.end()) {
      arguments.insert(arguments.end(), {"--to", "stdout"});
    }
    const auto line = parse(arguments);
    expect_refused(line, kExitUsage, std::string(refusal.key) + ": ");
    EXPECT_THAT(exit_of(line).text, HasSubstr("for example")) << refusal.key;
  }
}

TEST(Options, ADsnThatDoesNotParseIsAUsageErrorThatRepeatsNothingOfIt) {
  const auto line = parse({"status"}, {{"WALPULSE_DSN", "host=h password=se cret"}});
  expect_refused(line, kExitConfiguration, "WALPULSE_DSN");
  EXPECT_THAT(exit_of(line).text, ::testing::Not(HasSubstr("cret")));
  EXPECT_THAT(exit_of(line).text, HasSubstr("for example"));
}

TEST(Options, SevenLabelsFitAndEightDoNot) {
  Invocation invocation;
  invocation.run.publish.to = "stdout";
  for (int i = 0; i < 7; ++i) {
    invocation.run.publish.labels.push_back({"l" + std::to_string(i), "variables", {"k"}});
  }
  EXPECT_THAT(validate(invocation), IsEmpty());
  invocation.run.publish.labels.push_back({"l8", "variables", {"k"}});
  EXPECT_EQ(validate(invocation).size(), 1u);
}

TEST(Options, ASourceNameStaysReadableInEventIds) {
  expect_refused(parse({"setup", "--name", "a/b"}), kExitUsage, "--name");
  EXPECT_EQ(parsed(parse({"setup", "--name", "mage-prod"})).run.source.name, "mage-prod");
}

}  // namespace
}  // namespace walpulse::connector
