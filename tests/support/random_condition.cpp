// SPDX-License-Identifier: Apache-2.0
#include "support/random_condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string_view>

#include "language/expression.h"
#include "language/lexer.h"
#include "support/random_values.h"

namespace outrider::test {

namespace {

// What the kernel can decide, and what rules ask for: where mistakes would hurt.
constexpr std::string_view kFavourites[] = {
    "evt.kind",      "evt.type",       "evt.res",      "evt.rawres",     "evt.arg.flags",
    "proc.name",     "proc.pid",       "thread.tid",   "proc.ppid",      "user.uid",
    "user.loginuid", "group.gid",      "cgroup.id",    "fd.name",        "fd.nameraw",
    "fd.realpath",   "fs.path.source", "container.id", "container.name", "k8s.pod.name",
};
constexpr int kFavour = 3;

// Values of texts that are neither names of programs nor paths.
constexpr std::string_view kResults[] = {"SUCCESS", "ENOENT",      "EACCES", "EPERM",  "EEXIST",
                                         "EINVAL",  "ERESTARTSYS", "E4096",  "success"};
constexpr std::string_view kKinds[] = {"open",  "mkdir", "unlink", "rename", "symlink",
                                       "chmod", "exec",  "exit",   "fork",   "ope"};
constexpr std::string_view kCalls[] = {"openat", "open",     "creat",  "openat2", "unlinkat",
                                       "mkdir",  "renameat", "fchmod", "execve",  "nosuchcall"};
constexpr std::string_view kWordSizes[] = {"64", "32", "6"};
constexpr std::string_view kVias[] = {"io_uring", "io"};
constexpr std::string_view kLookups[] = {"kernel", "lookup", "k"};
constexpr std::string_view kDevices[] = {"8:1", "0:0", "8:"};
constexpr std::string_view kSignals[] = {"SIGKILL", "SIGSEGV", "SIG"};

constexpr std::string_view kAddresses[] = {"127.0.0.1", "127.0.0.0/8",    "0.0.0.0",
                                           "10.0.0.7",  "10.0.0.0/8",     "::1",
                                           "::/0",      "::ffff:10.0.0.7"};

constexpr std::string_view kFrames[] = {"0x401000", "0x401001", "0xffffffff81000000", "0x4"};
constexpr std::string_view kCapabilities[] = {"", "CAP_CHOWN", "CAP_CHOWN CAP_NET_RAW",
                                              "CAP_SYS_ADMIN"};

constexpr std::string_view kMounts[] = {"/etc:/etc:bind:true", "/etc:"};
constexpr std::string_view kMountTypes[] = {"bind", "b"};
constexpr std::string_view kTruths[] = {"true", "false"};

constexpr std::string_view kPassedNumbers[] = {"3", "0", "4"};
constexpr std::string_view kPassedNames[] = {"/etc/hosts", "pipe:[7]"};

struct Pool {
  std::string_view field;
  std::span<const std::string_view> values;
};
constexpr Pool kPools[] = {
    {"evt.res", kResults},
    {"evt.kind", kKinds},
    {"evt.type", kCalls},
    {"evt.abi", kWordSizes},
    {"evt.via", kVias},
    {"fd.realpath_by", kLookups},
    {"fd.dev", kDevices},
    {"evt.arg.signal", kSignals},
    {"evt.stack.user", kFrames},
    {"evt.stack.kernel", kFrames},
    {"thread.cap_effective", kCapabilities},
    {"thread.cap_permitted", kCapabilities},
    {"thread.cap_inheritable", kCapabilities},
    {"container.mount", kMounts},
    {"container.mount.mode", kMountTypes},
    {"container.mount.rdwr", kTruths},
    {"evt.arg.fds", kPassedNumbers},
    {"evt.arg.names", kPassedNames},
};

constexpr std::string_view kFlags[] = {
    "O_RDONLY",    "O_WRONLY",         "O_RDWR",          "O_ACCMODE",
    "O_CREAT",     "O_TRUNC",          "O_EXCL",          "O_CLOEXEC",
    "O_APPEND",    "O_SYNC",           "O_DSYNC",         "O_TMPFILE",
    "O_DIRECTORY", "AT_REMOVEDIR",     "AT_EMPTY_PATH",   "AT_SYMLINK_NOFOLLOW",
    "0",           "RENAME_NOREPLACE", "RENAME_EXCHANGE", "0x40000000",
};
constexpr std::string_view kModeNames[] = {"S_ISUID", "S_IWOTH", "S_IRWXU", "S_ISUID|S_ISGID"};
constexpr std::string_view kUnits[] = {"ns", "us", "ms", "s", "m"};
constexpr std::string_view kPartsOfFlags[] = {"creat", "O_", "TRUNC", "|", ""};

constexpr Operator kNumberOperators[] = {
    Operator::kEqual,       Operator::kNotEqual,   Operator::kLess,
    Operator::kLessOrEqual, Operator::kGreater,    Operator::kGreaterOrEqual,
    Operator::kIn,          Operator::kIntersects, Operator::kExists,
};
constexpr Operator kAddressOperators[] = {Operator::kEqual, Operator::kNotEqual, Operator::kIn,
                                          Operator::kIntersects, Operator::kExists};
constexpr Operator kAddressTextOperators[] = {Operator::kStartsWith, Operator::kEndsWith,
                                              Operator::kContains, Operator::kGlob,
                                              Operator::kRegex};
constexpr Operator kListOperators[] = {Operator::kIn, Operator::kIntersects, Operator::kExists};
constexpr Operator kFlagsOperators[] = {
    Operator::kContains,  Operator::kEqual,      Operator::kNotEqual,    Operator::kIContains,
    Operator::kIn,        Operator::kIntersects, Operator::kStartsWith,  Operator::kEndsWith,
    Operator::kBContains, Operator::kGlob,       Operator::kBStartsWith, Operator::kIGlob,
    Operator::kRegex,     Operator::kPMatch,     Operator::kExists,
};
constexpr Operator kTextOperators[] = {
    Operator::kEqual,       Operator::kNotEqual,    Operator::kStartsWith,     Operator::kEndsWith,
    Operator::kContains,    Operator::kIn,          Operator::kIContains,      Operator::kBContains,
    Operator::kGlob,        Operator::kBStartsWith, Operator::kIGlob,          Operator::kRegex,
    Operator::kPMatch,      Operator::kIntersects,  Operator::kExists,         Operator::kLess,
    Operator::kLessOrEqual, Operator::kGreater,     Operator::kGreaterOrEqual,
};

constexpr Modifier kModifiers[] = {Modifier::kAnyOf, Modifier::kOneOf, Modifier::kAllOf};

bool is_ordering(Operator op) {
  return op == Operator::kLess || op == Operator::kLessOrEqual || op == Operator::kGreater ||
         op == Operator::kGreaterOrEqual;
}

bool needs_literal(Operator op) {
  switch (op) {
    case Operator::kBContains:
    case Operator::kBStartsWith:
    case Operator::kGlob:
    case Operator::kIGlob:
    case Operator::kRegex:
    case Operator::kPMatch:
      return true;
    default:
      return false;
  }
}

const OperatorRow& row_of(Operator op) {
  return *std::ranges::find(kOperators, op, &OperatorRow::op);
}

ValueClass class_of_field(const Field& field) {
  if (field.extras.flags) return ValueClass::kFlags;
  return class_of(field.type);
}

// A field of which any item may match, if its index is left out.
bool may_be_list(const Field& field) {
  return field.extras.argument == ArgumentUse::kOptionalIndex ||
         field.extras.argument == ArgumentUse::kOptionalText || is_any_of(field.type);
}

// The left side of a comparison: what the checker will find out about it.
struct Left {
  std::string text = {};
  ValueClass value_class = ValueClass::kText;
  FieldType type = FieldType::kText;
  const Field* field = nullptr;  // nullptr: a transformer
  std::string_view like = {};    // the field whose values it has
};

}  // namespace

// One condition.
class ConditionText {
 public:
  ConditionText(const RandomConditions& of, Choices& choices) : of_(of), choices_(choices) {}

