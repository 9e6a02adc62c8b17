#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/publisher/config/brewer.h"

namespace walpulse::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Texts = std::map<std::string, std::string>;

class ConfigOptions : public ::testing::Test {
 protected:
  tl::expected<Order, Exit> parse(const std::vector<std::string>& arguments) {
    Sources sources;
    sources.environment = [this](const char* name) -> const char* {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    };
    sources.read_file = [this](const std::string& path) -> Result<std::optional<std::string>> {
      if (path == locked_) return fail(ErrorKind::rejected, "Permission denied");
      const auto found = files_.find(path);
      return found == files_.end() ? std::nullopt : std::optional(found->second);
    };
    sources.variable_names = [this] {
      std::vector<std::string> names;
      for (const auto& [name, value] : environment_) names.push_back(name);
      return names;
    };
    warnings_.clear();
    sources.warn = [this](const std::string& line) { warnings_.push_back(line); };
    auto given = gather(program_, arguments, sources);
    if (!given) return tl::unexpected(given.error());
    Order order;
    order.act = static_cast<Act>(given->command());
    order.verb = given->verb();
    return understand(*std::move(given), order_settings(), order,
                      [this](const Order&) { return wrong_; });
  }
  Order good(const std::vector<std::string>& arguments) {
    const auto order = parse(arguments);
    EXPECT_TRUE(order.has_value()) << order.error().text;
    return order.value_or(Order{});
  }
  std::string bad(const std::vector<std::string>& arguments, int code) {
    const auto order = parse(arguments);
    EXPECT_FALSE(order.has_value());
    if (order) return "";
    EXPECT_EQ(order.error().code, code) << order.error().text;
    return order.error().text;
  }

  Program program_ = brewer();
  Texts environment_;
  Texts files_;
  std::string locked_;
  std::vector<OptionProblem> wrong_;
  std::vector<std::string> warnings_;
};

TEST_F(ConfigOptions, FillTheMembersThatTheTableNames) {
  const auto order =
      good({"brew", "--name", "kettle", "--spice", "clove", "--spice=anise", "--wait", "2d",
            "--water-amount-of-the-whole-pot", "2KiB", "--hot", "--http-port", "0"});
  EXPECT_EQ(order.name, "kettle");
  EXPECT_THAT(order.spices, ElementsAre("clove", "anise"));
  EXPECT_EQ(order.wait, std::chrono::hours(48));
  EXPECT_EQ(order.water.amount, 2048u);
  EXPECT_TRUE(order.hot);
  EXPECT_EQ(order.port, 0);
}

TEST_F(ConfigOptions, PreferFlagsToTheEnvironmentAndThatToTheFileAndThatToThePlatform) {
  files_["/etc/brewer.toml"] = "name = 'file'\nkey = 'file'\nspice = ['f']\nhttp-port = 3\n";
  environment_ = {{"WALPULSE_NAME", "env"}, {"WALPULSE_KEY", "env"}, {"PORT", "4"}};
  auto order = good({"brew", "--name", "flag"});
  EXPECT_EQ(order.name, "flag");
  EXPECT_EQ(order.key, "env");
  EXPECT_THAT(order.spices, ElementsAre("f"));
  EXPECT_EQ(order.port, 3);
  files_.clear();
  EXPECT_EQ(good({"brew"}).port, 4);
}

TEST_F(ConfigOptions, TakeAListByCommasFromTheEnvironmentAndAsAnArrayFromTheFile) {
  environment_ = {{"WALPULSE_SPICE", "clove,anise"}};
  EXPECT_THAT(good({"brew"}).spices, ElementsAre("clove", "anise"));
  environment_ = {{"WALPULSE_CONFIG", "f"}};
  files_["f"] = "spice = []\n";
  EXPECT_THAT(good({"brew"}).spices, IsEmpty());
}

TEST_F(ConfigOptions, TakeAnActFromTheCommandLineAlone) {
  environment_ = {{"WALPULSE_DRY_RUN", "true"}, {"WALPULSE_COUNT", "7"}};
  EXPECT_FALSE(good({"beans", "list"}).dry_run);
  EXPECT_TRUE(good({"beans", "list", "--dry-run"}).dry_run);
  files_["f"] = "dry-run = true\n";
  EXPECT_THAT(
      bad({"beans", "list", "--config", "f"}, kExitConfiguration),
      HasSubstr("f: line 1: key 'dry-run' is none of the file: give --dry-run on the command "
                "line"));
}

