// SPDX-License-Identifier: Apache-2.0
#include "language/checker.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/nearest.h"
#include "language/lexer.h"
#include "language/parser.h"

namespace outrider {

namespace {

// A catalog of a thousand fields with long names must not make an error message slow.
constexpr std::size_t kLongestHint = 64;  // bytes of a name that is looked for

// Bits of modes, by the names of stat(2).
constexpr NamedValue kModes[] = {
    {"S_ISUID", 04000}, {"S_ISGID", 02000}, {"S_ISVTX", 01000}, {"S_IRWXU", 0700},
    {"S_IRUSR", 0400},  {"S_IWUSR", 0200},  {"S_IXUSR", 0100},  {"S_IRWXG", 070},
    {"S_IRGRP", 040},   {"S_IWGRP", 020},   {"S_IXGRP", 010},   {"S_IRWXO", 07},
    {"S_IROTH", 04},    {"S_IWOTH", 02},    {"S_IXOTH", 01},
};

bool is_ordering(Operator op) {
  return op == Operator::kLess || op == Operator::kLessOrEqual || op == Operator::kGreater ||
         op == Operator::kGreaterOrEqual;
}

bool is_equality(Operator op) { return op == Operator::kEqual || op == Operator::kNotEqual; }

bool is_membership(Operator op) { return op == Operator::kIn || op == Operator::kIntersects; }

// What is written must be known when the expression is loaded.
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

// A set of flags is one for these; for the others it is the text that it is written as.
bool compares_flags(Operator op) {
  return is_equality(op) || is_membership(op) || op == Operator::kContains ||
         op == Operator::kIContains;
}

class Checker {
 public:
  Checker(const Expression& expression, const FieldCatalog& catalog, std::string_view source)
      : expression_(expression), catalog_(catalog), source_(source) {}

  Result<Condition> whole() {
    condition_.nodes = expression_.nodes;
    condition_.root = expression_.root;
    for (Node& node : condition_.nodes) {
      if (node.kind == NodeKind::kReference) {
        return fail_at(source_, node.at, fmt::format("there is no macro '{}' here", node.name));
      }
      if (node.kind != NodeKind::kComparison) continue;
      const auto checked = atom(expression_.comparisons[node.leaf], node.at);
      if (!checked) return std::unexpected(checked.error());
      node.leaf = *checked;
    }
    condition_.first_step = steps(condition_.root, kAccept, kReject);
    return std::move(condition_);
  }

 private:
  using Index = Result<std::uint32_t>;

  std::uint32_t add(Term term) {
    condition_.terms.push_back(std::move(term));
    return static_cast<std::uint32_t>(condition_.terms.size() - 1);
  }

  // --- What is read

  Index term(const Operand& operand) {
    switch (operand.kind) {
      case OperandKind::kField:
        return field(operand);
      case OperandKind::kTransformer:
        return transformer(operand);
      case OperandKind::kValue:
        return add(Term{.kind = TermKind::kText, .at = operand.at, .text = operand.text});
      case OperandKind::kList: {
        Term list{.kind = TermKind::kList,
                  .at = operand.at,
                  .value_class = ValueClass::kList,
                  .type = FieldType::kTextList};
        for (const std::uint32_t index : operand.operands) {
          const Index item = term(expression_.operands[index]);
          if (!item) return item;
          if (condition_.terms[*item].value_class == ValueClass::kList) {
            return fail_at(source_, condition_.terms[*item].at, "a list has no lists in it");
          }
          list.operands.push_back(*item);
        }
        return add(std::move(list));
      }
      case OperandKind::kReference:
        return fail_at(source_, operand.at,
                       fmt::format("there is no list '{}' here", operand.text));
    }
    return kNoIndex;
  }