  std::string whole() {
    atoms_ = 1 + choices_.below(of_.options_.atoms);
    node(of_.options_.depth);
    return std::move(out_);
  }

 private:
  // --- The tree

  void node(int depth) {
    if (depth == 0 || atoms_ <= 1) return negations(depth);
    switch (choices_.below(8)) {
      case 0:
        return negations(depth);
      case 1:
        out_ += "not ";
        return in_parentheses(depth - 1);
      case 2:
      case 3:
      case 4:
        return chain(" and ", depth - 1);
      default:
        return chain(" or ", depth - 1);
    }
  }

  // An atom, perhaps negated, perhaps twice.
  void negations(int depth) {
    if (depth > 0 && choices_.once_in(5)) out_ += "not ";
    if (depth > 1 && choices_.once_in(20)) out_ += "not ";
    if (atoms_ != 0) --atoms_;
    comparison();
  }

  void chain(std::string_view between, int depth) {
    const std::uint64_t children = 2 + choices_.below(3);
    for (std::uint64_t i = 0; i < children; ++i) {
      if (i != 0 && atoms_ == 0) return;
      if (i != 0) out_ += between;
      // Without parentheses it means something else, but still something.
      if (choices_.once_in(4)) {
        node(depth);
      } else {
        in_parentheses(depth);
      }
    }
  }

