// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/user_probe.h"

#include <cxxabi.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/module.h"
#include "base/nearest.h"
#include "sensors/probe/program_file.h"
#include "sensors/probe/registers.h"
#include "sensors/probe/usdt_notes.h"

namespace outrider {

namespace {

// Names that are longer are nobody's but a generator's, or an attacker's.
constexpr std::size_t kNameMax = 4096;
// Of these the nearest is looked for.
constexpr std::size_t kNearestMax = 50'000;
// Probes with one name whose arguments are at different places have a program each.
constexpr std::size_t kProgramsMax = 16;

std::string demangled(std::string_view name) {
  if (!name.starts_with("_Z") || name.size() > kNameMax) return {};
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(std::string(name).c_str(), nullptr, nullptr, &status), &std::free);
  return text ? std::string(text.get()) : std::string();
}

// "void ns::f<int>(int)" is called "ns::f<int>(int)" and "ns::f<int>".
bool is_called(std::string_view demangled, std::string_view wanted) {
  for (std::size_t at = demangled.find(wanted); at != std::string_view::npos;
       at = demangled.find(wanted, at + 1)) {
    const bool begins = at == 0 || demangled[at - 1] == ' ';
    const std::string_view rest = demangled.substr(at + wanted.size());
    if (begins && (rest.empty() || rest[0] == '(' || rest[0] == '[')) return true;
  }
  return false;
}

// What every mangled form of a name has in it: its last identifier.
std::string_view last_identifier(std::string_view name) {
  name = name.substr(0, name.find_first_of("(<"));
  const std::size_t colon = name.rfind(':');
  if (colon != std::string_view::npos) name.remove_prefix(colon + 1);
  if (name.starts_with('~')) name.remove_prefix(1);
  return name.starts_with("operator") ? std::string_view() : name;
}

std::optional<std::uint64_t> parse_address(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool is_hex = text.starts_with("0x");
  if (is_hex) text.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, is_hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::unexpected<Error> no_such_function(std::span<const ElfSymbol> functions,
                                        std::string_view name) {
  std::vector<std::string_view> known;
  std::vector<std::string> texts;
  texts.reserve(std::min(functions.size(), kNearestMax));
  for (const ElfSymbol& function : functions.first(std::min(functions.size(), kNearestMax))) {
    std::string text = demangled(function.name);
    text = text.substr(0, text.find('('));
    known.push_back(text.empty() ? function.name : texts.emplace_back(std::move(text)));
  }
  const std::string_view near = name.size() < 200 ? nearest(name, known) : std::string_view();
  return fail(functions.empty()
                  ? std::string("it has no names of functions; give an address, 0x1234")
                  : fmt::format("no function is called '{}'{}", name,
                                near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
              ExitCode::kBadInput);
}

// Those of that name, each place once.
Result<const ElfSymbol*> only_function(std::span<const ElfSymbol> functions,
                                       std::string_view name) {
  std::map<std::uint64_t, const ElfSymbol*> found;
  for (const ElfSymbol& function : functions) {
    if (function.name == name) found.emplace(function.address, &function);
  }
  if (found.empty()) {
    const std::string_view part = last_identifier(name);
    for (const ElfSymbol& function : functions) {
      if (function.name.find(part) == std::string_view::npos) continue;
      if (is_called(demangled(function.name), name)) found.emplace(function.address, &function);
    }
  }
  if (found.empty()) return no_such_function(functions, name);
  if (found.size() == 1) return found.begin()->second;
  std::vector<std::string> names;
  for (const auto& [address, function] : found) {
    if (names.size() == 8) break;
    const std::string text = demangled(function->name);
    names.push_back(fmt::format("0x{:x} ({})", address,
                                text.empty() ? function->name : std::string_view(text)));
  }
  return fail(fmt::format("{} functions are called '{}'; name one by its address: {}", found.size(),
                          name, fmt::join(names, ", ")),
              ExitCode::kBadInput);
}

ReadFunctionTypes dwarf_reader() {
  static const auto reader = [] {
    const auto symbol = load_module(kDwarfModule, kReadFunctionTypes);
    return symbol ? reinterpret_cast<ReadFunctionTypes>(*symbol) : ReadFunctionTypes{};
  }();
  return reader;
}

UserSite site_at(const FileDescriptor& file, std::uint64_t offset, std::uint64_t semaphore = 0) {
  return {.path = fmt::format("/proc/self/fd/{}", file.get()),
          .offset = offset,
          .semaphore = semaphore};
}

// Go moves its stacks, and finds a return address that it does not know.
std::string why_no_return(const ElfFile& elf) {
  if (!elf.has_section(".note.go.buildid") && !elf.has_section(".gopclntab")) return {};
  return "evt.res and evt.latency: a program in Go that is watched as its functions return crashes";
}

// 32-bit programs have all arguments on the stack.
void lay_out_32(ProbeDescription& description, ProbeProgram& program) {
  constexpr std::uint16_t kArguments = 6;
  constexpr std::uint8_t kWord = 4;
  description.result = {.size = kWord, .declared = "a register"};
  for (std::uint16_t i = 0; i < kArguments; ++i) {
    const auto place = static_cast<std::uint16_t>(i * sizeof(wire_probe_word));
    program.captures.push_back({.how = WIRE_PROBE_MEMORY,
                                .text = 0,
                                .size = kWord,
                                .place = place,
                                .from = stack_pointer_place(),
                                .offset = kWord * (i + 1)});
    description.arguments.push_back({.name = fmt::format("arg{}", i),
                                     .type = {.size = kWord, .declared = "a word of the stack"},
                                     .place = place});
  }
  description.data_size = kArguments * sizeof(wire_probe_word);
}

struct PathAndRest {
  std::string_view path;
  std::string_view rest;
};

// A path has no colon in it: what is behind it may.
PathAndRest split(std::string_view target) {
  const std::size_t colon = target.find(':');
  if (colon == std::string_view::npos) return {target, {}};
  return {target.substr(0, colon), target.substr(colon + 1)};
}

struct OpenedProgram {
  FileDescriptor file;
  ElfFile elf;
};

Result<OpenedProgram> open_program(std::string_view path) {
  auto file = open_program_file(path);
  if (!file) return std::unexpected(file.error());
  auto elf = ElfFile::open(file->get());
  if (!elf) return fail(fmt::format("{}: {}", path, elf.error().message), elf.error().code);
  return OpenedProgram{std::move(*file), std::move(*elf)};
}

}  // namespace

FunctionTypes unknown_types() {
  FunctionTypes types;
  types.result.declared = "a register";
  for (std::size_t i = 0; i < 6; ++i) {
    types.parameters.push_back({.name = {}, .type = {.declared = "a register"}});
  }
  return types;
}

Result<FunctionPlace> find_function(std::span<const ElfSymbol> functions, std::string_view name) {
  if (name.empty()) return fail("a function is missing", ExitCode::kBadInput);
  FunctionPlace place;
  std::string_view function = name;
  // "f+0x10"; but "operator+" has nothing behind it that is a number.
  if (const std::size_t plus = name.rfind('+'); plus != std::string_view::npos) {
    if (const auto offset = parse_address(name.substr(plus + 1))) {
      place.offset = *offset;
      function = name.substr(0, plus);
    }
  }
  if (function.starts_with("0x")) {
    const auto address = parse_address(function);
    if (!address) return fail(fmt::format("'{}' is no address", function), ExitCode::kBadInput);
    place.address = *address + place.offset;
    const bool begins =
        std::ranges::find(functions, place.address, &ElfSymbol::address) != functions.end();
    place.offset = begins || functions.empty() ? 0 : 1;
    return place;
  }
  const auto found = only_function(functions, function);
  if (!found) return std::unexpected(found.error());
  const ElfSymbol& symbol = **found;
  if (symbol.is_chosen) {
    return fail(fmt::format("'{}' is not the function but what chooses it when a program starts "
                            "(STT_GNU_IFUNC); name the one that this machine's processor takes",
                            function),
                ExitCode::kBadInput);
  }
  if (symbol.size != 0 && place.offset >= symbol.size) {
    return fail(fmt::format("'{}' has only {} bytes", function, symbol.size), ExitCode::kBadInput);
  }
  place.address = symbol.address + place.offset;
  return place;
}

void lay_out_arguments(const FunctionTypes& types, ProbeDescription& description,
                       ProbeProgram& program) {
  const auto registers = argument_places();
  std::size_t next = types.has_hidden_argument ? 1 : 0;
  std::int64_t stack = kStackArguments;
  std::uint16_t place = 0;
  bool is_clear = true;
  for (std::size_t i = 0; i < types.parameters.size(); ++i) {
    const FunctionParameter& parameter = types.parameters[i];
    ProbeArgument argument{
        .name = parameter.name.empty() ? fmt::format("arg{}", i) : parameter.name,
        .type = parameter.type};
    // Two may have one name, in C++ that of nothing.
    const bool is_twice = std::ranges::find(description.arguments, argument.name,
                                            &ProbeArgument::name) != description.arguments.end();
    if (is_twice) argument.name = fmt::format("arg{}", i);
    if (parameter.passed == PassedIn::kUnclear) is_clear = false;
    if (parameter.passed == PassedIn::kStack) {
      stack += (static_cast<std::int64_t>(parameter.size) + 7) / 8 * 8;
    }
    const bool is_text = parameter.type.shape == ProbeShape::kText;
    const auto room = static_cast<std::uint16_t>(is_text ? WIRE_PROBE_TEXT : 0);
    const bool fits = program.captures.size() < WIRE_PROBE_CAPTURES &&
                      place + sizeof(wire_probe_word) + room <= WIRE_PROBE_DATA;
    if (!is_clear || parameter.passed != PassedIn::kRegister || !fits) {
      argument.type.shape = ProbeShape::kUnknown;
      description.arguments.push_back(std::move(argument));
      continue;
    }
    wire_probe_capture capture{.how = WIRE_PROBE_WORD,
                               .text = static_cast<wire_u8>(is_text ? 1 : 0),
                               .size = static_cast<wire_u16>(is_text ? room : 8),
                               .place = place,
                               .from = 0,
                               .offset = 0};
    if (next < registers.size()) {
      capture.from = registers[next++];
    } else {
      capture.how = WIRE_PROBE_MEMORY;
      capture.from = stack_pointer_place();
      capture.offset = stack;
      stack += 8;
    }
    program.captures.push_back(capture);
    argument.place = place;
    argument.room = room;
    place = static_cast<std::uint16_t>(place + sizeof(wire_probe_word) + room);
    description.arguments.push_back(std::move(argument));
  }
  description.data_size = place;
  description.result = types.result;
}

Result<ProbeDescription> find_user_function(std::string_view target) {
  const auto [path, name] = split(target);
  if (path.empty() || name.empty()) {
    return fail(fmt::format("uprobe:{}: give uprobe:PATH:FUNCTION, such as uprobe:libc:getaddrinfo",
                            target),
                ExitCode::kBadInput);
  }
  auto opened = open_program(path);
  if (!opened) {
    return fail(fmt::format("uprobe:{}: {}", target, opened.error().message), opened.error().code);
  }
  const auto functions = opened->elf.functions();
  const auto place = find_function(functions, name);
  if (!place) {
    return fail(fmt::format("{}: {}", path, place.error().message), place.error().code);
  }
  const auto offset = opened->elf.offset_of(place->address, /*executable=*/true);
  if (!offset) {
    return fail(fmt::format("{}: no code is at 0x{:x}", path, place->address), ExitCode::kBadInput);
  }
  ProbeDescription description;
  description.target = fmt::format("uprobe:{}", target);
  description.doc = fmt::format("a function of {} is called", path);
  ProbeProgram program;
  FunctionTypes types;
  const bool begins = place->offset == 0;
  description.can_return = begins;
  description.why_no_return = why_no_return(opened->elf);
  if (!opened->elf.is_64()) {
    lay_out_32(description, program);
  } else {
    const ReadFunctionTypes read = begins ? dwarf_reader() : nullptr;
    if (read == nullptr || !read(opened->file.get(), place->address, types)) {
      types = unknown_types();
    }
    lay_out_arguments(types, description, program);
  }
  program.sites.emplace_back(site_at(opened->file, *offset));
  description.programs.push_back(std::move(program));
  description.file = std::move(opened->file);
  return description;
}

// ---- USDT

namespace {

struct ProbesOfProgram {
  std::vector<UsdtNote> notes;
  std::uint64_t base = 0;  // of .stapsdt.base; 0: it has none
};

ProbesOfProgram probes_of(const ElfFile& elf) {
  bool whole = true;
  ProbesOfProgram probes;
  probes.notes = parse_usdt_notes(elf.section(".note.stapsdt"), elf.is_64(), whole);
  std::ignore = elf.section(".stapsdt.base", &probes.base);
  return probes;
}

std::string name_of(const UsdtNote& note) { return fmt::format("{}:{}", note.provider, note.name); }

// All notes of one probe have as many arguments; what is captured of each may differ.
Result<void> add_site(const ElfFile& elf, const FileDescriptor& file, const UsdtNote& note,
                      std::uint64_t base, ProbeDescription& description,
                      std::map<std::string_view, std::size_t>& by_arguments) {
  // The linker, or prelink, may have moved the program since the note was written.
  const std::uint64_t moved = base != 0 ? base - note.base : 0;
  const auto offset = elf.offset_of(note.address + moved, /*executable=*/true);
  if (!offset) {
    return fail(fmt::format("no code is at 0x{:x}", note.address + moved), ExitCode::kBadInput);
  }
  std::uint64_t semaphore = 0;
  if (note.semaphore != 0) {
    const auto at = elf.offset_of(note.semaphore + moved, /*executable=*/false);
    if (!at) return fail("its semaphore is not in the file", ExitCode::kBadInput);
    semaphore = *at;
  }
  const auto [known, is_new] =
      by_arguments.try_emplace(note.arguments, description.programs.size());
  if (is_new) {
    if (by_arguments.size() > kProgramsMax) {
      return fail(fmt::format("its arguments are at more than {} different places", kProgramsMax));
    }
    ProbeProgram program;
    const auto arguments = parse_usdt_arguments(note.arguments);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const auto place = static_cast<std::uint16_t>(i * sizeof(wire_probe_word));
      wire_probe_capture capture = arguments[i].capture;
      // A capture that does nothing ends the list; a constant does as well.
      if (capture.how == WIRE_PROBE_NOTHING) capture.how = WIRE_PROBE_CONSTANT;
      capture.place = place;
      program.captures.push_back(capture);
      if (i >= description.arguments.size()) {
        description.arguments.push_back(
            {.name = fmt::format("arg{}", i), .type = arguments[i].type, .place = place});
      } else if (const ProbeType& other = arguments[i].type;
                 other.shape != description.arguments[i].type.shape ||
                 other.size != description.arguments[i].type.size) {
        // Not the same wherever the probe is.
        description.arguments[i].type.shape = ProbeShape::kUnknown;
      }
    }
    description.programs.push_back(std::move(program));
  }
  description.programs[known->second].sites.emplace_back(site_at(file, *offset, semaphore));
  return {};
}

}  // namespace

Result<std::vector<std::string>> list_usdt(std::string_view target) {
  const auto [path, rest] = split(target);
  const auto opened = open_program(path);
  if (!opened) return std::unexpected(opened.error());
  std::vector<std::string> lines;
  for (const UsdtNote& note : probes_of(opened->elf).notes) {
    if (name_of(note).starts_with(rest))
      lines.push_back(fmt::format("usdt:{}:{}", path, name_of(note)));
  }
  std::ranges::sort(lines);
  lines.erase(std::ranges::unique(lines).begin(), lines.end());
  // A whole name is no beginning.
  if (lines.size() == 1 && lines[0] == fmt::format("usdt:{}", target)) lines.clear();
  return lines;
}

Result<ProbeDescription> find_usdt(std::string_view target) {
  const auto [path, rest] = split(target);
  const auto [provider, name] = split(rest);
  if (path.empty() || provider.empty() || name.empty()) {
    return fail(fmt::format("usdt:{}: give usdt:PATH:PROVIDER:PROBE; 'outrider trace usdt:PATH "
                            "--help' lists those of a program",
                            target),
                ExitCode::kBadInput);
  }
  auto opened = open_program(path);
  if (!opened) {
    return fail(fmt::format("usdt:{}: {}", target, opened.error().message), opened.error().code);
  }
  const ProbesOfProgram probes = probes_of(opened->elf);
  ProbeDescription description;
  description.target = fmt::format("usdt:{}", target);
  description.doc = fmt::format("a probe of {} is passed", path);
  std::map<std::string_view, std::size_t> by_arguments;
  for (const UsdtNote& note : probes.notes) {
    if (note.provider != provider || note.name != name) continue;
    const auto added =
        add_site(opened->elf, opened->file, note, probes.base, description, by_arguments);
    if (!added) {
      return fail(fmt::format("usdt:{}: {}", target, added.error().message), added.error().code);
    }
  }
  if (description.programs.empty()) {
    if (probes.notes.empty()) {
      return fail(fmt::format("{} has no USDT probes", path), ExitCode::kBadInput);
    }
    std::vector<std::string> names;
    for (const UsdtNote& note : probes.notes) names.push_back(name_of(note));
    const std::vector<std::string_view> known(names.begin(), names.end());
    return fail(unknown_name(fmt::format("{} has no probe", path), rest, known,
                             fmt::format("outrider trace usdt:{} --help", path)),
                ExitCode::kBadInput);
  }
  description.data_size =
      static_cast<std::uint16_t>(description.arguments.size() * sizeof(wire_probe_word));
  description.file = std::move(opened->file);
  return description;
}

}  // namespace outrider