  Index field(const Operand& operand) {
    Term term{.kind = TermKind::kField, .at = operand.at, .text = operand.text};
    bool has_argument = operand.has_argument;
    std::string argument = operand.argument;
    Position argument_at = operand.argument_at;
    term.field = catalog_.find(operand.text);
    if (has_argument) {
      // evt.arg[flags] is evt.arg.flags, if there is such a field.
      if (const Field* named = catalog_.find(operand.text + '.' + argument)) {
        term.field = named;
        has_argument = false;
      }
    } else if (term.field == nullptr) {
      // evt.arg.name is evt.arg[name].
      const std::size_t dot = operand.text.rfind('.');
      const Field* field = catalog_.find(operand.text.substr(0, dot));
      if (field != nullptr && (field->extras.argument == ArgumentUse::kOptionalText ||
                               field->extras.argument == ArgumentUse::kRequiredText ||
                               field->extras.argument == ArgumentUse::kNameOrPlace)) {
        term.field = field;
        has_argument = true;
        argument = operand.text.substr(dot + 1);
        argument_at = operand.at;
      }
    }
    if (term.field == nullptr) return unknown_field(operand);
    term.type = term.field->type;
    term.any_item = is_any_of(term.type);
    term.value_class = term.field->extras.flags ? ValueClass::kFlags : class_of(term.type);

    switch (term.field->extras.argument) {
      case ArgumentUse::kNone:
        if (has_argument) {
          return fail_at(source_, operand.argument_at,
                         fmt::format("'{}' takes no argument", operand.text));
        }
        break;
      case ArgumentUse::kOptionalIndex:
        if (has_argument) {
          const auto index = parse_number(argument, NumberStyle::kPlain);
          if (!index || index->negative) {
            return fail_at(
                source_, operand.argument_at,
                fmt::format("'{}' takes a number in brackets, not '{}'", operand.text, argument));
          }
          term.argument.index = index->bits;
        } else {
          term.any_item = true;
        }
        break;
      case ArgumentUse::kOptionalText:
        term.any_item = !has_argument || term.field->extras.always_list;
        term.argument.text = argument;
        break;
      case ArgumentUse::kRequiredText:
        if (!has_argument) {
          return fail_at(source_, operand.at,
                         fmt::format("'{}' needs an argument in brackets", operand.text));
        }
        term.argument.text = argument;
        break;
      case ArgumentUse::kNameOrPlace: {
        if (!has_argument) {
          return fail_at(source_, operand.at,
                         fmt::format("'{}' needs a name or a number in brackets", operand.text));
        }
        const auto& names = term.field->extras.argument_names;
        const auto place = parse_number(argument, NumberStyle::kPlain);
        if (std::ranges::find(names, argument) != names.end()) {
          term.argument.text = argument;
        } else if (place && !place->negative) {
          term.argument.index = place->bits;
        } else {
          return unknown_argument(*term.field, argument, argument_at);
        }
        break;
      }
    }
    term.argument.given = has_argument;
    return keep(std::move(term));
  }

  // A field that is named twice is one term, and its value is kept while an event is judged.
  Index keep(Term term) {
    const auto key =
        std::pair(term.field, term.argument.given
                                  ? fmt::format("{}[{}", term.argument.index, term.argument.text)
                                  : std::string());
    const auto [known, added] = known_fields_.try_emplace(key, kNoIndex);
    if (added) {
      known->second = add(std::move(term));
    } else if (Term& before = condition_.terms[known->second]; before.slot == kNoIndex) {
      before.slot = condition_.slots++;
    }
    return known->second;
  }

  std::unexpected<Error> unknown_field(const Operand& operand) {
    std::string_view near;
    if (operand.has_argument && operand.argument.size() <= kLongestHint) {
      near =
          nearest(operand.text.substr(0, kLongestHint) + '.' + operand.argument, catalog_.names());
    }
    if (near.empty() && operand.text.size() <= kLongestHint) {
      near = nearest(operand.text, catalog_.names());
    }
    return fail_at(source_, operand.at,
                   near.empty() ? fmt::format("field '{}' is not known", operand.text)
                                : fmt::format("field '{}' is not known; did you mean '{}'?",
                                              operand.text, near));
  }

  std::unexpected<Error> unknown_argument(const Field& field, std::string_view argument,
                                          Position at) {
    std::vector<std::string_view> names(field.extras.argument_names.begin(),
                                        field.extras.argument_names.end());
    // Those that are fields themselves.
    for (std::string_view name : catalog_.names()) {
      if (!name.starts_with(field.name) || name.size() <= field.name.size() + 1) continue;
      if (name[field.name.size()] == '.') names.push_back(name.substr(field.name.size() + 1));
    }
    std::string_view near;
    if (argument.size() <= kLongestHint) near = nearest(argument, names);
    std::string sentence = fmt::format("'{}' has no '{}'", field.name, argument);
    if (!near.empty()) sentence += fmt::format("; did you mean '{}'?", near);
    return fail_at(source_, at, sentence);
  }