  void in_parentheses(int depth) {
    out_ += '(';
    node(depth);
    out_ += ')';
  }

  // --- Comparisons

  void comparison() {
    const Left left = choices_.once_in(8) ? transformed() : field_of(choices_.one_of(of_.fields_));
    const Operator op = operator_for(left);
    out_ += left.text;
    out_ += ' ';
    const OperatorRow& row = row_of(op);
    out_ += op == Operator::kEqual && choices_.once_in(4) ? "==" : row.spelling;
    if (row.right == RightSide::kNothing) return;
    out_ += ' ';
    const bool texts_in_order = left.value_class != ValueClass::kNumber && is_ordering(op);
    if (texts_in_order || (!needs_literal(op) && choices_.once_in(10))) return right_term(left, op);
    const bool list = row.right == RightSide::kList;
    if (row.modifiable && choices_.once_in(5)) {
      out_ += spelling_of(choices_.one_of(kModifiers));
      out_ += ' ';
      return literals(left, op);
    }
    if (list) return literals(left, op);
    literal(left, op);
  }

  Operator operator_for(const Left& left) {
    switch (left.value_class) {
      case ValueClass::kNumber:
        if (left.type == FieldType::kOctal && choices_.once_in(4)) return Operator::kContains;
        return choices_.one_of(kNumberOperators);
      case ValueClass::kList:
        return choices_.one_of(kListOperators);
      case ValueClass::kFlags:
        return choices_.one_of(kFlagsOperators);
      case ValueClass::kAddress:
        return choices_.one_of(choices_.once_in(4) ? kAddressTextOperators : kAddressOperators);
      case ValueClass::kText:
        break;
    }
    // Texts are ordered rarely: only those of two fields can be.
    const Operator op = choices_.one_of(kTextOperators);
    return is_ordering(op) && !choices_.once_in(4) ? Operator::kEqual : op;
  }

  // --- What is read

  const Field* some(ValueClass value_class) {
    const auto& fields = of_.by_class_[static_cast<std::size_t>(value_class)];
    return fields.empty() ? nullptr : choices_.one_of(fields);
  }

  Left field_of(const Field* field) {
    Left left{.text = std::string(field->name),
              .value_class = class_of_field(*field),
              .type = field->type,
              .field = field,
              .like = field->name};
    switch (field->extras.argument) {
      case ArgumentUse::kNone: {
        // evt.arg[flags] is evt.arg.flags.
        const std::size_t dot = field->name.rfind('.');
        if (field->name.starts_with("evt.arg.") && choices_.once_in(8)) {
          left.text =
              fmt::format("{}[{}]", field->name.substr(0, dot), field->name.substr(dot + 1));
        }
        break;
      }
      case ArgumentUse::kOptionalIndex:
        if (!choices_.once_in(2)) left.text += fmt::format("[{}]", choices_.below(4));
        break;
      case ArgumentUse::kNameOrPlace: {
        // A name may be a field of its own, of another type: evt.arg[flags] is evt.arg.flags.
        const std::uint64_t place = choices_.below(6);
        left.text = fmt::format("{}[{}]", field->name, place);
        if (field->extras.argument_names.empty() || choices_.once_in(2)) break;
        const std::string_view name = choices_.one_of(field->extras.argument_names);
        if (of_.catalog_->find(fmt::format("{}.{}", field->name, name)) != nullptr) break;
        left.text = fmt::format("{}[{}]", field->name, name);
        break;
      }
      case ArgumentUse::kOptionalText:
        if (!choices_.once_in(2)) left.text += "[PATH]";
        break;
      case ArgumentUse::kRequiredText:
        if (field->name.starts_with("container.mount")) {
          left.text += choices_.once_in(2) ? "[0]" : "[/*]";
          break;
        }
        left.text += choices_.once_in(2) ? "[PATH]" : "[HOME]";
        break;
    }
    return left;
  }

  // The text of a field that is one text, whatever it is read with.
  std::string one_text() {
    const bool flags = choices_.once_in(8);
    const Field* field = some(flags ? ValueClass::kFlags : ValueClass::kText);
    if (field == nullptr) field = some(ValueClass::kText);
    if (field == nullptr) return "''";
    return field_of(field).text;
  }

