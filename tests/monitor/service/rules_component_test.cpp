#include "monitor/service/rules_component.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace walpulse::monitor {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RulesComponentTest : public testing::Test {
 protected:
  RulesComponentTest() { write("page"); }
  ~RulesComponentTest() override { std::filesystem::remove(path_); }

  void write(const std::string& severity) const {
    std::ofstream(path_) << "[[pipeline]]\nseverity = \"" + severity + "\"\n";
  }
  std::unique_ptr<rules::RuleBook> open() const {
    return std::move(rules::RuleBook::open(path_).value());
  }
  /// However slow the machine is.
  template <class Condition>
  static void await(const Condition& condition) {
    while (!condition()) std::this_thread::sleep_for(1ms);
  }
  static std::string text(const rules::RuleBook& book) {
    return telemetry::prometheus_text({{}, rules_metrics(book)});
  }

  const std::string path_ =
      testing::TempDir() + "walpulse-component-" + std::to_string(::getpid()) + ".toml";
};

TEST_F(RulesComponentTest, LooksWhenItIsToldHoweverLongItWouldWait) {
  for (const auto reload : {std::optional<std::chrono::milliseconds>(1h), {}}) {
    write("page");
    const auto book = open();
    RulesComponent component(*book, reload);
    ASSERT_TRUE(component.start());
    const std::string hash = book->in_force().hash;
    write("record");
    component.look_now();
    await([&] { return book->in_force().hash != hash; });
    write("severe");
    component.look_now();
    await([&] { return !book->mistakes().empty(); });
    EXPECT_THAT(component.health().warnings,
                ElementsAre(HasSubstr("the rules of before stay in force: " + path_ + ":2: ")));
    EXPECT_THAT(component.health().not_ready, IsEmpty());
    write("record");
    component.look_now();
    await([&] { return book->mistakes().empty(); });
    EXPECT_THAT(component.health().warnings, IsEmpty());
    component.stop({});
  }
}

TEST_F(RulesComponentTest, LooksAgainAndAgain) {
  const auto book = open();
  RulesComponent component(*book, 1ms);
  ASSERT_TRUE(component.start());
  const std::string hash = book->in_force().hash;
  write("record");
  await([&] { return book->in_force().hash != hash; });
  component.stop({});
}

TEST_F(RulesComponentTest, ShowsTheHashAndWhetherTheFileIsBroken) {
  const auto book = open();
  const std::string hash = book->in_force().hash;
  EXPECT_THAT(text(*book), HasSubstr("walpulse_rules_info{hash=\"" + hash + "\"} 1\n"));
  EXPECT_THAT(text(*book), HasSubstr("walpulse_rules_broken 0\n"));
  write("severe");
  book->look(rules::RuleBook::Patience::none);
  EXPECT_THAT(text(*book), HasSubstr("walpulse_rules_info{hash=\"" + hash + "\"} 1\n"));
  EXPECT_THAT(text(*book), HasSubstr("walpulse_rules_broken 1\n"));
  EXPECT_THAT(rules_metrics(rules::RuleBook()), IsEmpty()) << "without a file";
}

}  // namespace
}  // namespace walpulse::monitor