  Index transformer(const Operand& operand) {
    const TransformerRow* row = find_transformer(operand.text);
    if (row == nullptr) {
      return fail_at(source_, operand.at, fmt::format("'{}' is not a transformer", operand.text));
    }
    const std::size_t count = operand.operands.size();
    if (count < row->least || (row->most != 0 && count > row->most)) {
      return fail_at(source_, operand.at,
                     fmt::format("'{}' is used as {}", operand.text, row->usage));
    }
    if (operand.has_argument && !row->takes_argument) {
      return fail_at(source_, operand.argument_at,
                     fmt::format("'{}' takes no argument in brackets", operand.text));
    }
    Term term{.kind = TermKind::kTransformer,
              .at = operand.at,
              .transformer = row->transformer,
              .text = operand.text};
    for (const std::uint32_t index : operand.operands) {
      const Index inside = this->term(expression_.operands[index]);
      if (!inside) return inside;
      term.operands.push_back(*inside);
    }
    if (const auto fits = transformer_types(term, operand, *row); !fits) {
      return std::unexpected(fits.error());
    }
    return add(std::move(term));
  }

  bool is_list(const Term& term) const {
    return term.value_class == ValueClass::kList || term.any_item;
  }

  // Sets the type of a transformer from those of its operands.
  Result<bool> transformer_types(Term& term, const Operand& operand, const TransformerRow& row) {
    const Term& first = condition_.terms[term.operands[0]];
    // `number` of the operand; a field may have been named before, so its term stands elsewhere.
    const auto wrong = [&](std::size_t number, std::string_view wanted) {
      const Term& which = condition_.terms[term.operands[number]];
      const std::string_view found = is_list(which) ? "a list" : phrase_of(which.value_class);
      return fail_at(source_, expression_.operands[operand.operands[number]].at,
                     fmt::format("{} takes {} here, not {}", row.usage, wanted, found));
    };
    switch (row.transformer) {
      case Transformer::kToLower:
      case Transformer::kToUpper:
      case Transformer::kB64:
      case Transformer::kBasename:
        if (first.value_class == ValueClass::kNumber) return wrong(0, "a text");
        // Of a list, each item.
        term.value_class =
            first.value_class == ValueClass::kList ? ValueClass::kList : ValueClass::kText;
        term.any_item = first.any_item;
        term.type = first.type;
        return true;
      case Transformer::kLen:
        if (first.value_class == ValueClass::kNumber && !first.any_item) {
          return wrong(0, "a text or a list");
        }
        term.value_class = ValueClass::kNumber;
        term.type = FieldType::kUnsigned;
        return true;
      case Transformer::kJoin: {
        const Term& list = condition_.terms[term.operands[1]];
        if (is_list(first)) return wrong(0, "a text");
        if (!is_list(list)) return wrong(1, "a list");
        return true;
      }
      case Transformer::kConcat:
        for (std::size_t i = 0; i < term.operands.size(); ++i) {
          if (is_list(condition_.terms[term.operands[i]])) return wrong(i, "a text");
        }
        return true;
      case Transformer::kGetopt: {
        const Term& options = condition_.terms[term.operands[1]];
        if (!is_list(first)) return wrong(0, "a list");
        if (options.kind != TermKind::kText) return wrong(1, "a quoted text");
        term.options = parse_options(options.text);
        term.value_class = ValueClass::kList;
        term.type = FieldType::kTextList;
        if (!operand.has_argument) return true;
        if (operand.argument.size() != 1) {
          return fail_at(source_, operand.argument_at, "getopt's argument is one letter");
        }
        term.option = operand.argument[0];
        term.argument.given = true;
        term.value_class = ValueClass::kText;
        term.type = FieldType::kText;
        return true;
      }
    }
    return true;
  }

  // --- Comparisons

