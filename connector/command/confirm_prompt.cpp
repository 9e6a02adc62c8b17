#include "connector/command/confirm_prompt.h"

#include <istream>
#include <ostream>

namespace walpulse::connector {

bool agreed(const Terminal& terminal, const std::string& deed, const std::string& question,
            const RemedyCommand& command) {
  if (!terminal.interactive) {
    terminal.err << "walpulse-connector: " << deed
                 << "; nobody can be asked here: " << command.text() << " --yes\n";
    return false;
  }
  terminal.out << question << "? This cannot be undone. Type yes: " << std::flush;
  std::string answer;
  std::getline(terminal.in, answer);
  if (answer == "yes") return true;
  terminal.err << "walpulse-connector: nothing was changed\n";
  return false;
}

}  // namespace walpulse::connector
