#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "monitor/rules/mistake.h"

namespace walpulse::rules {

/// Tells of the mistakes of one file. Both, the name and the list, must outlive it.
class Reporter {
 public:
  Reporter(const std::string& file, MistakeList& mistakes) : file_(&file), mistakes_(&mistakes) {}

  void add(int line, std::string_view key, std::string what, std::string_view example) {
    mistakes_->add({*file_, line, std::string(key), std::move(what), std::string(example)});
  }

  /// More mistakes are counted only.
  bool is_full() const { return mistakes_->is_full(); }

 private:
  const std::string* file_;
  MistakeList* mistakes_;
};

}  // namespace walpulse::rules
