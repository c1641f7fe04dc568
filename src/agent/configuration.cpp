// SPDX-License-Identifier: Apache-2.0
#include "agent/configuration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <optional>
#include <set>
#include <span>
#include <variant>

#include "base/nearest.h"
#include "base/yaml_documents.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

constexpr std::uintmax_t kFileMax = 1 << 20;  // bytes

using Member =
    std::variant<std::string Configuration::*, bool Configuration::*, double Configuration::*,
                 std::uint64_t Configuration::*, std::vector<std::string> Configuration::*>;

struct Range {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

struct Key {
  std::string_view section;  // empty: at the top
  std::string_view name;
  Member member;
  std::string_view doc;
  Range range = {};                               // of a number
  std::vector<std::string_view> (*words)() = {};  // what may be said, if not anything
};

std::vector<std::string_view> levels() { return {"debug", "info", "warn", "error"}; }

std::vector<std::string_view> matchings() { return {"first", "all"}; }
std::vector<std::string_view> alert_formats() { return {"json", "text"}; }

std::vector<std::string_view> kind_names() {
  std::vector<std::string_view> names;
  for (const EventDescriptor* kind : all_kinds()) names.push_back(kind->name);
  return names;
}

// One row for each key. In the order of the reference.
const std::vector<Key>& keys() {
  using C = Configuration;
  // clang-format off: a table
  static const std::vector<Key> kKeys = {
      {"", "run_directory", &C::run_directory, "where the sockets and the lock are"},
      {"", "observe_group", &C::observe_group, "who may connect to observe.sock besides root; \"\": nobody"},
      {"", "kinds", &C::kinds, "kinds of events that streams may ask for; none named: all", {}, kind_names},
      {"", "environment", &C::environment, "read the environment of programs, for proc.env"},
      {"metrics", "listen", &C::metrics_listen, "loopback address of /metrics, /healthz and /readyz; \"\": only on the sockets"},
      {"metrics", "kinds", &C::metrics_kinds, "kinds to count, besides exec and exit; each costs what it costs a stream", {}, kind_names},
      {"streams", "most", &C::most_streams, "streams at a time", {1, 10'000}},
      {"streams", "commands", &C::most_commands, "of these, such as need an engine of their own: syscalls and top", {1, 100}},
      {"streams", "buffer", &C::stream_buffer, "KiB for each stream that wait for its reader; what is more is lost to it", {64, 65'536}},
      {"streams", "memory", &C::stream_memory, "MiB for all of them together: the more streams, the less for each, but never under 64 KiB", {1, 65'536}},
      {"budget", "max_cpu", &C::max_cpu, "per cent of one CPU that agent and kernel programs may use; beyond it events are sampled, then kinds left out; 0: no limit", {0, 100'000}},
      {"rules", "files", &C::rules, "rule files, or directories of them, which are watched, such as /usr/share/outrider/policies; none: nothing is judged"},
      {"rules", "matching", &C::rule_matching, "of an event the first rule that holds alerts, or all do: first or all", {}, matchings},
      {"alerts", "format", &C::alert_format, "json or text, as Falco writes them", {}, alert_formats},
      {"alerts", "file", &C::alert_file, "where; \"\": standard output"},
      {"alerts", "file_size", &C::alert_file_size, "MiB, then it is put aside", {1, 10'000}},
      {"alerts", "files", &C::alert_files, "those put aside that are kept", {1, 1'000}},
      {"alerts", "syslog", &C::alert_syslog, "to syslog as well"},
      {"log", "level", &C::log_level, "the least of what is written: debug, info, warn or error", {}, levels},
      {"log", "file", &C::log_file, "where; \"\": standard error, which systemd keeps"},
      {"log", "file_size", &C::log_file_size, "MiB, then it is put aside", {1, 10'000}},
      {"log", "files", &C::log_files, "those put aside that are kept", {1, 1'000}},
  };
  // clang-format on
  return kKeys;
}

std::string path_of(const Key& key) {
  return key.section.empty() ? std::string(key.name) : fmt::format("{}.{}", key.section, key.name);
}

std::string one_of(std::span<const std::string_view> words) {
  constexpr std::size_t kMostShown = 8;
  if (words.size() > kMostShown) return "'outrider trace' lists them";
  return fmt::format("give {}", fmt::join(words, ", "));
}

// Reads a document into a configuration, and keeps what is wrong with it.
class Reader {
 public:
  Reader(std::string_view name, Configuration& configuration)
      : name_(name), configuration_(configuration) {}

  void read(const YAML::Node& root) {
    if (root.IsNull()) return;  // nothing but comments
    if (!root.IsMap()) {
      complain(root.Mark(), "keys and their values are expected, as in 'run_directory: /run'");
      return;
    }
    read_map(root, "");
  }

  void complain(const YAML::Mark& mark, std::string_view message) {
    errors_.push_back(fmt::format("{}:{}:{}: {}", name_, mark.line + 1, mark.column + 1, message));
  }
  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }

 private:
  void read_map(const YAML::Node& map, std::string_view section) {
    std::set<std::string> seen;
    for (const auto& entry : map) {
      const YAML::Mark mark = entry.first.Mark();
      if (!entry.first.IsScalar()) {
        complain(mark, "a key is a word");
        continue;
      }
      const std::string name = entry.first.Scalar();
      if (!seen.insert(name).second) {
        complain(mark, fmt::format("'{}' is there twice; leave one of the two out", name));
        continue;
      }
      read_entry(name, section, mark, entry.second);
    }
  }

  void read_entry(const std::string& name, std::string_view section, const YAML::Mark& mark,
                  const YAML::Node& value) {
    const auto key = std::ranges::find_if(
        keys(), [&](const Key& each) { return each.section == section && each.name == name; });
    if (key != keys().end()) {
      read_value(*key, value);
      return;
    }
    const bool is_section = section.empty() && std::ranges::any_of(keys(), [&](const Key& each) {
                              return each.section == name;
                            });
    if (!is_section) {
      complain(mark, unknown_key(name, section));
    } else if (value.IsMap()) {
      read_map(value, name);
    } else if (!value.IsNull()) {
      complain(value.Mark(), fmt::format("{}: keys are expected below it, each in a line of its "
                                         "own with blanks before it",
                                         name));
    }
  }

  static std::string unknown_key(const std::string& name, std::string_view section) {
    std::set<std::string_view> known;
    for (const Key& each : keys()) {
      if (each.section == section) known.insert(each.name);
      if (section.empty() && !each.section.empty()) known.insert(each.section);
    }
    const std::vector<std::string_view> names(known.begin(), known.end());
    const auto prefix =
        section.empty() ? std::string("no key") : fmt::format("{}: no key", section);
    return unknown_name(prefix, name, names, "outrider agent --print-config");
  }

  void read_value(const Key& key, const YAML::Node& value) {
    std::visit([&](auto member) { read_member(key, value, configuration_.*member); }, key.member);
  }

  void read_member(const Key& key, const YAML::Node& value, std::string& text) {
    if (!value.IsScalar()) {
      complain(value.Mark(), fmt::format("{}: a text is expected", path_of(key)));
      return;
    }
    if (is_word(key, value)) text = value.Scalar();
  }

  void read_member(const Key& key, const YAML::Node& value, bool& flag) {
    const std::string text = value.IsScalar() ? value.Scalar() : "";
    if (text != "true" && text != "false") {
      complain(value.Mark(), fmt::format("{}: true or false is expected", path_of(key)));
      return;
    }
    flag = text == "true";
  }

  void read_member(const Key& key, const YAML::Node& value, double& number) {
    read_number(key, value, number, "%");
  }

  void read_member(const Key& key, const YAML::Node& value, std::uint64_t& number) {
    read_number(key, value, number, "");
  }

  // `unit` may stand behind it.
  template <typename Number>
  void read_number(const Key& key, const YAML::Node& value, Number& number, std::string_view unit) {
    std::string text = value.IsScalar() ? value.Scalar() : "";
    if (!unit.empty() && text.ends_with(unit)) text.resize(text.size() - unit.size());
    Number read = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, read);
    const bool fits = parsed.ec == std::errc() && parsed.ptr == end &&
                      read >= static_cast<Number>(key.range.least) &&
                      read <= static_cast<Number>(key.range.most);
    if (!fits) {
      complain(value.Mark(), fmt::format("{}: a number from {} to {} is expected", path_of(key),
                                         key.range.least, key.range.most));
      return;
    }
    number = read;
  }

  void read_member(const Key& key, const YAML::Node& value, std::vector<std::string>& list) {
    list.clear();
    if (value.IsNull()) return;
    if (!value.IsSequence()) {
      complain(value.Mark(),
               fmt::format("{}: a list is expected, as in [exec, open]", path_of(key)));
      return;
    }
    for (const YAML::Node& each : value) {
      if (!each.IsScalar()) {
        complain(each.Mark(), fmt::format("{}: a word is expected", path_of(key)));
      } else if (is_word(key, each)) {
        list.push_back(each.Scalar());
      }
    }
  }

  bool is_word(const Key& key, const YAML::Node& value) {
    if (key.words == nullptr) return true;
    const std::vector<std::string_view> words = key.words();
    const std::string& text = value.Scalar();
    if (std::ranges::find(words, text) != words.end()) return true;
    const std::string_view near = nearest(text, words);
    complain(value.Mark(),
             fmt::format("{}: not '{}'{}; {}", path_of(key), text,
                         near.empty() ? "" : fmt::format(", but maybe '{}'", near), one_of(words)));
    return false;
  }

  std::string_view name_;
  Configuration& configuration_;
  std::vector<std::string> errors_;
};

std::string shown(const Configuration& configuration, const Key& key) {
  return std::visit(
      [&](auto member) {
        const auto& value = configuration.*member;
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
          return fmt::format("[{}]", fmt::join(value, ", "));
        } else if constexpr (std::is_same_v<Value, std::string>) {
          return value.empty() ? std::string("\"\"") : value;
        } else {
          return fmt::format("{}", value);
        }
      },
      key.member);
}

}  // namespace

Result<Configuration> parse_configuration(const std::string& text, std::string_view name) {
  Configuration configuration;
  Reader reader(name, configuration);
  try {
    if (const auto second = second_yaml_document(text)) {
      reader.complain(*second, "a second document; one is expected, without '---'");
    }
    reader.read(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    reader.complain(error.mark, fmt::format("no YAML: {}", error.msg));
  }
  if (reader.errors().empty()) return configuration;
  return fail(fmt::format("{}", fmt::join(reader.errors(), "\n")), ExitCode::kBadInput);
}

Result<Configuration> read_configuration(const std::string& path, bool required) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (errno == ENOENT && !required) return Configuration{};
    const auto error = fail_errno(fmt::format("read {}", path), errno == 0 ? EIO : errno);
    return fail(error.error().message, ExitCode::kBadInput);
  }
  std::string text(kFileMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail(fmt::format("read {}: it cannot be read", path), ExitCode::kBadInput);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kFileMax) {
    return fail(fmt::format("{}: larger than a MiB; is it what was meant?", path),
                ExitCode::kBadInput);
  }
  return parse_configuration(text, path);
}

std::string configuration_reference() {
  std::string text = fmt::format(
      "# What the agent is told; as it is here, it says what holds without it.\n"
      "# Read at start and at SIGHUP from {}.\n",
      kConfigurationPath);
  const Configuration defaults;
  std::string_view section;
  for (const Key& key : keys()) {
    if (key.section != section) text += fmt::format("\n{}:\n", section = key.section);
    const std::string_view indent = section.empty() ? "" : "  ";
    text +=
        fmt::format("{}# {}\n{}{}: {}\n", indent, key.doc, indent, key.name, shown(defaults, key));
  }
  return text;
}

}  // namespace outrider