TEST_F(ConfigOptions, TakeARepeatedActFromTheCommandLineAlone) {
  environment_ = {{"WALPULSE_FROM", "peru"}};
  EXPECT_THAT(good({"beans", "list"}).places, IsEmpty());
  EXPECT_THAT(good({"beans", "list", "--from", "kenya", "--from", "java,bali"}).places,
              ElementsAre("kenya", "java,bali"));
  files_["f"] = "from = ['peru']\n";
  EXPECT_THAT(bad({"beans", "list", "--config", "f"}, kExitConfiguration),
              HasSubstr("give --from on the command line"));
}

TEST_F(ConfigOptions, NameTheKeyOfTheFileThatWasMeant) {
  files_["f"] = "\nhttp_prot = 1\nSORT = 'x'\ncold = 1\n";
  EXPECT_EQ(bad({"brew", "--config", "f"}, kExitConfiguration),
            "brewer: f: line 2: unknown key 'http_prot'; did you mean http-port?\n"
            "brewer: f: line 3: unknown key 'SORT'; a valid line is  http-port = 8080\n"
            "brewer: f: line 4: unknown key 'cold'; a valid line is  http-port = 8080\n"
            "Try --help.\n");
}

TEST_F(ConfigOptions, TakeOneOfTheChoices) {
  EXPECT_EQ(good({"brew"}).grind, Grind::coarse);
  EXPECT_EQ(good({"brew", "--grind", "fine"}).grind, Grind::fine);
  EXPECT_THAT(bad({"brew", "--grind", "fien"}, kExitUsage),
              HasSubstr("--grind: 'fien' is none of coarse, fine; did you mean fine?\n"));
  EXPECT_THAT(bad({"brew", "--grind", ""}, kExitUsage),
              HasSubstr("--grind: '' is none of coarse, fine; for example --grind fine\n"));
  environment_ = {{"WALPULSE_GRIND", "COARSE"}};
  EXPECT_THAT(bad({"brew"}, kExitConfiguration),
              HasSubstr("WALPULSE_GRIND: 'COARSE' is none of coarse, fine; did you mean coarse?"));
}

TEST_F(ConfigOptions, WarnOfAVariableThatIsNoneAndLooksLikeOne) {
  environment_ = {{"WALPULSE_HTTP_PROT", "sesame"}, {"WALPULSE_PORT", "1"}, {"WALPULSE_name", "x"},
                  {"WALPULSE_CONFG", "f"},          {"WALPULSE_WIAT", ""},  {"HTTP_PROT", "1"}};
  good({"brew"});
  EXPECT_THAT(
      warnings_,
      ElementsAre("brewer: warning: WALPULSE_CONFG is no setting, and is passed over; did you mean "
                  "WALPULSE_CONFIG?",
                  "brewer: warning: WALPULSE_HTTP_PROT is no setting, and is passed over; did you "
                  "mean WALPULSE_HTTP_PORT?",
                  "brewer: warning: WALPULSE_PORT is no setting, and is passed over; did you mean "
                  "WALPULSE_HTTP_PORT?",
                  "brewer: warning: WALPULSE_name is no setting, and is passed over; did you mean "
                  "WALPULSE_NAME?"));
}

