// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/usdt_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

#include "sensors/probe/registers.h"

namespace outrider {

namespace {

constexpr std::uint32_t kNoteType = 3;
constexpr std::string_view kOwner = "stapsdt";
// As many arguments as <sys/sdt.h> has macros for.
constexpr std::size_t kArgumentsMax = 12;
constexpr std::size_t kNotesMax = 100'000;

// Takes bytes off the front of a text; false, and nothing is taken, if there are not as many.
class Bytes {
 public:
  explicit Bytes(std::string_view rest) : rest_(rest) {}

  bool take(std::size_t count, std::string_view& out) {
    if (count > rest_.size()) return false;
    out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return true;
  }
  bool take_number(std::size_t size, std::uint64_t& number) {
    std::string_view bytes;
    number = 0;
    if (!take(size, bytes)) return false;
    std::memcpy(&number, bytes.data(), size);
    return true;
  }
  // Up to a NUL, which is taken, too.
  bool take_text(std::string_view& out) {
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) return false;
    out = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }
  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

bool parse_description(std::string_view text, std::size_t word, UsdtNote& note) {
  Bytes bytes(text);
  return bytes.take_number(word, note.address) && bytes.take_number(word, note.base) &&
         bytes.take_number(word, note.semaphore) && bytes.take_text(note.provider) &&
         bytes.take_text(note.name) && bytes.take_text(note.arguments) && note.address != 0;
}

// "-16(%rbp)", "(%rax)".
bool parse_memory(std::string_view text, wire_probe_capture& capture) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return false;
  const std::string_view offset = text.substr(0, open);
  std::int64_t number = 0;
  if (!offset.empty()) {
    const auto [end, error] = std::from_chars(offset.data(), offset.data() + offset.size(), number);
    if (error != std::errc() || end != offset.data() + offset.size()) return false;
  }
  const auto place = register_place(text.substr(open + 1, text.size() - open - 2));
  if (!place) return false;
  capture.how = WIRE_PROBE_MEMORY;
  capture.from = *place;
  capture.offset = number;
  return true;
}

bool parse_constant(std::string_view text, wire_probe_capture& capture) {
  if (text.empty()) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), capture.offset);
  capture.how = WIRE_PROBE_CONSTANT;
  return error == std::errc() && end == text.data() + text.size();
}

bool parse_operand(std::string_view text, wire_probe_capture& capture) {
#if defined(__x86_64__)
  if (text.starts_with('$')) return parse_constant(text.substr(1), capture);
  if (text.ends_with(')')) return parse_memory(text, capture);
#else
  // "[sp, 12]", "[x0]"
  if (text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
    const std::size_t comma = text.find(',');
    const auto place = register_place(text.substr(0, comma));
    if (!place) return false;
    wire_probe_capture offset{};
    if (comma != std::string_view::npos) {
      std::string_view number = text.substr(comma + 1);
      while (number.starts_with(' ')) number.remove_prefix(1);
      if (!parse_constant(number, offset)) return false;
    }
    capture.how = WIRE_PROBE_MEMORY;
    capture.from = *place;
    capture.offset = offset.offset;
    return true;
  }
  if (!text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'))) {
    return parse_constant(text, capture);
  }
#endif
  const auto place = register_place(text);
  if (!place) return false;
  capture.how = WIRE_PROBE_WORD;
  capture.from = *place;
  return true;
}

// "-4@%edi": a signed number of four bytes.
UsdtArgument parse_argument(std::string_view text) {
  UsdtArgument argument;
  argument.type.shape = ProbeShape::kUnknown;
  argument.type.declared = std::string(text);
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return argument;
  int size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + at, size);
  const int bytes = size < 0 ? -size : size;
  // With an 'f' behind it, it is a floating-point number.
  if (error != std::errc() || end != text.data() + at) return argument;
  if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) return argument;
  if (!parse_operand(text.substr(at + 1), argument.capture)) {
    argument.capture = {};
    return argument;
  }
  argument.capture.size = static_cast<wire_u16>(bytes);
  argument.type.size = static_cast<std::uint8_t>(bytes);
  argument.type.shape = size < 0 ? ProbeShape::kSigned : ProbeShape::kUnsigned;
  argument.type.declared = fmt::format("{} of {} bytes, at {}", size < 0 ? "signed" : "unsigned",
                                       bytes, text.substr(at + 1));
  return argument;
}

}  // namespace

std::vector<UsdtNote> parse_usdt_notes(std::string_view section, bool is_64, bool& whole) {
  std::vector<UsdtNote> notes;
  Bytes bytes(section);
  whole = true;
  while (!bytes.empty() && notes.size() < kNotesMax) {
    std::uint64_t name_size = 0, size = 0, type = 0;
    std::string_view owner, description;
    if (!bytes.take_number(4, name_size) || !bytes.take_number(4, size) ||
        !bytes.take_number(4, type) || !bytes.take(padded(name_size), owner) ||
        !bytes.take(padded(size), description)) {
      whole = false;
      break;
    }
    if (type != kNoteType || owner.substr(0, owner.find('\0')) != kOwner) continue;
    UsdtNote note;
    if (parse_description(description.substr(0, size), is_64 ? 8 : 4, note)) {
      notes.push_back(note);
    } else {
      whole = false;
    }
  }
  return notes;
}

std::vector<UsdtArgument> parse_usdt_arguments(std::string_view text) {
  std::vector<UsdtArgument> arguments;
  while (arguments.size() < kArgumentsMax) {
    // Operands may have a blank in them: "4@[sp, 12]".
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    std::size_t end = text.find(' ');
    if (const std::size_t bracket = text.find('['); bracket < end)
      end = text.find(' ', text.find(']'));
    arguments.push_back(parse_argument(text.substr(0, end)));
    text.remove_prefix(std::min(end, text.size()));
  }
  return arguments;
}

}  // namespace outrider
