// SPDX-License-Identifier: Apache-2.0
#include "language/evaluator.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <type_traits>

#include "events/given_values.h"
#include "language/matchers.h"
#include "language/transformers.h"

namespace outrider {

namespace {

// Unknown: what is left of a text that was cut fits, and the rest could do either.
enum class Truth : std::uint8_t { kFalse, kTrue, kUnknown };

constexpr Truth truth_of(bool value) { return value ? Truth::kTrue : Truth::kFalse; }

// What is not known of a text.
enum class Missing : std::uint8_t { kNothing, kEnd, kStart };

// Paths that the kernel walked upwards lack their start, everything else its end.
Missing missing_of(const Value& value, FieldType type) {
  if (!value.cut) return Missing::kNothing;
  return type == FieldType::kPath && !value.text.starts_with('/') ? Missing::kStart : Missing::kEnd;
}

bool is_number(const Value& value) {
  return value.kind == Value::Kind::kUnsigned || value.kind == Value::Kind::kSigned;
}

bool is_there(const Value& value) {
  return value.kind != Value::Kind::kMissing && value.kind != Value::Kind::kUnknown;
}

bool is_ordered(Operator op, int order) {
  switch (op) {
    case Operator::kEqual:
    case Operator::kIn:
    case Operator::kIntersects:
      return order == 0;
    case Operator::kNotEqual:
      return order != 0;
    case Operator::kLess:
      return order < 0;
    case Operator::kLessOrEqual:
      return order <= 0;
    case Operator::kGreater:
      return order > 0;
    case Operator::kGreaterOrEqual:
      return order >= 0;
    default:
      return false;
  }
}

// A whole text; `wanted` is prepared for the operator.
bool matches_whole(Operator op, std::string_view text, std::string_view wanted,
                   const re2::RE2* regex) {
  switch (op) {
    case Operator::kEqual:
    case Operator::kIn:
    case Operator::kIntersects:
      return text == wanted;
    case Operator::kNotEqual:
      return text != wanted;
    case Operator::kLess:
    case Operator::kLessOrEqual:
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
      return is_ordered(op, text.compare(wanted));
    case Operator::kContains:
    case Operator::kBContains:
      return contains(text, wanted);
    case Operator::kIContains:
      return contains_ignoring_case(text, wanted);
    case Operator::kStartsWith:
    case Operator::kBStartsWith:
      return text.starts_with(wanted);
    case Operator::kEndsWith:
      return text.ends_with(wanted);
    case Operator::kGlob:
      return matches_glob(text, wanted);
    case Operator::kIGlob:
      return matches_glob(text, wanted, /*ignore_case=*/true);
    case Operator::kRegex:
      return regex != nullptr && re2::RE2::FullMatch({text.data(), text.size()}, *regex);
    case Operator::kPMatch:
      return matches_path_prefix(text, wanted);
    case Operator::kExists:
      return true;
  }
  return false;
}

// The same of a text of which only a part is known: true or false only where any rest agrees.
Truth matches_part(Operator op, std::string_view text, std::string_view wanted, Missing missing) {
  const bool end_missing = missing == Missing::kEnd;
  switch (op) {
    case Operator::kEqual:
    case Operator::kNotEqual:
    case Operator::kIn:
    case Operator::kIntersects: {
      const bool fits = wanted.size() > text.size() &&
                        (end_missing ? wanted.starts_with(text) : wanted.ends_with(text));
      if (fits) return Truth::kUnknown;
      return truth_of(op == Operator::kNotEqual);
    }
    case Operator::kContains:
    case Operator::kBContains:
      return contains(text, wanted) ? Truth::kTrue : Truth::kUnknown;
    case Operator::kIContains:
      return contains_ignoring_case(text, wanted) ? Truth::kTrue : Truth::kUnknown;
    case Operator::kStartsWith:
    case Operator::kBStartsWith:
      if (!end_missing) return wanted.empty() ? Truth::kTrue : Truth::kUnknown;
      if (wanted.size() > text.size() && wanted.starts_with(text)) return Truth::kUnknown;
      return truth_of(text.starts_with(wanted));
    case Operator::kEndsWith:
      if (end_missing) return wanted.empty() ? Truth::kTrue : Truth::kUnknown;
      if (wanted.size() > text.size() && wanted.ends_with(text)) return Truth::kUnknown;
      return truth_of(text.ends_with(wanted));
    case Operator::kGlob:
    case Operator::kIGlob: {
      const bool open = end_missing ? is_open_ended(wanted) : wanted.starts_with('*');
      return open && matches_glob(text, wanted, op == Operator::kIGlob) ? Truth::kTrue
                                                                        : Truth::kUnknown;
    }
    case Operator::kPMatch: {
      // The last component may go on.
      const std::size_t slash = text.rfind('/');
      if (!end_missing || slash == std::string_view::npos) return Truth::kUnknown;
      return matches_path_prefix(text.substr(0, slash + 1), wanted) ? Truth::kTrue
                                                                    : Truth::kUnknown;
    }
    case Operator::kRegex:
    case Operator::kLess:
    case Operator::kLessOrEqual:
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
      return Truth::kUnknown;
    case Operator::kExists:
      return Truth::kTrue;
  }
  return Truth::kUnknown;
}

// Combines what one(literal) says of each literal.
template <typename One>
bool holds(const Atom& atom, One one) {
  switch (atom.modifier) {
    case Modifier::kNone:
    case Modifier::kAnyOf:
      return std::ranges::any_of(
          atom.literals, [&](const Literal& literal) { return one(literal) == Truth::kTrue; });
    case Modifier::kAllOf:
      return !atom.literals.empty() &&
             std::ranges::all_of(atom.literals, [&](const Literal& literal) {
               return one(literal) == Truth::kTrue;
             });
    case Modifier::kOneOf: {
      int matched = 0;
      for (const Literal& literal : atom.literals) {
        const Truth truth = one(literal);
        // Whether it is the only one cannot be said.
        if (truth == Truth::kUnknown) return false;
        if (truth == Truth::kTrue && ++matched > 1) return false;
      }
      return matched == 1;
    }
  }
  return false;
}

bool is_among(const Atom& atom, Number number) {
  const auto& numbers = atom.numbers[number.negative];
  return std::binary_search(numbers.begin(), numbers.end(), number.bits);
}

// Calls each(item, missing) for the items of a list until it is false; only the last of a list
// that was cut can lack something.
template <typename Each>
bool all_items(const Value& list, Each each) {
  std::string_view rest = list.text;
  std::string_view item;
  while (next_item(rest, item)) {
    const Missing missing = list.cut && rest.empty() ? Missing::kEnd : Missing::kNothing;
    if (!each(item, missing)) return false;
  }
  return true;
}

// Whether one(number) holds for the value or, of a list, for any of its items.
template <typename One>
bool any_number(const Value& value, One one) {
  if (is_number(value)) return one(number_of(value));
  return value.kind == Value::Kind::kTextList &&
         !all_items(value, [&](std::string_view item, Missing missing) {
           const auto number = parse_number(item, NumberStyle::kPlain);
           return missing != Missing::kNothing || !number || !one(*number);
         });
}

// The same of a text. Addresses are never cut.
template <typename One>
bool any_text(const Value& value, One one) {
  if (value.kind == Value::Kind::kText) return one(value.text);
  return value.kind == Value::Kind::kTextList &&
         !all_items(value, [&](std::string_view item, Missing) { return !one(item); });
}

// Whether it holds if no value is what it is compared with.
bool is_none_of(Operator op, FieldType type) {
  return op == Operator::kNotEqual && is_any_of(type);
}

template <typename Has>
bool list_matches(Operator op, const Value& list, Has has) {
  if (op == Operator::kIntersects) {
    return !all_items(list, [&](std::string_view item, Missing missing) {
      return missing != Missing::kNothing || !has(item);
    });
  }
  // An empty list is in nothing.
  if (list.cut || list.text.empty()) return false;
  return all_items(list, [&](std::string_view item, Missing) { return has(item); });
}

// One event under one condition.
class Judgement {
 public:
  Judgement(const Condition& condition, const Event& event)
      : condition_(condition), event_(event), kind_(event.header->kind) {}