TEST_F(ConfigOptions, PassOverVariablesOfTheOtherProgramAndOfOthers) {
  environment_ = {{"WALPULSE_LEDGER", "memory"},
                  {"WALPULSE_NAMES", "near to one of ours"},
                  {"WALPULSE_BIN", "/bin"},
                  {"WALPULSE_POSTGRES_BIN", "/usr/bin"},
                  {"WALPULSE_", "x"},
                  {"WALPULSE_" + std::string(5'000, 'X'), "x"}};
  good({"brew"});
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(ConfigOptions, SayThatAnActIsNoVariable) {
  environment_ = {{"WALPULSE_DRY_RUN", "true"}};
  good({"beans", "list"});
  EXPECT_THAT(warnings_,
              ElementsAre("brewer: warning: WALPULSE_DRY_RUN is not read; give --dry-run, "
                          "which belongs to one call, on the command line"));
}

TEST_F(ConfigOptions, OfASharedEnvironmentMayMeanNothingHere) {
  wrong_ = {{.key = "hot", .message = "means nothing but to a kettle", .idle = true}};
  environment_ = {{"WALPULSE_HOT", "true"}};
  good({"brew"});
  EXPECT_THAT(bad({"brew", "--hot"}, kExitUsage), HasSubstr("--hot: means nothing"));
  files_["/etc/brewer.toml"] = "hot = true\n";
  environment_.clear();
  EXPECT_THAT(bad({"brew"}, kExitConfiguration), HasSubstr("line 1: hot: means nothing"));
}

TEST_F(ConfigOptions, TakeTheVerbAndItsArgumentsWithFlagsOnEitherSide) {
  for (const auto& arguments :
       {std::vector<std::string>{"beans", "buy", "mocha", "12", "--dry-run"},
        {"beans", "--dry-run", "buy", "mocha", "12"}}) {
    const auto order = good(arguments);
    EXPECT_EQ(order.act, Act::beans);
    EXPECT_EQ(order.verb, "buy");
    EXPECT_EQ(order.sort, "mocha");
    EXPECT_EQ(order.count, 12u);
    EXPECT_TRUE(order.dry_run);
  }
  EXPECT_EQ(good({"beans", "list"}).verb, "list");
  EXPECT_THAT(bad({"beans", "buy", "mocha", "dozen"}, kExitUsage),
              HasSubstr("brewer: COUNT: 'dozen' is not a number from 0 to 100; for example 12"));
  EXPECT_THAT(bad({"beans", "buy", "mocha"}, kExitUsage), HasSubstr("COUNT"));
  EXPECT_THAT(bad({"beans", "buy", "", "12"}, kExitUsage), HasSubstr("SORT: is empty"));
  EXPECT_THAT(bad({"beans", "list", "12"}, kExitUsage),
              HasSubstr("brewer: there is a word too many: '12'; what beans list is told stands "
                        "behind an option, for example: brewer brew --name pot\n"));
  EXPECT_THAT(bad({"beans"}, kExitUsage),
              HasSubstr("brewer: beans is to be followed by list or buy\n"));
  EXPECT_THAT(
      bad({"beans", "lsit"}, kExitUsage),
      HasSubstr("brewer: beans does not know 'lsit', only list and buy; did you mean list?"));
}

TEST_F(ConfigOptions, NameTheCommandOrTheOptionThatWasMeant) {
  EXPECT_THAT(bad({"brwe"}, kExitUsage),
              HasSubstr("unknown command 'brwe'; did you mean brew? There are brew, beans, for "
                        "example: "));
  EXPECT_THAT(bad({"brew", "--nmae", "x"}, kExitUsage),
              HasSubstr("brewer: unknown option --nmae; did you mean --name?\nTry --help.\n"));
  EXPECT_THAT(bad({"brew", "--port", "1", "--wiat=1m"}, kExitUsage),
              HasSubstr("brewer: unknown option --port; did you mean --http-port?\n"
                        "brewer: unknown option --wiat; did you mean --wait?\n"));
  EXPECT_THAT(bad({"brew", "--confg", "f"}, kExitUsage), HasSubstr("did you mean --config?"));
  EXPECT_THAT(bad({"brew", "name", "x"}, kExitUsage),
              HasSubstr("there is a word too many: 'name'; did you mean --name?"));
  EXPECT_THAT(bad({"--name", "x", "brew"}, kExitUsage),
              HasSubstr("a command is missing before --name; there are brew, beans"));
  EXPECT_THAT(bad({"brew", "--cold"}, kExitUsage),
              HasSubstr("unknown option --cold; brewer brew --help lists those that there are\n"));
}

TEST_F(ConfigOptions, SayWhoseOptionItIs) {
  EXPECT_THAT(bad({"beans", "list", "--hot"}, kExitUsage),
              HasSubstr("brewer: --hot is an option of brew, not of beans\n"));
}

TEST_F(ConfigOptions, RepeatNothingThatMayBeAPassword) {
  for (const auto& arguments :
       {std::vector<std::string>{"brew", "--kye", "host=h password=hunter2"},
        {"brew", "--kye=hunter2"},
        {"brew", "-phunter2"},
        {"brew", "postgresql://u:hunter2@h/d"},
        {"brew", "host=h password=hunter2"},
        {"beans", "host=h password=hunter2"},
        {"host=h password=hunter2"},
        {"--key=hunter2", "brew"}}) {
    EXPECT_THAT(bad(arguments, kExitUsage), Not(HasSubstr("hunter2")));
  }
}

TEST_F(ConfigOptions, NameEveryProblemAtOnceWithItsSourceAndAnExample) {
  files_["f"] = "\nwater-amount-of-the-whole-pot = '1KB'\nhttp-port = [1, 2]\n";
  environment_ = {{"WALPULSE_WAIT", "10"}};
  wrong_ = {{"name", "is no name"}, {"spice", "do not mix", "take one"}};
  EXPECT_EQ(bad({"brew", "--config", "f", "--name", "x"}, kExitUsage),
            "brewer: f: line 3: http-port takes one value; for example --http-port 8080\n"
            "brewer: WALPULSE_WAIT: '10' lacks a unit (ms, s, m, h or d); for example --wait 3m\n"
            "brewer: f: line 2: water-amount-of-the-whole-pot: '1KB' is not bytes, KiB, MiB or "
            "GiB; for example --water-amount-of-the-whole-pot 1KiB\n"
            "brewer: --name: is no name; for example --name pot\n"
            "brewer: --spice: do not mix; take one\n"
            "Try --help.\n");
}

TEST_F(ConfigOptions, TellAWrongFlagFromAWrongConfiguration) {
  wrong_ = {{"name", "is no name"}};
  EXPECT_THAT(bad({"brew"}, kExitUsage), HasSubstr("--name: "));
  environment_ = {{"WALPULSE_NAME", "x"}};
  EXPECT_THAT(bad({"brew"}, kExitConfiguration), HasSubstr("WALPULSE_NAME: "));
}

TEST_F(ConfigOptions, SayNothingMoreOfATextThatDoesNotRead) {
  wrong_ = {{"wait", "must be 1m to 10m"}};
  EXPECT_THAT(bad({"brew", "--wait", "soon"}, kExitUsage), Not(HasSubstr("must be")));
}

TEST_F(ConfigOptions, RefuseWhatTheCommandLineMayNotHold) {
  EXPECT_THAT(bad({"brew", "--name", "a", "--name", "b"}, kExitUsage),
              HasSubstr("--name is given twice; for example --name pot"));
  EXPECT_THAT(bad({"brew", "--key", "sesame"}, kExitUsage),
              AllOf(HasSubstr("WALPULSE_KEY"), Not(HasSubstr("sesame"))));
  environment_ = {{"WALPULSE_KEY", "sesame"}};
  EXPECT_EQ(good({"brew"}).key, "sesame");
}

TEST_F(ConfigOptions, NameACommandThatThereIsNot) {
  EXPECT_THAT(bad({"stew"}, kExitUsage),
              HasSubstr("unknown command 'stew'; there are brew, beans, for example: brewer brew"));
  EXPECT_THAT(bad({}, kExitUsage), HasSubstr("a command is missing"));
  EXPECT_THAT(bad({"brew", "--cold", "x"}, kExitUsage), HasSubstr("--cold"));
  EXPECT_THAT(bad({"brew", "--name"}, kExitUsage), HasSubstr("for example --name pot"));
  EXPECT_THAT(bad({"beans", "list", "--hot"}, kExitUsage), HasSubstr("--hot"));
}

TEST_F(ConfigOptions, OfAnotherCommandAreNobodysConcernUnlessTheProgramIsStrict) {
  environment_ = {{"WALPULSE_WAIT", "soon"}};
  wrong_ = {{"http-port", "is taken"}};
  good({"beans", "list"});
  program_ = brewer(/*strict=*/true);
  EXPECT_THAT(bad({"beans", "list"}, kExitUsage),
              AllOf(HasSubstr("WALPULSE_WAIT: 'soon'"), HasSubstr("--http-port: is taken")));
}

TEST_F(ConfigOptions, NeedTheFileThatIsAskedForAndMissNoOther) {
  good({"brew"});
  EXPECT_THAT(bad({"brew", "--config", "f"}, kExitConfiguration),
              HasSubstr("file f: there is none"));
  locked_ = "/etc/brewer.toml";
  good({"brew"});
  EXPECT_THAT(bad({"brew", "--config", locked_}, kExitConfiguration), HasSubstr("denied"));
  environment_ = {{"WALPULSE_CONFIG", locked_}};
  EXPECT_THAT(bad({"brew"}, kExitConfiguration), HasSubstr(locked_ + ": Permission denied"));
}

TEST_F(ConfigOptions, WarnOnceOfADefaultFileThatOthersMayRead) {
  locked_ = "/etc/brewer.toml";
  for (const bool strict : {false, true}) {
    program_ = brewer(strict);
    good({"brew"});
    EXPECT_THAT(warnings_, ElementsAre("brewer: warning: cannot read the configuration file "
                                       "/etc/brewer.toml (Permission denied), so that none of its "
                                       "settings counts; run this as root (sudo), or name a file "
                                       "that you may read (--config FILE)"));
  }
}

TEST(ProcessSources, TellAFileFromNoneAndFromAFolder) {
  const auto read = process_sources().read_file;
  const auto file = read(std::string(WALPULSE_TEST_DIR) + "/leaks.supp");
  ASSERT_TRUE(file.has_value() && file->has_value());
  EXPECT_THAT(**file, Not(IsEmpty()));
  EXPECT_EQ(read("/dev/null").value(), "");
  EXPECT_EQ(read("/does/not/exist").value(), std::nullopt);
  EXPECT_FALSE(read(WALPULSE_TEST_DIR).has_value());
}

TEST_F(ConfigOptions, SayWhereTheFileIsNone) {
  files_["f"] = "name pot\n";
  EXPECT_THAT(bad({"brew", "--config", "f"}, kExitConfiguration),
              AllOf(HasSubstr("f: line 1: "), HasSubstr("a valid line is  http-port = 8080")));
}

}  // namespace
}  // namespace walpulse::config
