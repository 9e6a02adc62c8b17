#include "publisher/telemetry/log_line.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace walpulse::telemetry {
namespace {

using Json = nlohmann::json;

Json written(const LogLine& line) {
  std::string text;
  append_log_line(line, text);
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_LT(text.size(), std::size_t{256} << 10);
  return Json::parse(text);
}

LogLine error_line() {
  LogLine line;
  line.severity = "ERROR";
  line.message = "giving up";
  line.file = "../../publisher/lane.cpp";
  line.line = 42;
  line.function = "run";
  line.service = "walpulse-connector";
  line.version = "0.1.0";
  return line;
}

TEST(LogLine, AnErrorHasTheFormThatErrorReportingGroups) {
  const Json json = written(error_line());
  EXPECT_EQ(json["@type"],
            "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent");
  EXPECT_EQ(json["serviceContext"],
            (Json{{"service", "walpulse-connector"}, {"version", "0.1.0"}}));
  EXPECT_EQ(
      json["context"]["reportLocation"],
      (Json{{"filePath", "publisher/lane.cpp"}, {"lineNumber", 42}, {"functionName", "run"}}));
  EXPECT_EQ(json["logging.googleapis.com/sourceLocation"],
            (Json{{"file", "publisher/lane.cpp"}, {"line", "42"}, {"function", "run"}}));
}

TEST(LogLine, AWarningIsNoErrorReport) {
  LogLine line = error_line();
  line.severity = "WARNING";
  EXPECT_FALSE(written(line).contains("@type"));
  line = error_line();
  line.file = {};
  EXPECT_FALSE(written(line).contains("@type")) << "nothing to group it by";
}

TEST(LogLine, NamesTheTraceOfAKnownProject) {
  const TraceContext trace{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true};
  LogLine line = error_line();
  line.trace = &trace;
  EXPECT_FALSE(written(line).contains("logging.googleapis.com/trace"));
  line.project = "my-project";
  const Json json = written(line);
  EXPECT_EQ(json["logging.googleapis.com/trace"],
            "projects/my-project/traces/4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(json["logging.googleapis.com/spanId"], "00f067aa0ba902b7");
  EXPECT_EQ(json["logging.googleapis.com/trace_sampled"], true);
}

TEST(LogLine, StaysBelowTheLimitOfAnEntry) {
  LogLine line = error_line();
  const std::string control(1 << 20, '\x01');
  line.message = control;
  EXPECT_NE(written(line)["message"].get<std::string>().find("(cut)"), std::string::npos);
  line.message = "x";
  const std::string fields = "\"a\":\"" + std::string(1 << 20, 'y') + "\"";
  line.fields = fields;
  EXPECT_EQ(written(line)["fields_bytes_left_out"], fields.size());
  const std::string umlauts = "x" + [] {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += "\u00e4";
    return text;
  }();
  line.fields = {};
  line.message = umlauts;
  EXPECT_EQ(written(line)["message"].get<std::string>().find("\ufffd"), std::string::npos);
}

TEST(LogLine, SaysHowManyWereLeftOut) {
  LogLine line = error_line();
  EXPECT_FALSE(written(line).contains("left_out"));
  line.left_out = 7;
  EXPECT_EQ(written(line)["left_out"], 7);
}

}  // namespace
}  // namespace walpulse::telemetry
