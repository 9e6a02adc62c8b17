#include "monitor/api/csv.h"

#include <gtest/gtest.h>

namespace walpulse::monitor::api {
namespace {

TEST(Csv, QuotesWhatWouldEndACell) {
  EXPECT_EQ(csv_line({"a", "b c", "", "d"}), "a,b c,,d\r\n");
  EXPECT_EQ(csv_line({"a,b", "say \"hi\"", "two\nlines"}),
            "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n");
}

TEST(Csv, MakesFormulasText) {
  for (const char begin : std::string_view("=+-@\t\r"))
    EXPECT_EQ(csv_line({begin + std::string("1+1")}),
              "\"'" + (begin + std::string("1+1")) + "\"\r\n");
  EXPECT_EQ(csv_line({"=HYPERLINK(\"http://evil\")"}), "\"'=HYPERLINK(\"\"http://evil\"\")\"\r\n");
  EXPECT_EQ(csv_line({"a=b"}), "a=b\r\n");
}

}  // namespace
}  // namespace walpulse::monitor::api