  bool whole() {
    std::uint32_t at = condition_.first_step;
    while (at < condition_.steps.size()) {
      const Step& step = condition_.steps[at];
      at = judge(condition_.atoms[step.atom]) ? step.if_true : step.if_false;
    }
    return at == kAccept;
  }

  std::optional<bool> one(const Atom& atom) {
    if (!knows(condition_.terms[atom.left])) return std::nullopt;
    if (atom.right != kNoIndex && !knows(condition_.terms[atom.right])) return std::nullopt;
    return judge(atom);
  }

  Value value_of(std::uint32_t term) { return read(condition_.terms[term]); }

 private:
  // Whether all fields that a term reads are known, or known to be missing.
  bool knows(const Term& term) {
    if (term.kind == TermKind::kField) {
      // Not of a kind that the condition is not for: there it is not even looked for.
      if (term.field->by_kind[kind_] == nullptr) return false;
      const Value value = read(term);
      return value.kind != Value::Kind::kUnknown && !value.cut;
    }
    return std::ranges::all_of(
        term.operands, [this](std::uint32_t operand) { return knows(condition_.terms[operand]); });
  }

  // --- Comparisons

  bool judge(const Atom& atom) {
    const Term& left = condition_.terms[atom.left];
    const Value value = read(left);
    if (!is_there(value)) return false;
    // Of several values there may be none.
    if (atom.as == ComparedAs::kExistence) return !left.any_item || !value.text.empty();
    if (atom.right != kNoIndex) return judge_terms(atom, left, value);
    return judge_literals(atom, left.type, value);
  }

