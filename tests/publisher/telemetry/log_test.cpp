#include "publisher/telemetry/log.h"
#include "decoder/base/logging.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>

namespace walpulse::telemetry {
namespace {

using Json = nlohmann::json;

/// What `act` writes to stderr.
template <class Act>
std::string stderr_of(Act act) {
  std::FILE* file = std::tmpfile();
  std::fflush(stderr);
  const int saved = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  act();
  std::fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  std::fclose(file);
  return text;
}

std::string logged(LogOptions::Format format, const std::string& level,
                   const std::function<void()>& act) {
  return stderr_of([&] {
    LogOptions options;
    options.format = format;
    options.level = level;
    options.to_stderr = true;
    options.service = "walpulse-test";
    start_logging(options);
    act();
  });
}

TEST(Log, ANameForgesNoLineOfTextAndMovesNoCursor) {
  const std::string text = logged(LogOptions::Format::text, "info", [] {
    spdlog::info(
        "pipeline=x\n12:00:00.000 error   forged \x1b[2J\xC2\x9B"
        "31m \xE9");
    log_structured("ERROR", "y\r\nforged", "", "group");
  });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_NE(text.find("pipeline=x\\n12:00:00.000 error   forged \\x1b[2J\\u009b31m \\xe9\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("y\\r\\nforged\n"), std::string::npos) << text;
}

TEST(Log, WritesOneJsonObjectALineAsCloudLoggingReadsIt) {
  const std::string text = logged(LogOptions::Format::json, "info",
                                  [] { spdlog::warn("sink refused \"x\"\nretrying"); });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const Json line = Json::parse(text);
  EXPECT_EQ(line["severity"], "WARNING");
  EXPECT_EQ(line["message"], "sink refused \"x\"\nretrying");
  EXPECT_EQ(line["serviceContext"]["service"], "walpulse-test");
  const std::string time = line["time"];
  EXPECT_EQ(time.size(), std::string("2026-11-21T00:00:00.000000Z").size());
  EXPECT_EQ(time.back(), 'Z');
  EXPECT_FALSE(line.contains("logging.googleapis.com/sourceLocation"));
}

TEST(Log, NamesTheSourceWhereItIsKnown) {
  const Json line = Json::parse(logged(LogOptions::Format::json, "info", [] {
    spdlog::log(spdlog::source_loc{"lane.cpp", 42, "run"}, spdlog::level::err, "giving up");
  }));
  EXPECT_EQ(line["severity"], "ERROR");
  EXPECT_EQ(line["logging.googleapis.com/sourceLocation"],
            (Json{{"file", "lane.cpp"}, {"line", "42"}, {"function", "run"}}));
}

TEST(Log, BytesThatAreNotUtf8LeaveTheLineValid) {
  const std::string text = logged(LogOptions::Format::json, "info", [] {
    spdlog::info(
        "a\xff"
        "b");
  });
  EXPECT_FALSE(Json::parse(text, nullptr, false).is_discarded()) << text;
}

TEST(Log, StructuredFieldsStandBesideTheMessageOfTheirLineOnly) {
  const std::string text = logged(LogOptions::Format::json, "info", [] {
    log_structured("ERROR", "pipeline run failed", "\"run_id\":7,\"pipeline\":\"daily\"",
                   "pipeline_run_failed daily");
    spdlog::info("next");
  });
  const std::size_t end = text.find('\n');
  const Json first = Json::parse(text.substr(0, end));
  EXPECT_EQ(first["severity"], "ERROR");
  EXPECT_EQ(first["message"], "pipeline run failed");
  EXPECT_EQ(first["run_id"], 7);
  EXPECT_EQ(first["pipeline"], "daily");
  EXPECT_FALSE(Json::parse(text.substr(end + 1)).contains("run_id"));
}

TEST(Log, StructuredErrorsAreGroupedByWhatTheyTellOf) {
  const Json line = Json::parse(logged(LogOptions::Format::json, "info", [] {
    log_structured("ERROR", "failed", "", "pipeline_run_failed daily");
  }));
  EXPECT_EQ(line["@type"],
            "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent");
  const Json& location = line["context"]["reportLocation"];
  EXPECT_EQ(location["functionName"], "pipeline_run_failed daily");
  EXPECT_NE(location["filePath"].get<std::string>().find("log_test.cpp"), std::string::npos);
  EXPECT_GT(location["lineNumber"].get<int>(), 0);
}

TEST(Log, WhatOneGroupRepeatsIsLimitedAndSilencesNoOther) {
  const auto tell = [](const std::string& group) { log_structured("ERROR", group, "", group); };
  const std::string text = logged(LogOptions::Format::json, "info", [&] {
    for (int i = 0; i < 1000; ++i) tell("noisy");
    tell("quiet");
  });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 31);
  EXPECT_NE(text.find("\"quiet\""), std::string::npos);
}

TEST(Log, TextIsForHumans) {
  const std::string text = logged(LogOptions::Format::text, "info", [] {
    log_structured("WARNING", "sla missed run=7", "\"run_id\":7", "sla_missed");
  });
  EXPECT_NE(text.find("sla missed run=7"), std::string::npos);
  EXPECT_EQ(text.find("run_id"), std::string::npos);
  EXPECT_EQ(text.find('{'), std::string::npos);
}

TEST(Log, KeepsToItsLevel) {
  EXPECT_EQ(logged(LogOptions::Format::json, "warn", [] { spdlog::info("quiet"); }), "");
  EXPECT_NE(logged(LogOptions::Format::json, "debug", [] { spdlog::debug("loud"); }), "");
  EXPECT_NE(logged(LogOptions::Format::json, "lowd", [] { spdlog::info("heard"); }), "");
}

}  // namespace
}  // namespace walpulse::telemetry
