#include "monitor/rules/rules_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace walpulse::rules {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kFine = "[[pipeline]]\nmatch = \"fin_*\"\nseverity = \"page\"\n";

class RulesFile : public ::testing::Test {
 protected:
  RulesFile() {
    std::string name = (fs::temp_directory_path() / "walpulse-rules-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directories(rules());
  }
  ~RulesFile() override { fs::remove_all(folder_); }

  fs::path rules() const { return folder_ / "rules"; }
  fs::path write(const std::string& name, const std::string& text) const {
    fs::create_directories((rules() / name).parent_path());
    std::ofstream(rules() / name) << text;
    return rules() / name;
  }
  /// Paths below the folder of the rules.
  std::vector<std::string> files(const fs::path& path) const {
    const auto loaded = load_rules(path);
    if (!loaded) return {to_string(loaded.error().front())};
    std::vector<std::string> names;
    for (const std::string& name : loaded->rules.files) {
      names.push_back(fs::path(name).lexically_relative(rules()).string());
    }
    return names;
  }
  std::vector<std::string> mistakes(const fs::path& path) const {
    std::vector<std::string> lines;
    const auto loaded = load_rules(path);
    if (loaded) return lines;
    for (const Mistake& mistake : loaded.error()) lines.push_back(to_string(mistake));
    return lines;
  }

  fs::path folder_;
};

TEST_F(RulesFile, AFolderIsReadInTheOrderOfNamesWithItsIncludes) {
  write("20.toml", kFine);
  write("10.toml", "[[include]]\nfiles = [\"teams/*.toml\", \"one/z.toml\"]\n");
  write("teams/b.toml", kFine);
  write("teams/a.toml", kFine);
  write("one/z.toml", kFine);
  write("notes.md", "no rules");
  write(".hidden.toml", "no rules");
  EXPECT_THAT(files(rules()),
              ElementsAre("10.toml", "teams/a.toml", "teams/b.toml", "one/z.toml", "20.toml"));
  EXPECT_THAT(files(rules() / "10.toml"),
              ElementsAre("10.toml", "teams/a.toml", "teams/b.toml", "one/z.toml"));
}

TEST_F(RulesFile, IsReadThroughTheLinksOfAKubernetesMount) {
  write("..2026_11_28/rules.toml", "[[include]]\nfiles = \"fin.toml\"\n");
  write("..2026_11_28/fin.toml", kFine);
  fs::create_directory_symlink("..2026_11_28", rules() / "..data");
  fs::create_symlink("..data/rules.toml", rules() / "rules.toml");
  fs::create_symlink("..data/fin.toml", rules() / "fin.toml");
  EXPECT_THAT(files(rules() / "rules.toml"), ElementsAre("rules.toml", "fin.toml"));
  write("..2026_11_28/rules.toml", kFine);
  EXPECT_THAT(files(rules()), ElementsAre("fin.toml", "rules.toml"));
  fs::create_directory_symlink(rules(), folder_ / "link");
  EXPECT_TRUE(load_rules(folder_ / "link"));
}

TEST_F(RulesFile, NoLinkLeadsOut) {
  std::ofstream(folder_ / "secret") << "password = hunter2\n";
  fs::create_symlink(folder_ / "secret", rules() / "a.toml");
  EXPECT_THAT(mistakes(rules()), ElementsAre(HasSubstr("leads out of the rules' folder")));
  write("main.toml", "\n[[include]]\nfiles = \"a.toml\"\n");
  EXPECT_THAT(mistakes(rules() / "main.toml"),
              ElementsAre(AllOf(HasSubstr("main.toml:2: include: "), HasSubstr("leads out"),
                                ::testing::Not(HasSubstr("hunter2")))));
}

TEST_F(RulesFile, WhatCannotBeReadIsAMistake) {
  EXPECT_THAT(mistakes(rules() / "none.toml"), ElementsAre(HasSubstr("cannot be read")));
  EXPECT_THAT(mistakes(rules()), ElementsAre(HasSubstr("no file that ends in .toml")));
  write("main.toml",
        "[[include]]\nfiles = [\"none/*.toml\", \"*.tml\", \"gone.toml\", \"folder\"]\n");
  fs::create_directories(rules() / "folder");
  EXPECT_THAT(mistakes(rules() / "main.toml"),
              ElementsAre(HasSubstr("'none/*.toml' cannot be read"), HasSubstr("names no file"),
                          HasSubstr("does not exist"), HasSubstr("is not a file")));
}

TEST_F(RulesFile, APipeIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo((rules() / "a.toml").c_str(), 0600), 0);
  EXPECT_THAT(mistakes(rules()), ElementsAre(HasSubstr("is not a file")));
}