  Left transformed() {
    const Field* text = some(ValueClass::kText);
    const Field* list = some(ValueClass::kList);
    if (text == nullptr) return field_of(of_.fields_.front());
    const Left inside = field_of(text);
    Left left{.value_class = ValueClass::kText, .type = inside.type, .like = inside.like};
    switch (choices_.below(list != nullptr ? 9 : 6)) {
      case 0:
        left.text = fmt::format("tolower({})", inside.text);
        return left;
      case 1:
        left.text = fmt::format("toupper({})", inside.text);
        return left;
      case 2:
        left.text = fmt::format("basename({})", inside.text);
        return left;
      case 3:
        left.text = fmt::format("b64({})", inside.text);
        return left;
      case 4:
        left.text = fmt::format("len({})", inside.text);
        left.value_class = ValueClass::kNumber;
        left.type = FieldType::kUnsigned;
        return left;
      case 5: {
        const std::string other = one_text();
        left.text = fmt::format("concat({}, \"/\", {})", inside.text, other);
        left.type = FieldType::kText;
        return left;
      }
      case 6:
        left.text = fmt::format("join(\" \", {})", list->name);
        left.type = FieldType::kText;
        left.like = "proc.cmdline";
        return left;
      case 7:
        left.text = fmt::format("getopt({}, \"c:x\")", list->name);
        left.value_class = ValueClass::kList;
        left.type = FieldType::kTextList;
        return left;
      default:
        left.text = fmt::format("getopt({}, \"c:x\")[c]", list->name);
        left.type = FieldType::kText;
        return left;
    }
  }

  void right_term(const Left& left, Operator op) {
    if (left.value_class == ValueClass::kNumber) {
      const Field* field = choices_.once_in(4) ? nullptr : some(ValueClass::kNumber);
      out_ += field != nullptr ? fmt::format("val({})", field_of(field).text)
                               : fmt::format("len({})", one_text());
      return;
    }
    if (row_of(op).right == RightSide::kList && choices_.once_in(2)) {
      if (const Field* field = some(ValueClass::kList)) {
        out_ += fmt::format("val({})", field->name);
        return;
      }
    }
    const std::string text = one_text();
    out_ += choices_.once_in(4) ? fmt::format("tolower({})", text) : fmt::format("val({})", text);
  }

  // --- Values

  void literals(const Left& left, Operator op) {
    out_ += '(';
    const std::uint64_t count = choices_.once_in(16) ? 0 : 1 + choices_.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (i != 0) out_ += choices_.once_in(2) ? ", " : ",";
      literal(left, op);
    }
    out_ += ')';
  }

  void literal(const Left& left, Operator op) {
    const std::string value =
        left.value_class == ValueClass::kNumber ? number(left) : text(left, op);
    out_ += choices_.once_in(4) ? with_quotes(value) : quoted_if_needed(value);
  }

  std::string number(const Left& left) {
    if (left.type == FieldType::kOctal) {
      if (choices_.once_in(4)) return std::string(choices_.one_of(kModeNames));
      if (!choices_.once_in(4)) return fmt::format("0{:o}", random_mode(choices_));
    }
    if (left.field != nullptr && left.type != FieldType::kOctal && !left.field->values.empty() &&
        choices_.once_in(2)) {
      return std::string(choices_.one_of(left.field->values).name);
    }
    if (left.type == FieldType::kDuration && choices_.once_in(2)) {
      const std::uint64_t count = choices_.below(1000);
      return fmt::format("{}{}", count, choices_.one_of(kUnits));
    }
    const std::uint64_t bits = random_number(choices_);
    switch (choices_.below(8)) {
      case 5:
        return fmt::format("{:#x}", bits);
      case 6:
      case 7:
        return fmt::format("{}", static_cast<std::int64_t>(bits));
      default:
        return fmt::format("{}", bits);
    }
  }

  std::string text(const Left& left, Operator op) {
    const bool flags = left.value_class == ValueClass::kFlags;
    if (flags && op == Operator::kIContains && choices_.once_in(2)) {
      return std::string(choices_.one_of(kPartsOfFlags));
    }
    std::string value = flags ? flags_value(left) : text_value(left, op);
    switch (op) {
      case Operator::kContains:
      case Operator::kIContains:
        if (flags) return value;
        return choices_.once_in(2) ? piece(value) : value;
      case Operator::kStartsWith:
        value.resize(length_of_part(value));
        return value;
      case Operator::kEndsWith:
        return value.substr(value.size() - length_of_part(value));
      case Operator::kBContains:
        return hexadecimal(piece(value));
      case Operator::kBStartsWith:
        value.resize(length_of_part(value));
        return hexadecimal(value);
      case Operator::kGlob:
      case Operator::kIGlob:
        return glob(value);
      case Operator::kRegex:
        return regular_expression(value);
      default:
        return value;
    }
  }

