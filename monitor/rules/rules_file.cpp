#include "monitor/rules/rules_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "monitor/rules/content_hash.h"
#include "monitor/rules/includes.h"
#include "monitor/rules/route_reader.h"

namespace walpulse::rules {
namespace {

namespace fs = std::filesystem;

/// The names of the regular files of a folder that a pattern has, in order.
Result<std::vector<std::string>> names_in(const fs::path& folder, const Glob& pattern) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator each(folder, error), end; !error && each != end;
       each.increment(error)) {
    const std::string name = each->path().filename().string();
    if (!name.starts_with('.') && pattern.matches(name)) names.push_back(name);
  }
  if (error) return fail(ErrorKind::unavailable, "cannot be read: " + error.message());
  std::ranges::sort(names);
  return names;
}

class Loader {
 public:
  void load(const fs::path& path);
  RulesFiles finish() && { return {std::move(texts_), std::move(bodies_), std::move(mistakes_)}; }

 private:
  /// `name` as people call it, `path` where it is.
  bool take_file(const std::string& name, const fs::path& path, const Include* by,
                 const std::string& including);
  void take_includes(const std::string& name, const fs::path& folder, const std::string& text);
  void take_include(const Include& include, const std::string& including, const fs::path& folder);
  void take_bodies(const std::string& including, const fs::path& folder, const std::string& text);
  Result<std::string> text_of(const fs::path& path);
  void refuse(const std::string& file, int line, const std::string& key, const std::string& what) {
    mistakes_.push_back({file, line, key, what, ""});
  }

  fs::path root_;  ///< The folder, all links resolved.
  std::vector<RulesText> texts_;
  std::vector<BodyText> bodies_;
  std::set<fs::path> taken_;
  std::size_t bytes_ = 0;
  Mistakes mistakes_;
};

bool is_inside(const fs::path& folder, const fs::path& path) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

Result<std::string> Loader::text_of(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return fail(ErrorKind::rejected, "does not exist");
  }
  if (error) return fail(ErrorKind::unavailable, "cannot be read: " + error.message());
  if (!fs::is_regular_file(status)) return fail(ErrorKind::rejected, "is not a file");
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open()) return fail(ErrorKind::unavailable, "cannot be read");
  std::string text;
  std::array<char, 16'384> part{};
  do {
    in.read(part.data(), part.size());
    const auto count = static_cast<std::size_t>(in.gcount());
    bytes_ += count;
    if (bytes_ > kRulesBytesMax) {
      return fail(ErrorKind::rejected, "is too long: all rules files have 4 MiB together at most");
    }
    text.append(part.data(), count);
  } while (in);
  if (in.bad()) return fail(ErrorKind::unavailable, "cannot be read");
  return text;
}

bool Loader::take_file(const std::string& name, const fs::path& path, const Include* by,
                       const std::string& including) {
  const auto refuse_file = [&](const std::string& what) {
    if (by == nullptr) {
      refuse(name, 0, "", what);
    } else {
      refuse(including, by->line, "include", in_quotes(name) + " " + what);
    }
    return false;
  };
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  if (error) return refuse_file("cannot be read: " + error.message());
  if (!is_inside(root_, real)) return refuse_file("is a link that leads out of the rules' folder");
  if (!taken_.insert(real).second) return refuse_file("was read already: tables apply once");
  if (texts_.size() == kFilesMax) return refuse_file("is one of more than 1000 files");
  auto text = text_of(real);
  if (!text) return refuse_file(text.error().message);
  texts_.push_back({name, *std::move(text), by != nullptr,
                    by == nullptr ? std::vector<std::string>() : by->within});
  const std::string taken = texts_.back().text;
  take_bodies(name, path.parent_path(), taken);
  return true;
}

void Loader::take_bodies(const std::string& including, const fs::path& folder,
                         const std::string& text) {
  for (const std::string& file : body_files_of(text)) {
    const std::string name = (fs::path(including).parent_path() / file).string();
    if (std::ranges::find(bodies_, name, &BodyText::name) != bodies_.end()) continue;
    BodyText& body = bodies_.emplace_back(BodyText{name, "", ""});
    std::error_code error;
    const fs::path real = fs::weakly_canonical(folder / file, error);
    if (error) {
      body.trouble = "cannot be read: " + error.message();
    } else if (!is_inside(root_, real)) {
      body.trouble = "is a link that leads out of the rules' folder";
    } else if (bodies_.size() > kFilesMax) {
      body.trouble = "is one of more than 1000 files";
    } else if (auto read = text_of(real)) {
      body.text = *std::move(read);
    } else {
      body.trouble = read.error().message;
    }
  }
}

void Loader::take_include(const Include& include, const std::string& including,
                          const fs::path& folder) {
  for (const std::string& path : include.files) {
    const fs::path relative(path);
    const fs::path inside = folder / relative.parent_path();
    const fs::path named = fs::path(including).parent_path() / relative.parent_path();
    auto pattern = Glob::read(relative.filename().string());
    if (!pattern) continue;  // read_rules() tells
    if (path.find('*') == std::string::npos) {
      take_file((named / relative.filename()).string(), inside / relative.filename(), &include,
                including);
      continue;
    }
    const auto names = names_in(inside, *pattern);
    if (!names || names->empty()) {
      refuse(including, include.line, "include",
             in_quotes(path) + " " + (names ? "names no file" : names.error().message));
      continue;
    }
    for (const std::string& name : *names) {
      take_file((named / name).string(), inside / name, &include, including);
    }
  }
}

void Loader::take_includes(const std::string& name, const fs::path& folder,
                           const std::string& text) {
  for (const Include& include : includes_of(text)) take_include(include, name, folder);
}

void Loader::load(const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error) return refuse(path.string(), 0, "", "cannot be read: " + error.message());
  const auto glob = Glob::read("*.toml");
  std::vector<std::pair<std::string, fs::path>> files{{path.string(), real}};
  root_ = real.parent_path();
  if (fs::is_directory(real, error)) {
    root_ = real;
    files.clear();
    const auto names = names_in(real, *glob);
    if (!names) return refuse(path.string(), 0, "", names.error().message);
    if (names->empty()) return refuse(path.string(), 0, "", "has no file that ends in .toml");
    for (const std::string& name : *names) files.emplace_back((path / name).string(), real / name);
  }
  for (const auto& [name, file] : files) {
    if (!take_file(name, file, nullptr, "")) continue;
    const std::string text = texts_.back().text;
    take_includes(name, file.parent_path(), text);
  }
}

}  // namespace

RulesFiles read_files(const fs::path& path) {
  Loader loader;
  loader.load(path);
  return std::move(loader).finish();
}

tl::expected<LoadedRules, Mistakes> rules_in(const RulesFiles& files) {
  Mistakes mistakes = files.mistakes;
  auto rules = read_rules(files.texts, files.bodies);
  if (!rules) mistakes.insert(mistakes.end(), rules.error().begin(), rules.error().end());
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return LoadedRules{*std::move(rules), content_hash(files.texts, files.bodies)};
}

tl::expected<LoadedRules, Mistakes> load_rules(const fs::path& path) {
  return rules_in(read_files(path));
}

}  // namespace walpulse::rules
