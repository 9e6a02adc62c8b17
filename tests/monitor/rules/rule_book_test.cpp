#include "monitor/rules/rule_book.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace walpulse::rules {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Look = RuleBook::Look;
using Patience = RuleBook::Patience;

std::string of_severity(const std::string& severity) {
  return "[[pipeline]]\nseverity = \"" + severity + "\"\n";
}

class RuleBookTest : public ::testing::Test {
 protected:
  RuleBookTest() {
    std::string name = (fs::temp_directory_path() / "walpulse-book-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    write(of_severity("page"));
  }
  ~RuleBookTest() override { fs::remove_all(folder_); }

  void write(const std::string& text, const std::string& name = "rules.toml") const {
    std::ofstream(folder_ / name) << text;
  }
  fs::path file() const { return folder_ / "rules.toml"; }
  std::unique_ptr<RuleBook> open(const fs::path& path) const {
    auto opened = RuleBook::open(path);
    EXPECT_TRUE(opened) << (opened ? "" : to_string(opened.error().front()));
    return opened ? *std::move(opened) : nullptr;
  }
  static Severity severity(const RuleBook& book) {
    return policy_of(*book.in_force().rules, {"x", {}, {}, {}}).severity.value;
  }

  fs::path folder_;
};

TEST_F(RuleBookTest, HasTheDefaultsWithoutAFile) {
  RuleBook book;
  EXPECT_EQ(severity(book), Severity::notify);
  EXPECT_EQ(book.in_force().hash, "");
  EXPECT_EQ(book.look(Patience::none), Look::same);
  EXPECT_THAT(book.mistakes(), IsEmpty());
}

TEST_F(RuleBookTest, DoesNotOpenWhatIsNotInOrder) {
  write("[[pipeline]]\nseverity = 1\nfail_after = 0\n");
  const auto opened = RuleBook::open(file());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().size(), 2u);
  write("[[expect]]\npipeline = \"x\"\nseverity = \"page\"\n");
  const auto unmet = RuleBook::open(file());
  ASSERT_FALSE(unmet);
  EXPECT_THAT(to_string(unmet.error().front()),
              HasSubstr("severity is notify (default), expected"));
  EXPECT_FALSE(RuleBook::open(folder_ / "none.toml"));
}

TEST_F(RuleBookTest, TakesWhatStaysForTwoLooks) {
  const auto book = open(file());
  const auto before = book->in_force();
  EXPECT_EQ(book->look(Patience::until_they_stay), Look::same);
  write(of_severity("record"));
  EXPECT_EQ(book->look(Patience::until_they_stay), Look::changing);
  EXPECT_EQ(severity(*book), Severity::page);
  write(of_severity("notify"));
  EXPECT_EQ(book->look(Patience::until_they_stay), Look::changing);
  EXPECT_EQ(book->look(Patience::until_they_stay), Look::taken);
  EXPECT_EQ(severity(*book), Severity::notify);
  EXPECT_NE(book->in_force().hash, before.hash);
  EXPECT_EQ(before.rules->table_count, 1u) << "what somebody holds stays";
  EXPECT_EQ(book->look(Patience::until_they_stay), Look::same);
}

TEST_F(RuleBookTest, AChangeThatIsTakenBackInTimeIsNone) {
  const auto book = open(file());
  write("");
  EXPECT_EQ(book->look(Patience::until_they_stay), Look::changing);
  write(of_severity("page"));
  EXPECT_EQ(book->look(Patience::until_they_stay), Look::same);
  write("");
  EXPECT_EQ(book->look(Patience::until_they_stay), Look::changing) << "seen once only";
}

TEST_F(RuleBookTest, TakesAtOnceWhereItIsTold) {
  const auto book = open(file());
  write(of_severity("record"));
  EXPECT_EQ(book->look(Patience::none), Look::taken);
  EXPECT_EQ(severity(*book), Severity::record);
}

TEST_F(RuleBookTest, KeepsWhatWasInForceWhileTheFileIsBrokenAndTellsOnce) {
  const auto book = open(file());
  const std::string hash = book->in_force().hash;
  write("[[pipeline]\n");
  EXPECT_EQ(book->look(Patience::none), Look::broken);
  EXPECT_EQ(book->look(Patience::none), Look::same);
  EXPECT_EQ(book->look(Patience::until_they_stay), Look::same);
  EXPECT_EQ(severity(*book), Severity::page);
  EXPECT_EQ(book->in_force().hash, hash);
  EXPECT_THAT(to_string(book->mistakes().front()), HasSubstr("is not TOML"));
  write("[[pipeline]\n\n");
  EXPECT_EQ(book->look(Patience::none), Look::broken) << "another one";
  write(of_severity("page"));
  EXPECT_EQ(book->look(Patience::none), Look::restored);
  EXPECT_THAT(book->mistakes(), IsEmpty());
  write("[[pipeline]\n");
  EXPECT_EQ(book->look(Patience::none), Look::broken) << "told again after it was mended";
}