  std::string described(const Term& term) const {
    return fmt::format("'{}' is {}", term.text, phrase_of(term.value_class));
  }

  Index atom(const Comparison& comparison, Position at) {
    Atom atom;
    atom.at = at;
    atom.op = comparison.op;
    atom.modifier = comparison.modifier;
    atom.text = print(expression_, comparison);
    const Index left = term(expression_.operands[comparison.left]);
    if (!left) return left;
    atom.left = *left;
    if (comparison.op != Operator::kExists) {
      if (const auto fits = operator_fits(atom, comparison); !fits) {
        return std::unexpected(fits.error());
      }
      const Operand& right = expression_.operands[comparison.right];
      const auto done = right.kind == OperandKind::kValue || right.kind == OperandKind::kList
                            ? literals(atom, right)
                            : right_term(atom, comparison, right);
      if (!done) return std::unexpected(done.error());
    }
    condition_.atoms.push_back(std::move(atom));
    return static_cast<std::uint32_t>(condition_.atoms.size() - 1);
  }

  // Sets how the atom compares, if its operator can be used on its left side at all.
  Result<bool> operator_fits(Atom& atom, const Comparison& comparison) {
    const Term& left = condition_.terms[atom.left];
    const auto refuse = [&](std::string_view hint) {
      return fail_at(source_, comparison.at,
                     fmt::format("{}, and '{}' does not work on that; {}", described(left),
                                 spelling_of(atom.op), hint));
    };
    switch (left.value_class) {
      case ValueClass::kNumber:
        atom.as = ComparedAs::kNumber;
        if (is_equality(atom.op) || is_ordering(atom.op) || is_membership(atom.op)) return true;
        if (atom.op == Operator::kContains && left.type == FieldType::kOctal) {
          atom.as = ComparedAs::kBits;
          return true;
        }
        return refuse("numbers have = != < <= > >= in intersects exists");
      case ValueClass::kList:
        atom.as = ComparedAs::kList;
        if (is_membership(atom.op)) return true;
        return refuse("lists have in intersects exists, and join(\" \", list) makes a text");
      case ValueClass::kFlags:
        atom.as = compares_flags(atom.op) ? ComparedAs::kFlags : ComparedAs::kText;
        if (is_ordering(atom.op)) return refuse("use contains, in or intersects");
        return true;
      case ValueClass::kText:
        atom.as = ComparedAs::kText;
        return true;
      case ValueClass::kAddress:
        // For the others it is the text that it is written as.
        if (is_ordering(atom.op)) return refuse("use =, != or in, also with 10.0.0.0/8");
        atom.as = is_equality(atom.op) || is_membership(atom.op) ? ComparedAs::kAddress
                                                                 : ComparedAs::kText;
        return true;
    }
    return true;
  }

  Result<bool> right_term(Atom& atom, const Comparison& comparison, const Operand& operand) {
    const Index index = term(operand);
    if (!index) return std::unexpected(index.error());
    atom.right = *index;
    const Term& left = condition_.terms[atom.left];
    const Term& right = condition_.terms[atom.right];
    if (needs_literal(atom.op)) {
      return fail_at(source_, operand.at,
                     fmt::format("'{}' takes a value that is written here, not one of the event",
                                 spelling_of(comparison.op)));
    }
    const bool right_is_list = is_list(right);
    const bool numbers = left.value_class == ValueClass::kNumber;
    if (right_is_list && (!is_membership(atom.op) || numbers)) {
      return fail_at(source_, operand.at,
                     fmt::format("'{}' is a list, and '{}' compares with {}", right.text,
                                 spelling_of(atom.op), numbers ? "a number" : "one text"));
    }
    if (!right_is_list && numbers != (right.value_class == ValueClass::kNumber)) {
      return fail_at(source_, operand.at,
                     fmt::format("{}, but {}", described(left), described(right)));
    }
    return true;
  }