 public:
  // A value that is there, against what the expression says.
  static bool judge_literals(const Atom& atom, FieldType type, const Value& value) {
    switch (atom.as) {
      case ComparedAs::kExistence:
        return true;
      case ComparedAs::kNumber:
        if (is_none_of(atom.op, type)) {
          return holds(atom, [&](const Literal& literal) {
            return truth_of(
                !any_number(value, [&](Number number) { return number == literal.number; }));
          });
        }
        return any_number(value, [&](Number number) { return judge_number(atom, number); });
      case ComparedAs::kBits:
        return is_number(value) && holds(atom, [&](const Literal& literal) {
                 return truth_of((value.unsigned_value & literal.number.bits) ==
                                 literal.number.bits);
               });
      case ComparedAs::kText:
        if (value.kind == Value::Kind::kText) {
          return judge_text(atom, value.text, missing_of(value, type));
        }
        // Any item of a list.
        return value.kind == Value::Kind::kTextList &&
               !all_items(value, [&](std::string_view item, Missing missing) {
                 return !judge_text(atom, item, missing);
               });
      case ComparedAs::kFlags:
        return value.kind == Value::Kind::kText && judge_flags(atom, value);
      case ComparedAs::kList:
        return value.kind == Value::Kind::kTextList &&
               list_matches(atom.op, value,
                            [&](std::string_view item) { return atom.texts.has(item); });
      case ComparedAs::kAddress:
        return holds(atom, [&](const Literal& literal) {
          const bool found = any_text(
              value, [&](std::string_view item) { return is_within(item, literal.prepared); });
          return truth_of(found == (atom.op != Operator::kNotEqual));
        });
    }
    return false;
  }

 private:
  static bool judge_number(const Atom& atom, Number number) {
    if (atom.op == Operator::kIn || atom.op == Operator::kIntersects) {
      return is_among(atom, number);
    }
    return holds(atom, [&](const Literal& literal) {
      return truth_of(is_ordered(atom.op, order(number, literal.number)));
    });
  }