TEST_F(RuleBookTest, OutlivesAFileThatIsGone) {
  const auto book = open(file());
  fs::remove(file());
  EXPECT_EQ(book->look(Patience::none), Look::broken);
  EXPECT_EQ(book->look(Patience::none), Look::same);
  fs::remove(folder_);
  EXPECT_EQ(book->look(Patience::none), Look::same) << "gone is gone";
  fs::create_directories(file());
  EXPECT_EQ(book->look(Patience::none), Look::broken);
  EXPECT_EQ(severity(*book), Severity::page);
  fs::remove(file());
  write(of_severity("page"));
  EXPECT_EQ(book->look(Patience::none), Look::restored);
}

TEST_F(RuleBookTest, FollowsAFolder) {
  write(of_severity("record"), "z.toml");
  const auto book = open(folder_);
  EXPECT_EQ(severity(*book), Severity::record);
  fs::remove(folder_ / "z.toml");
  EXPECT_EQ(book->look(Patience::none), Look::taken);
  EXPECT_EQ(severity(*book), Severity::page);
  fs::remove(file());
  EXPECT_EQ(book->look(Patience::none), Look::broken) << "no rules are not empty rules";
  EXPECT_EQ(severity(*book), Severity::page);
}

TEST_F(RuleBookTest, WhoIsToldStaysWhileTheFileOrABodyIsBroken) {
  const std::string good = R"([channel.a]
type = "log"
[channel.m]
type = "webhook"
url_env = "X"
[[after]]
is = "failed"
call = "m"
body_file = "b.json"
)";
  write(good);
  write("{}", "b.json");
  const auto book = open(file());
  const std::string hash = book->in_force().hash;
  const auto still = [&](const std::string& what) {
    EXPECT_EQ(book->look(Patience::none), Look::broken) << what;
    EXPECT_EQ(book->in_force().hash, hash) << what;
    EXPECT_EQ(book->in_force().rules->notifies.size(), 1u) << what;
    EXPECT_FALSE(book->mistakes().empty()) << what;
  };
  write(good + "[channel.b]\ntype = \"slack\"\ntoken = \"x\"\n");
  still("a secret in clear");
  write(good + "[[notify]]\nto = \"gone\"\n");
  still("a channel that is not there");
  write(good);
  write("{", "b.json");
  still("a body that is no JSON");
  fs::remove(folder_ / "b.json");
  still("a body that is gone");
  write("{}", "b.json");
  EXPECT_EQ(book->look(Patience::none), Look::restored);
  write("[]", "b.json");
  EXPECT_EQ(book->look(Patience::none), Look::taken);
}

TEST_F(RuleBookTest, FollowsTheLinksOfAConfigMap) {
  const auto version = [&](const std::string& name, const std::string& severity_of_it) {
    fs::create_directories(folder_ / "mount" / name);
    write(of_severity(severity_of_it), "mount/" + name + "/rules.toml");
    fs::create_directory_symlink(name, folder_ / "mount" / "..new");
    fs::rename(folder_ / "mount" / "..new", folder_ / "mount" / "..data");
  };
  version("..1", "page");
  fs::create_symlink("..data/rules.toml", folder_ / "mount" / "rules.toml");
  const auto book = open(folder_ / "mount");
  const auto of_file = open(folder_ / "mount" / "rules.toml");
  version("..2", "record");
  fs::remove_all(folder_ / "mount" / "..1");
  EXPECT_EQ(book->look(Patience::none), Look::taken);
  EXPECT_EQ(severity(*book), Severity::record);
  EXPECT_EQ(of_file->look(Patience::none), Look::taken);
  EXPECT_EQ(severity(*of_file), Severity::record);
}

TEST_F(RuleBookTest, IsReadByOthersWhileItChanges) {
  const auto book = open(file());
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      const auto [rules, hash] = book->in_force();
      ASSERT_EQ(rules->table_count, 1u);
      ASSERT_EQ(hash.size(), 64u);
      book->mistakes();
    }
  });
  for (int i = 0; i < 100; ++i) {
    write(of_severity(i % 2 == 0 ? "record" : "page") + "#" + std::to_string(i));
    EXPECT_EQ(book->look(Patience::none), Look::taken);
  }
  done = true;
  reader.join();
}

}  // namespace
}  // namespace walpulse::rules