  std::string flags_value(const Left& left) {
    std::string value;
    for (std::uint64_t i = 1 + choices_.below(3); i != 0; --i) {
      if (!value.empty()) value += '|';
      value += left.field->values.empty() ? choices_.one_of(kFlags)
                                          : choices_.one_of(left.field->values).name;
    }
    return value;
  }

  std::string text_value(const Left& left, Operator op) {
    if (left.field != nullptr && !left.field->values.empty()) {
      const bool named = op == Operator::kEqual || op == Operator::kNotEqual ||
                         op == Operator::kIn || op == Operator::kIntersects;
      if (named || !choices_.once_in(4)) {
        return std::string(choices_.one_of(left.field->values).name);
      }
    }
    if (left.value_class == ValueClass::kAddress) {
      return std::string(choices_.one_of(kAddresses));
    }
    if (op == Operator::kPMatch || choices_.once_in(16)) return random_path(choices_);
    const auto* pool = std::ranges::find(kPools, left.like, &Pool::field);
    if (pool != std::end(kPools)) return std::string(choices_.one_of(pool->values));
    if (left.type == FieldType::kPath) return random_path(choices_);
    if (left.like == "container.mounts" && choices_.once_in(2)) return "/etc:/etc:bind:true";
    if (left.like == "container.mounts") return random_path(choices_);
    if (left.like == "container.labels") {
      return choices_.once_in(2) ? "HOME:" + random_path(choices_)
                                 : "PATH:" + random_name(choices_);
    }
    if (left.like == "proc.cmdline" || left.like == "proc.args" || left.like == "evt.info") {
      return random_words(choices_);
    }
    return random_name(choices_);
  }

  // Half of the time all of it.
  std::size_t length_of_part(std::string_view value) {
    return choices_.once_in(2) ? choices_.below(value.size() + 1) : value.size();
  }

  std::string piece(std::string_view value) {
    const std::size_t start = choices_.below(value.size() + 1);
    const std::size_t size = choices_.below(value.size() - start + 1);
    return std::string(value.substr(start, size));
  }

  static std::string hexadecimal(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
  }

  std::string glob(std::string_view value) {
    std::string pattern;
    for (std::size_t i = 0; i < value.size(); ++i) {
      switch (choices_.below(24)) {
        case 20:
          pattern += '?';
          break;
        case 21:
          pattern += fmt::format("[{}-z]", value[i]);
          break;
        case 22:
          pattern += '\\';
          pattern += value[i];
          break;
        case 23:
          pattern += '*';
          i += choices_.below(8);
          break;
        default:
          pattern += value[i];
          break;
      }
    }
    if (choices_.once_in(3)) pattern += '*';
    return pattern;
  }

  std::string regular_expression(std::string_view value) {
    constexpr std::string_view kSpecial = "\\.+*?()|[]{}^$";
    std::string pattern;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (choices_.once_in(16)) {
        pattern += ".*";
        i += choices_.below(8);
      } else if (static_cast<unsigned char>(value[i]) >= 0x80) {
        // A pattern must be UTF-8, the name of a file need not.
        pattern += '.';
      } else {
        if (kSpecial.find(value[i]) != std::string_view::npos) pattern += '\\';
        pattern += value[i];
      }
    }
    if (choices_.once_in(4)) pattern += "|/etc.*";
    return pattern;
  }

  const RandomConditions& of_;
  Choices& choices_;
  std::uint64_t atoms_ = 0;
  std::string out_;
};

RandomConditions::RandomConditions(const FieldCatalog& catalog, const Options& options)
    : options_(options), catalog_(&catalog) {
  for (const std::string_view name : catalog.names()) {
    const Field* field = catalog.find(name);
    const bool favourite = std::ranges::find(kFavourites, name) != std::end(kFavourites);
    fields_.insert(fields_.end(), favourite ? kFavour : 1, field);
    const ValueClass value_class = may_be_list(*field) ? ValueClass::kList : class_of_field(*field);
    by_class_[static_cast<std::size_t>(value_class)].push_back(field);
  }
  if (fields_.empty()) {
    fmt::print(stderr, "a condition needs a field\n");
    std::abort();
  }
}

std::string RandomConditions::next(Choices& choices) const {
  return ConditionText(*this, choices).whole();
}

}  // namespace outrider::test