  static bool judge_text(const Atom& atom, std::string_view text, Missing missing) {
    if (missing != Missing::kNothing) {
      return holds(atom, [&](const Literal& literal) {
        return matches_part(atom.op, text, literal.prepared, missing);
      });
    }
    if (atom.op == Operator::kIn || atom.op == Operator::kIntersects) return atom.texts.has(text);
    return holds(atom, [&](const Literal& literal) {
      return truth_of(matches_whole(atom.op, text, literal.prepared, literal.regex.get()));
    });
  }

  static bool judge_flags(const Atom& atom, const Value& value) {
    const std::string_view set = value.text;
    const auto has_all = [set](const Literal& literal) {
      return std::ranges::all_of(literal.flags,
                                 [set](const std::string& flag) { return has_flag(set, flag); });
    };
    const auto has_no_other = [set](const Literal& literal) {
      return all_flags(set, [&](std::string_view flag) {
        return std::ranges::find(literal.flags, flag) != literal.flags.end();
      });
    };
    if (atom.op == Operator::kIntersects) {
      return !all_flags(set, [&](std::string_view flag) { return !atom.texts.has(flag); });
    }
    if (atom.op == Operator::kContains) {
      return holds(atom, [&](const Literal& literal) { return truth_of(has_all(literal)); });
    }
    if (atom.op == Operator::kIContains) {
      return holds(atom, [&](const Literal& literal) {
        return truth_of(contains_ignoring_case(set, literal.prepared));
      });
    }
    // The flags that were cut off would decide these.
    if (value.cut) return false;
    if (atom.op == Operator::kIn) {
      return all_flags(set, [&](std::string_view flag) { return atom.texts.has(flag); });
    }
    return holds(atom, [&](const Literal& literal) {
      const bool same = has_all(literal) && has_no_other(literal);
      return truth_of(same == (atom.op == Operator::kEqual));
    });
  }

  // Both sides from the event.
  bool judge_terms(const Atom& atom, const Term& left, const Value& value) {
    const Value other = read(condition_.terms[atom.right]);
    if (!is_there(other) || other.cut) return false;
    if (is_none_of(atom.op, left.type))
      return !compares(Operator::kEqual, atom.as, left, value, other);
    return compares(atom.op, atom.as, left, value, other);
  }

  bool compares(Operator op, ComparedAs as, const Term& left, const Value& value,
                const Value& other) {
    if (left.value_class == ValueClass::kNumber) {
      return is_number(other) && any_number(value, [&](Number number) {
               return is_ordered(op, order(number, number_of(other)));
             });
    }
    if (is_number(value) || is_number(other)) return false;
    const bool membership = op == Operator::kIn || op == Operator::kIntersects;
    if (membership) {
      const auto has = [&](std::string_view item) {
        if (other.kind == Value::Kind::kText) return item == other.text;
        return !all_items(other, [&](std::string_view among, Missing) { return among != item; });
      };
      if (value.kind == Value::Kind::kTextList && !left.any_item) {
        return list_matches(op, value, has);
      }
      if (value.kind == Value::Kind::kText) return !value.cut && has(value.text);
      return !all_items(value, [&](std::string_view item, Missing missing) {
        return missing != Missing::kNothing || !has(item);
      });
    }
    if (other.kind != Value::Kind::kText) return false;
    if (as == ComparedAs::kFlags && op == Operator::kContains) {
      return all_flags(other.text,
                       [&](std::string_view flag) { return has_flag(value.text, flag); });
    }
    const std::string_view wanted =
        op == Operator::kIContains ? to_lower(other.text, *event_.arena) : other.text;
    const auto matches = [&](std::string_view text, Missing missing) {
      if (missing == Missing::kNothing) return matches_whole(op, text, wanted, nullptr);
      return matches_part(op, text, wanted, missing) == Truth::kTrue;
    };
    if (value.kind == Value::Kind::kText) {
      return matches(value.text, missing_of(value, left.type));
    }
    return !all_items(
        value, [&](std::string_view item, Missing missing) { return !matches(item, missing); });
  }

  // --- Values