  Result<bool> literals(Atom& atom, const Operand& operand) {
    const Term& left = condition_.terms[atom.left];
    if (is_ordering(atom.op) && left.value_class == ValueClass::kText) {
      return fail_at(source_, operand.at,
                     fmt::format("{}, and '{}' orders texts only with val(field)", described(left),
                                 spelling_of(atom.op)));
    }
    if (operand.kind == OperandKind::kValue) {
      if (const auto done = literal(atom, operand); !done) return done;
    }
    for (const std::uint32_t index : operand.operands) {
      if (const auto done = literal(atom, expression_.operands[index]); !done) return done;
    }
    if (!is_membership(atom.op)) return true;
    std::vector<std::string> texts;
    for (const Literal& literal : atom.literals) {
      if (atom.as == ComparedAs::kNumber) {
        atom.numbers[literal.number.negative].push_back(literal.number.bits);
      } else if (atom.as == ComparedAs::kFlags) {
        texts.insert(texts.end(), literal.flags.begin(), literal.flags.end());
      } else {
        texts.push_back(literal.text);
      }
    }
    for (auto& numbers : atom.numbers) std::ranges::sort(numbers);
    atom.texts = TextSet(std::move(texts));
    return true;
  }

  Result<bool> literal(Atom& atom, const Operand& operand) {
    Literal literal{.at = operand.at, .text = operand.text, .prepared = operand.text};
    const Term& left = condition_.terms[atom.left];
    Result<bool> done = true;
    switch (atom.as) {
      case ComparedAs::kNumber:
      case ComparedAs::kBits:
        done = number(literal, left);
        break;
      case ComparedAs::kFlags:
        done = flags(literal, left, atom.op);
        break;
      case ComparedAs::kText:
        done = text(literal, left, atom.op);
        break;
      case ComparedAs::kAddress:
        done = network(literal, left);
        break;
      case ComparedAs::kList:
      case ComparedAs::kExistence:
        break;
    }
    if (!done) return done;
    atom.literals.push_back(std::move(literal));
    return true;
  }

  static std::span<const NamedValue> values_of(const Term& term) {
    if (term.type == FieldType::kOctal) return kModes;
    return term.kind == TermKind::kField ? std::span<const NamedValue>(term.field->values)
                                         : std::span<const NamedValue>();
  }

  // Where a name is none of those that the field's values have.
  std::unexpected<Error> unknown_name(const Literal& literal, std::string_view name,
                                      const Term& left) {
    std::vector<std::string_view> names;
    for (const NamedValue& value : values_of(left)) names.push_back(value.name);
    std::string_view near;
    if (name.size() <= kLongestHint) near = nearest(name, names);
    std::string sentence = left.value_class == ValueClass::kNumber
                               ? fmt::format("'{}' is a number, and '{}' is none", left.text, name)
                               : fmt::format("'{}' is never '{}'", left.text, name);
    if (!near.empty()) sentence += fmt::format("; did you mean '{}'?", near);
    return fail_at(source_, literal.at, sentence);
  }

  Result<bool> number(Literal& literal, const Term& left) {
    const NumberStyle style = left.type == FieldType::kOctal      ? NumberStyle::kOctal
                              : left.type == FieldType::kDuration ? NumberStyle::kDuration
                                                                  : NumberStyle::kPlain;
    if (const auto parsed = parse_number(literal.text, style)) {
      literal.number = *parsed;
      return true;
    }
    // S_ISUID|S_ISGID: all bits of all names.
    std::string_view unknown;
    all_flags(literal.text, [&](std::string_view name) {
      for (const NamedValue& value : values_of(left)) {
        if (value.name != name) continue;
        literal.number.bits |= value.value;
        return true;
      }
      unknown = name;
      return false;
    });
    if (unknown.data() == nullptr) {
      literal.number.negative =
          left.type == FieldType::kSigned && static_cast<std::int64_t>(literal.number.bits) < 0;
      return true;
    }
    return unknown_name(literal, unknown, left);
  }

  Result<bool> flags(Literal& literal, const Term& left, Operator op) {
    std::string_view unknown;
    all_flags(literal.text, [&](std::string_view name) {
      const auto values = values_of(left);
      const bool named = values.empty() || name == "0" || name.starts_with("0x") ||
                         std::ranges::find(values, name, &NamedValue::name) != values.end();
      // icontains creat: any letters, and any part of a name.
      if (!named && op != Operator::kIContains) {
        unknown = name;
        return false;
      }
      literal.flags.emplace_back(name);
      return true;
    });
    if (unknown.data() != nullptr) return unknown_name(literal, unknown, left);
    if (op == Operator::kIContains) lower(literal.prepared);
    return true;
  }