TEST_F(RulesFile, AFileAppliesOnce) {
  write("a.toml", "[[include]]\nfiles = \"*.toml\"\n");
  EXPECT_THAT(mistakes(rules() / "a.toml"), ElementsAre(HasSubstr("was read already")));
}

TEST_F(RulesFile, IsReadNoFurtherThanRulesMayBeLong) {
  write("a.toml", std::string(kRulesBytesMax - 10, '\n'));
  write("b.toml", std::string(20, '\n'));
  EXPECT_THAT(mistakes(rules()), ElementsAre(HasSubstr("b.toml: is too long")));
}

TEST_F(RulesFile, MistakesOfReadingAndOfRulesAreToldTogether) {
  write("a.toml", "[[include]]\nfiles = \"gone.toml\"\n[[pipeline]]\nseverity = 1\n");
  EXPECT_THAT(mistakes(rules() / "a.toml"),
              ElementsAre(HasSubstr("a.toml:1: include: "), HasSubstr("a.toml:4: severity: ")));
}

TEST_F(RulesFile, BodiesAreReadWithTheRulesThatNameThem) {
  const auto after = [](const std::string& file) {
    return "[[after]]\nis = 'failed'\ncall = 'm'\nbody_file = '" + file + "'\n";
  };
  write("a.toml",
        "[channel.m]\ntype = 'webhook'\nurl_env = 'X'\n[[include]]\nfiles = 'fin/*.toml'\n" +
            after("bodies/a.json"));
  write("fin/b.toml", after("b.json") + after("b.json"));
  write("bodies/a.json", "{\"a\": \"{run}\"}");
  write("fin/b.json", "{\"b\": \"{run}\"}");
  const auto loaded = load_rules(rules());
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  EXPECT_EQ(loaded->rules.afters.at(0).body.render({}), "{\"a\":null}");
  EXPECT_EQ(loaded->rules.afters.at(2).body.render({}), "{\"b\":null}");
  EXPECT_EQ(loaded->rules.afters.at(2).body_file, "b.json");
  write("fin/b.json", "{\"b\": 1}");
  EXPECT_NE(load_rules(rules()).value().hash, loaded->hash) << "a body is of the rules";
}

TEST_F(RulesFile, ABodyIsOfTheFolderAndIsAFile) {
  std::ofstream(folder_ / "secret") << "\"hunter2\"";
  fs::create_symlink(folder_ / "secret", rules() / "link.json");
  ASSERT_EQ(::mkfifo((rules() / "pipe.json").c_str(), 0600), 0);
  write("long.json", "\"" + std::string(kRulesBytesMax, 'a') + "\"");
  const auto with = [&](const std::string& file) {
    write("a.toml",
          "[channel.m]\ntype = 'webhook'\nurl_env = 'X'\n[[after]]\nis = 'failed'\n"
          "call = 'm'\nbody_file = '" +
              file + "'\n");
    return mistakes(rules() / "a.toml");
  };
  EXPECT_THAT(with("link.json"), ElementsAre(AllOf(HasSubstr("a.toml:7: body_file: "),
                                                   HasSubstr("leads out of the rules' folder"))));
  EXPECT_THAT(with("pipe.json"), ElementsAre(HasSubstr("is not a file")));
  EXPECT_THAT(with("none.json"), ElementsAre(HasSubstr("does not exist")));
  EXPECT_THAT(with("long.json"), ElementsAre(HasSubstr("is too long")));
}

TEST_F(RulesFile, TheHashTellsWhetherAnythingChanged) {
  write("a.toml", kFine);
  const auto hash = load_rules(rules()).value().hash;
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_EQ(load_rules(rules()).value().hash, hash);
  write("b.toml", "");
  const auto with_another = load_rules(rules()).value().hash;
  EXPECT_NE(with_another, hash);
  fs::rename(rules(), folder_ / "elsewhere");
  EXPECT_EQ(load_rules(folder_ / "elsewhere").value().hash, with_another) << "wherever it is";
  fs::rename(folder_ / "elsewhere", rules());
  EXPECT_EQ(load_rules(fs::relative(rules())).value().hash, with_another);
  fs::rename(rules() / "b.toml", rules() / "c.toml");
  EXPECT_NE(load_rules(rules()).value().hash, with_another);
  fs::remove(rules() / "c.toml");
  write("a.toml", std::string(kFine) + "#");
  EXPECT_NE(load_rules(rules()).value().hash, hash);
}

}  // namespace
}  // namespace walpulse::rules