  Value read(const Term& term) {
    switch (term.kind) {
      case TermKind::kField: {
        if (term.slot >= kKept) return read_field(term);
        Value* kept = std::launder(reinterpret_cast<Value*>(kept_.data())) + term.slot;
        if ((is_kept_ >> term.slot & 1) == 0) {
          std::construct_at(kept, read_field(term));
          is_kept_ |= std::uint64_t{1} << term.slot;
        }
        return *kept;
      }
      case TermKind::kTransformer:
        return transform(term);
      case TermKind::kText:
        return Value::of_text(term.text);
      case TermKind::kList:
        return list(term);
    }
    return Value::missing();
  }

  Value read_field(const Term& term) {
    if (event_.given != nullptr) return event_.given->find(given_name(term));
    const FieldDescriptor* descriptor =
        kind_ < term.field->by_kind.size() ? term.field->by_kind[kind_] : nullptr;
    if (descriptor == nullptr) return Value::missing();
    const FieldExtras& extras = term.field->extras;
    if (extras.argument == ArgumentUse::kNone) return descriptor->read(event_);
    return extras.read != nullptr ? extras.read(event_, term.argument) : Value::missing();
  }

  Value transform(const Term& term) {
    const Term& first = condition_.terms[term.operands[0]];
    if (term.transformer == Transformer::kJoin) return join(term);
    if (term.transformer == Transformer::kConcat) return concat(term);

    Value value = read(first);
    if (!is_there(value)) return value;
    const bool is_list = value.kind == Value::Kind::kTextList;
    if (!is_list && value.kind != Value::Kind::kText) return Value::missing();
    switch (term.transformer) {
      case Transformer::kToLower:
        value.text = to_lower(value.text, *event_.arena);
        return value;
      case Transformer::kToUpper:
        value.text = to_upper(value.text, *event_.arena);
        return value;
      case Transformer::kBasename:
        if (value.cut && (is_list || missing_of(value, first.type) == Missing::kEnd ||
                          value.text.find('/') == std::string_view::npos)) {
          return Value::unknown();
        }
        if (is_list) {
          return by_item(value, [](std::string_view item) { return base_name(item); });
        }
        return Value::of_text(base_name(value.text));
      case Transformer::kB64: {
        if (value.cut) return Value::unknown();
        if (!is_list) {
          const auto bytes = decode_base64(value.text, *event_.arena);
          return bytes ? Value::of_text(*bytes) : Value::missing();
        }
        bool good = true;
        const Value decoded = by_item(value, [&](std::string_view item) {
          const auto bytes = decode_base64(item, *event_.arena);
          good = good && bytes;
          return bytes.value_or(std::string_view());
        });
        return good ? decoded : Value::missing();
      }
      case Transformer::kLen: {
        if (value.cut) return Value::unknown();
        if (!is_list) return Value::of_unsigned(value.text.size());
        std::uint64_t count = 0;
        all_items(value, [&count](std::string_view, Missing) {
          ++count;
          return true;
        });
        return Value::of_unsigned(count);
      }
      case Transformer::kGetopt:
        if (value.cut) return Value::unknown();
        if (!is_list) return Value::missing();
        return term.argument.given ? read_option(value.text, term.options, term.option)
                                   : read_options(value.text, term.options, *event_.arena);
      case Transformer::kJoin:
      case Transformer::kConcat:
        break;
    }
    return Value::missing();
  }

  // A list of what one(item) makes of each item, none of it longer than the item.
  template <typename One>
  Value by_item(const Value& value, One one) {
    char* out = event_.arena->allocate(value.text.size() + 1);
    char* end = out;
    all_items(value, [&](std::string_view item, Missing) {
      end = std::ranges::copy(one(item), end).out;
      *end++ = '\0';
      return true;
    });
    Value made = value;
    made.text = {out, static_cast<std::size_t>(end - out)};
    return made;
  }