  static void lower(std::string& text) {
    std::ranges::transform(text, text.begin(), [](char c) { return to_lower(c); });
  }

  Result<bool> text(Literal& literal, const Term& left, Operator op) {
    switch (op) {
      case Operator::kEqual:
      case Operator::kNotEqual:
      case Operator::kIn:
      case Operator::kIntersects: {
        const auto values = values_of(left);
        // Falco's rules compare evt.res with the -1 of who calls: no name is meant, and none fits.
        const auto number = parse_number(literal.text, NumberStyle::kPlain);
        if (!values.empty() && !(number && number->negative) &&
            std::ranges::find(values, literal.text, &NamedValue::name) == values.end()) {
          return unknown_name(literal, literal.text, left);
        }
        return true;
      }
      case Operator::kIContains:
        lower(literal.prepared);
        return true;
      case Operator::kBContains:
      case Operator::kBStartsWith: {
        auto bytes = decode_hex(literal.text);
        if (!bytes) {
          return fail_at(source_, literal.at,
                         fmt::format("'{}' takes bytes in hexadecimal, such as CAFE, not '{}'",
                                     spelling_of(op), literal.text));
        }
        literal.prepared = *std::move(bytes);
        return true;
      }
      case Operator::kRegex:
        return regex(literal);
      default:
        return true;
    }
  }

  Result<bool> network(Literal& literal, const Term& left) {
    auto network = parse_network(literal.text);
    if (!network) {
      return fail_at(source_, literal.at,
                     fmt::format("'{}' is an IP address, and '{}' is none, nor a network such as "
                                 "10.0.0.0/8",
                                 left.text, literal.text));
    }
    literal.prepared = *std::move(network);
    return true;
  }

  Result<bool> regex(Literal& literal) {
    re2::RE2::Options options(re2::RE2::POSIX);
    options.set_log_errors(false);
    // Names of files need not be UTF-8, and one that is not must not escape `.*secret.*`: where
    // the pattern has no character beyond ASCII, any byte is a character.
    const bool ascii = std::ranges::all_of(
        literal.text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (ascii) options.set_encoding(re2::RE2::Options::EncodingLatin1);
    literal.regex = std::make_shared<const re2::RE2>(literal.text, options);
    if (!literal.regex->ok()) {
      return fail_at(source_, literal.at,
                     fmt::format("not a regular expression: {}", literal.regex->error()));
    }
    return true;
  }

  // --- Order of judging

  // The steps of a node, given where to go after it; the index of the first. Later nodes first,
  // so that all turns go to steps that are there already.
  std::uint32_t steps(std::uint32_t index, std::uint32_t if_true, std::uint32_t if_false) {
    const Node& node = condition_.nodes[index];
    switch (node.kind) {
      case NodeKind::kNot:
        return steps(node.children[0], if_false, if_true);
      case NodeKind::kAnd:
        for (std::size_t i = node.children.size(); i-- > 0;) {
          if_true = steps(node.children[i], if_true, if_false);
        }
        return if_true;
      case NodeKind::kOr:
        for (std::size_t i = node.children.size(); i-- > 0;) {
          if_false = steps(node.children[i], if_true, if_false);
        }
        return if_false;
      case NodeKind::kComparison:
      case NodeKind::kReference:
        break;
    }
    condition_.steps.push_back({node.leaf, if_true, if_false});
    return static_cast<std::uint32_t>(condition_.steps.size() - 1);
  }

  const Expression& expression_;
  const FieldCatalog& catalog_;
  std::string_view source_;
  Condition condition_;
  std::map<std::pair<const Field*, std::string>, std::uint32_t> known_fields_;
};

}  // namespace

Result<Condition> check(const Expression& expression, const FieldCatalog& catalog,
                        std::string_view source) {
  return Checker(expression, catalog, source).whole();
}

Result<Condition> load(std::string_view text, const FieldCatalog& catalog,
                       std::string_view source) {
  const auto expression = parse(text, source);
  if (!expression) return std::unexpected(expression.error());
  return check(*expression, catalog, source);
}

}  // namespace outrider