  // A text or a number as text; what is not there or not whole stays what it is, or is unknown.
  Value text_of(const Term& term) {
    const Value value = read(term);
    if (value.kind == Value::Kind::kText) return value.cut ? Value::unknown() : value;
    if (!is_number(value)) return value;
    constexpr std::size_t kDigits = 20;  // of the longest, with its sign
    char* out = event_.arena->allocate(kDigits);
    const auto end = value.kind == Value::Kind::kSigned
                         ? std::to_chars(out, out + kDigits, value.signed_value)
                         : std::to_chars(out, out + kDigits, value.unsigned_value);
    return Value::of_text({out, static_cast<std::size_t>(end.ptr - out)});
  }

  // The texts of all operands one after the other, `after` each. The first that is not there is
  // returned instead.
  Value gather(const Term& term, std::string_view after) {
    const std::size_t count = term.operands.size();
    // The arena gives bytes at any address.
    std::size_t room = (count + 1) * sizeof(std::string_view);
    void* memory = event_.arena->allocate(room);
    auto* texts = static_cast<std::string_view*>(
        std::align(alignof(std::string_view), count * sizeof(std::string_view), memory, room));
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Value value = text_of(condition_.terms[term.operands[i]]);
      if (value.kind != Value::Kind::kText) {
        return is_there(value) ? Value::missing() : value;
      }
      std::construct_at(texts + i, value.text);
      size += value.text.size() + after.size();
    }
    char* out = event_.arena->allocate(size);
    char* end = out;
    for (std::size_t i = 0; i < count; ++i) {
      end = std::ranges::copy(texts[i], end).out;
      end = std::ranges::copy(after, end).out;
    }
    return Value::of_text({out, size});
  }

  Value concat(const Term& term) { return gather(term, ""); }

  Value list(const Term& term) {
    using namespace std::string_view_literals;
    Value value = gather(term, "\0"sv);
    if (value.kind == Value::Kind::kText) value.kind = Value::Kind::kTextList;
    return value;
  }

  Value join(const Term& term) {
    const Value between = text_of(condition_.terms[term.operands[0]]);
    if (between.kind != Value::Kind::kText) return between;
    const Value list = read(condition_.terms[term.operands[1]]);
    if (!is_there(list)) return list;
    if (list.kind != Value::Kind::kTextList) return Value::missing();
    if (list.cut) return Value::unknown();
    std::size_t size = 0;
    all_items(list, [&](std::string_view item, Missing) {
      size += item.size() + between.text.size();
      return true;
    });
    char* out = event_.arena->allocate(size);
    char* end = out;
    bool first = true;
    all_items(list, [&](std::string_view item, Missing) {
      if (!first) end = std::ranges::copy(between.text, end).out;
      first = false;
      end = std::ranges::copy(item, end).out;
      return true;
    });
    return Value::of_text({out, static_cast<std::size_t>(end - out)});
  }

  static_assert(std::is_trivially_copyable_v<Value>);
  // Values of fields that are named more than once; further ones are read each time.
  static constexpr std::size_t kKept = 64;

  const Condition& condition_;
  const Event& event_;
  std::uint16_t kind_;
  std::uint64_t is_kept_ = 0;
  // Not initialised: most conditions need none of it.
  alignas(Value) std::array<std::byte, kKept * sizeof(Value)> kept_;
};

}  // namespace

bool evaluate(const Condition& condition, const Event& event) {
  return Judgement(condition, event).whole();
}

std::optional<bool> judge_atom(const Condition& condition, const Atom& atom, const Event& event) {
  return Judgement(condition, event).one(atom);
}

std::string given_name(const Term& term) {
  std::string name(term.field->name);
  if (!term.argument.given) return name;
  name += '[';
  name += term.argument.text.empty() ? std::to_string(term.argument.index) : term.argument.text;
  name += ']';
  return name;
}

Value read_term(const Condition& condition, std::uint32_t term, const Event& event) {
  return Judgement(condition, event).value_of(term);
}

bool judge_value(const Atom& atom, FieldType type, const Value& value) {
  return is_there(value) && Judgement::judge_literals(atom, type, value);
}

}  // namespace outrider
